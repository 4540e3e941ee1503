"""Taking R's value apart, only as far as the user says."""

import pytest

from pymeta.errors import DataError, OptionError
from pymeta.harness.codec import RVector, r_value
from pymeta.harness.pick import Take, picked


def with_attributes(vector, **attributes):
    return RVector(vector.kind, vector.values, tuple((name, r_value(value)) for name, value in attributes.items()))


NAMED = with_attributes(RVector("dbl", [1.0, 2.0]), names=["x", "y"])
SINGLE = with_attributes(RVector("dbl", [2.5]), names=["t"])
INTERVAL = RVector("dbl", [0.1, 0.9], (("conf.level", RVector("dbl", [0.95])),))
MATRIX = with_attributes(RVector("dbl", [1.0, 2.0, 3.0, 4.0]), dim=[2, 2], dimnames=[["a", "b"], ["c", "d"]])
FACTOR = RVector("int", [1, 2], (("levels", r_value(["u", "v"])), ("class", r_value("factor"))))
HTEST = with_attributes(
    RVector("list", (SINGLE, NAMED, INTERVAL, MATRIX, FACTOR)),
    names=["statistic", "estimate", "conf.int", "table", "group"],
)
FIT = RVector(HTEST.kind, HTEST.values, (*HTEST.attributes, ("class", r_value("htest"))))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ("statistic", RVector("dbl", [2.5])),  # by its name a single number comes without R's own
        (Take("statistic"), SINGLE),
        ("estimate", NAMED),
        (Take("estimate"), NAMED),
        (Take("estimate", bare=True), RVector("dbl", [1.0, 2.0])),
        (Take("estimate", "y"), RVector("dbl", [2.0])),
        (Take("estimate", 0), RVector("dbl", [1.0])),
        (Take("conf.int", 1), RVector("dbl", [0.9])),
        (Take("conf.int", bare=True), RVector("dbl", [0.1, 0.9])),
        (Take("table", bare=True), RVector("dbl", MATRIX.values, MATRIX.attributes[:1])),
        (Take(1, "x"), RVector("dbl", [1.0])),
        ("group", FACTOR),
        (Take(), FIT),
    ],
)
def test_what_is_taken(where, found):
    assert picked(FIT, {"q": where}) == {"q": found}


@pytest.mark.parametrize(
    "where", ["p.value", Take("estimate", "z"), Take("estimate", 2), Take("estimate", -1), Take("x", "y")]
)
def test_what_is_not_there_is_left_out(where):
    assert picked(FIT, {"q": where}) == {}


@pytest.mark.parametrize("where", [Take("group", 0), Take("group", bare=True)])
def test_the_codes_of_a_factor_are_not_its_values(where):
    with pytest.raises(DataError, match="class factor"):
        picked(FIT, {"q": where})


def test_a_name_that_is_there_twice_is_refused():
    twice = with_attributes(RVector("list", (SINGLE, NAMED)), names=["a", "a"])
    with pytest.raises(DataError, match="'a' names more than one element"):
        picked(twice, ("a",))


@pytest.mark.parametrize("pick", ["statistic", (Take("statistic"),), [1]])
def test_a_pick_names_its_quantities(pick):
    with pytest.raises(OptionError, match="give names"):
        picked(FIT, pick)


def test_a_value_without_elements_has_no_quantities():
    assert picked(RVector("null", ()), ("a",)) == {}
