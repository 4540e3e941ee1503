"""--rref-json."""

import json
from dataclasses import replace

import pytest

from pymeta.errors import DataError
from pymeta.harness.tally import Check
from pymeta.harness.upkeep import read_used

pytest_plugins = ["pytester"]


def written(project, name="out.json"):
    return json.loads((project.path / name).read_text(encoding="ascii"), parse_constant=None)


def test_every_comparison_is_written(project, a_recording):
    project.run("--rref-json=out.json", "--rref-strict")
    document = written(project)
    assert document["mode"] == "replay"
    assert document["ok"] is True
    assert document["run"] == {"strict": True, "partial": []}
    assert [key[:12] for key in document["used"]] == [a_recording.stem[-12:]]
    (check,) = document["checks"]
    assert check["test"] == "test_it.py::test_two"
    assert check["function"] == "base::list"
    assert [row["name"] for row in check["agreement"]["quantities"]] == ["a", "b"]
    assert read_used(project.path / "out.json") == {check["keys"][0]}


def test_failures_have_their_reproducer(project, a_recording):
    project.write("def test_two(rref):\n    rref.check(TWO, {'a': float('nan'), 'b': SAME['b']}, RULES)\n")
    project.run("--rref-json=out.json")
    document = written(project)
    (check,) = document["checks"]
    assert document["ok"] is False
    assert check["agreement"]["worst_digits"] == "-Infinity"
    assert check["reproducer"].startswith("/")


def test_a_partial_run_says_so(project, a_recording):
    project.write("def test_two(rref):\n    rref.check(TWO, SAME, RULES)\ndef test_other():\n    pass\n")
    for option, reason in {"-k=two": "keyword was given", "--deselect=test_it.py::test_two": "deselect was given"}.items():
        project.run("--rref-json=out.json", "--rref-strict", option)
        assert reason in written(project)["run"]["partial"]
    project.run("--rref-json=out.json", "--rref-strict", "test_it.py")
    assert written(project)["run"]["partial"] == ["files or folders were given"]


def test_failed_and_skipped_tests_make_a_run_partial(project, a_recording):
    project.write("""
        @pytest.mark.skip(reason="slow")
        def test_two(rref):
            rref.check(TWO, SAME, RULES)

        def test_wrong():
            assert False
    """)
    result = project.run("--rref-json=out.json")
    result.stdout.fnmatch_lines(["rref replay: 0 compared*1 unused, 1 skipped (slow)"])
    assert written(project)["run"] == {"strict": False, "partial": ["1 skipped", "1 failed"]}


ENDS = {
    "Ctrl-C": ("def test_before():\n    raise KeyboardInterrupt\n", "the run was interrupted"),
    "pytest.exit": ("def test_before():\n    pytest.exit('enough')\n", "the run was interrupted"),
    "an error in a file": ("import nosuchmodule\n", "1 failed"),
}


@pytest.mark.parametrize("way", ENDS)
def test_a_run_that_ended_early_proves_nothing_unused(project, a_recording, way):
    before, reason = ENDS[way]
    project.write(before, name="test_before")
    project.pytester.runpytest_subprocess(
        "-p", "pymeta_rref", "-p", "no:cacheprovider", "--rref-json=out.json", "--rref-strict"
    )
    assert reason in written(project)["run"]["partial"]
    with pytest.raises(DataError, match=reason):
        read_used(project.path / "out.json")


def test_a_run_without_tests_proves_nothing_unused(project, a_recording):
    (project.path / "test_it.py").unlink()
    project.run("--rref-json=out.json", "--rref-strict")
    assert written(project)["run"]["partial"] == ["no tests ran"]


def test_what_r_no_longer_says_is_no_success():
    agrees = Check(what="compared", test="test_it", agreement={"ok": True, "verdict": "agree", "worst_digits": 16.0})
    assert agrees.ok
    assert not replace(agrees, drift=["value$a[1]: 1.25 became 1.5"]).ok


def test_it_is_written_without_any_check(project):
    project.write("def test_nothing():\n    pass\n")
    project.run("--rref-json=out.json")
    assert written(project)["checks"] == []


@pytest.mark.parametrize("option", ["--rref-json", "--rref-html"])
@pytest.mark.parametrize("name", ["nosuch/out", "."])
def test_a_file_that_cannot_be_written_is_refused_before_the_tests(project, option, name):
    project.write("def test_nothing():\n    pass\n")
    result = project.run(f"{option}={name}")
    assert result.ret == 4
    result.stderr.fnmatch_lines([f"ERROR: {option}={name}: name a file in a folder that exists"])
