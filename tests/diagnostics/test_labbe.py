"""What labbe refuses, and what follows from one another."""

import numpy as np
import pytest

import pymeta

TABLES = {"ai": [4, 6, 0, 3], "bi": [119, 300, 50, 228], "ci": [11, 29, 0, 11], "di": [128, 274, 40, 209]}
RATES = {"x1i": [3, 6, 8], "t1i": [100.0, 50.0, 210.0], "x2i": [5, 2, 9], "t2i": [110.0, 60.0, 190.0]}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (lambda: pymeta.labbe([1.0]), "not for a list"),
        (lambda: pymeta.labbe(pymeta.rma([0.1, 0.2], [1.0, 1.0])), "given effects"),
        (lambda: pymeta.labbe(pymeta.rma([0.1, 0.2], [1.0, 1.0], measure="RR")), "given effects"),
        (lambda: pymeta.labbe(pymeta.rma_peto(**TABLES)), "PETO"),
        (lambda: pymeta.labbe(pymeta.rma(measure="PHI", **TABLES)), "PHI"),
        (lambda: pymeta.labbe(pymeta.rma(measure="RR", mods=[1, 2, 3, 5], **TABLES)), "moderators"),
        (lambda: pymeta.labbe(pymeta.rma(measure="RR", **TABLES), to="some"), "some"),
        (lambda: pymeta.labbe(pymeta.rma(measure="RR", **TABLES)).sizes((2, 1)), "plim"),
    ],
)
def test_what_it_refuses(asked, said):
    with pytest.raises(pymeta.PymetaError, match=said):
        asked()


@pytest.mark.parametrize("measure", ["RR", "OR", "RD", "AS"])
def test_the_groups_differ_by_the_effect(measure):
    fit = pymeta.rma(measure=measure, method="EE", **TABLES)
    found = pymeta.labbe(fit)
    whole = np.array([0, 1, 3])  # the third table has zeros
    assert (found.y - found.x)[whole] == pytest.approx(fit.studies.yi[whole], rel=1e-12)


@pytest.mark.parametrize("measure", ["IRR", "IRD", "IRSD"])
def test_the_groups_rates_differ_by_the_effect(measure):
    fit = pymeta.rma(measure=measure, method="EE", **RATES)
    found = pymeta.labbe(fit)
    assert found.y - found.x == pytest.approx(fit.studies.yi, rel=1e-12)
    assert found.precision == pytest.approx(1.0 / np.sqrt(fit.studies.vi), rel=1e-12)


def test_flipped_and_transformed():
    fit = pymeta.rma(measure="RR", **TABLES)
    one, other = pymeta.labbe(fit), pymeta.labbe(fit, flip=True, transf=np.exp)
    assert other.x == pytest.approx(np.exp(one.y), rel=1e-14)
    assert other.y == pytest.approx(np.exp(one.x), rel=1e-14)
    assert other.x[0] == pytest.approx(4 / 123)


def test_rows_of_a_subset_and_columns_of_data():
    data = {name: np.array(values) for name, values in TABLES.items()}
    fit = pymeta.rma(measure="OR", ai="ai", bi="bi", ci="ci", di="di", data=data, subset=[1, 3])
    found = pymeta.labbe(fit)
    assert found.ids.tolist() == [1, 3]
    assert found.y == pytest.approx(np.log([6 / 300, 3 / 228]), rel=1e-13)


def test_sizes():
    found = pymeta.labbe(pymeta.rma(measure="RR", **TABLES))
    assert (found.sizes().min(), found.sizes().max()) == (0.5, 3.5)
    same = pymeta.labbe(pymeta.rma(measure="RD", ai=[5, 5], bi=[5, 5], ci=[4, 4], di=[6, 6]))
    assert same.sizes().tolist() == [1.0, 1.0]
    assert list(found.frame().columns) == ["x", "y", "cex", "ids", "slab"]
    assert len(str(found).splitlines()) == 5
