"""The ini options rref_recordings, rref_environment and rref_divergences."""

import shutil

pytest_plugins = ["pytester"]

AGREES = "def test_two(rref):\n    rref.check(TWO, SAME, RULES)\n"
DISAGREES = "def test_two(rref):\n    rref.check(TWO, {**SAME, 'a': 1.5000001}, RULES)\n"
ENTRY = """
[[divergence]]
id = "DIV-001"
what = "a ends elsewhere"
quantity = "a"
case = "test_*"
size = 1e-6
cause = "planted"
"""


def test_recordings_go_where_the_ini_file_says(project):
    project.pytester.makeini("[pytest]\nrref_recordings = kept/here\n")
    project.record().assert_outcomes(passed=1)
    assert len(project.recordings("kept/here")) == 1
    project.run().assert_outcomes(passed=1)


def test_fixtures_recorded_is_taken_where_it_is_there(project):
    (project.path / "fixtures" / "recorded").mkdir(parents=True)
    project.record().assert_outcomes(passed=1)
    assert len(project.recordings("fixtures/recorded")) == 1


def test_known_differences_lie_beside_the_recordings(project, a_recording):
    project.write(DISAGREES)
    project.run().assert_outcomes(failed=1)
    (project.path / "tests" / "divergences.toml").write_text(ENTRY)
    result = project.run()
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["rref replay: 1 compared (1 known)*"])


def test_known_differences_lie_where_the_ini_file_says(project, a_recording):
    project.pytester.makeini("[pytest]\nrref_divergences = known.toml\n")
    project.write(DISAGREES)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*known.toml: cannot be read as TOML*"])
    (project.path / "known.toml").write_text(ENTRY)
    project.run().assert_outcomes(passed=1)


def test_a_difference_that_vanished_fails(project, a_recording):
    (project.path / "tests" / "divergences.toml").write_text(ENTRY)
    project.write(AGREES)
    result = project.run()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E*divergence DIV-001 has vanished: take it out*"])


def test_a_replay_answers_from_the_newest_environment_or_the_one_named(project, a_recording):
    newer = a_recording.parent.parent / "R-99.0.0"
    newer.mkdir()
    shutil.copy(a_recording, newer / f"other-{'0' * 12}.json")
    project.run().assert_outcomes(failed=1)
    project.pytester.makeini(f"[pytest]\nrref_environment = {a_recording.parent.name}\n")
    project.run().assert_outcomes(passed=1)
