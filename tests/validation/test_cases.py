"""The paper's five outcomes, and the BCG trials: every quantity against live R, the recording and the paper."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pymeta.harness import KINDS, RecordedReference, environments
from pymeta.resources import shipped
from pymeta.validation import engines
from pymeta.validation.case import read_case
from pymeta.validation.run import validate

CASES = {name: read_case(shipped("fixtures", name, "case.toml")) for name in ("ketamine", "bcg")}
OUTCOMES = [(name, outcome.name) for name, case in CASES.items() for outcome in case.outcomes]
QUANTITIES = {
    "estimate", "se", "ci_lb", "ci_ub", "zval", "pval", "tau2", "QE", "QE_df", "QEp", "I2", "H2", "k",
    "slab", "yi", "vi", "weights",
}  # fmt: skip


@pytest.fixture(scope="module")
def live(rpy2):
    return {name: validate(case, rpy2) for name, case in CASES.items()}


@pytest.fixture(scope="module")
def replayed():
    from pymeta.harness import open_reference

    with open_reference("recorded", recordings=shipped("fixtures", "recorded")) as reference:
        return {name: validate(case, reference) for name, case in CASES.items()}


def found(reports, case, outcome):
    return next(o for o in reports[case].outcomes if o.case.name == outcome)


@pytest.mark.parametrize(("case", "outcome"), OUTCOMES)
@pytest.mark.parametrize("source", ["live", "replayed"])
def test_every_quantity_agrees_with_metafor(case, outcome, source, request):
    report = found(request.getfixturevalue(source), case, outcome)
    assert report.agreement is not None, report.why
    rows = {row.name: row for row in report.agreement.quantities}
    se_tau2 = {"se_tau2"} if report.case.method in ("DL", "REML") else set()
    assert set(rows) == QUANTITIES | se_tau2
    floor = 8 if report.case.method == "REML" else 12
    for name, row in rows.items():
        kind = "exact" if name in ("QE_df", "k", "slab") else None
        needed = 6 if name == "pval" and floor == 8 else floor
        assert row.verdict == "agree", row
        assert row.digits >= (KINDS[kind].digits if kind else needed), row


@pytest.mark.parametrize("outcome", [o.name for o in CASES["ketamine"].outcomes])
def test_the_paper_agrees_and_is_consistent(replayed, outcome):
    report = found(replayed, "ketamine", outcome)
    assert len(report.figures) >= 4
    assert report.vs_paper == "agree", report.figures
    assert report.paper_self == "agree"


PRINTED = {
    "pain": ("-1.05", "-1.72", "-0.39", "0.002"),
    "sleep": ("0.00", "-0.12", "0.12", "1.00"),
    "nausea": ("1.42", "0.84", "2.39", "0.19"),
    "hallucinations": ("1.08", "0.67", "1.76", "0.75"),
    "sedation": ("1.05", "0.24", "4.54", "0.95"),
}


@pytest.mark.parametrize("outcome", PRINTED)
def test_the_case_file_holds_the_papers_figures_and_pymeta_prints_them(replayed, outcome):
    report = found(replayed, "ketamine", outcome)
    said = {name: figure.text for name, figure in report.case.reported.items()}
    assert tuple(said[name] for name in ("estimate", "ci_lb", "ci_ub", "pval")) == PRINTED[outcome]
    values = {figure.name: figure.value for figure in report.figures}
    for name, text in zip(("estimate", "ci_lb", "ci_ub", "pval"), PRINTED[outcome], strict=True):
        decimals = len(text.split(".")[1])
        assert f"{values[name]:.{decimals}f}".replace("-0.00", "0.00") == text


def test_the_pain_outcome_has_the_papers_studies_and_patients():
    columns = CASES["ketamine"].outcomes[0].rows.columns
    assert len(columns["n1i"]) == 16
    assert columns["n1i"].sum() + columns["n2i"].sum() == 1080


def test_iterative_answers_tell_rs_own_digits(live):
    rows = {row.name: row for row in found(live, "bcg", "rr-reml").agreement.quantities}
    assert 3 < rows["tau2"].reference_digits < 12  # metafor's default control stops early; pymeta is compared beyond it
    assert rows["tau2"].digits > rows["tau2"].reference_digits


@pytest.mark.parametrize("environment", environments(shipped("fixtures", "recorded")))
def test_each_recording_is_read(environment):
    recorded = RecordedReference(shipped("fixtures", "recorded"), environment)
    for case in CASES.values():
        validate(case, recorded)
    assert recorded.unused() == ()


@pytest.mark.records
def test_a_new_recording_is_what_was_recorded(rpy2, tmp_path):
    from pymeta.harness import environment_slug, verify
    from pymeta.validation.recordings import record_case

    outcome = rpy2.run(engines.r_call(CASES["ketamine"].outcomes[0], tightened=False))
    assert outcome.error is None
    for case in CASES.values():
        assert list(record_case(case, rpy2, tmp_path))
    old = {path.name for path in RecordedReference(shipped("fixtures", "recorded")).paths()}
    assert {path.name for path in RecordedReference(tmp_path).paths()} == old
    assert environment_slug(outcome.environment) in {path.name for path in tmp_path.iterdir()}
    assert verify(tmp_path, rpy2) == []


def test_without_r_the_live_tests_fail_and_do_not_skip(tmp_path):
    """The whole of R's ways in is taken away; the suite must go red."""
    hidden = {name: value for name, value in os.environ.items() if name != "R_HOME"} | {"PATH": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-x", f"{Path(__file__)}::test_iterative_answers_tell_rs_own_digits"]
    done = subprocess.run(
        command, env=hidden, capture_output=True, text=True, cwd=Path(__file__).parent.parent.parent, check=False
    )
    assert done.returncode == 1, done.stdout
    assert "live R is expected here" in done.stdout
    assert "skipped" not in done.stdout


def test_the_json_has_the_agreed_shape(replayed):
    from pymeta.validation.report import to_dict

    document = json.loads(json.dumps(to_dict(replayed["ketamine"]), allow_nan=False))
    assert document["verdict"] == "agree"
    assert document["data"] == "reconstruction"
    assert document["reference"] == {
        "backend": "recorded", "note": "", "r_version": "4.6.1", "packages": {"metafor": "5.2-1", "metadat": "1.6-0"},
    }  # fmt: skip
    assert [o["name"] for o in document["outcomes"]] == list(PRINTED)
    for outcome in document["outcomes"]:
        assert {"name", "measure", "model", "pymeta", "r", "reported", "vs_r", "vs_paper", "paper_self"} <= outcome.keys()
        assert outcome["vs_r"].keys() >= {"verdict", "worst_digits", "quantities"}
        assert outcome["pymeta"].keys() == outcome["r"].keys()
        assert len(outcome["pymeta"]["yi"]) == len(outcome["r"]["yi"]) == outcome["pymeta"]["k"]
