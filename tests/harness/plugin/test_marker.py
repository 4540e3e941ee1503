"""@pytest.mark.rref(package=..., known=...)."""

import pytest

pytest_plugins = ["pytester"]

LIVE = ("--rref=live", "--rref-backend=worker")
CHECK = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"
ENTRY = '[[divergence]]\nid = "DIV-012"\nwhat = "x"\nquantity = "a"\ncase = "*"\nsize = 1e-6\ncause = "planted"\n'


@pytest.mark.parametrize("span", ["metafor>=3.8", "metafor >=2,<99", "metafor", "R>=3"])
def test_a_version_in_the_range_runs(project, span):
    project.write(f"@pytest.mark.rref(package={span!r})\n{CHECK}")
    project.run(*LIVE).assert_outcomes(passed=1)


@pytest.mark.parametrize("span", ["metafor>=99", "R<3"])
def test_a_version_outside_is_a_skip_that_is_told(project, span):
    project.write(f"@pytest.mark.rref(package={span!r})\n{CHECK}{CHECK.replace('two', 'free')}")
    result = project.run(*LIVE, "--rref-require")
    result.assert_outcomes(skipped=1, passed=1)
    result.stdout.fnmatch_lines([f"rref live: 1 compared*1 skipped (needs {span}, here is *)"])


def test_a_replay_is_of_the_recorded_r_and_skips_nothing(project, a_recording):
    project.write(f"@pytest.mark.rref(package='metafor>=99')\n{CHECK}")
    project.run().assert_outcomes(passed=1)


def test_markers_add_up(project):
    old = "@pytest.mark.rref(package='metafor<1')\n"
    project.write(f"pytestmark = pytest.mark.rref(package='R>=3')\n{old}{CHECK}{CHECK.replace('two', 'x')}")
    project.run(*LIVE).assert_outcomes(skipped=1, passed=1)


def test_a_known_difference_must_be_met(project, a_recording):
    (project.path / "tests" / "divergences.toml").write_text(ENTRY.replace('"*"', '"test_differs"'))
    project.write(f"""
@pytest.mark.rref(known="DIV-012")
def test_differs(rref):
    rref.check(TWO, {{**SAME, "a": 1.5000001}}, RULES)

@pytest.mark.rref(known="DIV-012")
{CHECK}""")
    result = project.run()
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["known='DIV-012': no comparison of this test met that divergence"])


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ("'metafor'", "*mark rref(package=*does not take*"),
        ("packages='metafor'", "*mark rref(package=*does not take*packages*"),
        ("package='>=3.8'", "package='>=3.8': write a name and a range*"),
        ("package='metafor=>3.8'", "range='=>3.8': not a range*"),
    ],
)
def test_what_it_does_not_take_is_an_error(project, a_recording, arguments, complaint):
    project.write(f"@pytest.mark.rref({arguments})\n{CHECK}")
    result = project.run()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([complaint])


def test_a_marker_without_the_fixture_is_a_failure(project):
    project.write("@pytest.mark.rref(package='metafor>=99')\ndef test_it():\n    pass\n")
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["marked `rref` without using the fixture*"])


def test_it_is_a_registered_marker(project):
    project.write(f"@pytest.mark.rref(package='R')\n{CHECK}")
    project.run("--strict-markers", *LIVE).assert_outcomes(passed=1)
