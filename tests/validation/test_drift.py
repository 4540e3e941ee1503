"""What moved between two references."""

import json

import pytest
from click.testing import CliRunner

from pymeta.commands.drift import drift as command
from pymeta.harness import Divergence, RecordedReference, environments
from pymeta.resources import shipped
from pymeta.validation.case import read_case
from pymeta.validation.drift import drift

FOLDER = shipped("fixtures", "recorded")
BCG = read_case(shipped("fixtures", "bcg", "case.toml"))


class Moved:
    """A reference whose R has moved one quantity of one call."""

    def __init__(self, inner, quantity, factor):
        self.inner, self.quantity, self.factor = inner, quantity, factor

    def run(self, call, *, timeout=60.0):
        from dataclasses import replace

        from pymeta.harness import RVector

        outcome = self.inner.run(call, timeout=timeout)
        value = outcome.value
        values = tuple(
            RVector("dbl", item.values * self.factor) if name == self.quantity else item
            for name, item in zip(value.names, value.values, strict=True)
        )
        return replace(outcome, value=RVector("list", values, value.attributes))


@pytest.fixture
def newest():
    return RecordedReference(FOLDER)


def test_three_versions_of_r_and_metafor_are_recorded():
    found = [slug.split("_") for slug in environments(FOLDER)]
    assert [(parts[0], parts[-1]) for parts in found] == [
        ("R-4.2.2", "metafor-3.8.1"),
        ("R-4.5.0", "metafor-4.8.0"),
        ("R-4.6.1", "metafor-5.2.1"),
    ]


@pytest.mark.parametrize("slug", environments(FOLDER))
@pytest.mark.parametrize("name", ["ketamine", "bcg"])
def test_pymeta_agrees_with_each_of_them(slug, name):
    from pymeta.validation.run import validate

    case = read_case(shipped("fixtures", name, "case.toml"))
    report = validate(case, RecordedReference(FOLDER, slug))
    assert [(outcome.case.name, outcome.vs_r) for outcome in report.outcomes if outcome.vs_r != "agree"] == []


def test_a_reference_has_not_moved_from_itself(newest):
    assert list(drift([BCG], newest, newest)) == []


def test_each_quantity_that_moved_is_named_with_its_digits(newest):
    moves = list(drift([BCG], newest, Moved(newest, "tau2", 1 + 1e-9)))
    moved = {(move.case, move.quantity) for move in moves}
    assert ("bcg/rr-dl", "tau2") in moved
    assert {quantity for _, quantity in moved} == {"tau2"}
    assert all(8.9 < move.digits < 9.1 for move in moves)
    assert all(move.cause == "" for move in moves)


def test_a_known_cause_is_told(newest):
    entry = Divergence("DIV-900", "tau2 moved", "tau2", "bcg/rr-*", "the planted one", digits=4.0)
    moves = list(drift([BCG], newest, Moved(newest, "tau2", 1 + 1e-9), known=[entry]))
    causes = {move.case: move.cause for move in moves}
    assert causes["bcg/rr-dl"] == "DIV-900: the planted one"
    assert causes["bcg/or-reml"] == ""


def test_the_command_names_the_recorded_environments():
    first, *_, last = environments(FOLDER)
    done = CliRunner().invoke(command, ["bcg", "--a", f"recorded:{first}", "--b", f"recorded:{last}", "--json"])
    moves = json.loads(done.output)
    assert done.exit_code == (1 if moves else 0)


def test_the_command_compares_a_recording_with_live_r(worker):
    oldest = environments(FOLDER)[0]
    done = CliRunner().invoke(command, ["bcg", "--a", f"recorded:{oldest}", "--b", "worker"])
    assert done.exit_code in (0, 1), done.output
    assert "moved" in done.output


def test_an_unknown_reference_is_refused():
    done = CliRunner().invoke(command, ["--a", "recorded", "--b", "wroker"])
    assert done.exit_code == 2
    assert "Did you mean 'worker'?" in done.output
