"""The commands of `pymeta`, one a file: they parse and print, and leave the work to others."""
