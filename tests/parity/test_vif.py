"""vif: models fitted again, scale coefficients and simulated factors against metafor; the others are in test_anova.py."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import pymeta
from pymeta.generics.reshuffled import Reshuffled
from pymeta.harness import Call, Rule, answer, compare, plain
from pymeta.harness.backends.recorded import RecordedReference, environments
from tests.parity import vif_grid
from tests.parity.judging import RECORDED

ADAPTER = Path(__file__).parent / "options.R"
RNG = np.random.default_rng(20)
DATA = {name: RNG.normal(size=20) for name in ("yi", "x", "z")} | {"vi": RNG.uniform(0.05, 0.4, 20)}
DATA["u"] = DATA["x"] + 0.5 * RNG.normal(size=20)
VERSIONS = [slug for slug in environments(RECORDED) if slug.startswith(vif_grid.VERSIONS)]
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


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("model", vif_grid.MODELS, ids=lambda model: model[1])
def test_scale_coefficients(model, version):
    said = plain(RecordedReference(RECORDED, version).run(vif_grid.scale_call(model)).value)
    assert against(vif_grid.of_scale(model), said) == []


def against(ours, said):
    return [str(row) for row in compare(ours, said, vif_grid.RULES).quantities if row.verdict != "agree"]


def test_another_set_of_scale_coefficients_goes_red():
    model = vif_grid.MODELS[0]
    said = plain(RecordedReference(RECORDED, VERSIONS[-1]).run(vif_grid.scale_call(model)).value)
    assert len(against(vif_grid.of_scale((*model[:2], [2.0, 4.0])), said)) == 2


FARTHEST = 4.0
"""Standard errors between the most different of some 60 proportions: by chance 1 in 250 times, with another seed."""


def said_of(name, version):
    return plain(RecordedReference(RECORDED, version).run(vif_grid.simulation_call(name)).value)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", vif_grid.SIMULATED)
def test_simulated(name, version):
    found, said = vif_grid.simulation(name), said_of(name, version)
    np.testing.assert_allclose(found[0], said["vif"], rtol=1e-9 if name != "scale" else 1e-6)
    assert vif_grid.apart(name, found, said) < FARTHEST


def together(self, rng):
    """All moderators in one order: they go on depending on each other."""
    order = rng.permutation(len(self.designs[0].X))
    return [replace(one, X=one.X[order]) for one in self.designs]


def column_by_column(self, rng):
    """What is right for columns, and not for what is derived from variables."""
    return [replace(one, X=np.column_stack([one.X[:, 0], rng.permuted(one.X[:, 1:], axis=0)])) for one in self.designs]


@pytest.mark.parametrize(("name", "draw"), [("formula", together), ("derived", column_by_column)])
def test_moderators_that_are_shuffled_otherwise_go_red(name, draw, monkeypatch):
    monkeypatch.setattr(Reshuffled, "draw", draw)
    assert vif_grid.apart(name, vif_grid.simulation.__wrapped__(name), said_of(name, VERSIONS[-1])) > FARTHEST


def test_another_tau2_goes_red(monkeypatch):
    """The model is fitted again to moderators that are shuffled: with the tau² that it had, factors are others."""
    monkeypatch.setitem(vif_grid.SIMULATED, "formula", {**vif_grid.SIMULATED["formula"], "method": "FE"})
    found = vif_grid.simulation.__wrapped__("formula")
    monkeypatch.undo()
    assert vif_grid.apart("formula", found, said_of("formula", VERSIONS[-1])) > FARTHEST
