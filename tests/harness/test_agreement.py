from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pymeta.errors import BackendError, DataError, OptionError
from pymeta.harness.agreement import ERROR, KINDS, VERDICTS, Rule, compare, succeeds
from pymeta.harness.calls import Condition
from pymeta.harness.divergences import Divergence
from pymeta.harness.precision import CAP, NOTHING

CLOSED = {"x": Rule("closed")}
EXACT = {"x": Rule("exact")}
R_ERROR = Condition(("simpleError", "error", "condition"), "no.")

finite = st.floats(allow_nan=False, allow_infinity=False)


def only(python, reference, rule="closed", **options):
    """The single row of a comparison of one quantity."""
    rule = Rule(rule) if isinstance(rule, str) else rule
    (row,) = compare({"x": python}, {"x": reference}, {"x": rule}, **options).quantities
    return row


def entry(**changes):
    fields = {"id": "DIV-001", "what": "w", "quantity": "x", "case": "*", "cause": "R rounds", "digits": 3.0}
    return Divergence(**{**fields, **changes})


# What agrees.


@pytest.mark.parametrize(
    ("python", "reference", "kind"),
    [
        (1.0, 1.0, "closed"),
        (1.0, np.array([1.0]), "closed"),
        ([1.0, 2.0], np.array([1.0, 2.0]), "closed"),
        (np.float64(0.5), 0.5 * (1 + 1e-13), "closed"),
        (math.inf, math.inf, "closed"),
        (3, 3.0, "exact"),
        (np.int64(3), np.array([3.0]), "exact"),
        (True, True, "exact"),
        ("REML", np.array(["REML"]), "exact"),
        ({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0}, "closed"),
        ([], np.array([]), "closed"),
        (1e-300, 1.00001e-300, "iterative_p"),
    ],
)
def test_agree(python, reference, kind):
    row = only(python, reference, kind)
    assert row.verdict == "agree", row


# What must never pass.

