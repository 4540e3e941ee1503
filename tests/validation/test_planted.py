"""Planted errors: each kind must turn its verdict and the exit code red, and no other verdict."""

import json
import shutil
from dataclasses import replace
from functools import wraps
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from pymeta.effects.measures import MEASURES
from pymeta.errors import BackendError
from pymeta.harness import RVector, r_value
from pymeta.harness.calls import Condition
from pymeta.models import revman
from pymeta.resources import shipped
from pymeta.tau2.estimate import Tau2
from pymeta.tau2.methods import TAU2
from pymeta.validation import engines
from pymeta.validation.case import read_case
from pymeta.validation.html import to_html
from pymeta.validation.report import junit
from pymeta.validation.run import validate

KETAMINE = read_case(shipped("fixtures", "ketamine", "case.toml"))
BCG = read_case(shipped("fixtures", "bcg", "case.toml"))
NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "zval", "pval", "tau2", "QE", "QEp", "I2", "H2")
EVERYTHING = (*NUMBERS, "QE_df", "k", "slab", "yi", "vi", "weights")


def verdicts(report):
    return {outcome.case.name: outcome.vs_r for outcome in report.outcomes}


def ran(case, reference):
    """The report, after a look that the verdict follows from those of the outcomes."""
    report = validate(case, reference)
    assert (report.verdict == "agree") == all(outcome.ok for outcome in report.outcomes)
    return report


def only(case, name):
    return replace(case, outcomes=tuple(outcome for outcome in case.outcomes if outcome.name == name))


@pytest.fixture
def change(monkeypatch):
    """Change what pymeta answers: one quantity, by a function, or away with it."""
    honest = engines.quantities

    def plant(name, how=None):
        def planted(result):
            answer = honest(result)
            value = answer.pop(name)
            return answer if how is None else {**answer, name: how(value)}

        monkeypatch.setattr(engines, "quantities", planted)

    return plant


class Meddled:
    """A reference whose answers are changed on the way."""

    name = "meddled"
    note = ""

    def __init__(self, honest, meddle):
        self.honest, self.meddle = honest, meddle

    def run(self, call, *, timeout=60.0):
        return self.meddle(self.honest.run(call, timeout=timeout))


def with_quantity(outcome, name, value):
    """An outcome whose list has another value under `name`, or, for None, nothing."""
    listed = outcome.value
    pairs = [(n, value if n == name else v) for n, v in zip(listed.names, listed.values, strict=True)]
    pairs = [(n, v) for n, v in pairs if v is not None]
    names = RVector("chr", tuple(n for n, _ in pairs))
    return replace(outcome, value=RVector("list", tuple(v for _, v in pairs), (("names", names),)))


def test_nothing_planted_nothing_red(recorded):
    assert ran(KETAMINE, recorded).verdict == ran(BCG, recorded).verdict == "agree"


# The engine is wrong.


def engine_with(monkeypatch, measure, effect):
    effect = wraps(MEASURES[measure].effect)(effect)  # the registry reads off it what it takes
    planted = {**MEASURES, measure: replace(MEASURES[measure], effect=effect)}
    monkeypatch.setattr("pymeta.effects.studies.MEASURES", planted)


def test_a_wrong_sign(monkeypatch, recorded):
    honest = MEASURES["RR"].effect
    engine_with(monkeypatch, "RR", lambda **cells: honest(**cells)._replace(yi=-honest(**cells).yi))
    found = verdicts(ran(KETAMINE, recorded))
    assert {found[name] for name in ("nausea", "hallucinations", "sedation")} == {"disagree"}
    assert {found[name] for name in ("pain", "sleep")} == {"agree"}


def test_a_swapped_arm(monkeypatch, recorded):
    honest = MEASURES["RR"].effect
    engine_with(monkeypatch, "RR", lambda ai, bi, ci, di, **more: honest(ai=ci, bi=di, ci=ai, di=bi, **more))
    assert verdicts(ran(KETAMINE, recorded))["nausea"] == "disagree"


