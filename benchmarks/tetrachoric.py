"""Tetrachoric correlations beside metafor's: ``python benchmarks/tetrachoric.py [--rscript CMD]``. R needs mvtnorm too.

Both are asked for the same tables by `escalc`, in one run; pymeta for many more besides, which share its costs of a call.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time

import numpy as np
import scipy

import pymeta
from pymeta.harness import Call, open_reference
from pymeta.resources import shipped

MANY, TABLES, REPEATS = 10**5, 300, 7


def tables(rng: np.random.Generator, k: int) -> dict[str, np.ndarray]:
    """The four cells of k tables without an empty one, of some 250 people each."""
    return {name: np.round(rng.gamma(2.0, 30.0, size=k)) + 3.0 for name in ("ai", "bi", "ci", "di")}


def ours(cells: dict[str, np.ndarray]) -> float:
    """Seconds a table: the median of repeated runs."""
    times = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        pymeta.escalc("RTET", **cells)
        times.append(time.perf_counter() - began)
    return statistics.median(times) / len(cells["ai"])


def theirs(cells: dict[str, np.ndarray], rscript: str | None) -> tuple[float, str]:
    """R's seconds a table, and its versions: the median of repeated runs, of which the first loads packages."""
    arguments = {"measure": "RTET", "columns": cells}
    call = Call("effects", arguments, shipped("r_reference", "effects.R"), packages=("metafor", "mvtnorm"))
    with open_reference("worker", rscript=rscript) as reference:
        outcomes = [reference.run(call, timeout=600) for _ in range(4)]
    for outcome in outcomes:
        if outcome.error is not None:
            raise SystemExit(f"R: {outcome.error}")
    versions = ", ".join(f"{name} {version}" for name, version in outcome.environment.packages.items())
    seconds = statistics.median(outcome.seconds for outcome in outcomes[1:])
    return seconds / len(cells["ai"]), f"R {outcome.environment.r_version}, {versions}"


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rscript")
    rng = np.random.default_rng(1)
    few, many = tables(rng, TABLES), tables(rng, MANY)
    of_r, versions = theirs(few, parser.parse_args().rscript)
    print(f"Python {platform.python_version()}, numpy {np.__version__}, scipy {scipy.__version__}, {versions}")
    print(f"metafor's escalc('RTET') on {TABLES} tables: {1e6 * of_r:.0f} µs a table")
    for cells in (few, many):
        mine = ours(cells)
        print(f"pymeta's on {len(cells['ai'])}: {1e6 * mine:.1f} µs a table, {of_r / mine:.0f} times as fast")


if __name__ == "__main__":
    main()
