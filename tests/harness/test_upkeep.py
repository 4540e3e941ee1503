"""`pymeta verify` and `pymeta prune`: looking after a folder of recordings."""

import json
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from pymeta.commands.prune import prune
from pymeta.commands.verify import verify
from pymeta.errors import DataError, RecordingError
from pymeta.harness.calls import Call
from pymeta.harness.recording import call_key, record
from pymeta.harness.upkeep import prune as pruned
from pymeta.harness.upkeep import read_used, recording_for, same_versions, unused_recordings, verify_matching, version_of
from pymeta.resources import shipped

CALLS = {name: Call("base::list", {"a": value}) for name, value in (("one", 1.0), ("two", 2.0))}
WORKER = ("--backend", "worker")


@pytest.fixture
def folder(tmp_path, worker, monkeypatch):
    """Two recordings."""
    monkeypatch.delenv("CI", raising=False)
    for name, call in CALLS.items():
        record(call, worker.run(call), tmp_path / "recorded", name)
    return tmp_path / "recorded"


@pytest.fixture
def older(folder, worker):
    """Another recording, of an R and a package that are not here."""
    outcome = worker.run(CALLS["one"])
    environment = replace(
        outcome.environment, r_version="3.0.0", packages={**outcome.environment.packages, "nosuch": "1.2-3"}
    )
    return record(CALLS["one"], replace(outcome, environment=environment), folder, "old")


def used_file(path, calls, **run):
    document = {"used": [call_key(CALLS[name]) for name in calls], "run": {"strict": True, "partial": [], **run}}
    path.write_text(json.dumps(document))
    return path


def path_of(folder, name):
    (path,) = folder.rglob(f"{name}-*.json")
    return path