def test_swapped_standard_deviations(monkeypatch, recorded):
    honest = MEASURES["MD"].effect
    engine_with(monkeypatch, "MD", lambda sd1i, sd2i, **rest: honest(sd1i=sd2i, sd2i=sd1i, **rest))
    found = verdicts(ran(KETAMINE, recorded))
    assert found["pain"] == found["sleep"] == "disagree"


def test_dersimonian_laird_with_w_for_w_squared(monkeypatch, recorded):
    def wrong(yi, vi, X, weights=None, tau2_min=0.0):
        w = 1.0 / vi
        Q = float((w * (yi - (w * yi).sum() / w.sum()) ** 2).sum())
        honest = TAU2["DL"].fit(yi, vi, X)
        return Tau2(max(0.0, (Q - len(yi) + 1) / (w.sum() - 1.0)), honest.se_tau2, honest.solve)

    monkeypatch.setattr("pymeta.models.uni.TAU2", {**TAU2, "DL": replace(TAU2["DL"], fit=wrong)})
    found = verdicts(ran(BCG, recorded))
    assert found["rr-dl"] == "disagree"
    assert found["rr-reml"] == "agree"


def test_a_negative_tau2(monkeypatch, small, worker):
    case = read_case(small.path)
    report = ran(case, worker)
    assert (report.verdict, report.outcomes[0].ours["tau2"]) == ("agree", 0.0)
    monkeypatch.setattr(revman, "max", lambda zero, raw: raw, raising=False)
    report = ran(case, worker)
    assert report.verdict == "disagree"
    assert report.outcomes[0].ours["tau2"] < 0.0


def test_q_about_the_inverse_variance_mean(monkeypatch, recorded):
    honest = revman.about

    def wrong(yi, vi, centre):
        return honest(yi, vi, float((yi / vi).sum() / (1.0 / vi).sum()))

    monkeypatch.setattr(revman, "about", wrong)
    found = verdicts(ran(KETAMINE, recorded))
    assert {found[name] for name in ("nausea", "hallucinations", "sedation")} == {"disagree"}
    assert {found[name] for name in ("pain", "sleep")} == {"agree"}


def test_double_zero_studies_kept(monkeypatch, small, worker):
    case = read_case(small.write(csv=small.csv + "D,0,10,0,12\n").path)
    assert ran(case, worker).verdict == "agree"
    honest = revman.effects_of
    monkeypatch.setattr(revman, "effects_of", lambda spec: honest(replace(spec, drop00=False)))
    report = ran(case, worker)
    assert report.verdict == "disagree"
    rows = {row.name: row.verdict for row in report.outcomes[0].agreement.quantities}
    assert rows["k"] == "disagree"
    assert rows["slab"] == rows["weights"] == "structure"


# A number is off, missing or none.


@pytest.mark.parametrize("name", NUMBERS)
def test_noise_of_1e_7(name, change, recorded):
    assert ran(only(KETAMINE, "pain"), recorded).verdict == "agree"
    change(name, lambda value: value * (1 + 1e-7))
    report = ran(only(KETAMINE, "pain"), recorded)
    assert report.verdict == "disagree"
    assert [row.name for row in report.outcomes[0].agreement.quantities if row.verdict != "agree"] == [name]


@pytest.mark.parametrize("name", ["yi", "vi", "weights"])
@pytest.mark.parametrize("study", [0, 7, -1])
def test_noise_of_1e_7_in_one_study(name, study, change, recorded):
    def noisy(values):
        values = np.array(values)
        values[study] *= 1 + 1e-7
        return values

    change(name, noisy)
    report = ran(only(KETAMINE, "pain"), recorded)
    worst = report.outcomes[0].agreement.worst_first()[0]
    assert (worst.name, worst.verdict, worst.where) == (name, "disagree", f"[{study % 16}]")


@pytest.mark.parametrize("name", ["yi", "vi", "weights", "slab"])
def test_studies_in_another_order(name, change, recorded):
    change(name, lambda values: values[::-1])
    assert ran(only(KETAMINE, "pain"), recorded).verdict == "disagree"


