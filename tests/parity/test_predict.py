"""predict, confint, blup, ranef, profile and regplot against metafor: what three versions said, and the one that is here."""

import pytest

from pymeta.harness import applicable, compare, plain, read_divergences
from pymeta.harness.agreement import VERDICTS
from pymeta.harness.backends.recorded import RecordedReference, environments
from pymeta.resources import shipped
from tests.parity import predict_grid
from tests.parity.predict_grid import DATASETS, SHOWN, answers_of, call_of, cases_of, name_of

RECORDED = shipped("fixtures", "parity")
KNOWN = read_divergences(shipped("fixtures", "divergences.toml"))
VERSIONS = [slug for slug in environments(RECORDED) if "metafor" in slug]
ONLY_NEWER = {"riley", "simple", "t", "new", "below", "above", "hetvar", "HT.bounds"}
ONLY_NEWER |= {f"adjusted.{name}" for name in SHOWN}
"""What metafor 3.8 has not; 4.8 lacks below, above and hetvar."""


def complaints(dataset, outcome, plant=None):
    """What speaks against pymeta, and how many quantities were judged."""
    found, judged = [], 0
    versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
    asked = zip(cases_of(dataset), answers_of(plain(outcome.value)), predict_grid.every(dataset), strict=True)
    for case, theirs, answer in asked:
        ours = dict(answer)
        if plant is not None:
            plant(ours)
        assert set(ours) - set(theirs) <= ONLY_NEWER
        ours = {name: value for name, value in ours.items() if name in theirs or name not in ONLY_NEWER}
        name = name_of(dataset, case)
        agreement = compare(ours, theirs, predict_grid.rules(case, ours), divergences=applicable(KNOWN, name, versions))
        judged += len(agreement.quantities)
        found += [f"{name}: {row}" for row in agreement.quantities if not VERDICTS[row.verdict]]
    return found, judged


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("dataset", DATASETS)
def test_what_r_said(dataset, version):
    found, judged = complaints(dataset, RecordedReference(RECORDED, version).run(call_of(dataset)))
    assert found == []
    assert judged > 800


@pytest.mark.parametrize("dataset", DATASETS[2:3])
def test_what_r_says(dataset, worker):
    assert complaints(dataset, worker.run(call_of(dataset), timeout=300))[0] == []


PLANTED = {
    "a bound in its 12th digit": lambda ours: ours.update({"pred.ci_lb": ours["pred.ci_lb"] * (1 + 3e-11)}),
    "a prediction interval's degrees of freedom": lambda ours: (
        ours.update(riley=ours["riley"] * 1.01) if "riley" in ours else None
    ),
    "a Q-profile bound in its 7th digit": lambda ours: (
        ours.update({"QP.bounds": ours["QP.bounds"] * (1 + 1e-7)}) if "QP.bounds" in ours else None
    ),
    "a label": lambda ours: ours.update({"regplot.ciout": 1.0 - ours["regplot.ciout"]}) if "regplot.ciout" in ours else None,
}


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_error_goes_red(plant):
    outcome = RecordedReference(RECORDED, VERSIONS[-1]).run(call_of("dat.bcg"))
    assert complaints("dat.bcg", outcome, PLANTED[plant])[0]
