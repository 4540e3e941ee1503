"""What `pymeta validate` says and writes: terminal, JSON, JUnit and HTML, and its exit codes."""

import json
import math
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from pymeta.resources import shipped
from pymeta.validation.case import read_case
from pymeta.validation.report import junit, to_json
from pymeta.validation.run import validate

KETAMINE = shipped("fixtures", "ketamine", "case.toml")
RECONSTRUCTION = "The study rows are a RECONSTRUCTION, not the trials' data."
OUTCOMES = ("pain", "sleep", "nausea", "hallucinations", "sedation")


def one_line(text):
    return " ".join(text.split())


@pytest.fixture
def ketamine(tmp_path, pymeta):
    """The main job from recordings, with every report; returns what was said and the files' texts."""
    files = {kind: tmp_path / f"r.{kind}" for kind in ("json", "junit", "html")}
    options = [part for kind, path in files.items() for part in (f"--{kind}", path)]

    def run(*args):
        said = pymeta("validate", *args, "--backend", "recorded", *options)
        return said, {kind: path.read_text(encoding="utf-8") for kind, path in files.items()}

    return run


@pytest.fixture
def wrong(tmp_path):
    """The ketamine case with two figures that are not the paper's: nausea's and, beyond all reason, sleep's."""
    folder = tmp_path / "wrong"
    folder.mkdir()
    for path in KETAMINE.parent.glob("*.csv"):
        (folder / path.name).write_bytes(path.read_bytes())
    text = KETAMINE.read_text(encoding="utf-8")
    text = text.replace('estimate = "1.42"', 'estimate = "1.43"').replace('pval = "1.00"', 'pval = "0.01"')
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return folder / "case.toml"


# The sentence on where the rows come from.


def test_the_reconstruction_is_told_every_time(ketamine):
    said, files = ketamine("ketamine")
    assert RECONSTRUCTION in one_line(said.out)
    assert "RECONSTRUCTION, not the trials&#39; data." in files["html"]
    document = json.loads(files["json"])
    assert document["data"] == "reconstruction"
    assert document["data_note"]
    suite = ET.fromstring(files["junit"])
    assert {p.get("name"): p.get("value") for p in suite.iter("property")}["data"] == "reconstruction"


@pytest.mark.parametrize("options", [("--detail",), ("--json", "-")])
def test_the_reconstruction_is_told_with_every_option(pymeta, options):
    said = pymeta("validate", "--backend", "recorded", *options)
    assert RECONSTRUCTION in one_line(said.err if "-" in options else said.out)


def test_the_reconstruction_is_told_when_things_disagree(ketamine, wrong):
    said, files = ketamine(wrong)
    assert said.code == 1
    assert RECONSTRUCTION in one_line(said.out)
    assert "RECONSTRUCTION" in files["html"]


def test_a_persons_own_rows_are_not_called_a_reconstruction(ketamine):
    said, files = ketamine("ketamine", "--data", KETAMINE.parent)
    assert said.code == 0
    assert f"Study rows: a person's own extraction, from {KETAMINE.parent}" in one_line(said.out)
    assert json.loads(files["json"])["data"] == "extracted"
    for text in (said.out, *files.values()):
        assert "reconstruction" not in text.lower()


# Exit codes.


def test_zero_only_when_everything_agrees(ketamine, wrong, pymeta):
    assert ketamine("ketamine")[0].code == 0
    assert ketamine("bcg")[0].code == 0
    assert ketamine(wrong)[0].code == 1
    assert pymeta("validate", "nothing.toml").code == 2
    assert pymeta("validate", "--backend", "no").code == 2
    assert pymeta("validate", "--no-such-option").code == 2


def test_one_when_r_has_not_answered(small, ketamine):
    said, files = ketamine(small.path)
    assert said.code == 1
    assert "recorded (no R has answered)" in said.out
    assert "R has not answered for 1" in said.out
    assert "missing reference" in said.out
    document = json.loads(files["json"])
    assert document["outcomes"][0]["vs_r"]["verdict"] == "missing_reference"
    assert document["reference"]["r_version"] is None
    assert 'class="missing_reference"' in files["html"]


# The terminal.


@pytest.mark.parametrize("backend", ["rpy2", "worker", "recorded"])
def test_the_backend_and_its_versions_are_always_printed(pymeta, backend):
    said = pymeta("validate", "bcg", "--backend", backend)
    assert said.code == 0, said
    assert re.search(rf"Reference: {backend} \(R \d+\.\d+\.\d+, metafor \S+", said.out)


