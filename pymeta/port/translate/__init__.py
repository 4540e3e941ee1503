"""An R script's syntax tree -> Python statements.

values : what an expression is in Python, and of what kind
scope : which names the script has made, and of what kind they are
expressions, indexing, base, frames, metafor : R calls -> Python expressions; each a table of small functions by R's name
statements : assignments, loops, functions; and the marked blocks
"""
