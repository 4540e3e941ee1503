"""What the harness costs beside what it calls: ``python benchmarks/harness.py``. Needs R with metafor (Linux: memory).

Wall times are medians of repeated runs, each beside something that is there anyway, as a ratio.
"""

from __future__ import annotations

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from pymeta.harness import Call, Reference, RVector, decode, encode, open_reference
from pymeta.harness.serialized import deserialized, serialized

CALLS = 10_000
FIT = """
fit <- function(yi, vi) {
  res <- metafor::rma(yi, vi)
  list(beta = as.vector(res$beta), se = res$se, tau2 = res$tau2, pval = res$pval, QE = res$QE, I2 = res$I2)
}
nothing <- function(x) x
"""


def seconds(work: Callable[[], object], repeats: int) -> float:
    """The median time that `work` takes."""
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def codec(count: int = 10**6) -> None:
    """Doubles to text and back, beside Python's own hex floats, which are as exact."""
    values = np.random.default_rng(1).standard_normal(count)
    vector, node = RVector("dbl", values), encode(values)
    text = node["v"]
    megabytes = values.nbytes / 1e6
    for what, ours, theirs in (
        ("write", lambda: encode(vector), lambda: " ".join(map(float.hex, values.tolist()))),
        ("read", lambda: decode(node), lambda: np.array(list(map(float.fromhex, text.split(" "))))),
    ):
        mine, other = seconds(ours, 5), seconds(theirs, 3)
        print(f"codec {what:5}  {megabytes / mine:6.1f} MB/s of doubles, {other / mine:4.1f} x unchecked float.hex/fromhex")


def overhead(reference: Reference, call: Call, what: str, repeats: int) -> None:
    """What a call takes beyond the time R measures around the function."""
    for _ in range(10):
        reference.run(call)
    beyond, inside = [], []
    for _ in range(repeats):
        began = time.perf_counter()
        outcome = reference.run(call)
        beyond.append(time.perf_counter() - began - outcome.seconds)
        inside.append(outcome.seconds)
    extra, own = 1e3 * statistics.median(beyond), 1e3 * statistics.median(inside)
    print(f"{reference.name:8} {what:22} {extra:6.2f} ms beyond R's own {own:6.2f} ms (x {(extra + own) / own:.2f})")


def serialization(count: int = 10**6) -> None:
    """The same as R's `serialize` has it, which is how calls and answers travel: binary to R, hex floats from it."""
    vector = RVector("dbl", np.random.default_rng(1).standard_normal(count))
    text = f"A\n2\n0\n0\n14\n{count}\n{encode(vector)['v'].replace(' ', chr(10))}\n".encode()
    megabytes = vector.values.nbytes / 1e6
    for what, work in (("to R", lambda: serialized(vector)), ("from R", lambda: deserialized(text))):
        print(f"travel {what:6} {megabytes / seconds(work, 5):7.1f} MB/s of doubles")


def growth(reference: Reference, calls: Callable[[], Call]) -> None:
    """How much the worker's memory grows over many calls, each of other data, after a tenth of them to warm up."""

    def resident() -> float:
        status = Path(f"/proc/{reference.pid}/status").read_text()  # type: ignore[attr-defined]
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    for _ in range(CALLS // 10):
        reference.run(calls())
    before = resident()
    for _ in range(CALLS):
        reference.run(calls())
    print(f"{reference.name:8} {CALLS} calls of rma: {resident() - before:+.1f} MB on {before:.0f} MB")


def main() -> None:
    """Print every figure."""
    rng = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        adapter = Path(folder, "fit.R")
        adapter.write_text(FIT)

        def fit_of(k: int) -> Call:
            return Call("fit", {"yi": rng.normal(size=k), "vi": rng.uniform(0.1, 1, k)}, adapter, packages=("metafor",))

        fit = fit_of(100)
        nothing = Call("nothing", {"x": 1.0}, adapter)
        with open_reference("worker") as worker, open_reference("rpy2") as rpy2, open_reference("rscript") as rscript:
            environment = worker.run(fit).environment
            print(f"Python {platform.python_version()}, numpy {np.__version__}, R {environment.r_version},", end=" ")
            print(f"metafor {environment.packages['metafor']}, {json.dumps(environment.blas or environment.lapack)}")
            codec()
            serialization()
            for reference in (worker, rpy2):
                overhead(reference, nothing, "a call of nothing", 300)
                overhead(reference, fit, "rma of 100 studies", 200)
            overhead(rscript, nothing, "a call of nothing", 5)
            growth(worker, lambda: fit_of(int(rng.integers(2, 60))))


if __name__ == "__main__":
    main()
