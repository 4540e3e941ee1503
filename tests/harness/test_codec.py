"""The typed form of R values, seen from Python alone; tests/harness/test_backends.py sends it through R."""

import copy
import json
import pickle
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pymeta.errors import BackendError, DataError
from pymeta.harness import NA, RVector, decode, encode, plain, r_value

quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def there_and_back(obj):
    return decode(json.loads(json.dumps(encode(obj))))


def dbl(*values):
    return RVector("dbl", values)


@pytest.mark.parametrize(
    ("obj", "node"),
    [
        (None, {"t": "null"}),
        (True, {"t": "lgl", "v": "TRUE"}),
        (np.bool_(False), {"t": "lgl", "v": "FALSE"}),
        (3, {"t": "int", "v": "3"}),
        (np.int64(-(2**31) + 1), {"t": "int", "v": "-2147483647"}),
        (2**31, {"t": "dbl", "v": "0x1p+31"}),
        (-(2**31), {"t": "dbl", "v": "-0x1p+31"}),
        (3.0, {"t": "dbl", "v": "0x1.8p+1"}),
        (-0.0, {"t": "dbl", "v": "-0x0p+0"}),
        (5e-324, {"t": "dbl", "v": "0x0.0000000000001p-1022"}),
        ([np.nan, np.inf, -np.inf, NA], {"t": "dbl", "v": "NaN Inf -Inf NA"}),
        ([1, 2.5, NA], {"t": "dbl", "v": "0x1p+0 0x1.4p+1 NA"}),
        ([1, NA], {"t": "int", "v": "1 NA"}),
        ((True, NA), {"t": "lgl", "v": "TRUE NA"}),
        (NA, {"t": "lgl", "v": "NA"}),
        (1 - 2j, {"t": "cpl", "v": "0x1p+0 -0x1p+1"}),
        ([1j, NA], {"t": "cpl", "v": "0x0p+0 0x1p+0 NA NA"}),
        ("a b", {"t": "chr", "v": ["a b"]}),
        (["a", NA], {"t": "chr", "v": ["a", None]}),
        (b"\x00\xff", {"t": "raw", "v": "00ff"}),
        (np.array([], dtype=float), {"t": "dbl", "v": ""}),
        (np.array([], dtype=int), {"t": "int", "v": ""}),
        (np.array([], dtype=str), {"t": "chr", "v": []}),
        (np.array(["x", "y"]), {"t": "chr", "v": ["x", "y"]}),
        (np.float32(0.5), {"t": "dbl", "v": "0x1p-1"}),
        (np.arange(4).reshape(2, 2), {"t": "int", "v": "0 2 1 3", "a": [["dim", {"t": "int", "v": "2 2"}]]}),
        ([[1], ["a"]], {"t": "list", "v": [{"t": "int", "v": "1"}, {"t": "chr", "v": ["a"]}]}),
        ({"a": 1}, {"t": "list", "v": [{"t": "int", "v": "1"}], "a": [["names", {"t": "chr", "v": ["a"]}]]}),
        ({}, {"t": "list", "v": [], "a": [["names", {"t": "chr", "v": []}]]}),
    ],
)
def test_each_python_value_has_one_form(obj, node):
    assert encode(obj) == node
    assert decode(node) == r_value(obj)


@pytest.mark.parametrize(
    ("obj", "words"),
    [
        ({"x": {"y": [1, 2, "a"]}}, ["value['x']['y'][2]", "'a' (chr)", "1 (int)"]),
        ([1, True], ["value[1]", "lgl"]),
        ([1.0, [2.0]], ["value[1]", "list in a list of plain values"]),
        ([], ["empty list"]),
        ({"x": object()}, ["value['x']", "builtins.object"]),
        ({1: 2}, ["the name 1 is not a string"]),
        ([2**53 + 1], ["value[0]", "9007199254740993"]),
        ([0.5, 10**400], ["value[1]", "neither"]),
        (np.array([2**63 + 1], dtype=np.uint64), ["value[0]"]),
        (np.array([1], dtype="datetime64[s]"), ["datetime64[s]"]),
        (np.array([1], dtype=object), ["object"]),
        (np.array([1], dtype=np.longdouble), ["wider"]),
        ("a\0b", ["NUL"]),
        (["a", "\ud800"], ["value[1]", "surrogate"]),
        ({"a\0": 1}, ["names", "NUL"]),
        ({1, 2}, ["builtins.set"]),
    ],
)
def test_what_has_no_one_equivalent_is_refused_by_place(obj, words):
    with pytest.raises(DataError) as caught:
        encode(obj)
    for word in words:
        assert word in str(caught.value)