@pytest.mark.parametrize("name", ["k", "QE_df"])
def test_one_too_many(name, change, recorded):
    change(name, lambda value: value + 1)
    assert ran(only(KETAMINE, "pain"), recorded).verdict == "disagree"


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_quantity_that_pymeta_lacks(name, change, recorded):
    change(name)
    assert set(verdicts(ran(KETAMINE, recorded)).values()) == {"missing_in_python"}


@pytest.mark.parametrize("name", ["estimate", "tau2", "weights"])
def test_a_report_without_a_quantity(name, change, tmp_path, pymeta):
    change(name)
    said = pymeta("validate", "--backend", "recorded", "--detail", "--html", tmp_path / "r.html")
    assert said.code == 1
    assert f"{name}: pymeta None" in said.out


@pytest.mark.parametrize("name", EVERYTHING)
def test_a_quantity_that_r_lacks(name, recorded):
    meddled = Meddled(recorded, lambda outcome: with_quantity(outcome, name, None))
    assert set(verdicts(ran(KETAMINE, meddled)).values()) == {"missing_in_reference"}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_from_pymeta(name, bad, change, recorded):
    change(name, lambda value: bad)
    assert set(verdicts(ran(KETAMINE, recorded)).values()) == {"disagree"}


@pytest.mark.parametrize("name", ["estimate", "QEp"])
def test_a_report_without_a_number(name, change, tmp_path, pymeta):
    change(name, lambda value: np.nan)
    said = pymeta("validate", "--backend", "recorded", "--json", tmp_path / "r.json", "--html", tmp_path / "r.html")
    assert said.code == 1
    document = json.loads((tmp_path / "r.json").read_text(), parse_constant=pytest.fail)
    assert document["verdict"] == "disagree"
    assert document["outcomes"][0]["pymeta"][name] is None


@pytest.mark.parametrize("name", NUMBERS)
def test_no_number_from_r(name, recorded):
    meddled = Meddled(recorded, lambda outcome: with_quantity(outcome, name, r_value(np.array([np.nan]))))
    assert ran(KETAMINE, meddled).verdict == "disagree"


def test_no_number_from_both_is_no_agreement(change, recorded):
    change("QE", lambda value: np.nan)
    meddled = Meddled(recorded, lambda outcome: with_quantity(outcome, "QE", r_value(np.array([np.nan]))))
    assert ran(KETAMINE, meddled).verdict == "disagree"


@pytest.mark.parametrize(("off", "verdict"), [(1e-13, "agree"), (1e-5, "disagree")])
def test_a_p_value_off_in_some_digit(off, verdict, change, recorded):
    change("pval", lambda p: p * (1 + off))
    assert ran(KETAMINE, recorded).verdict == verdict


def test_a_broken_result_still_gets_its_reports(monkeypatch, recorded, tmp_path, pymeta):
    honest = engines.fitted

    def broken(outcome):
        result = honest(outcome)
        return replace(result, beta=result.beta * np.nan, ci_ub=result.ci_ub * np.nan)

    monkeypatch.setattr(engines, "fitted", broken)
    said = pymeta("validate", "--backend", "recorded", "--html", tmp_path / "r.html", "--junit", tmp_path / "r.xml")
    assert said.code == 1
    assert "No forest plot" in (tmp_path / "r.html").read_text()


# R does not answer, or answers with an error.


def failed(outcome):
    return replace(
        outcome, value=None, error=Condition(message="Error in pool(): planted \x1b[31m", classes=("simpleError", "error"))
    )