NEVER = {
    "nan": (math.nan, math.nan),
    "nan_here": (math.nan, 1.0),
    "nan_there": (1.0, math.nan),
    "none": (None, None),
    "null_against_number": (None, 1.0),
    "inf_against_number": (math.inf, 1.0),
    "signs_of_inf": (math.inf, -math.inf),
    "mask": ([1.0, math.nan], [math.nan, 1.0]),
    "none_in_texts": (["a", None], ["a", None]),
    "reordered_names": ({"a": 1.0, "b": 2.0}, {"b": 1.0, "a": 2.0}),
    "reordered_names_and_values": ({"a": 1.0, "b": 2.0}, {"b": 2.0, "a": 1.0}),
    "names_here_only": ({"a": 1.0}, [1.0]),
    "names_there_only": ([1.0], {"a": 1.0}),
    "broadcast_scalar": (1.0, [1.0, 1.0]),
    "broadcast_row": ([[1.0, 1.0]], [1.0, 1.0]),
    "broadcast_column": ([[1.0], [1.0]], [[1.0, 1.0], [1.0, 1.0]]),
    "transposed": (np.ones((2, 3)), np.ones((3, 2))),
    "empty": ([], [1.0]),
    "empty_there": ([1.0], []),
    "empty_of_other_shape": (np.empty((0, 2)), np.empty((0, 3))),
    "orders_of_magnitude": (1e-12, 9e-8),
    "true_for_one": (True, 1.0),
    "one_for_true": (1.0, True),
    "true_for_int": (np.array([True]), np.array([1])),
    "text_for_number": ("1.0", 1.0),
    "number_for_text": (1.0, "1.0"),
    "true_in_numbers": ([True, 0.5], [1.0, 0.5]),
    "text_in_numbers": ([1.0, "2"], ["1.0", "2"]),
    "texts_by_value": ("1.0", "1"),
    "texts_by_case": ("reml", "REML"),
    "masked": (np.ma.masked_array([1.0, 2.0], [True, False]), [1.0, 2.0]),
    "complex": (1 + 0j, 1 + 0j),
    "bytes": (b"a", b"a"),
    "ragged": ([[1.0], [1.0, 2.0]], [[1.0], [1.0, 2.0]]),
    "nested": ({"a": {"b": 1.0}}, {"a": {"b": 1.0}}),
    "objects": (object(), object()),
    "dates": (np.array(["2020-01-01"], dtype="M8[D]"), np.array(["2020-01-01"], dtype="M8[D]")),
    "sets": ({1.0}, {1.0}),
    "huge": (10**400, 10**400),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("pair", NEVER.values(), ids=NEVER.keys())
def test_never_agree(pair, kind):
    result = compare({"x": pair[0]}, {"x": pair[1]}, {"x": Rule(kind)})
    assert not result.ok
    assert not succeeds(result.quantities[0].verdict)
    json.dumps(result.to_dict(), allow_nan=False, default=repr)


@pytest.mark.parametrize("kind", ["closed", "iterative"])
def test_orders_of_magnitude_do_not_agree_against_a_scale_either(kind):
    assert not succeeds(only(1e-12, 9e-8, Rule(kind, scale=1.0)).verdict)


def test_series_is_refused_because_its_labels_would_be_lost():
    pandas = pytest.importorskip("pandas")
    row = only(pandas.Series([1.0, 2.0], index=["a", "b"]), [1.0, 2.0])
    assert row.verdict == "structure"
    assert "Series" in row.reason


@given(arrays(np.float64, array_shapes(max_dims=2), elements=st.floats()), st.booleans())
def test_nan_is_agreement_only_where_the_rule_says_so(values, allow):
    row = only(values, values.copy(), Rule("closed", allow_nan=allow))
    assert succeeds(row.verdict) == (allow or not np.isnan(values).any())


@given(arrays(np.float64, array_shapes(max_dims=2), elements=finite), st.data())
def test_one_planted_nan_is_always_found(values, data):
    planted = values.copy()
    planted.flat[data.draw(st.integers(0, values.size - 1))] = math.nan
    for rule in (Rule("closed", allow_nan=True), Rule("closed", scale=1e300, allow_nan=True)):
        assert only(planted, values, rule).verdict == "disagree"
        assert only(values, planted, rule).verdict == "disagree"


@given(arrays(np.float64, array_shapes(max_dims=3)), arrays(np.float64, array_shapes(max_dims=3)))
def test_shapes_must_be_equal(a, b):
    assume(a.shape != b.shape)
    assert only(np.zeros(a.shape), np.zeros(b.shape)).verdict == "structure"


@given(st.lists(st.text(), min_size=2, max_size=5, unique=True), st.randoms())
def test_names_must_be_in_the_same_order(names, random):
    shuffled = random.sample(names, len(names))
    row = only(dict.fromkeys(names, 1.0), dict.fromkeys(shuffled, 1.0))
    assert row.verdict == ("agree" if shuffled == names else "structure")


@given(st.text(), st.text(), st.sampled_from(sorted(KINDS)))
def test_texts_agree_when_equal_and_by_kind_exact_only(a, b, kind):
    assert succeeds(only(a, b, kind).verdict) == (kind == "exact" and a == b)


@given(finite, st.sampled_from(sorted(KINDS)))
def test_numbers_never_agree_with_their_text(value, kind):
    assert not succeeds(only(str(value), value, kind).verdict)
    assert not succeeds(only(value, repr(value), kind).verdict)


# Numbers.


@given(st.floats(1e-100, 1e100), st.floats(0, 2), st.floats(0, 2), st.sampled_from(["closed", "iterative"]))
def test_a_larger_error_never_turns_a_failure_into_success(r, small, large, kind):
    small, large = sorted((small, large))
    assert succeeds(only(r * (1 + small), r, kind).verdict) >= succeeds(only(r * (1 + large), r, kind).verdict)


@given(finite, finite, st.sampled_from(sorted(KINDS)))
def test_swapping_the_sides_keeps_verdicts_that_do_not_measure(a, b, kind):
    ab, ba = only(a, b, kind), only(b, a, kind)
    assert ab.ulps == ba.ulps
    if kind == "exact":
        assert ab.verdict == ba.verdict


@pytest.mark.parametrize(
    ("kind", "error", "verdict"),
    [
        ("closed", 0.9e-12, "agree"),
        ("closed", 1.1e-12, "disagree"),
        ("closed_p", 1.1e-12, "disagree"),
        ("iterative", 0.9e-8, "agree"),
        ("iterative", 1.1e-8, "disagree"),
        ("iterative_p", 0.9e-6, "agree"),
        ("iterative_p", 1.1e-6, "disagree"),
        ("exact", 3e-16, "disagree"),
    ],
)
def test_needed_digits(kind, error, verdict):
    assert only(0.5 * (1 + error), 0.5, kind).verdict == verdict


def test_the_worst_element_is_reported():
    python = np.array([[1.0, 2.0], [3.0, 4.0 * (1 + 1e-6)]])
    row = only(python, np.array([[1.0, 2.0], [3.0 * (1 + 1e-10), 4.0]]))
    assert (row.verdict, row.where, row.reference) == ("disagree", "[1, 1]", 4.0)
    assert row.python == python[1, 1]
    assert row.digits == pytest.approx(6.0, abs=1e-6)
    assert row.needed == 12
    assert row.ulps == pytest.approx(1e-6 * 2**52, rel=1e-6)


def test_the_worst_element_of_a_named_vector_has_its_name():
    assert only({"a": 1.0, "b": 2.5}, {"a": 1.0, "b": 2.0}).where == "['b']"


def test_scale_is_elementwise_or_common_and_never_broadcast():
    small = [1e-10, 1.0]
    assert not succeeds(only(small, [0.0, 1.0]).verdict)
    assert succeeds(only(small, [0.0, 1.0], Rule("iterative", scale=1.0)).verdict)
    assert succeeds(only(small, [0.0, 1.0], Rule("iterative", scale=[1.0, 0.1])).verdict)
    with pytest.raises(OptionError, match="scale has shape"):
        only(small, [0.0, 1.0], Rule("iterative", scale=[1.0]))


def test_integers_are_compared_without_rounding():
    assert only(2**53 + 1, 2.0**53, "exact").verdict == "disagree"
    assert only(np.array([2**53 + 1]), np.array([2**53]), "exact").verdict == "disagree"


def test_missing_texts_may_be_allowed():
    assert only(["a", None], ["a", None], Rule("exact", allow_nan=True)).verdict == "agree"
    assert only(["a", None], [None, "a"], Rule("exact", allow_nan=True)).verdict == "disagree"


def test_all_missing_has_no_class():
    allowed = Rule("closed", allow_nan=True)
    assert only([None, None], [math.nan, math.nan], allowed).verdict == "agree"
    assert only([None, None], [1.0, math.nan], allowed).verdict == "disagree"


# Rules.


def test_rules_are_checked():
    with pytest.raises(OptionError, match="Did you mean 'closed'"):
        Rule("clsed")
    for kind in ("exact", "iterative_p", "closed_p"):
        with pytest.raises(OptionError, match="never judged against a scale"):
            Rule(kind, scale=1.0)
    for scale in (0.0, -1.0, math.nan, math.inf, [1.0, 0.0]):
        with pytest.raises(OptionError, match="positive and finite"):
            Rule("closed", scale=scale)


def test_a_scale_cannot_change_under_the_rule():
    mine = np.ones(2)
    rule = Rule("closed", scale=mine)
    mine[:] = 1e300
    assert not rule.scale.flags.writeable
    assert not succeeds(only([1.0, 1.0], [2.0, 2.0], rule).verdict)


@pytest.mark.parametrize("answers", [({"x": 1.0, "y": 2.0}, {"x": 1.0}), ({"x": 1.0}, {"x": 1.0, "y": 2.0})])
def test_a_quantity_without_rule_is_an_error(answers):
    with pytest.raises(OptionError, match="none for y"):
        compare(*answers, CLOSED)


def test_no_rules_prove_nothing():
    with pytest.raises(OptionError, match="proves nothing"):
        compare({}, {}, {})


@pytest.mark.parametrize(
    ("python", "reference", "verdict"),
    [
        ({}, {"x": 1.0}, "missing_in_python"),
        ({"x": 1.0}, {}, "missing_in_reference"),
        ({}, {}, "structure"),
    ],
)
def test_missing_quantities_fail(python, reference, verdict):
    result = compare(python, reference, CLOSED)
    assert result.verdict == verdict
    assert not result.ok
    assert result.worst_digits == NOTHING


# Conditions.


def test_both_raise():
    result = compare(ValueError("no"), R_ERROR, CLOSED)
    assert result.verdict == "agree"
    assert result.quantities[0].name == ERROR


@pytest.mark.parametrize(
    ("python", "reference"),
    [
        (ValueError("no"), {"x": 1.0}),
        ({"x": 1.0}, R_ERROR),
        (TypeError("a bug"), R_ERROR),
        (AttributeError("a bug"), R_ERROR),
        (AssertionError("a bug"), R_ERROR),
        (BackendError("no R"), R_ERROR),
    ],
)
def test_one_raises_or_breaks(python, reference):
    result = compare(python, reference, CLOSED)
    assert result.verdict == "disagree"
    assert not result.ok


# R's own digits.


def test_reference_digits_come_from_the_default_answer():
    row = only(1.0, 1.0, "iterative", default={"x": 1.0 + 1e-5})
    assert row.verdict == "agree"
    assert row.reference_digits == pytest.approx(5.0, abs=1e-6)


def test_a_tightened_answer_excuses_nothing():
    row = only(1.0 + 1e-5, 1.0, "iterative", default={"x": 1.0 + 1e-5})
    assert row.verdict == "disagree"


@pytest.mark.parametrize("default", [{}, {"x": [1.0, 2.0]}, {"x": "a"}])
def test_reference_digits_are_unknown_when_the_default_cannot_be_compared(default):
    assert only(1.0, 1.0, default=default).reference_digits is None


@pytest.mark.parametrize(
    ("error", "verdict"), [(1e-9, "agree"), (0.9e-5, "limited_by_r"), (1.01e-5, "limited_by_r"), (2e-5, "disagree")]
)
def test_limited_by_r(error, verdict):
    row = only(1.0 + error, 1.0, "iterative", reference_digits={"x": 5.0})
    assert row.verdict == verdict
    assert row.reference_digits == 5.0


def test_limited_by_r_says_so():
    row = only(1.0 + 1e-6, 1.0, "iterative", reference_digits={"x": 5.1})
    assert row.reason == "limited by R: 5.1 digits"
    assert succeeds(row.verdict)


@pytest.mark.parametrize("pair", [(math.nan, 1.0), (math.inf, 1.0), (1.0, [1.0, 1.0]), ("1", 1.0)])
def test_r_never_limits_what_cannot_be_measured(pair):
    assert not succeeds(only(*pair, "iterative", reference_digits={"x": 1.0}).verdict)


def test_r_never_limits_counts():
    assert only(3.0001, 3.0, "exact", reference_digits={"x": 2.0}).verdict == "disagree"


@pytest.mark.parametrize("value", [-math.inf, 0.0, 0.5, 17.0, math.nan, math.inf])
def test_reference_digits_are_checked(value):
    with pytest.raises(OptionError, match="must lie between"):
        only(1.0, 1.0, reference_digits={"x": value})


def test_reference_digits_need_a_quantity_and_no_default():
    with pytest.raises(OptionError, match="no such quantity"):
        only(1.0, 1.0, reference_digits={"y": 5.0})
    with pytest.raises(OptionError, match="not both"):
        only(1.0, 1.0, reference_digits={"x": 5.0}, default={"x": 1.0})


# Known divergences.


def test_known():
    row = only(1.0001, 1.0, divergences=[entry()])
    assert (row.verdict, row.divergence, row.reason) == ("known", "DIV-001", "R rounds")


def test_known_has_bounds():
    row = only(1.01, 1.0, divergences=[entry()])
    assert row.verdict == "disagree"
    assert "DIV-001 still needs 3.0 digits" in row.reason


def test_a_divergence_that_vanished_fails():
    row = only(1.0, 1.0, divergences=[entry()])
    assert row.verdict == "vanished"
    assert not succeeds(row.verdict)
    assert "divergence DIV-001 has vanished" in row.reason


@pytest.mark.parametrize("pair", [(math.nan, 1.0), ([1.0], [1.0, 1.0])])
def test_a_bounded_divergence_covers_nothing_else(pair):
    assert not succeeds(only(*pair, divergences=[entry()]).verdict)


def test_a_divergence_of_any_size_covers_nan_but_not_structure():
    free = entry(digits=-math.inf)
    assert only(math.nan, 1.0, divergences=[free]).verdict == "known"
    assert only([1.0], [1.0, 1.0], divergences=[free]).verdict == "structure"


def test_a_divergence_may_be_about_a_missing_quantity():
    missing = entry(verdict="missing_in_reference", digits=-math.inf)
    assert compare({"x": 1.0}, {}, CLOSED, divergences=[missing]).verdict == "known"
    assert compare({}, {"x": 1.0}, CLOSED, divergences=[missing]).verdict == "missing_in_python"
    assert only(2.0, 1.0, divergences=[missing]).verdict == "disagree"


def test_a_divergence_may_be_about_an_error():
    known = entry(quantity=ERROR, digits=-math.inf)
    assert compare({"x": 1.0}, R_ERROR, CLOSED, divergences=[known]).verdict == "known"
    assert compare(ValueError("no"), R_ERROR, CLOSED, divergences=[known]).verdict == "vanished"


def test_two_divergences_on_one_quantity_are_refused():
    with pytest.raises(DataError, match="DIV-001 and DIV-002"):
        only(1.0, 2.0, divergences=[entry(), entry(id="DIV-002")])


# The record.


def test_worst_first_and_overall():
    rules = {"a": Rule("closed"), "b": Rule("iterative"), "c": Rule("closed"), "d": Rule("exact")}
    r = {"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}
    result = compare({"a": 1.0 + 1e-14, "b": 1.0 + 1e-3, "c": 1.0 + 1e-9}, r, rules)
    assert [row.name for row in result.worst_first()] == ["d", "b", "c", "a"]
    assert [row.name for row in result.quantities] == ["a", "b", "c", "d"]
    assert result.verdict == "missing_in_python"
    assert result.worst_digits == NOTHING


def test_to_dict_is_strict_json():
    python = {"x": [math.inf, 1.0], "y": math.nan, "z": None, "n": np.int64(3), "t": "é"}
    rules = {**dict.fromkeys("xyz", Rule("closed")), **dict.fromkeys("nt", Rule("exact"))}
    document = compare(python, {**python, "x": [1.0, 1.0]}, rules).to_dict()
    parsed = json.loads(json.dumps(document, allow_nan=False))
    x, y, z, n, t = parsed["quantities"]
    assert (x["python"], x["digits"], x["ulps"]) == ("Infinity", "-Infinity", None)
    assert (y["python"], z["python"], n["python"], t["python"]) == ("NaN", None, 3, "é")
    assert parsed["worst_digits"] == "-Infinity"
    assert not parsed["ok"]


def test_every_verdict_is_success_or_not():
    assert {verdict for verdict, fine in VERDICTS.items() if fine} == {"agree", "known", "limited_by_r"}


def test_registries_are_read_only():
    for table in (KINDS, VERDICTS):
        with pytest.raises(TypeError):
            table["closed"] = None


def test_full_digits_is_the_cap():
    assert compare({"x": 1.0}, {"x": 1.0}, EXACT).worst_digits == CAP


def test_an_entry_for_some_cases_lets_the_others_agree_and_may_meet_another():
    first = entry(id="DIV-001", some=True, digits=3)
    second = entry(id="DIV-002", some=True, digits=-math.inf)
    rules = {"x": Rule("closed")}
    same = compare({"x": 1.0}, {"x": 1.0}, rules, divergences=[first]).quantities[0]
    assert (same.verdict, same.divergence) == ("agree", "")
    apart = compare({"x": 1.0}, {"x": 2.0}, rules, divergences=[first, second]).quantities[0]
    assert (apart.verdict, apart.divergence) == ("known", "DIV-002")
    assert compare({"x": 1.0}, {"x": 2.0}, rules, divergences=[first]).quantities[0].verdict == "disagree"
    with pytest.raises(DataError, match="DIV-001 and DIV-003"):
        compare({"x": 1.0}, {"x": 2.0}, rules, divergences=[first, entry(id="DIV-003", digits=1)])
