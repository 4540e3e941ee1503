"""The options of escalc, rma and rma_mh against those of the same names in metafor."""

from itertools import product
from pathlib import Path

import numpy as np
import pytest

import pymeta
from pymeta.effects.measures import MEASURES as EVERY_MEASURE
from pymeta.effects.zero_cells import ADD_TO
from pymeta.harness import NA, Call, Rule, answer, compare
from pymeta.validation.case import POOLED as POOLED_MEASURES

MEASURES = {name: EVERY_MEASURE[name] for name in POOLED_MEASURES}

ADAPTER = Path(__file__).parent / "options.R"
NAN = np.nan
TABLES = {
    "ai": np.array([4.0, 0.0, 7.0, 0.0, 20.0, 3.0, NAN, 11.0]),
    "bi": np.array([16.0, 20.0, 0.0, 20.0, 0.0, 17.0, 9.0, 9.0]),
    "ci": np.array([9.0, 5.0, 3.0, 0.0, 21.0, 6.0, 4.0, 2.0]),
    "di": np.array([12.0, 16.0, 18.0, 21.0, 0.0, 15.0, 17.0, 19.0]),
}
WHOLE = {name: np.delete(column, 6) for name, column in TABLES.items()}
MEANS = {
    "n1i": np.array([12.0, 1.0, 2.0, 30.0, 9.0, 1000.0, 1.0]),
    "m1i": np.array([3.0, 2.0, 1.0, NAN, 4.0, 7.0, 2.0]),
    "sd1i": np.array([1.0, 2.0, 1.0, 1.0, 0.0, 2.5, 1.0]),
    "n2i": np.array([11.0, 2.0, 2.0, 30.0, 9.0, 900.0, 1.0]),
    "m2i": np.array([2.0, 1.0, 3.0, 2.0, 4.0, 6.5, 1.0]),
    "sd2i": np.array([1.5, 1.0, 2.0, 1.0, 0.0, 2.0, 1.0]),
}
GENERIC = {"yi": [0.3, NAN, 0.7, 0.1], "vi": [0.1, 0.2, NAN, 0.3]}
TESTED = {name: Rule("closed", scale=0.01) for name in ("estimate", "se", "ci_lb", "ci_ub", "zval", "QE")}
RULES = {**TESTED, "pval": Rule("closed_p"), "QEp": Rule("closed_p"), "k": Rule("exact"), "slab": Rule("exact")}


def asked(reference, function, *args):
    call = Call(function, dict(zip(("measure", "data", "options"), args, strict=True)), adapter=ADAPTER)
    found = reference.run(call)
    assert found.error is None, found.error
    return answer(found)


def pooled(result, slab):
    tests = {
        name: float(getattr(result, name)[0])
        for name in ("estimate", "se", "ci_lb", "ci_ub", "zval", "pval")
        if name != "estimate"
    }
    return {
        **tests,
        "estimate": float(result.beta[0]),
        "QE": result.QE,
        "QEp": result.QEp,
        "k": result.k,
        "slab": list(slab),
    }


ESCALC = [
    ("two_by_two", {"to": to, "add": add, "drop00": drop00})
    for to, add, drop00 in product(ADD_TO, (0.5, 0.0, 2.0), (False, True))
] + [("two_means", {}), ("generic", {})]
COLUMNS = {"two_by_two": TABLES, "two_means": MEANS, "generic": GENERIC}
R_COLUMNS = {"generic": {name: [NA if np.isnan(x) else x for x in values] for name, values in GENERIC.items()}}
"""Where one number is NaN, not NA, R has neither."""


@pytest.mark.parametrize(("family", "options"), ESCALC)
def test_escalc(family, options, worker):
    for measure in (measure.name for measure in MEASURES.values() if measure.family.name == family):
        ours = pymeta.escalc(measure, **COLUMNS[family], **options)
        theirs = asked(worker, "effects", measure, R_COLUMNS.get(family, COLUMNS[family]), options)
        rule = Rule("closed", scale=1e-3, allow_nan=True)
        found = compare({name: ours[name].to_numpy() for name in ("yi", "vi")}, theirs, {"yi": rule, "vi": rule})
        assert found.ok, (measure, found.worst_first())


