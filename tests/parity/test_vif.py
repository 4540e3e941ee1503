"""vif(reestimate=True) against metafor; the other factors are in test_anova.py."""

from pathlib import Path

import numpy as np
import pytest

import pymeta
from pymeta.harness import Call, Rule, answer, compare

ADAPTER = Path(__file__).parent / "options.R"
RNG = np.random.default_rng(20)
DATA = {name: RNG.normal(size=20) for name in ("yi", "x", "z")} | {"vi": RNG.uniform(0.05, 0.4, 20)}
DATA["u"] = DATA["x"] + 0.5 * RNG.normal(size=20)
TIGHT = {"threshold": 1e-13, "maxiter": 10000}


# without an intercept, metafor's tau² is one of other effects (DIV-050)
@pytest.mark.parametrize(
    ("method", "mods"), [("DL", "~ x + z + u"), ("REML", "~ x + z + u"), ("EE", "~ x + z + u"), ("EE", "~ x + z + u - 1")]
)
def test_reestimated(method, mods, worker):
    first = int("- 1" not in mods)
    sets = [[0], [1], [2], [0, 2], [1, 2]]
    fit = pymeta.rma("yi", "vi", mods=mods, data=DATA, method=method)
    ours = pymeta.vif(fit, btt=[[first + i for i in one] for one in sets], reestimate=True).vif
    asked = {"btt": [np.array([first + i + 1.0 for i in one]) for one in sets], "method": method, "control": TIGHT}
    theirs = answer(worker.run(Call("reestimated", {"data": DATA, "mods": mods, **asked}, ADAPTER, packages=("metafor",))))
    found = compare({"vif": ours}, theirs, {"vif": Rule("iterative")})
    assert found.ok, found.worst_first()
