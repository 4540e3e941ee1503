"""--junitxml, pytest's own: every comparison is a property of its test."""

import json
from xml.etree import ElementTree as ET

pytest_plugins = ["pytester"]

TESTS = r"""
NAME = '<b a="1">&\x1b[31m\0]]>'

def test_two(rref):
    rref.check(TWO, SAME, RULES)
    rref.check(TWO, {**SAME, "a": 1.5 * (1 + 1e-13)}, RULES, case="nearly")

def test_wrong(rref):
    rref.check(TWO, {**SAME, "a": 1.51}, RULES)

def test_hostile(rref):
    rref.check(Call("base::list", {"a": 1.0}), {"a": 2.0}, {"a": Rule("closed")}, case=NAME)

def test_unanswered(rref):
    rref.check(Call("base::list", {"a": 9.0}), {"a": 9.0}, {"a": Rule("closed")})

def test_nothing():
    pass
"""
LIVE = """
def test_two(rref):
    rref.check(TWO, SAME, RULES)

def test_wrong(rref):
    rref.check(TWO, {**SAME, "a": 1.51}, RULES)
"""


def written(project, *args):
    """The suite, and test -> its comparisons."""
    project.run("--junitxml=out.xml", *args)
    root = ET.parse(project.path / "out.xml").getroot()
    suite = root.find("testsuite")
    tests = {test.get("name"): test for test in suite.findall("testcase")}
    rows = {name: test.findall("properties/property[@name='rref']") for name, test in tests.items()}
    return suite, tests, {name: [json.loads(row.get("value")) for row in found] for name, found in rows.items()}


def test_every_comparison_has_its_digits(project):
    project.record(TESTS.replace("9.0", "8.0"))
    project.write(TESTS)
    suite, tests, rows = written(project)
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "3", "0")
    assert [(row["case"], row["verdict"], round(row["digits"]), row["ok"]) for row in rows["test_two"]] == [
        ("test_two", "agree", 16, True),
        ("nearly", "agree", 13, True),
    ]
    (wrong,) = rows["test_wrong"]
    assert (wrong["case"], wrong["verdict"], wrong["ok"]) == ("test_wrong", "disagree", False)
    assert 2 < wrong["digits"] < 3
    assert wrong["reference"].startswith("R-")
    assert "1.51" in tests["test_wrong"].find("failure").text
    assert [(row["verdict"], row["digits"], row["ok"]) for row in rows["test_unanswered"]] == [("stale", None, False)]
    assert tests["test_unanswered"].find("failure") is not None
    assert rows["test_nothing"] == []


def test_a_hostile_name_is_text(project):
    project.record(TESTS)
    _, tests, rows = written(project)
    (row,) = rows["test_hostile"]
    assert row["case"] == '<b a="1">&\x1b[31m\0]]>'
    assert tests["test_hostile"].find("failure") is not None


def test_under_xdist_too(project):
    project.write(LIVE)
    _, _, rows = written(project, "-p", "xdist", "-n2", "--rref=live", "--rref-backend=worker")
    assert [(name, len(found), found[0]["backend"], found[0]["ok"]) for name, found in sorted(rows.items())] == [
        ("test_two", 1, "worker", True),
        ("test_wrong", 1, "worker", False),
    ]
