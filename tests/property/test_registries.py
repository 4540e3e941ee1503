"""What must hold for every measure and every method in the registries, on whatever data Hypothesis draws."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pymeta
from pymeta.effects.measures import MEASURES as EVERY_MEASURE
from pymeta.models import mh, uni
from pymeta.results.uni import UniResult
from pymeta.tau2.methods import TAU2
from pymeta.validation.case import METHODS
from pymeta.validation.case import POOLED as POOLED_MEASURES

MEASURES = {name: EVERY_MEASURE[name] for name in POOLED_MEASURES}

TABLES = [name for name, measure in MEASURES.items() if measure.family.name == "two_by_two"]
RMA_METHODS = [method for method in METHODS if method != "MH"]
POOLED = [(measure, method) for measure in MEASURES for method in METHODS if method != "MH" or measure in TABLES]
every_way_to_pool = pytest.mark.parametrize(("measure", "method"), POOLED)


def pool(measure, method, columns):
    if method == "MH":
        return pymeta.rma_mh(measure=measure, **columns)
    return pymeta.rma(measure=measure, method=method, **columns)


def summary(result):
    """The numbers that a change of data should move in a known way; tests and bounds in units of the standard error."""
    tau2 = result.tau2 if isinstance(result, UniResult) else 0.0
    return np.array([result.beta[0], result.se[0], tau2, result.QE, result.I2, result.H2])


def same(found, expected):
    """Two summaries, to 9 digits; near zero: effects against their se, tau2 against its square, Q, I2 and H2 against 1."""
    se = abs(expected[1])
    floor = np.maximum(np.abs(expected), [se, se, se * se, 1.0, 1.0, 1.0])
    return bool((np.abs(found - expected) <= 1e-9 * floor).all())


def drawn(columns_of, measure):
    return columns_of(MEASURES[measure].family.name)


@every_way_to_pool
@given(data=st.data())
def test_the_order_of_rows_does_not_matter(measure, method, columns_of, data):
    columns = data.draw(drawn(columns_of, measure))
    k = len(next(iter(columns.values())))
    order = np.array(data.draw(st.permutations(range(k))))
    plain = pool(measure, method, columns)
    mixed = pool(measure, method, {name: column[order] for name, column in columns.items()})
    assert same(summary(mixed), summary(plain))
    kept = [i for i in range(k) if str(i + 1) in (plain.slab if method == "MH" else plain.studies.slab)]
    where = [kept.index(i) for i in order if i in kept]
    assert pymeta.weights(mixed) == pytest.approx(pymeta.weights(plain)[where], rel=1e-9)


@every_way_to_pool
@given(data=st.data())
def test_weights_sum_to_100_and_none_is_negative(measure, method, columns_of, data):
    weights = pymeta.weights(pool(measure, method, data.draw(drawn(columns_of, measure))))
    assert weights.sum() == pytest.approx(100.0, rel=1e-13)
    assert (weights >= 0.0).all()


@every_way_to_pool
@given(data=st.data())
def test_what_every_result_obeys(measure, method, columns_of, data):
    result = pool(measure, method, data.draw(drawn(columns_of, measure)))
    assert result.ci_lb[0] < result.beta[0] < result.ci_ub[0]
    assert result.ci_ub[0] - result.beta[0] == pytest.approx(result.beta[0] - result.ci_lb[0], rel=1e-9)
    assert 0.0 <= result.pval[0] <= 1.0
    assert 0.0 <= result.QEp <= 1.0
    assert 0.0 <= result.I2 < 100.0
    assert result.QE >= 0.0
    assert result.QE_df == result.studies.k - 1
    assert (result.pval[0] < 0.05) == (abs(result.zval[0]) > 1.9599639845400545)


@every_way_to_pool
@given(data=st.data())
def test_results_are_frozen_and_their_arrays_closed(measure, method, columns_of, data):
    columns = data.draw(drawn(columns_of, measure))
    before = {name: column.copy() for name, column in columns.items()}
    result = pool(measure, method, columns)
    with pytest.raises(dataclasses.FrozenInstanceError):
        result.QE = 0.0
    holders = (result, result.studies)
    arrays = [getattr(one, field.name) for one in holders for field in dataclasses.fields(one)]
    for array in (one for one in arrays if isinstance(one, np.ndarray)):
        assert not array.flags.writeable
    assert all((columns[name] == before[name]).all() for name in columns)


@every_way_to_pool
@given(data=st.data())
def test_the_spec_is_enough_to_fit_again(measure, method, columns_of, data):
    result = pool(measure, method, data.draw(drawn(columns_of, measure)))
    if method == "revman5":  # which reads the raw data
        again = pymeta.update(result)
    else:
        again = (mh.fit if method == "MH" else uni.fit)(result.spec)
    assert (summary(again) == summary(result)).all()


@every_way_to_pool
@given(data=st.data())
def test_swapped_arms_turn_the_sign(measure, method, columns_of, data):
    columns = data.draw(drawn(columns_of, measure))
    swap = {
        "two_by_two": {"ai": "ci", "bi": "di", "ci": "ai", "di": "bi"},
        "two_means": {f"{name}{group}i": f"{name}{3 - group}i" for name in ("n", "m", "sd") for group in (1, 2)},
    }
    plain = pool(measure, method, columns)
    if measure == "GEN":
        turned = pool(measure, method, {"yi": -columns["yi"], "vi": columns["vi"]})
    else:
        names = swap[MEASURES[measure].family.name]
        turned = pool(measure, method, {name: columns[names[name]] for name in columns})
    expected = summary(plain) * np.array([-1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    assert same(summary(turned), expected)
    near = {"rel": 1e-9, "abs": 1e-9 * plain.se[0]}
    assert (turned.ci_lb[0], turned.ci_ub[0]) == pytest.approx((-plain.ci_ub[0], -plain.ci_lb[0]), **near)


@pytest.mark.parametrize("method", RMA_METHODS)
@pytest.mark.parametrize("measure", ["GEN", "MD"])
@given(data=st.data())
def test_a_shift_moves_the_effect_and_nothing_else(measure, method, columns_of, data):
    columns = data.draw(drawn(columns_of, measure))
    c = data.draw(st.integers(-1000, 1000)) / 8
    name = "yi" if measure == "GEN" else "m1i"
    plain, moved = pool(measure, method, columns), pool(measure, method, {**columns, name: columns[name] + c})
    assert same(summary(moved), summary(plain) + np.array([c, 0, 0, 0, 0, 0]))


@pytest.mark.parametrize("method", RMA_METHODS)
@pytest.mark.parametrize("measure", ["GEN", "MD", "SMD"])
@pytest.mark.parametrize("c", [2.0**-27, 2.0**20, 1e-8, 1e6])
@given(data=st.data())
def test_a_change_of_units(measure, method, c, columns_of, data):
    """tau2 and variances go with the square; a standardized difference has no units."""
    columns = data.draw(drawn(columns_of, measure))
    units = {"yi": c, "vi": c * c} if measure == "GEN" else dict.fromkeys(("m1i", "sd1i", "m2i", "sd2i"), c)
    plain = pool(measure, method, columns)
    scaled = pool(measure, method, {name: column * units.get(name, 1.0) for name, column in columns.items()})
    by = 1.0 if measure == "SMD" else c
    factors = np.array([by, by, by * by, 1.0, 1.0, 1.0])
    assert same(summary(scaled) / factors, summary(plain))


@pytest.mark.parametrize("method", [name for name, method in TAU2.items() if method.random and not method.needs_weights])
@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data())
def test_random_effects_without_heterogeneity_are_equal_effects(measure, method, columns_of, data):
    columns = data.draw(drawn(columns_of, measure))
    found, equal = pool(measure, method, columns), pool(measure, "EE", columns)
    assert found.QE == equal.QE
    if found.tau2 == 0.0:
        assert (found.beta, found.se, found.pval) == (equal.beta, equal.se, equal.pval)
        assert (found.I2, found.H2) == (0.0, 1.0)
    else:
        assert found.se[0] > equal.se[0]
        share = found.I2 / 100.0
        assert found.H2 * (1.0 - share) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("method", [name for name, method in TAU2.items() if method.random and not method.needs_weights])
@given(data=st.data())
def test_some_drawn_sets_have_heterogeneity_and_some_none(method, columns_of, data):
    """Equal effects have none; effects far apart have much."""
    vi = data.draw(columns_of("generic"))["vi"]
    assert pymeta.rma(np.full(len(vi), 0.25), vi, method=method).tau2 == 0.0
    assert pymeta.rma(100.0 * np.arange(len(vi)), vi, method=method).tau2 > 0.0


@pytest.mark.parametrize("method", ["EE", "FE", "CE"])
@given(data=st.data())
def test_the_synonyms_of_the_equal_effects_model(method, columns_of, data):
    columns = data.draw(columns_of("generic"))
    assert (summary(pool("GEN", method, columns)) == summary(pool("GEN", "EE", columns))).all()


@given(data=st.data())
def test_the_odds_ratio_of_the_complement_is_the_inverse(columns_of, data):
    """No risk ratio obeys this; Mantel-Haenszel does, too."""
    columns = data.draw(columns_of("two_by_two"))
    columns["ai"][1:] += 1.0  # no empty table, so that dropping is the same on both sides
    columns["bi"][1:] += 1.0
    other = {"ai": columns["bi"], "bi": columns["ai"], "ci": columns["di"], "di": columns["ci"]}
    for method in (*RMA_METHODS, "MH"):
        plain, turned = pool("OR", method, columns), pool("OR", method, other)
        assert same(summary(turned), summary(plain) * np.array([-1.0, 1.0, 1.0, 1.0, 1.0, 1.0]))


@pytest.mark.parametrize("measure", TABLES)
@given(data=st.data())
def test_both_layouts_of_tables_are_one(measure, columns_of, data):
    columns = data.draw(columns_of("two_by_two"))
    sizes = {
        "ai": columns["ai"],
        "n1i": columns["ai"] + columns["bi"],
        "ci": columns["ci"],
        "n2i": columns["ci"] + columns["di"],
    }
    for method in (*RMA_METHODS, "MH"):
        assert (summary(pool(measure, method, columns)) == summary(pool(measure, method, sizes))).all()


@pytest.mark.parametrize("measure", TABLES)
@given(table=st.tuples(*[st.integers(1, 500)] * 4), k=st.integers(1, 5))
def test_mantel_haenszel_of_one_repeated_table_is_its_own_effect(measure, table, k):
    columns = {name: np.full(k, float(cell)) for name, cell in zip(("ai", "bi", "ci", "di"), table, strict=True)}
    effect = pymeta.escalc(measure, **columns)["yi"][0]
    assert pool(measure, "MH", columns).beta[0] == pytest.approx(effect, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("measure", MEASURES)
@given(data=st.data())
def test_escalc_gives_what_rma_pools(measure, columns_of, data):
    columns = data.draw(drawn(columns_of, measure))
    effects = pymeta.escalc(measure, **columns, cutoff=None)
    direct, given_effects = pool(measure, "DL", columns), pymeta.rma(effects["yi"], effects["vi"], method="DL")
    assert (summary(direct) == summary(given_effects)).all()


@pytest.mark.parametrize("measure", MEASURES)
def test_no_effect_is_the_null(measure):
    """Arms that are the same give the measure's null on the scale that people read."""
    alike = {"two_by_two": {"ai": [4.0], "bi": [9.0], "ci": [4.0], "di": [9.0]}, "generic": {"yi": [0.0], "vi": [1.0]}}
    alike["two_means"] = {"n1i": [9.0], "m1i": [2.0], "sd1i": [1.0], "n2i": [9.0], "m2i": [2.0], "sd2i": [1.0]}
    assert set(alike) == {one.family.name for one in MEASURES.values()}
    effect = pymeta.escalc(measure, **alike[MEASURES[measure].family.name])["yi"].to_numpy()
    assert MEASURES[measure].display(effect)[0] == MEASURES[measure].null
