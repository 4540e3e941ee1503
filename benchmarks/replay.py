"""How many comparisons a second a replay makes through `rref.check`:  python benchmarks/replay.py

A comparison is one quantity. Each check reads a recording of its own, verifies it, and compares 20 quantities of it with
Python's; the recordings are made here, in a temporary folder, of answers that are made up, so that no R is needed.
"""

from __future__ import annotations

import argparse
import cProfile
import platform
import pstats
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

import pymeta
from pymeta.harness import Call, Rule
from pymeta.harness.calls import Environment, Outcome
from pymeta.harness.codec import r_value
from pymeta.harness.recording import record
from pymeta.harness.session import Checker, Session, Settings

STUDIES = 13
SCALARS, VECTORS = 16, 4
QUANTITIES = SCALARS + VECTORS
GOAL = 5000.0
_ENVIRONMENT = Environment("4.2.2", "made up", {"metafor": "3.8.1"}, "", "", ("Mersenne-Twister",), "C.UTF-8")

Answer = dict[str, float | np.ndarray]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and return 1 where the goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, default=250, help="checks a round (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=7, help="the best round counts (default: %(default)s)")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    options = parser.parse_args(arguments)
    with TemporaryDirectory() as folder:
        cases = recorded(Path(folder), options.checks)
        if options.profile:
            profiled(Path(folder), cases)
        rates = sorted(QUANTITIES * len(cases) / replayed(Path(folder), cases) for _ in range(options.rounds))
    print(f"{rates[-1]:,.0f} comparisons/s (median {rates[len(rates) // 2]:,.0f}), {QUANTITIES} a check; goal {GOAL:,.0f}")
    print(f"pymeta {pymeta.__version__}, Python {platform.python_version()}, numpy {np.__version__}, {platform.platform()}")
    return 0 if rates[-1] >= GOAL else 1


def recorded(folder: Path, checks: int) -> list[tuple[Call, Answer]]:
    """Calls with their answers, recorded: estimates of as many data sets."""
    random = np.random.default_rng(1)
    cases = [_case(random) for _ in range(checks)]
    for i, (call, answer) in enumerate(cases):
        record(call, Outcome(r_value(answer), None, (), (), 0.01, _ENVIRONMENT), folder, f"case-{i}")
    return cases


def _case(random: np.random.Generator) -> tuple[Call, Answer]:
    yi, vi = random.normal(size=STUDIES), random.uniform(0.01, 0.5, size=STUDIES)
    scalars: Answer = {f"s{i}": float(value) for i, value in enumerate(random.normal(size=SCALARS))}
    vectors: Answer = {f"v{i}": random.normal(size=STUDIES) for i in range(VECTORS)}
    return Call("metafor::rma", {"yi": yi, "vi": vi, "method": "REML"}, packages=("metafor",)), scalars | vectors


def replayed(folder: Path, cases: Sequence[tuple[Call, Answer]]) -> float:
    """The seconds that checking all cases takes, from a session that has read nothing yet."""
    rules = {name: Rule("closed") for name in cases[0][1]}
    session = Session(_settings(folder))
    start = time.perf_counter()
    for i, (call, answer) in enumerate(cases):
        Checker(session, f"test_it.py::test_{i}", f"test_{i}").check(call, answer, rules)
    return time.perf_counter() - start


def profiled(folder: Path, cases: Sequence[tuple[Call, Answer]]) -> None:
    """Print the functions that take the most time of their own."""
    with cProfile.Profile() as profile:
        replayed(folder, cases)
    pstats.Stats(profile).sort_stats("tottime").print_stats(30)


def _settings(folder: Path) -> Settings:
    return Settings(
        mode="replay",
        backend="auto",
        rscript=None,
        require=False,
        timeout=60.0,
        recordings=folder,
        environment="",
        root=folder,
        divergences=None,
        failures=lambda: folder / "failures",
    )


if __name__ == "__main__":
    sys.exit(main())
