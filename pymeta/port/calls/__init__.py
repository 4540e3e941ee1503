"""R functions on pymeta: what a traced call asked, made again, and where its numbers are in R's answer."""
