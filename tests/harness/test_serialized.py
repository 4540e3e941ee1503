"""Values as R's `serialize` has them; tests/harness/test_backends.py sends every kind both ways through R."""

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pymeta.errors import BackendError, DataError
from pymeta.harness import NA, Call, RVector, open_reference, r_value
from pymeta.harness.serialized import deserialized, serialized

SERIALIZE = r"""
as_text <- function(x) rawToChar(serialize(x, NULL, ascii = NA, version = 2L))
"""


@pytest.fixture(scope="module")
def worker():
    with open_reference("worker") as reference:
        yield reference


@pytest.fixture(scope="module")
def adapter(tmp_path_factory):
    path = tmp_path_factory.mktemp("serialize") / "serialize.R"
    path.write_text(SERIALIZE)
    return path


def chars(*texts):
    return RVector("chr", texts)


def ints(*numbers):
    return RVector("int", numbers)


text = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))
leaf = st.one_of(
    st.none(),
    st.lists(st.booleans() | st.just(NA), min_size=1),
    st.lists(st.integers(-(2**31) + 1, 2**31 - 1) | st.just(NA), min_size=1),
    st.lists(st.floats() | st.just(NA), min_size=1),
    st.lists(st.complex_numbers() | st.just(NA), min_size=1),
    st.lists(text | st.just(NA), min_size=1),
    st.binary(),
)
tree = st.recursive(leaf, lambda inner: st.dictionaries(text, inner) | st.lists(st.dictionaries(text, inner), min_size=1))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree)
def test_any_value_survives_r_and_what_r_writes_of_it(worker, adapter, obj):
    value = r_value(obj)
    assert worker.run(Call("base::identity", {"x": value})).value == value
    said = worker.run(Call("as_text", {"x": value}, adapter)).value.values[0]
    assert deserialized(said.encode()) == value


@pytest.mark.parametrize(
    ("vector", "words"),
    [
        (RVector("dbl", [1.0], (("names", chars("a", "b")),)), "names: 2 (chr) for 1 elements"),
        (RVector("dbl", [1.0], (("names", ints(1)),)), "names: 1 (int)"),
        (RVector("dbl", [1.0], (("dim", ints(1, 2)),)), "dim: [1, 2] (int) for 1 elements"),
        (RVector("dbl", [1.0], (("dim", ints(-1, -1)),)), "dim: [-1, -1]"),
        (RVector("dbl", [1.0], (("dim", RVector("dbl", [1.0])),)), "dim: [1.0] (dbl)"),
        (RVector("dbl", [1.0], (("dim", ints()),)), "dim: []"),
        (RVector("dbl", [1.0], (("dimnames", RVector("list", ())),)), "dimnames: it needs dim"),
        (RVector("dbl", [1.0], (("dim", ints(1)), ("dimnames", RVector("list", ())))), "dimnames: 0 (list) for 1 dim"),
        (
            RVector("dbl", [1.0], (("dim", ints(1)), ("dimnames", RVector("list", (chars("a", "b"),))))),
            "dimnames: 2 (chr) for an extent of 1",
        ),
        (RVector("dbl", [1.0], (("class", ints(1)),)), "class: 1 (int)"),
        (RVector("dbl", [1.0], (("class", chars()),)), "class: 0 (chr)"),
        (RVector("dbl", [1.0], (("class", chars("factor")),)), "class: a factor is of integers"),
        (RVector("int", [3], (("levels", chars("a")), ("class", chars("factor")))), "levels: 1 for codes from 3 to 3"),
        (RVector("int", [0], (("levels", chars("a")), ("class", chars("factor")))), "levels: 1 for codes from 0 to 0"),
        (RVector("list", (), (("row.names", RVector("dbl", [1.0])),)), "row.names: of kind dbl"),
        (RVector("dbl", [1.0], (("tsp", ints(1, 2, 3)),)), "tsp: 3 (int)"),
        (RVector("dbl", [1.0], (("note", ints(1)), ("note", ints(2)))), "an attribute is given twice: note, note"),
        (RVector("list", (RVector("dbl", [1.0], (("dim", ints(7)),)),)), "value[[1]]: attribute dim"),
        (RVector("int", [1], (("a", RVector("dbl", [1.0], (("dim", ints(7)),))),)), "attr(value, 'a'): attribute dim"),
    ],
)
def test_attributes_that_r_would_refuse_never_reach_it(vector, words):
    with pytest.raises(DataError, match=re.escape(words)):
        serialized(vector)


WHOLE = b"A\n2\n262658\n131840\n531\n1\n14\n1\n0x1p+0\n1026\n1\n262153\n5\nnames\n16\n1\n262153\n1\na\n254\n"


def test_a_whole_text_is_read():
    assert deserialized(WHOLE) == r_value({"a": 1.0})


@pytest.mark.parametrize("end", range(len(WHOLE)))
def test_a_text_cut_anywhere_is_refused(end):
    with pytest.raises(BackendError, match="malformed reply, before byte"):
        deserialized(WHOLE[:end])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"A\n2", b"X\n2"),
        (b"A\n2", b"A\n3"),
        (b"\n14\n", b"\n6\n"),  # a call
        (b"\n14\n1\n", b"\n14\n2\n"),
        (b"\n14\n1\n", b"\n14\n-2\n"),
        (b"0x1p+0", b"1.0"),
        (b"0x1p+0", b"\xc3\xa9"),
        (b"\n1026\n", b"\n2\n"),
        (b"\n1026\n1\n", b"\n1026\n255\n"),  # a symbol seen before, of which there is none
        (b"\n5\nnames", b"\n4\nnames"),
        (b"\n1\na\n", b"\n1\n\\303\n"),
        (b"\n254\n", b"\n254\n254\n"),
        (b"\n254\n", b"\n\n"),
    ],
)
def test_a_malformed_text_is_refused(old, new):
    assert WHOLE.count(old) == 1
    with pytest.raises(BackendError, match="malformed reply, before byte"):
        deserialized(WHOLE.replace(old, new))


def test_many_values_are_read_in_blocks(worker, adapter):
    numbers = np.random.default_rng(3).normal(size=200_000)
    value = RVector("list", (RVector("dbl", numbers), r_value("the end")))
    said = worker.run(Call("as_text", {"x": value}, adapter)).value.values[0].encode()
    assert len(said) > 2**22
    assert deserialized(said) == value
    with pytest.raises(BackendError, match="malformed reply"):
        deserialized(said[: 2**21])
