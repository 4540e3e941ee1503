"""What the pytest plugin costs a run that does not use it:  python benchmarks/plugin.py  (needs no R)

Every measurement is a fresh process, in which pytest is there already when the plugin is imported; the whole run is of
one empty test, with the plugin and without.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import pymeta

GOAL = 30.0  # ms
_IMPORT = (
    "import time, pytest; began = time.perf_counter(); import pymeta.harness.plugin; print(time.perf_counter() - began)"
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="processes for each measurement (default: %(default)s)")
    rounds = range(parser.parse_args(arguments).rounds)
    imports = [imported() for _ in rounds]
    with TemporaryDirectory() as folder:
        Path(folder, "test_it.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
        ran([], folder)  # writes the bytecode
        runs = [(ran([], folder), ran(["-p", "no:pymeta_rref"], folder)) for _ in rounds]  # in turns, as the machine drifts
    cost = statistics.median(imports)
    both, without = (statistics.median(one) for one in zip(*runs, strict=True))
    print(f"import {cost:.1f} ms (best {min(imports):.1f}, worst {max(imports):.1f}); goal {GOAL:g} ms")
    print(f"an empty run {both:.0f} ms with it, {without:.0f} ms without")
    print(f"pymeta {pymeta.__version__}, pytest {pytest.__version__}, Python {platform.python_version()}, {sys.platform}")
    return 0 if cost < GOAL else 1


def imported() -> float:
    """The milliseconds that importing the plugin takes beside pytest."""
    done = subprocess.run([sys.executable, "-c", _IMPORT], capture_output=True, text=True, check=True)
    return 1e3 * float(done.stdout)


def ran(options: Sequence[str], folder: str) -> float:
    """The milliseconds of a whole run."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", folder, *options, folder]
    began = time.perf_counter()
    subprocess.run(command, cwd=folder, capture_output=True, check=True)
    return 1e3 * (time.perf_counter() - began)


if __name__ == "__main__":
    sys.exit(main())
