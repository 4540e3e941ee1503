"""update: the same call with changes."""

import numpy as np
import pandas as pd
import pytest

import pymeta
from pymeta.errors import OptionError
from pymeta.generics.update import update

RNG = np.random.default_rng(17)
DATA = pd.DataFrame({name: RNG.normal(size=12) for name in ("yi", "x", "z", "u")} | {"vi": RNG.uniform(0.1, 0.5, 12)})


def rma(mods=None, **options):
    return pymeta.rma("yi", "vi", mods=mods, data=DATA, **options)


@pytest.mark.parametrize(
    ("before", "change", "after"),
    [
        ("~ x", "~ . + z", "~ x + z"),
        ("~ x + z", "~ . - x", "~ z"),
        ("~ x + z", "~ u + .", "~ u + x + z"),
        ("~ x + z", "~ (.) * u", "~ (x + z) * u"),
        ("~ x + z", "~ .:u", "~ (x + z):u"),
        ("~ x - 1", "~ . + z", "~ x + z - 1"),
        (None, "~ . + z", "~ z"),
        ("~ I(x^2) + z", "~ . + u", "~ I(x^2) + z + u"),
    ],
)
def test_the_dot_is_the_former_formula(before, change, after):
    found, expected = update(rma(before), mods=change), rma(after)
    assert found.names == expected.names
    np.testing.assert_allclose(found.beta, expected.beta, rtol=1e-9)


def test_other_arguments():
    fit = rma("~ x", method="DL", test="knha", level=90)
    changed = update(fit, method="EE", subset=range(9))
    expected = rma("~ x", method="EE", test="knha", level=90, subset=range(9))
    np.testing.assert_array_equal(changed.beta, expected.beta)
    np.testing.assert_array_equal(changed.ci_lb, expected.ci_lb)
    assert update(fit, test=None).test == "z"
    assert update(fit, mods=None).names == ("intrcpt",)
    assert update(update(fit, mods="~ . + z"), mods="~ . + u").names == ("intrcpt", "x", "z", "u")


def test_a_formula_given_as_yi():
    fit = pymeta.rma("yi ~ x", "vi", data=DATA)
    assert update(fit, mods="~ . + z").names == ("intrcpt", "x", "z")
    assert update(fit, method="EE").names == ("intrcpt", "x")


def test_raw_data_and_frames_of_escalc():
    tables = pd.DataFrame({"ai": [4, 5, 9], "bi": [16, 15, 11], "ci": [2, 9, 3], "di": [18, 11, 17]})
    fit = pymeta.rma(measure="RR", ai="ai", bi="bi", ci="ci", di="di", data=tables)
    assert update(fit, measure="OR").spec.measure == "OR"
    frame = pymeta.escalc("RR", ai="ai", bi="bi", ci="ci", di="di", data=tables)
    assert update(pymeta.rma(frame), method="EE").spec.method == "EE"


def test_refusals():
    with pytest.raises(OptionError, match="the model has none; write the moderators out"):
        update(rma([DATA["x"]]), mods="~ . + z")
    with pytest.raises(OptionError, match="no such method"):
        update(rma(), method="REMLL")


def test_pooled_tables():
    tables = pd.DataFrame({"ai": [4, 5, 9], "n1i": [20, 20, 20], "ci": [2, 9, 3], "n2i": [20, 25, 20]})
    given = {"ai": "ai", "n1i": "n1i", "ci": "ci", "n2i": "n2i", "data": tables}
    fit = pymeta.rma_mh(**given, level=90)
    changed, expected = (
        update(fit, measure="RD", subset=[0, 1]),
        pymeta.rma_mh(measure="RD", **given, level=90, subset=[0, 1]),
    )
    assert (changed.beta[0], changed.ci_lb[0], changed.k) == (expected.beta[0], expected.ci_lb[0], 2)
    peto = update(pymeta.rma_peto(**given), level=80)
    assert (peto.ci_ub[0], peto.label) == (pymeta.rma_peto(**given, level=80).ci_ub[0], "Equal-Effects Model, Peto")
