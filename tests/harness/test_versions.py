from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pymeta.errors import OptionError
from pymeta.harness.versions import compare_versions, in_range, version_key

versions = st.lists(st.integers(0, 99), min_size=1, max_size=4).map(lambda parts: ".".join(map(str, parts)))


def test_version_key():
    assert version_key("3.8-1") == (3, 8, 1)


@pytest.mark.parametrize(
    ("a", "b", "sign"), [("3.8-1", "3.8.1", 0), ("3.8", "3.8.0", 0), ("3.10", "3.9", 1), ("3", "3.1", -1)]
)
def test_compare(a, b, sign):
    assert compare_versions(a, b) == sign


@given(versions, versions)
def test_order_is_antisymmetric(a, b):
    assert compare_versions(a, b) == -compare_versions(b, a)


@pytest.mark.parametrize(
    ("version", "span", "inside"),
    [
        ("3.8-1", "", True),
        ("3.8-1", ">=3.8,<4", True),
        ("4.0", ">=3.8, <4", False),
        ("3.8", "==3.8.0", True),
        ("3.8-1", "!=3.8-1", False),
        ("3.8-1", ">3.8", True),
        ("3.8", "<=3.8", True),
    ],
)
def test_ranges(version, span, inside):
    assert in_range(version, span) is inside


@pytest.mark.parametrize("span", ["3.8", ">=", "~=3.8", ">=3.8;<4", ">=3.8,"])
def test_a_wrong_range_is_refused(span):
    with pytest.raises(OptionError, match="not a range"):
        in_range("3.8", span)


@pytest.mark.parametrize("version", ["", "three", "4.2.2 (2022)", "4.", "-1"])
def test_a_wrong_version_is_refused(version):
    with pytest.raises(OptionError, match="not a version"):
        version_key(version)
