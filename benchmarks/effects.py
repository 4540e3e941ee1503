"""What `escalc` costs beside the bare NumPy expression: ``python benchmarks/effects.py``. Needs no R.

Time is the median of repeated runs; memory is the highest that tracemalloc saw, numpy's arrays included.
"""

from __future__ import annotations

import platform
import statistics
import time
import tracemalloc
from collections.abc import Callable

import numpy as np
import pandas as pd

import pymeta

TABLES = 10**6


def bare(ai: np.ndarray, bi: np.ndarray, ci: np.ndarray, di: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The log odds ratio and its variance, 0.5 added to the cells of tables with an empty one, nothing checked."""
    amount = np.where((ai == 0) | (bi == 0) | (ci == 0) | (di == 0), 0.5, 0.0)
    a, b, c, d = ai + amount, bi + amount, ci + amount, di + amount
    return np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def seconds(work: Callable[[], object], repeats: int = 7) -> float:
    """The median time that `work` takes."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def peak(work: Callable[[], object]) -> float:
    """The megabytes that `work` needs at most."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found / 1e6


def main() -> None:
    """Print every figure."""
    rng = np.random.default_rng(1)
    cells = {name: rng.integers(0, 100, TABLES).astype(float) for name in ("ai", "ci")}
    cells |= {name: rng.integers(1, 100, TABLES).astype(float) for name in ("bi", "di")}
    ours, plain = (lambda: pymeta.escalc("OR", **cells)), (lambda: bare(**cells))
    print(f"Python {platform.python_version()}, numpy {np.__version__}, pandas {pd.__version__}")
    mine, theirs = seconds(ours), seconds(plain)
    print(f"escalc('OR') on {TABLES} tables: {1e3 * mine:.0f} ms,", end=" ")
    print(f"{mine / theirs:.1f} x the bare expression's {1e3 * theirs:.0f} ms")
    mine, theirs = peak(ours), peak(plain)
    print(f"its memory: {mine:.0f} MB, {mine / theirs:.1f} x the bare expression's {theirs:.0f} MB")


if __name__ == "__main__":
    main()
