"""Models without each study: identities, and what is said where there is none. Numbers: tests/parity/test_diagnostics.py."""

import numpy as np
import pytest

import pymeta
from pymeta import DataError, OptionError

DATA = {"yi": [0.1, 0.4, -0.2, 0.9, 0.3], "vi": [0.05, 0.1, 0.04, 0.2, 0.08], "x": [1, 2, 3, 4, 5], "g": list("babac")}
COUNTS = {"ai": [0, 3, 5], "bi": [10, 12, 15], "ci": [0, 4, 2], "di": [11, 12, 14]}


def fit(**options):
    return pymeta.rma("yi", "vi", data=DATA, method="DL", **options)


def test_each_is_the_model_without_it():
    found = pymeta.leave1out(fit())
    for i in range(5):
        rest = fit(subset=[j for j in range(5) if j != i])
        assert found.estimate[i] == pytest.approx(rest.beta[0], rel=1e-14)
        assert found.tau2[i] == pytest.approx(rest.tau2, rel=1e-12, abs=1e-15)
    assert found.slab[0] == "-1"


def test_clusters_go_together_in_the_order_of_their_labels():
    found = pymeta.leave1out(fit(), cluster="g")
    assert found.slab == ("-a", "-b", "-c")
    assert found.estimate[0] == pytest.approx(fit(subset=[0, 2, 4]).beta[0], rel=1e-14)


def test_studies_are_added_in_order():
    found = pymeta.cumul(fit(), order=[5, 4, 3, 2, 1])
    assert list(found.ids) == [4, 3, 2, 1, 0]
    assert found.estimate[0] == 0.3
    assert found.estimate[-1] == pytest.approx(fit().beta[0], rel=1e-14)
    collapsed = pymeta.cumul(fit(), order="g", collapse=True)
    assert (collapsed.slab, list(collapsed.k), collapsed.ids) == (("a", "b", "c"), [2, 4, 5], None)


def test_another_scale():
    plain, scaled = pymeta.leave1out(fit()), pymeta.leave1out(fit(), transf="exp")
    assert np.array_equal(scaled.ci_lb, np.exp(plain.ci_lb))
    assert np.isnan(scaled.se).all()
    assert "se" not in scaled.frame()


def test_a_table_that_cannot_be_spared():
    tables = pymeta.rma_mh(
        measure="OR", data={"ai": [0, 3], "bi": [10, 9], "ci": [1, 0], "di": [9, 12]}, **{c: c for c in COUNTS}
    )
    assert np.isnan(pymeta.leave1out(tables).estimate[1])


def test_influence_is_of_its_parts():
    found = pymeta.influence(fit(mods="~ x"))
    assert np.array_equal(found.cook_d, pymeta.cooks_distance(fit(mods="~ x")))
    assert np.array_equal(found.dffits, pymeta.dffits(fit(mods="~ x")))
    assert list(pymeta.dfbetas(fit(mods="~ x")).columns) == ["intrcpt", "x"]
    assert np.allclose(found.rstudent, pymeta.rstudent(fit(mods="~ x")).z, rtol=1e-14)
    assert found.hat.sum() == pytest.approx(2.0)
    assert "cook.d" in str(found)


def test_a_level_of_one_study_cannot_be_spared():
    found = pymeta.influence(fit(mods="~ g"))
    assert np.isnan(found.cook_d[4])
    assert not np.isnan(found.cook_d[0])
    assert np.isnan(pymeta.baujat(fit(mods="~ g")).y[4])


@pytest.mark.parametrize("function", [pymeta.leave1out, pymeta.influence, pymeta.baujat])
def test_one_study(function):
    with pytest.raises(DataError, match="there is 1 study, and nothing is left without it; it needs 2 or more"):
        function(pymeta.rma([0.1], [0.2]))


@pytest.mark.parametrize("function", [pymeta.leave1out, pymeta.cumul])
def test_moderators(function):
    with pytest.raises(OptionError, match="the model has moderators"):
        function(fit(mods="~ x"))


def test_bad_arguments():
    with pytest.raises(OptionError, match="give order="):
        pymeta.cumul(fit(), collapse=True)
    with pytest.raises(DataError, match="4 values; give one a row of the data: 5"):
        pymeta.cumul(fit(), order=[1, 2, 3, 4])
    with pytest.raises(DataError, match="there is 1 cluster"):
        pymeta.leave1out(fit(), cluster=[1] * 5)
    with pytest.raises(OptionError, match="influence: not defined for a MHResult"):
        pymeta.influence(pymeta.rma_mh(data=COUNTS, **{c: c for c in COUNTS}))