def test_a_pandas_object_is_refused_with_a_way_out():
    pandas = pytest.importorskip("pandas")
    with pytest.raises(DataError, match=re.escape("args['x']: pandas") + ".*to_numpy"):
        r_value({"x": pandas.Series([1.0])}, "args")


@quick
@given(hnp.arrays(np.uint64, st.integers(0, 50), elements=st.integers(0, 2**64 - 1)))
def test_any_bits_of_doubles_survive(bits):
    values = bits.view(np.float64)
    back = there_and_back(values)
    nan = np.isnan(values)
    np.testing.assert_array_equal(back.values.view(np.uint64)[~nan], bits[~nan])
    np.testing.assert_array_equal(np.isnan(back.values), nan)
    np.testing.assert_array_equal(back.is_na(), nan & ((bits & np.uint64(0xFFFFFFFF)) == 1954))


def special_doubles(count):
    """Doubles of any bits, every kind of special one among them."""
    bits = np.random.default_rng(11).integers(0, 2**64, size=count, dtype=np.uint64)
    bits[:4] = [0x7FF00000000007A2, 0x7FF8000000000000, 0, 1 << 63]
    bits[4:1000] &= np.uint64(0x800FFFFFFFFFFFFF)  # denormals
    bits[1000:2000] &= np.uint64(0xFFFF000000000000)  # short fractions
    bits[2000:2500] |= np.uint64(0x7FF0000000000000)  # NaNs of any payload
    bits[2500:2600] = 0xFFF0000000000000
    bits[2600:2700] = 0x3FF0000000000000
    return bits.view(np.float64)


def test_many_doubles_are_written_as_each_one_is():
    values = special_doubles(20_000)
    words = encode(values)["v"].split(" ")
    assert words == [encode(values[i : i + 1])["v"] for i in range(values.size)]
    for word, value in zip(words[2600:], values[2600:], strict=True):
        if np.isfinite(value):
            assert word == re.sub(r"\.?0*p", "p", float.hex(float(value)))


def test_many_doubles_are_read_as_each_one_is():
    values = special_doubles(20_000)
    node = encode(values)
    back = decode(node)
    assert back == RVector("dbl", values)
    finite = np.isfinite(values)
    np.testing.assert_array_equal(back.values[finite].view(np.uint64), values[finite].view(np.uint64))
    for word in node["v"].split(" ")[:3000:7]:
        assert encode(decode({"t": "dbl", "v": word}))["v"] == word


@pytest.mark.parametrize(
    ("word", "value"), [("0x1.80p+0", 1.5), ("0x0.8p+0", 0.5), ("-0x1p+00", -1.0), ("0x1.00000000000001p+0", 1.0)]
)
def test_a_long_text_need_not_be_written_as_we_do(word, value):
    words = ["0x1p+0"] * 1000
    words[700] = word
    back = decode({"t": "dbl", "v": " ".join(words)}).values
    assert (back[700], back.sum()) == (value, 999 + value)


@pytest.mark.parametrize(
    "word", ["0x1p+1024", "0x1.8p+1024", "0x1.00000000007a2p+1024", "1.5", "0x1.gp+0", "", "p", "0x1p+0p", "é", "NAN", "inf"]
)
def test_a_malformed_word_in_a_long_text_is_refused(word):
    words = ["0x1p+0"] * 1000
    words[700] = word
    with pytest.raises(BackendError, match=r"malformed value"):
        decode({"t": "dbl", "v": " ".join(words)})


text = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
leaf = st.one_of(
    st.none(),
    st.lists(st.booleans() | st.just(NA), min_size=1),
    st.lists(st.integers(-(2**31) + 1, 2**31 - 1) | st.just(NA), min_size=1),
    st.lists(st.floats() | st.just(NA), min_size=1),
    st.lists(text | st.just(NA), min_size=1),
    st.binary(),
)
tree = st.recursive(leaf, lambda inner: st.dictionaries(text, inner) | st.lists(st.dictionaries(text, inner), min_size=1))


@quick
@given(tree)
def test_any_tree_survives(obj):
    assert there_and_back(obj) == r_value(obj)


@quick
@given(tree)
def test_plain_loses_nothing(obj):
    vector = r_value(obj)
    assert restored(plain(vector)) == vector


def restored(obj):
    """An RVector again, by what `plain` promises: tuples are lists of R, lists are vectors."""
    if isinstance(obj, tuple):
        return RVector("list", [restored(item) for item in obj])
    if isinstance(obj, dict):
        return RVector("list", [restored(item) for item in obj.values()], (("names", RVector("chr", list(obj))),))
    return r_value(obj)