def test_an_error_of_r_is_told_and_is_no_agreement(recorded, monkeypatch, pymeta, tmp_path):
    report = ran(KETAMINE, Meddled(recorded, failed))
    assert set(verdicts(report).values()) == {"disagree"}
    assert {outcome.r_says for outcome in report.outcomes} == {("error: Error in pool(): planted \x1b[31m",)}
    assert {outcome.vs_paper for outcome in report.outcomes} == {"agree"}  # never mixed

    honest = type(recorded).run
    monkeypatch.setattr(type(recorded), "run", lambda self, call, **how: failed(honest(self, call, **how)))
    files = {kind: tmp_path / f"r.{kind}" for kind in ("html", "json", "junit")}
    said = pymeta("validate", "--backend", "recorded", *(x for kind, path in files.items() for x in (f"--{kind}", path)))
    assert said.code == 1
    assert "R raised and Python did not" in " ".join(said.out.split())
    assert "\x1b" not in said.out
    assert all("planted" in path.read_text() for path in files.values())
    assert json.loads(files["json"].read_text())["outcomes"][0]["r"] == {}
    assert "planted" in ET.fromstring(files["junit"].read_text()).find("testcase/failure").text


def test_an_r_that_dies_is_told_in_every_report(recorded):
    def dies(outcome):
        raise BackendError("R died: \x1b[31m\x00 <b>")

    report = ran(KETAMINE, Meddled(recorded, dies))
    assert set(verdicts(report).values()) == {"missing_reference"}
    failure = ET.fromstring(junit(report)).find("testcase/failure")
    assert (failure.get("message"), failure.text) == ("missing_reference", "R died: \ufffd[31m\ufffd <b>")
    assert "R died: \ufffd[31m\ufffd &lt;b&gt;" in to_html(report)


def test_r_refuses_a_real_call(worker):
    """R itself is asked for what it cannot do."""
    outcome = replace(KETAMINE.outcomes[0], method="MH")  # rma.mh has no mean differences
    honest = engines.r_call(outcome, tightened=False)
    said = worker.run(honest)
    assert said.error is not None
    report = validate(only(KETAMINE, "pain"), Meddled(worker, lambda _: said))
    assert (report.verdict, report.outcomes[0].vs_r) == ("disagree", "disagree")


# Recordings and fixtures are changed.


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """The ketamine case and the recordings in a folder of their own, which the command reads."""
    case, recordings = tmp_path / "ketamine", tmp_path / "recorded"
    shutil.copytree(shipped("fixtures", "ketamine"), case)
    shutil.copytree(shipped("fixtures", "recorded"), recordings)
    monkeypatch.setattr("pymeta.harness.backends.open.shipped", lambda *parts: tmp_path.joinpath(*parts[1:]))
    return tmp_path


def pain_recordings(folder):
    found = sorted((folder / "recorded").rglob("ketamine-pain-*.json"))
    assert found
    return found


def recorded_run(pymeta, folder):
    said = pymeta("validate", folder / "ketamine" / "case.toml", "--backend", "recorded", "--json", folder / "r.json")
    document = json.loads((folder / "r.json").read_text())
    found = {outcome["name"]: outcome["vs_r"]["verdict"] for outcome in document["outcomes"]}
    return said, found, document


OTHERS = {"sleep": "agree", "nausea": "agree", "hallucinations": "agree", "sedation": "agree"}


def test_the_copy_agrees(copied, pymeta):
    said, found, _ = recorded_run(pymeta, copied)
    assert said.code == 0
    assert found == {"pain": "agree", **OTHERS}


def edit_row(folder):
    path = folder / "ketamine" / "pain.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = lines[0].split(",").index("m1i")
    cells = lines[1].split(",")
    cells[at] = str(float(cells[at]) + 1.5)
    path.write_text("\n".join([lines[0], ",".join(cells), *lines[2:]]) + "\n", encoding="utf-8")


def test_an_edited_row_makes_the_recording_stale_and_the_paper_disagree(copied, pymeta):
    edit_row(copied)
    said, found, document = recorded_run(pymeta, copied)
    assert said.code == 1
    assert found == {"pain": "missing_reference", **OTHERS}
    assert "argument data" in document["outcomes"][0]["vs_r"]["why"]
    assert document["outcomes"][0]["vs_paper"]["verdict"] == "disagree"
    assert document["outcomes"][0]["paper_self"]["verdict"] == "agree"
    assert "against the paper" in said.out