def test_auto_says_what_it_took(pymeta):
    said = pymeta("validate", "--json", "-")
    document = json.loads(said.out)
    backend = document["reference"]["backend"]
    assert backend in ("rpy2", "worker", "recorded")
    assert f"Reference: {backend} (R {document['reference']['r_version']}" in said.err


def test_the_worst_comes_first(ketamine, wrong):
    said, files = ketamine(wrong)
    labels = {o["name"]: o["label"] for o in json.loads(files["json"])["outcomes"]}
    places = {name: said.out.index(label) for name, label in labels.items()}
    assert set(sorted(places, key=places.get)[:2]) == {"sleep", "nausea"}
    headings = re.findall(r'<h2 id="([^"]+)"', files["html"])
    assert set(headings[:2]) == {"sleep", "nausea"}
    assert set(headings) == set(OUTCOMES)


def test_what_failed_is_told_with_both_numbers(ketamine, wrong):
    said, files = ketamine(wrong)
    text = one_line(said.out)
    assert re.search(r"Nausea, against the paper: estimate: printed 1\.43, computed 1\.4[12]", text)
    assert re.search(r"Quality of sleep, against the paper: pval: printed 0\.01, computed 0\.99", text)
    assert "the paper against itself: estimate, bounds and p: no unrounded numbers could have printed these" in text
    assert "DISAGREE: 3 of 5 outcomes" in text
    assert "printed 1.43, computed 1.4" in files["html"]


def test_three_verdicts_are_never_mixed(ketamine, wrong):
    document = json.loads(ketamine(wrong)[1]["json"])
    found = {o["name"]: tuple(o[v]["verdict"] for v in ("vs_r", "vs_paper", "paper_self")) for o in document["outcomes"]}
    assert found["sleep"] == ("agree", "disagree", "disagree")
    assert found["nausea"][:2] == ("agree", "disagree")
    assert found["pain"] == ("agree", "agree", "agree")


def test_no_paper_is_no_failure(ketamine):
    said, files = ketamine("bcg")
    assert said.code == 0
    assert "not reported" in said.out
    verdicts = {o["name"]: o["vs_paper"]["verdict"] for o in json.loads(files["json"])["outcomes"]}
    assert set(verdicts.values()) == {"agree", "not_reported"}


def test_detail_shows_every_quantity_and_every_study(pymeta):
    plain = pymeta("validate", "--backend", "recorded")
    detail = pymeta("validate", "--backend", "recorded", "--detail")
    for name in ("estimate", "standard error", "lower bound", "upper bound", "τ²", "Q's df", "Q's p", "I² (%)", "H²"):
        assert name in detail.out
        assert name not in plain.out
    text = one_line(detail.out)
    for outcome in read_case(KETAMINE).outcomes:
        for label in outcome.rows.slab:
            assert label in text


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_names_backends_and_exit_codes(pymeta, option):
    said = pymeta("validate", option)
    assert said.code == 0
    for word in ("rpy2", "worker", "recorded", "--json", "--junit", "--html", "--data", "Exit code: 0", "[default: auto]"):
        assert word in one_line(said.out)


# JSON.


def strict(text):
    return json.loads(text, parse_constant=lambda constant: pytest.fail(f"{constant} is not JSON"))


def test_json_is_strict_and_the_same_wherever_it_goes(pymeta, tmp_path):
    said = pymeta("validate", "--backend", "recorded", "--json", "-")
    pymeta("validate", "--backend", "recorded", "--json", tmp_path / "r.json")
    assert said.out == (tmp_path / "r.json").read_text(encoding="utf-8")
    assert strict(said.out)["verdict"] == "agree"
    assert said.err.rstrip().endswith("AGREE: 5 of 5 outcomes without a disagreement")


def test_json_holds_every_double_to_the_last_bit(recorded):
    report = validate(read_case(KETAMINE), recorded)
    document = strict(to_json(report))
    for outcome, written in zip(report.outcomes, document["outcomes"], strict=True):
        for name, value in outcome.ours.items():
            if isinstance(value, float):
                assert written["pymeta"][name] == value
        assert written["pymeta"]["weights"] == list(outcome.ours["weights"])
        assert written["r"]["weights"] == list(outcome.r["weights"])
        assert math.isclose(sum(written["r"]["weights"]), 100.0)


def test_json_on_standard_output_together_with_a_failure(wrong, pymeta):
    said = pymeta("validate", wrong, "--backend", "recorded", "--json", "-")
    assert said.code == 1
    assert strict(said.out)["verdict"] == "disagree"


# JUnit.


