"""One model at a time, beside metafor and the Python packages that are installed: ``python benchmarks/uni.py``.

Needs R with metafor. Times are medians in this one run; R times itself, inside its own loop.
"""

from __future__ import annotations

import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import distributions
from pathlib import Path

import numpy as np

import pymeta
from pymeta.harness import Call, Reference, open_reference, plain

INSTALLED = {found.metadata["Name"]: found.version for found in distributions()}
TIMED = """
timed <- function(yi, vi, X, method, times) {
  mods <- if (length(X)) matrix(X, length(yi)) else NULL
  spent <- vapply(seq_len(times), function(i) {
    began <- as.numeric(Sys.time())
    if (is.null(mods)) metafor::rma(yi, vi, method = method) else metafor::rma(yi, vi, mods = mods, method = method)
    as.numeric(Sys.time()) - began
  }, 0)
  stats::median(spent)
}
"""


def median(work: Callable[[], object], times: int) -> float:
    """Seconds that `work` takes."""
    work()
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def drawn(k: int, p: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Effects, variances and moderators."""
    rng = np.random.default_rng([k, p])
    return rng.normal(0.3, 0.5, k), rng.uniform(0.02, 0.3, k), rng.normal(size=(k, p))


def pymare(yi: np.ndarray, vi: np.ndarray) -> Callable[[], object]:
    """Of PyMARE."""
    from pymare import Dataset
    from pymare.estimators import VarianceBasedLikelihoodEstimator

    return lambda: VarianceBasedLikelihoodEstimator(method="REML").fit_dataset(Dataset(yi, vi)).summary()


def stats_models(yi: np.ndarray, vi: np.ndarray) -> Callable[[], object]:
    """It has no REML; its iterated estimator is Paule and Mandel's."""
    from statsmodels.stats.meta_analysis import combine_effects

    return lambda: combine_effects(yi, vi, method_re="iterated").summary_frame()


def metapipe(yi: np.ndarray, vi: np.ndarray) -> Callable[[], object]:
    """Of metapipe-kit."""
    from metapipe.models import random_effects

    return lambda: random_effects(yi, vi, tau_method="reml")


def pystatsbio(yi: np.ndarray, vi: np.ndarray) -> Callable[[], object]:
    """Of pystatsbio."""
    from pystatsbio.meta import rma

    return lambda: rma(yi, vi, method="REML")


def pimeta(yi: np.ndarray, vi: np.ndarray) -> Callable[[], object]:
    """Of pimeta."""
    from pimeta import rma

    return lambda: rma(yi, vi, method="REML")


def pymetaanalysis(yi: np.ndarray, vi: np.ndarray) -> Callable[[], object]:
    """Of PyMetaAnalysis."""
    from meta_analyze import meta_analysis

    return lambda: meta_analysis(effect=yi, variance=vi, tau2_method="REML")


OTHERS: dict[str, Callable[[np.ndarray, np.ndarray], Callable[[], object]]] = {
    "metapipe-kit": metapipe,
    "pystatsbio": pystatsbio,
    "pimeta": pimeta,
    "PyMetaAnalysis": pymetaanalysis,
    "PyMARE": pymare,
    "statsmodels": stats_models,
}
"""Python packages by their names, and what makes a call of their REML, from arrays to their result."""

CASES = ((13, 0, "REML", 200), (13, 0, "DL", 200), (1000, 5, "REML", 5), (10_000, 0, "DL", 5), (10_000, 0, "REML", 5))


def beside_metafor(reference: Reference, adapter: Path, case: tuple[int, int, str, int]) -> str:
    """A line: metafor is not asked for 10,000 studies (16 s and gigabytes) unless --all is given."""
    k, p, method, times = case
    yi, vi, X = drawn(k, p)
    ours = median(lambda: pymeta.rma(yi, vi, mods=X if p else None, method=method), times)
    line = f"{method:5} k = {k:6}, {p} moderators: pymeta {1e6 * ours:9.0f} µs"
    if k >= 10_000 and "--all" not in sys.argv:
        return line
    asked = {"yi": yi, "vi": vi, "X": X.ravel(order="F"), "method": method, "times": min(times, 20)}
    said = plain(reference.run(Call("timed", asked, adapter), timeout=600).value)
    theirs = float(np.ravel(said)[0])
    return line + f", metafor {1e6 * theirs:9.0f} µs (x {theirs / ours:.0f})"


def beside_python() -> None:
    """A line for each package that is installed, timed in turn with pymeta."""
    yi, vi, _ = drawn(13)
    for name, maker in OTHERS.items():
        if name not in INSTALLED:
            print(f"13 studies: {name} is not installed")
            continue
        made = maker(yi, vi)
        ours, theirs = median(lambda: pymeta.rma(yi, vi), 300), median(made, 300)
        versioned = f"{name} {INSTALLED[name]}"
        print(f"13 studies, REML: pymeta {1e6 * ours:.0f} µs, {versioned} {1e6 * theirs:.0f} µs (x {theirs / ours:.1f})")


def main() -> None:
    """Print every comparison."""
    with tempfile.TemporaryDirectory() as folder:
        adapter = Path(folder, "timed.R")
        adapter.write_text(TIMED, encoding="utf-8")
        with open_reference("worker") as reference:
            r = plain(reference.run(Call("base::R.Version", {})).value)["version.string"]
            print(f"Python {platform.python_version()}, numpy {np.__version__}, {r}")
            for case in CASES:
                print(beside_metafor(reference, adapter, case))
    beside_python()


if __name__ == "__main__":
    main()
