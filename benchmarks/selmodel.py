"""Selection models beside metafor: ``python benchmarks/selmodel.py``. Needs R with metafor.

Times are medians in this one run, from arrays to the model with its tests; R times itself, inside its own loop.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

import pymeta
from pymeta.harness import Call, Reference, open_reference, plain

TIMED = """
timed <- function(yi, vi, type, steps, times) {
  fit <- metafor::rma(yi, vi, method = "ML")
  arguments <- c(list(fit, type = type), if (length(steps)) list(steps = steps))
  spent <- vapply(seq_len(times), function(i) {
    began <- as.numeric(Sys.time())
    do.call(metafor::selmodel, arguments)
    as.numeric(Sys.time()) - began
  }, 0)
  stats::median(spent)
}
"""
CASES = (
    (20, "stepfun", (0.025,), 20),
    (37, "stepfun", (0.025, 0.5), 20),
    (100, "stepfun", (0.025, 0.1, 0.5), 10),
    (500, "stepfun", (0.025, 0.5), 5),
    (20, "halfnorm", (), 3),
    (20, "negexp", (), 3),
    (20, "beta", (), 1),
)


def drawn(k: int) -> tuple[np.ndarray, np.ndarray]:
    """Effects of which those that are not significant were seen half as often."""
    rng = np.random.default_rng(k)
    vi = rng.uniform(0.02, 0.3, 6 * k)
    yi = rng.normal(0.3, np.sqrt(0.05 + vi))
    kept = (yi / np.sqrt(vi) > 1.96) | (rng.random(6 * k) < 0.5)
    return yi[kept][:k], vi[kept][:k]


def beside_metafor(reference: Reference, adapter: Path, k: int, kind: str, steps: tuple[float, ...], times: int) -> str:
    """A line."""
    yi, vi = drawn(k)
    fit = pymeta.rma(yi, vi, method="ML")
    spent = []
    for _ in range(times + 1):
        began = time.perf_counter()
        pymeta.selmodel(fit, kind, steps=steps or None)
        spent.append(time.perf_counter() - began)
    ours = statistics.median(spent[1:])
    asked = {"yi": yi, "vi": vi, "type": kind, "steps": np.array(steps), "times": float(times)}
    said = reference.run(Call("timed", asked, adapter), timeout=600)
    if said.error is not None:
        return f"{kind:9} k = {k:3}: pymeta {1e3 * ours:7.1f} ms, metafor: {said.error.message}"
    theirs = float(np.ravel(plain(said.value))[0])
    return f"{kind:9} k = {k:3}: pymeta {1e3 * ours:7.1f} ms, metafor {1e3 * theirs:8.0f} ms (x {theirs / ours:.1f})"


def main() -> None:
    """A line for each kind of model."""
    with tempfile.TemporaryDirectory() as folder:
        adapter = Path(folder, "timed.R")
        adapter.write_text(TIMED, encoding="utf-8")
        with open_reference("worker") as reference:
            r = plain(reference.run(Call("base::R.Version", {})).value)["version.string"]
            print(f"Python {platform.python_version()}, numpy {np.__version__}, {r}")
            for k, kind, steps, times in CASES:
                print(beside_metafor(reference, adapter, k, kind, steps, times))


if __name__ == "__main__":
    main()