@pytest.mark.parametrize("case", ["ketamine", "bcg"])
def test_junit_counts_what_it_holds(case, recorded):
    report = validate(read_case(shipped("fixtures", case, "case.toml")), recorded)
    suite = ET.fromstring(junit(report))
    tests = suite.findall("testcase")
    assert len(tests) == int(suite.get("tests")) == 3 * len(report.outcomes)
    assert len(suite.findall("testcase/failure")) == int(suite.get("failures")) == 0
    assert len(suite.findall("testcase/skipped")) == int(suite.get("skipped"))
    assert int(suite.get("errors")) == 0
    assert int(suite.get("skipped")) == sum(o.vs_paper == "not_reported" for o in report.outcomes) + sum(
        o.paper_self == "not_reported" for o in report.outcomes
    )
    assert len({(test.get("classname"), test.get("name")) for test in tests}) == len(tests)


def test_junit_tells_what_failed(ketamine, wrong):
    suite = ET.fromstring(ketamine(wrong)[1]["junit"])
    failed = {(test.get("classname").split(".")[-1], test.get("name")): test for test in suite.findall("testcase[failure]")}
    assert {("sleep", "pymeta against the paper"), ("sleep", "the paper against itself")} <= set(failed)
    assert int(suite.get("failures")) == len(failed)
    assert "printed 1.43" in failed["nausea", "pymeta against the paper"].find("failure").text


# HTML.


class _Page(HTMLParser):
    """Elements, references and ids; every element that needs an end has one."""

    VOID = ("meta", "line", "rect", "path", "polygon", "br")

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.references, self.ids = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        found = dict(attrs)
        self.references += [found[name] for name in ("href", "src", "xlink:href", "action", "data") if name in found]
        self.ids += [found["id"]] if "id" in found else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def page(text):
    read = _Page()
    read.feed(text)
    assert read.open == []
    return read


def test_html_needs_nothing_else(ketamine):
    text = ketamine("ketamine")[1]["html"]
    read = page(text)
    assert not {"script", "link", "img", "iframe", "object", "embed", "base", "form"} & set(read.tags)
    assert all(reference.startswith("#") for reference in read.references)
    assert {reference[1:] for reference in read.references} == set(read.ids)
    assert "@import" not in text
    assert "url(" not in text
    assert not re.search(r"https?://", text.replace("http://www.w3.org/2000/svg", ""))


def test_html_has_a_forest_plot_an_outcome_with_every_study(ketamine):
    files = ketamine("ketamine")[1]
    text = files["html"]
    assert page(text).tags.count("svg") == len(OUTCOMES)
    for outcome in read_case(KETAMINE).outcomes:
        assert f"Forest plot: {outcome.label}" in text
    plots = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    pooled = {o["name"]: o["pymeta"]["k"] for o in json.loads(files["json"])["outcomes"]}
    assert sum(plot.count("<rect") for plot in plots) == sum(pooled.values())
    assert not re.search(r"\b(nan|inf)\b", " ".join(plots))
    for plot in plots:
        ET.fromstring(plot)  # an SVG that is well formed by itself


EDGES = {
    "one study": ("RR", "revman5", "study,ai,n1i,ci,n2i\nA,1,10,2,10\n"),
    "the same effects": ("GEN", "REML", "study,yi,vi\nA,0.1,0.3\nB,0.1,0.7\nC,0.1,0.11\n"),
    "no effect at all": ("GEN", "EE", "study,yi,vi\nA,0,1\nB,0,1\n"),
    "large numbers": ("GEN", "DL", "study,yi,vi\nA,1e12,1e20\nB,-3e11,1e21\n"),
    "small numbers": ("GEN", "DL", "study,yi,vi\nA,1e-12,1e-20\nB,-3e-12,1e-21\n"),
    "a very wide interval": ("GEN", "EE", "study,yi,vi\nA,0.1,1e-4\nB,0.2,1e-4\nC,-3,1e2\n"),
    "a table without an effect": ("OR", "MH", "study,ai,n1i,ci,n2i\nA,1,10,2,10\nB,0,10,0,10\nC,3,20,5,19\n"),
    "a ratio far from one": ("RR", "DL", "study,ai,n1i,ci,n2i\nA,900,1000,1,1000\nB,800,1000,1,1000\n"),
}


@pytest.mark.parametrize("edge", EDGES)
def test_edges_agree_and_can_be_drawn(edge, small, pymeta, tmp_path, worker):
    from pymeta.validation.html import to_html

    measure, method, csv = EDGES[edge]
    report = validate(read_case(small.write(csv=csv, measure=measure, method=method).path), worker)
    assert report.verdict == "agree", report.outcomes[0].agreement
    text = to_html(report)
    plot = re.search(r"<svg.*?</svg>", text, re.DOTALL)[0]
    ET.fromstring(plot)
    assert not re.search(r"\b(nan|inf)\b", plot)