def test_an_edited_row_is_no_disagreement_with_r(copied, worker):
    edit_row(copied)
    report = ran(only(read_case(copied / "ketamine" / "case.toml"), "pain"), worker)
    pain = report.outcomes[0]
    assert (pain.vs_r, pain.vs_paper, pain.paper_self, report.verdict) == ("agree", "disagree", "agree", "disagree")


def test_another_adapter_makes_every_recording_stale(copied, pymeta, monkeypatch):
    folder = copied / "r_reference"
    shutil.copytree(shipped("r_reference"), folder)
    adapter = folder / "pool.R"
    adapter.write_text(adapter.read_text(encoding="utf-8").replace("add = 1 / 2", "add = 1 / 4"), encoding="utf-8")
    monkeypatch.setattr(engines, "shipped", copied.joinpath)
    said, found, document = recorded_run(pymeta, copied)
    assert said.code == 1
    assert set(found.values()) == {"missing_reference"}
    assert "the adapter" in document["outcomes"][0]["vs_r"]["why"]


def test_an_edited_recording_is_refused(copied, pymeta):
    for path in pain_recordings(copied):
        text = path.read_text(encoding="utf-8")
        edited = with_another_digit(text)
        assert edited != text
        path.write_text(edited, encoding="utf-8")
    said, found, document = recorded_run(pymeta, copied)
    assert said.code == 1
    assert found == {"pain": "missing_reference", **OTHERS}
    assert document["outcomes"][0]["vs_r"]["why"]
    assert document["outcomes"][0]["r"] == {}


def with_another_digit(text):
    """One digit of the outcome's first hexadecimal float is changed, as a hand would."""
    start = text.index("0x", text.index('"outcome"'))
    digit = text[start + 4]
    return text[: start + 4] + ("1" if digit != "1" else "2") + text[start + 5 :]


def test_a_deleted_recording(copied, pymeta):
    for path in pain_recordings(copied):
        path.unlink()
    said, found, document = recorded_run(pymeta, copied)
    assert said.code == 1
    assert found == {"pain": "missing_reference", **OTHERS}
    assert "no recording of this call" in document["outcomes"][0]["vs_r"]["why"]


def test_a_truncated_recording(copied, pymeta):
    for path in pain_recordings(copied):
        path.write_text(path.read_text(encoding="utf-8")[:200], encoding="utf-8")
    said, found, _ = recorded_run(pymeta, copied)
    assert said.code == 1
    assert found["pain"] == "missing_reference"


def test_no_recordings_at_all(copied, pymeta):
    shutil.rmtree(copied / "recorded")
    (copied / "recorded").mkdir()
    said = pymeta("validate", copied / "ketamine" / "case.toml", "--backend", "recorded")
    assert said.code == 2
    assert "holds no recordings" in said.err


def edit_figure(folder, old, new):
    path = Path(folder) / "ketamine" / "case.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "vs_paper", "paper_self"),
    [
        ('estimate = "-1.05"', 'estimate = "1.05"', "disagree", "disagree"),  # the sign is lost
        ('estimate = "-1.05"', 'estimate = "-1.15"', "disagree", "disagree"),
        ('ci_lb = "-1.72"', 'ci_lb = "-1.27"', "disagree", "disagree"),  # two digits swapped
        ('pval = "0.002"', 'pval = "0.02"', "disagree", "disagree"),
        ('pval = "0.002"', 'pval = "<0.01"', "agree", "agree"),
    ],
)
def test_an_edited_figure(old, new, vs_paper, paper_self, copied, pymeta):
    edit_figure(copied, old, new)
    said, found, document = recorded_run(pymeta, copied)
    assert found == {"pain": "agree", **OTHERS}
    pain = document["outcomes"][0]
    assert (pain["vs_paper"]["verdict"], pain["paper_self"]["verdict"]) == (vs_paper, paper_self)
    assert said.code == (0 if (vs_paper, paper_self) == ("agree", "agree") else 1)
    assert ("DISAGREE" in said.out) == (said.code == 1)
