"""leave1out, cumul, influence and baujat against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness import plain
from pymeta.harness.backends.recorded import RecordedReference
from tests.parity import diagnostics_grid
from tests.parity.diagnostics_grid import ASKED, NEWER, call_of, rules
from tests.parity.judging import RECORDED, VERSIONS, complaints_of, judge

OTHER_NAME = {"cumul.pval"}
"""Which metafor 3.8 calls pvals."""


def complaints(kind, name, outcome, plant=None):
    """What speaks against pymeta, and how many quantities were judged."""
    assert outcome.error is None
    found, judged = [], 0
    for (case, answer), theirs in zip(diagnostics_grid.every(kind, name), plain(outcome.value), strict=True):
        if plant is not None:
            plant(answer)
        newer = {quantity for quantity in answer if quantity.split(".")[0] in NEWER}
        ours = {
            quantity: value for quantity, value in answer.items() if quantity in theirs or quantity not in newer | OTHER_NAME
        }
        agreement = judge(case, ours, theirs, rules(case, ours), outcome)
        judged += len(agreement.quantities)
        found += complaints_of(case, agreement)
    return found, judged


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("kind", "name"), ASKED)
def test_what_r_said(kind, name, version):
    found, judged = complaints(kind, name, RecordedReference(RECORDED, version).run(call_of(kind, name)))
    assert found == []
    assert judged > 95


@pytest.mark.parametrize(("kind", "name"), ASKED)
def test_what_r_says(kind, name, worker):
    assert complaints(kind, name, worker.run(call_of(kind, name), timeout=300))[0] == []


def scaled(name, factor):
    return lambda ours: ours.update({name: ours[name] * factor}) if name in ours else None


PLANTED = {
    "a bound without a study in its 12th digit": scaled("leave.ci_lb", 1 + 3e-11),
    "a cumulative estimate": scaled("cumul.estimate", 1 + 1e-9),
    "a cluster's tau2": scaled("cluster.tau2", 1 + 1e-6),
    "a collapsed Q": scaled("collapse.Q", 1 + 1e-9),
    "Cook's distance over p": scaled("cook_d", 0.5),
    "DFBETAS": scaled("dfbs", 1 + 1e-6),
    "a flag": lambda ours: ours.update(is_infl=1.0 - ours["is_infl"]),
    "baujat's y": scaled("baujat.y", 1 + 1e-6),
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("studies", "dat.bcg"))
    assert complaints("studies", "dat.bcg", outcome, PLANTED[plant])[0]