def test_every_family_and_way_to_add_is_asked():
    assert set(COLUMNS) == {measure.family.name for measure in MEASURES.values()}
    assert {options.get("to") for _, options in ESCALC} >= set(ADD_TO)


@pytest.mark.parametrize("to", ADD_TO)
@pytest.mark.parametrize("drop00", [False, True])
@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_rma_passes_the_options_on(measure, to, drop00, worker):
    """With rows that lack a value, an effect or both; a variance of 0 is refused, where R has no answer either."""
    options = {"add": 0.25, "to": to, "drop00": drop00, "method": "DL", "measure": measure, "level": 90.0}
    if (to, drop00) == ("none", False) and measure != "OR":
        with pytest.raises(pymeta.DataError, match=r"vi, row [45]: 0 would give"):
            pymeta.rma(**TABLES, **options)
        assert has_no_answer(worker, options)
        return
    result = pymeta.rma(**TABLES, **options)
    found = compare(pooled(result, result.studies.slab), asked_fit(worker, "uni", TABLES, options), RULES)
    assert found.ok, found.worst_first()


def has_no_answer(reference, options):
    found = reference.run(Call("uni", {"data": TABLES, "options": options}, adapter=ADAPTER))
    return found.error is not None or not np.isfinite(answer(found)["estimate"].values).all()


def asked_fit(reference, function, data, options):
    found = reference.run(Call(function, {"data": data, "options": options}, adapter=ADAPTER))
    assert found.error is None, found.error
    return answer(found)


@pytest.mark.parametrize("to", ["only0", "all", "if0all"])
@pytest.mark.parametrize("drop00", [False, True])
@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_rma_mh_passes_the_options_on(measure, to, drop00, worker):
    options = {"add": 0.25, "to": to, "drop00": drop00, "measure": measure, "level": 99.0}
    result = pymeta.rma_mh(**TABLES, **options)
    # R counts and weighs only the tables with drop00 off: `add`, `to` and `drop00` are for its study effects, as here
    said = {**options, "add": np.array([0.25, 0.0]), "to": [to, "none"], "drop00": np.array([drop00, False])}
    found = compare(pooled(result, result.slab), asked_fit(worker, "mh", TABLES, said), RULES)
    assert found.ok, found.worst_first()


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "revman5"])
def test_rows_with_missing_values_are_left_out_and_listed(method, outcome, judge):
    yi, vi = np.array([0.3, NAN, 0.7, 0.1, 0.9, NAN]), np.array([0.1, 0.2, NAN, 0.3, 0.2, NAN])
    assert judge(outcome("GEN", method, {"yi": yi, "vi": vi}, slab="abcdef")).complaints == ()
    dropped = pymeta.rma(yi, vi, method=method, slab=list("abcdef")).studies.dropped
    assert [(d.row, d.slab, d.reason) for d in dropped] == [
        (i, s, "a value is missing") for i, s in ((2, "b"), (3, "c"), (6, "f"))
    ]


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
@pytest.mark.parametrize("method", ["EE", "DL", "REML", "revman5", "MH"])
def test_tables_with_missing_values(measure, method, outcome, judge):
    assert judge(outcome(measure, method, TABLES)).complaints == ()


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_tables_without_an_effect_are_left_out_with_another_reason(measure):
    result = pymeta.rma(measure=measure, method="revman5", **TABLES)
    reasons = {d.row: d.reason for d in result.studies.dropped}
    empty = {} if measure == "RD" else dict.fromkeys((4, 5), "its data have no such effect")
    assert reasons == {**empty, 7: "a value is missing"}


@pytest.mark.parametrize("level", [1.0, 50.0, 80.0, 95.0, 99.9])
def test_level(level, outcome, judge):
    assert judge(outcome("OR", "DL", WHOLE, level=level)).complaints == ()
    assert judge(outcome("OR", "MH", WHOLE, level=level)).complaints == ()


