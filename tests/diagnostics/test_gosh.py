"""gosh: what it refuses, and what must hold whatever the data."""

import numpy as np
import pytest

import pymeta
from pymeta.errors import DataError, OptionError

YI = np.array([0.8, 0.1, 0.5, -0.2, 0.9])
VI = np.array([0.10, 0.04, 0.09, 0.16, 0.05])
X = np.array([1.0, 0.0, 1.0, 0.0, 3.0])
TABLES = {"ai": [3, 0, 4, 0, 2], "n1i": [20, 30, 25, 22, 28], "ci": [5, 2, 4, 0, 0], "n2i": [21, 31, 24, 20, 30]}


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "PM", "SJ"])
@pytest.mark.parametrize("mods", [None, {"x": X}])
def test_each_subset_is_the_model_of_its_studies(method, mods):
    found = pymeta.gosh(pymeta.rma(YI, VI, mods=mods, method=method))
    assert len(found) == (31 if mods is None else 26)
    for row in np.flatnonzero(found.fit & (found.k > found.beta.shape[1])):
        kept = found.incl[row]
        one = pymeta.rma(YI[kept], VI[kept], mods=None if mods is None else {"x": X[kept]}, method=method)
        assert found.beta[row] == pytest.approx(one.beta, rel=1e-9)
        assert (found.QE[row], found.I2[row], found.tau2[row]) == pytest.approx((one.QE, one.I2, one.tau2), abs=1e-8)


@pytest.mark.parametrize(
    "fit", [pymeta.rma_mh, pymeta.rma_peto, lambda **t: pymeta.rma_mh(**t, measure="RD")], ids=["OR", "Peto", "RD"]
)
def test_each_subset_is_the_model_of_its_tables(fit):
    found = pymeta.gosh(fit(**TABLES))
    assert len(found) == 31
    for row in range(31):
        kept = found.incl[row]
        tables = {name: np.array(values)[kept] for name, values in TABLES.items()}
        try:
            one = fit(**tables)
        except DataError:
            assert not found.fit[row] or found.k[row] == 1
            continue
        assert found.beta[row] == pytest.approx(one.beta, rel=1e-12)
        assert found.QE[row] == pytest.approx(one.QE, abs=1e-12)


def test_all_subsets_once_and_by_size():
    found = pymeta.gosh(pymeta.rma(YI, VI))
    assert len({tuple(row) for row in found.incl}) == 31
    assert (np.diff(found.k) >= 0).all()
    assert found.incl[5].tolist() == [True, True, False, False, False]


def test_the_same_seed_gives_the_same_subsets():
    fit = pymeta.rma(np.linspace(0.0, 1.0, 30), np.full(30, 0.1), method="DL")
    one, other, third = (pymeta.gosh(fit, subsets=100, seed=seed) for seed in (1, 1, 2))
    assert (one.incl == other.incl).all()
    assert not np.array_equal(one.incl, third.incl)
    assert len(one) == 100


def test_random_subsets_are_uniform():
    """Each of the 31 subsets as often as another: chi-squared of 30 degrees of freedom below its 99.99 % point."""
    fit = pymeta.rma(np.append(YI, 0.3), np.append(VI, 0.2), method="EE")
    drawn = np.concatenate([pymeta.gosh(fit, subsets=62, seed=seed).incl for seed in range(200)])
    counts = np.unique(drawn @ (1 << np.arange(6)), return_counts=True)[1]
    expected = len(drawn) / 63.0
    assert len(counts) == 63
    assert ((counts - expected) ** 2 / expected).sum() < 115.0


def test_subsets_of_ones_own():
    chosen = [[1, 1, 1, 1, 1], [0, 1, 1, 0, 1]]
    found = pymeta.gosh(pymeta.rma(YI, VI), subsets=chosen)
    assert found.incl.tolist() == np.array(chosen, dtype=bool).tolist()
    assert found.beta[0] == pytest.approx(pymeta.rma(YI, VI).beta)


def test_the_text():
    text = str(pymeta.gosh(pymeta.rma(YI, VI, mods={"x": X})))
    assert "Model fits attempted: 26\nModel fits succeeded: 16" in text
    assert "intrcpt" in text


def test_no_subset_could_be_fitted():
    assert "succeeded: 0" in str(pymeta.gosh(pymeta.rma(YI, VI, mods={"x": X}), subsets=[[1, 0, 0, 0, 0]]))


REFUSED = {
    "robust errors": (lambda: pymeta.robust(pymeta.rma(YI, VI), cluster=[1, 1, 2, 2, 3]), {}, "not defined for a"),
    "a location-scale model": (lambda: pymeta.rma(YI * 9.0, VI, scale={"x": X}), {}, "not defined for a"),
    "what is no model": (lambda: YI, {}, "not defined for a"),
    "none": (lambda: pymeta.rma(YI, VI), {"subsets": 0}, "subsets=0: needs a whole number"),
    "half a subset": (lambda: pymeta.rma(YI, VI), {"subsets": 1.5}, "subsets=1.5"),
    "a truth value": (lambda: pymeta.rma(YI, VI), {"subsets": True}, "subsets=True"),
    "too few columns": (lambda: pymeta.rma(YI, VI), {"subsets": [[True, False]]}, "5 columns, one a study"),
    "numbers": (lambda: pymeta.rma(YI, VI), {"subsets": [[1, 2, 3, 4, 5]]}, "needs truth values"),
    "a text as seed": (lambda: pymeta.rma(YI, VI), {"subsets": 5, "seed": "one"}, "seed="),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals(case):
    made, how, words = REFUSED[case]
    with pytest.raises(OptionError) as refused:
        pymeta.gosh(made(), **how)
    assert words in str(refused.value)


def test_one_study():
    with pytest.raises(DataError, match="no subsets"):
        pymeta.gosh(pymeta.rma([0.3], [0.1]))