def said(command, *args):
    result = CliRunner().invoke(command, [str(arg) for arg in args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


# Verify.


def test_verify_finds_nothing_where_nothing_changed(folder):
    result = said(verify, folder, *WORKER)
    assert (result.exit_code, result.output) == (0, "2 made again, 0 differ, 0 left out\n")


def test_verify_says_what_it_left_out(folder, older):
    result = said(verify, folder, *WORKER)
    assert result.exit_code == 0
    assert "left out: 1 with R 3.0.0 (here: " in result.output
    assert "nosuch 1.2-3 (here: none)" in result.output
    assert "2 made again, 0 differ, 1 left out" in result.output


def test_verify_that_verified_nothing_does_not_succeed(folder, older):
    for name in CALLS:
        path_of(folder, name).unlink()
    assert said(verify, folder, *WORKER).exit_code == 1


def test_verify_lists_differences(folder, worker):
    outcome = worker.run(CALLS["two"])
    path_of(folder, "one").unlink()
    record(CALLS["one"], outcome, folder, "one")
    result = said(verify, folder, *WORKER)
    assert result.exit_code == 1
    assert f"{path_of(folder, 'one').name}: value$a[1]: 2.0 became 1.0 (0.3 digits)" in result.output
    found = json.loads(said(verify, folder, *WORKER, "--json").output)
    assert [change["place"] for change in found["differences"]] == ["value$a[1]"]
    assert found["ok"] is False


def test_verify_reports_what_cannot_be_read(folder):
    path_of(folder, "one").write_text("{")
    result = said(verify, folder, *WORKER)
    assert result.exit_code == 1
    assert "not readable as strict JSON" in result.output


def test_verify_finds_adapters_in_the_root_first(tmp_path, worker, folder):
    adapter = tmp_path / "r" / "twice.R"
    adapter.parent.mkdir()
    adapter.write_text("twice <- function(x) list(x = 2 * x)\n")
    call = Call("twice", {"x": 1.0}, adapter=adapter)
    record(call, worker.run(call), folder, "adapter", root=tmp_path)
    assert said(verify, folder, *WORKER, "--root", tmp_path).exit_code == 0
    assert verify_matching(folder, worker, root=tmp_path).ok
    assert said(verify, folder, *WORKER, "--root", tmp_path / "r").exit_code == 1


def test_verify_has_a_default_folder(worker, tmp_path, monkeypatch):
    """What comes with pymeta, of which a few are enough here: all of them take R several minutes."""
    few = list(shipped("fixtures", "recorded").glob("*/ketamine-*"))
    for path in few:
        copy = tmp_path / path.parent.name / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    monkeypatch.setattr("pymeta.resources.shipped", lambda *parts: {("fixtures", "recorded"): tmp_path}[parts])
    assert few
    assert said(verify, *WORKER, "--root", shipped("fixtures").parent).exit_code == 0


@pytest.mark.parametrize("args", [("--backend", "recorded"), ("--backend", "nosuch")])
def test_verify_needs_a_live_back_end(folder, args):
    assert said(verify, folder, *args).exit_code == 2


def test_verify_needs_recordings(tmp_path):
    assert said(verify, tmp_path, *WORKER).exit_code == 2


# Versions.


def test_the_version_of_a_package(worker):
    assert version_of(worker, "R").split(".")[0].isdigit()
    assert version_of(worker, "metafor")
    assert version_of(worker, "nosuchpackage") is None


def test_versions_are_compared_where_both_name_a_package(worker):
    here = worker.run(CALLS["one"]).environment
    assert same_versions(here, replace(here, packages={"metafor": "0.1"}))
    assert not same_versions(here, replace(here, r_version="3.0.0"))
    assert not same_versions(replace(here, packages={"metafor": "0.1"}), replace(here, packages={"metafor": "0.2"}))


def test_the_recording_of_these_versions_is_found(folder, older, worker):
    here = worker.run(CALLS["one"]).environment
    key = call_key(CALLS["one"])
    assert recording_for(CALLS["one"], key, here, folder).path == path_of(folder, "one")
    assert recording_for(CALLS["one"], key, replace(here, r_version="3.0.0"), folder).path == older
    with pytest.raises(RecordingError, match=r"not with R 9\.9\.9"):
        recording_for(CALLS["one"], key, replace(here, r_version="9.9.9"), folder)


# Prune.


def test_prune_lists_and_deletes_nothing_unless_told(folder, tmp_path):
    report = used_file(tmp_path / "used.json", ["one"])
    result = said(prune, folder, "--used", report)
    assert result.exit_code == 1
    assert "unused: R-" in result.output
    assert "two-" in result.output
    assert path_of(folder, "two").exists()


def test_prune_deletes_when_told(folder, tmp_path):
    report = used_file(tmp_path / "used.json", ["one"])
    assert said(prune, folder, "--used", report, "--delete").exit_code == 0
    assert [path.name[:3] for path in folder.rglob("*.json")] == ["one"]
    assert said(prune, folder, "--used", report).exit_code == 0


def test_prune_looks_at_every_environment(folder, older, tmp_path):
    assert not set(unused_recordings(folder, [call_key(CALLS["one"])])) & {older, path_of(folder, "one")}
    said(prune, folder, "--used", used_file(tmp_path / "used.json", ["two"]), "--delete")
    assert [path.name[:3] for path in folder.rglob("*.json")] == ["two"]
    assert not older.parent.exists()  # an environment without recordings goes too


def test_several_runs_are_used_together(folder, tmp_path):
    one, two = (used_file(tmp_path / f"{name}.json", [name]) for name in CALLS)
    assert said(prune, folder, "--used", one, "--used", two).exit_code == 0


def test_what_is_no_recording_is_never_deleted(folder, tmp_path):
    home = path_of(folder, "one").parent
    (home / "notes.json").write_text("{}")
    (home / "notes.txt").write_text("mine")
    edited = home / "edited-0123456789ab.json"
    shutil.copy(path_of(folder, "two"), edited)
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "two-0123456789ab.json").write_text("{}")
    result = said(prune, folder, "--used", used_file(tmp_path / "used.json", ["one", "two"]), "--delete")
    assert result.exit_code == 0
    assert result.output.count("left alone:") == 2
    assert edited.exists()
    assert len(list(folder.rglob("*"))) == 8


def test_links_are_not_followed(folder, tmp_path):
    kept = tmp_path / "kept" / path_of(folder, "two").name
    kept.parent.mkdir()
    shutil.move(path_of(folder, "two"), kept)
    (path_of(folder, "one").parent / kept.name).symlink_to(kept)
    (folder / "R-9.9.9").symlink_to(kept.parent)
    assert pruned(folder, [call_key(CALLS["one"])], delete=True).unused == ()
    assert kept.exists()


@pytest.mark.parametrize("run", [{"strict": False}, {"partial": ["1 failed"]}, {"partial": ["keyword was given"]}])
def test_a_run_that_proves_nothing_is_refused(folder, tmp_path, run):
    report = used_file(tmp_path / "used.json", ["one"], **run)
    with pytest.raises(DataError, match="does not prove anything unused"):
        read_used(report)
    assert said(prune, folder, "--used", report, "--delete").exit_code == 2
    assert path_of(folder, "two").exists()


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"used": [], "run": []}'])
def test_a_file_of_something_else_is_refused(folder, tmp_path, content):
    (tmp_path / "used.json").write_text(content)
    assert said(prune, folder, "--used", tmp_path / "used.json", "--delete").exit_code == 2


def test_prune_needs_recordings(tmp_path):
    assert said(prune, tmp_path, "--used", used_file(tmp_path / "used.json", [])).exit_code == 2