def test_sei_is_the_root_of_vi(worker):
    yi, sei = np.array([0.3, -0.2, 0.7]), np.array([0.1, 0.2, 0.3])
    result = pymeta.rma(yi, sei=sei, method="DL")
    theirs = asked_fit(worker, "uni", {"yi": yi, "sei": sei}, {"method": "DL"})
    assert compare(pooled(result, result.studies.slab), theirs, RULES).ok


def test_labels_that_repeat_stay_and_studies_are_never_merged(worker):
    """The one thing done to labels that R does not: R writes "a.1", "a.2"."""
    columns = {"yi": np.array([0.1, 0.2, 0.4]), "vi": np.array([0.1, 0.1, 0.2])}
    result = pymeta.rma(**columns, slab=["a", "b", "a"], method="EE")
    theirs = asked_fit(worker, "uni", columns, {"slab": ["a", "b", "a"], "method": "EE"})
    assert result.studies.slab == ("a", "b", "a")
    assert result.k == 3
    assert list(theirs["slab"].values) == ["a.1", "b", "a.2"]


ESTIMATORS = ("DL", "HE", "HS", "HSk", "SJ", "DLIT", "SJIT", "ML", "REML", "EB", "PM")
LITTLE = {"yi": np.array([0.1, 0.12, 0.09, 0.11, 0.16]), "vi": np.array([0.1, 0.2, 0.15, 0.1, 0.12])}
SPREAD = {"yi": np.array([0.1, 1.12, -0.9, 0.11, 0.9]), "vi": np.array([0.1, 0.2, 0.15, 0.1, 0.12])}
CONTROLS = {
    "a least tau²": (SPREAD, {"tau2_min": 2.5}, ESTIMATORS),
    # those of SJ's kind are never negative; R's iterations stop within 1e-5 of such a bound
    "a negative one": (LITTLE, {"tau2_min": -0.05}, ("DL", "HE", "HS", "HSk", "PM")),
    "a start for SJ": (SPREAD, {"tau2_init": 0.05}, ("SJ",)),
    "what steers R": (SPREAD, {"threshold": 1e-13, "maxiter": 10000, "stepadj": 0.5}, ("REML", "ML", "EB")),
}


@pytest.mark.parametrize("what", CONTROLS)
def test_control(what, worker):
    data, control, methods = CONTROLS[what]
    if "DLIT" in methods:  # before 4.0 metafor's was another estimator (DIV-053)
        methods = [name for name in methods if name not in ("DLIT", "SJIT")]
    said = {name.replace("_", "."): value for name, value in control.items()}
    call = Call("controlled", {"data": data, "methods": list(methods), "control": said}, adapter=ADAPTER)
    theirs = answer(worker.run(call))
    for name in methods:
        fit = pymeta.rma(**data, method=name, control=control)
        ours = np.array([fit.tau2, fit.se_tau2, fit.beta[0], fit.se[0], fit.I2, fit.H2])
        rule = Rule("iterative", scale=0.1)
        found = compare({"all": ours}, {"all": theirs[name]}, {"all": rule})
        assert found.ok, (name, found.worst_first())


@pytest.mark.parametrize(
    ("control", "words"),
    [
        ({"tau2_min": -0.1}, "control: tau2_min=-0.1: needs a number above -0.1"),
        ({"tau2.min": "0"}, "control: tau2.min='0': needs a number above -0.1"),
        ({"tau2.init": -1}, "control: tau2.init=-1: needs a number above 0"),
        ({"threshhold": 1e-9}, "threshhold='threshhold'|control='threshhold': no such control of rma"),
        ({"tau2_min": 0.1, "scale": "x"}, "a location-scale model knows no tau2_min"),
    ],
)
def test_control_that_cannot_be(control, words):
    scale = {"scale": [np.arange(5.0)]} if control.pop("scale", None) else {}
    with pytest.raises(pymeta.OptionError, match=words):
        pymeta.rma(**SPREAD, **scale, control=control)
