from __future__ import annotations

import math
import re

import pytest

from pymeta.errors import DataError
from pymeta.harness.divergences import Divergence, applicable, read_divergences, unmatched
from pymeta.resources import shipped

GOOD = """
[[divergence]]
id = "DIV-001"
what = "The interval ends elsewhere"
quantity = "tau2_ci_*"
case = "ketamine-*"
size = 1e-4
cause = "uniroot() stops early; pymeta is right"
packages = { metafor = ">=3.8,<4.0" }
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "divergences.toml"

    def write(text):
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_an_entry_is_read(table):
    (entry,) = read_divergences(table(GOOD))
    assert (entry.id, entry.verdict, entry.link) == ("DIV-001", "disagree", "")
    assert entry.digits == pytest.approx(4.0)
    assert entry.covers("tau2_ci_lb")
    assert not entry.covers("tau2")
    assert not entry.covers("TAU2_ci_lb")


@pytest.mark.parametrize(("given", "digits"), [("digits = 3", 3.0), ("digits = -inf", -math.inf), ("size = inf", -math.inf)])
def test_bounds(table, given, digits):
    (entry,) = read_divergences(table(GOOD.replace("size = 1e-4", given)))
    assert entry.digits == digits


def test_an_entry_may_be_about_structure(table):
    (entry,) = read_divergences(table(GOOD.replace("size = 1e-4", 'verdict = "structure"')))
    assert (entry.verdict, entry.digits) == ("structure", -math.inf)


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('cause = "uniroot() stops early; pymeta is right"', "", "needs a 'cause'"),
        ('cause = "uniroot() stops early; pymeta is right"', 'cause = "  "', "needs a 'cause'"),
        ('case = "ketamine-*"', "case = 3", "needs a 'case'"),
        ("size = 1e-4", "size = 1e-4\nsise = 1", "unknown key sise"),
        ("size = 1e-4", "", "either 'digits'"),
        ("size = 1e-4", "size = 1e-4\ndigits = 4", "either 'digits'"),
        ("size = 1e-4", "size = 0.0", "is not positive"),
        ("size = 1e-4", "size = nan", "is not a number"),
        ("size = 1e-4", "size = true", "is not a number"),
        ("size = 1e-4", 'size = "1e-4"', "is not a number"),
        ("size = 1e-4", 'size = 1e-4\nverdict = "agree"', "verdict='agree'"),
        ("size = 1e-4", 'size = 1e-4\nverdict = "structure"', "size has no meaning"),
        ("size = 1e-4", "size = 1e-4\nlink = 3", "link=3"),
        (">=3.8,<4.0", "3.8", "packages.metafor"),
        ("packages = {", "packages = 3 #", "packages=3"),
        ('"DIV-001"', '"first"', "not of the form"),
    ],
)
def test_a_wrong_entry_is_refused_by_file_and_name(table, old, new, complaint):
    path = table(GOOD.replace(old, new))
    with pytest.raises(DataError, match=re.escape(complaint)) as caught:
        read_divergences(path)
    assert str(caught.value).startswith(f"{path}: entry 1 (")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (GOOD + GOOD, "more than one entry is called DIV-001"),
        (GOOD.replace("[[divergence]]", "[[divergences]]"), "nothing else; found: divergences"),
        ("divergence = [1]", "entry 1: is not a"),
        ("[divergence]\nid = 1", "nothing else"),
        ("[[divergence", "cannot be read as TOML"),
    ],
)
def test_a_wrong_file_is_refused(table, text, complaint):
    with pytest.raises(DataError, match=re.escape(complaint)):
        read_divergences(table(text))


def test_a_missing_or_binary_file_is_refused(tmp_path):
    path = tmp_path / "divergences.toml"
    with pytest.raises(DataError, match="cannot be read"):
        read_divergences(path)
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(DataError, match="cannot be read"):
        read_divergences(path)


@pytest.mark.parametrize(
    ("case", "versions", "applies"),
    [
        ("ketamine-reml", {"R": "4.2.2", "metafor": "3.8-1"}, True),
        ("ketamine-reml", {"R": "4.2.2", "metafor": "4.0.0"}, False),
        ("ketamine-reml", {"R": "4.2.2"}, False),
        ("bcg-reml", {"metafor": "3.8-1"}, False),
    ],
)
def test_an_entry_applies_to_its_cases_and_versions(table, case, versions, applies):
    entries = read_divergences(table(GOOD))
    assert applicable(entries, case, versions) == (entries if applies else ())


def test_entries_that_excuse_nothing_are_found(table):
    entries = read_divergences(table(GOOD + GOOD.replace("001", "002")))
    assert unmatched(entries, ["DIV-002"]) == entries[:1]


def test_the_shipped_file_is_valid_and_so_is_the_example_in_its_comments(table):
    path = shipped("fixtures", "divergences.toml")
    read_divergences(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    start = lines.index("# [[divergence]]")
    example = [line.removeprefix("# ") for line in lines[start : lines.index("#", start)]]
    (entry,) = read_divergences(table("\n".join(example)))
    assert entry.id == "DIV-001"


def test_patterns_may_be_a_list():
    entry = Divergence("DIV-1", "x", ["yi", "v*"], ["a/*", "b"], "planted", digits=1)
    assert [entry.covers(name) for name in ("yi", "vi", "zi")] == [True, True, False]
    assert [entry.speaks_of(name) for name in ("a/1", "b", "b/1")] == [True, True, False]


def test_a_list_in_the_file(tmp_path):
    path = tmp_path / "known.toml"
    head = '[[divergence]]\nid = "DIV-1"\nwhat = "x"\ncause = "c"\n'
    text = head + 'quantity = ["a", "b"]\ncase = "*"\nsize = inf\nsome = true\n'
    path.write_text(text)
    (entry,) = read_divergences(path)
    assert (entry.quantity, entry.case, entry.some) == (("a", "b"), ("*",), True)
    for old, new in (('["a", "b"]', "[]"), ('["a", "b"]', '["a", 1]'), ("some = true", 'some = "yes"')):
        path.write_text(text.replace(old, new))
        with pytest.raises(DataError):
            read_divergences(path)