@pytest.mark.parametrize(
    "vector",
    [
        RVector("chr", []),
        RVector("chr", [None]),
        RVector("int", [-(2**31)]),
        RVector("i64", [1]),
        RVector("dbl", [1.0], (("names", RVector("chr", ["a"])),)),
        RVector("list", [dbl(1), dbl(2)], (("names", RVector("chr", ["a", "a"])),)),
        RVector("list", [dbl(1)], (("names", RVector("chr", [""])),)),
        RVector("list", [dbl(1)], (("names", RVector("chr", [None])),)),
        RVector("int", [1], (("levels", RVector("chr", ["a"])), ("class", RVector("chr", ["factor"])))),
        RVector("chr", ["a", "b"], (("dim", RVector("int", [1, 2])),)),
    ],
)
def test_plain_leaves_alone_what_it_would_lose(vector):
    assert plain(vector) is vector


def test_plain_gives_everyday_python():
    got = plain(r_value({"m": np.eye(2), "s": "x", "t": ["a", NA], "b": [True, False], "i": [1, NA], "n": None}))
    np.testing.assert_array_equal(got.pop("m"), np.eye(2))
    assert got.pop("b").dtype == np.bool_
    assert got == {"s": "x", "t": ["a", NA], "i": [1, NA], "n": None}
    assert plain(r_value([{"a": "b"}, ["c"]])) == ({"a": "b"}, "c")


@pytest.mark.parametrize(
    "node",
    [
        None,
        [],
        {},
        {"t": "zzz"},
        {"t": "dbl"},
        {"t": "dbl", "v": "1.5"},
        {"t": "dbl", "v": "0x1p+0  0x1p+0"},
        {"t": "dbl", "v": ["0x1p+0"]},
        {"t": "dbl", "v": "0x1p+9999"},
        {"t": "int", "v": "1 x"},
        {"t": "int", "v": "2147483648"},
        {"t": "lgl", "v": "T"},
        {"t": "cpl", "v": "0x1p+0"},
        {"t": "i64", "v": "1"},
        {"t": "raw", "v": "0"},
        {"t": "chr", "v": "ab"},
        {"t": "chr", "v": [1]},
        {"t": "list", "v": [1]},
        {"t": "list", "v": [], "a": [["names"]]},
        {"t": "list", "v": [], "a": [[1, {"t": "null"}]]},
        {"t": "null", "x": 1},
    ],
)
def test_a_malformed_node_is_refused(node):
    with pytest.raises(BackendError, match="malformed value"):
        decode(node)


def test_a_malformed_node_is_refused_by_place():
    node = {"t": "list", "v": [{"t": "null"}, {"t": "int", "v": "1", "a": [["dim", {"t": "int", "v": "?"}]]}]}
    with pytest.raises(BackendError, match=re.escape("attr(value[[2]], 'dim') (int): no R integer: '?'")):
        decode(node)


def test_vectors_are_read_only_and_compared_by_bits():
    vector = r_value([1.0, NA])
    with pytest.raises(ValueError, match="read-only"):
        vector.values[0] = 2
    assert r_value([NA, 1.0]).is_na().tolist() == [True, False]
    assert dbl(np.nan) == dbl(np.nan)
    assert dbl(np.nan) != r_value([NA, 1.0])
    assert dbl(0.0) != dbl(-0.0)
    assert dbl(1) != RVector("int", [1])
    assert vector != 1
    assert len(vector) == 2


def test_a_vector_does_not_share_what_it_was_made_of():
    given_values = np.array([1.0, 2.0])
    vector = r_value(given_values)
    given_values[0] = 9
    assert vector == dbl(1, 2)


def test_a_vector_takes_only_what_its_kind_holds():
    for kind, values in [("int", [1.5]), ("int", [2**31]), ("chr", [1]), ("list", [1]), ("dbl", ["x"]), ("zzz", [])]:
        with pytest.raises((DataError, ValueError)):
            RVector(kind, values)


def test_attributes_are_found_by_name():
    vector = RVector("dbl", [1], (("names", RVector("chr", ["a"])),))
    assert vector.names == ("a",)
    assert vector.attribute("class") is None
    assert dbl(1).names is None


def test_na_is_one_and_has_no_truth():
    assert pickle.loads(pickle.dumps(NA)) is NA
    assert copy.deepcopy(NA) is NA
    assert repr(NA) == "NA"
    with pytest.raises(TypeError):
        bool(NA)
