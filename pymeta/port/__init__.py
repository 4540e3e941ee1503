"""R scripts: their calls made again on pymeta (replay), and the Python script that does the same (port)."""
