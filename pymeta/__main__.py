"""`python -m pymeta` is the command `pymeta`."""

from pymeta.cli import main

main(prog_name="pymeta")
