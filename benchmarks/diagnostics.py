"""Diagnostics beside metafor: ``python benchmarks/diagnostics.py``. Needs R with metafor; takes some minutes of R's.

Times are of this one run, the median of three for pymeta; R times itself.
"""

from __future__ import annotations

import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import pymeta
from pymeta.harness import Call, open_reference, plain

TIMED = """
timed <- function(yi, vi, x, method, work) {
  fit <- if (length(x)) metafor::rma(yi, vi, mods = ~x, method = method) else metafor::rma(yi, vi, method = method)
  began <- as.numeric(Sys.time())
  switch(work,
    leave1out = { metafor::leave1out(fit); influence(fit) },
    gosh = metafor::gosh(fit, progbar = FALSE),
    permutest = metafor::permutest(fit, iter = 10000, progbar = FALSE)
  )
  as.numeric(Sys.time()) - began
}
"""

WORK: dict[str, tuple[str, int, bool, str, Callable[[pymeta.UniResult], object]]] = {
    "leave1out and influence of 100 studies": (
        "leave1out", 100, False, "REML", lambda fit: (pymeta.leave1out(fit), pymeta.influence(fit)),
    ),
    "gosh of all 2^15 subsets": ("gosh", 15, False, "REML", pymeta.gosh),
    "10,000 permutations of a meta-regression of 30 studies": (
        "permutest", 30, True, "REML", lambda fit: pymeta.permutest(fit, iter=10_000),
    ),
}  # fmt: skip
"""What is done -> its name in R's adapter, how many studies, whether there is a moderator, the method, and ours."""


def median(work: Callable[[], object], times: int = 3) -> float:
    """Seconds that `work` takes."""
    spent = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        spent.append(time.perf_counter() - began)
    return statistics.median(spent)


def main() -> None:
    """A line for each."""
    with tempfile.TemporaryDirectory() as folder:
        adapter = Path(folder, "timed.R")
        adapter.write_text(TIMED, encoding="utf-8")
        with open_reference("worker") as reference:
            r = plain(reference.run(Call("base::R.Version", {})).value)["version.string"]
            print(f"Python {platform.python_version()}, numpy {np.__version__}, {r}")
            for what, (name, k, moderated, method, work) in WORK.items():
                rng = np.random.default_rng(k)
                yi, vi, x = rng.normal(0.2, 0.4, k), rng.uniform(0.02, 0.3, k), rng.normal(size=k)
                fit = pymeta.rma(yi, vi, mods={"x": x} if moderated else None, method=method)
                ours = median(lambda fit=fit, work=work: work(fit))
                asked = {"yi": yi, "vi": vi, "x": x if moderated else x[:0], "method": method, "work": name}
                theirs = float(np.ravel(plain(reference.run(Call("timed", asked, adapter), timeout=900).value))[0])
                print(f"{what}: pymeta {1e3 * ours:.0f} ms, metafor {theirs:.1f} s (x {theirs / ours:.0f})")


if __name__ == "__main__":
    main()
