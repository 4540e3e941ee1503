"""Labels, titles and file names that are attacks stay texts: in R, HTML, XML, JSON and the terminal."""

import json
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pymeta.validation.case import read_case
from pymeta.validation.run import validate

HOSTILE = [
    '"); system("touch pwned"); #',
    "'); system('touch pwned'); #",
    "`touch pwned`; $(touch pwned)",
    '\\"); file.create("pwned"); ("',
    "{{ 7*7 }}{% raw %}",
    "${jndi:x} %s %n {0} {slab}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]></failure><x/>&amp;&lt;",
    "[red]x[/red][/] :smile:",
    "\u202eevil\u2066 \u200b\ufeffhidden",
    "=cmd|' /C calc'!A0",
    "NA",
    "NULL",
    "../../pwned",
    'O\'Brien "2001"; part #2',
    "L" * 10_000,
]
ESCAPE = "\\u001b[31mred\\u001b]0;title\\u0007\\u009b2J"  # as TOML writes it


def quoted(text):
    return json.dumps(text)  # JSON's strings are TOML's


def csv_row(label, i):
    cell = '"' + label.replace('"', '""') + '"'
    return f"{cell},{i % 4 + 1},2{i % 10},{i % 3 + 2},3{i % 10}"


@pytest.fixture
def hostile(small, monkeypatch):
    """A case whose every free text is an attack, its CSV file's name among them; run from its own folder."""
    name = "o'; touch pwned; #.csv"
    blocks = [
        f'[case]\nname = "h"\ndata = "reconstruction"\ntitle = "{ESCAPE}{HOSTILE[6]}"\n'
        f"citation = {quoted(HOSTILE[7])}\ndoi = {quoted(HOSTILE[0])}\ndata_note = {quoted(' '.join(HOSTILE[:10]))}\n"
        f'assumptions = [{quoted(HOSTILE[4])}, "{ESCAPE}"]\n'
    ]
    for i, label in enumerate([quoted(label) for label in HOSTILE] + [f'"{ESCAPE}"', '"two\\nlines"']):
        blocks.append(
            f'[[outcome]]\nname = "o{i}"\nlabel = {label}\nfile = {quoted(name)}\nmeasure = "RR"\nmethod = "revman5"\n'
            '[outcome.reported]\nestimate = "99.9"\n'
        )
    small.write(toml="\n".join(blocks))
    rows = [csv_row(label, i) for i, label in enumerate(HOSTILE)]
    (small.folder / name).write_text("study,ai,n1i,ci,n2i\n" + "\n".join(rows) + "\n", encoding="utf-8")
    monkeypatch.chdir(small.folder)
    return small


def nothing_was_made(small):
    """Neither beside the case nor where the shared R was started."""
    if (Path(__file__).parents[2] / "pwned").exists():
        return False
    return sorted(path.name for path in small.folder.parent.rglob("*pwned*")) == ["o'; touch pwned; #.csv"]


@pytest.mark.parametrize("backend", ["rpy2", "worker"])
def test_r_gets_labels_as_texts_and_gives_them_back(hostile, backend, request):
    report = validate(read_case(hostile.path), request.getfixturevalue(backend))
    for outcome in report.outcomes[:2]:
        assert outcome.vs_r == "agree", outcome.agreement
        assert list(outcome.r["slab"]) == HOSTILE
        assert list(outcome.r["slab"]) == list(outcome.ours["slab"])
    assert nothing_was_made(hostile)


@pytest.fixture(params=["rpy2", "worker"])
def written(hostile, pymeta, request):
    """The command's own R starts in the hostile folder, and everything it can write is written."""
    files = {kind: hostile.folder / f"r.{kind}" for kind in ("json", "junit", "html")}
    options = [part for kind, path in files.items() for part in (f"--{kind}", path)]
    said = pymeta("validate", "case.toml", "--backend", request.param, "--detail", *options)
    assert said.code == 1  # the planted figure of 99.9
    assert nothing_was_made(hostile)
    return said, {kind: path.read_text(encoding="utf-8") for kind, path in files.items()}


def bad(text, *, allowed="\n"):
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf") and c not in allowed}


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text.append(data)


def test_every_report_keeps_them_texts(written):
    said, files = written
    assert not bad(said.out + said.err)
    assert "[red]x[/red]" in said.out
    assert ":smile:" in said.out
    assert "L" * 1000 not in "".join(said.out.split()).replace("│", "")

    html = _Reader()
    html.feed(files["html"])
    assert not html.tags & {"script", "img", "x", "iframe", "object", "link"}
    assert not {name for name in html.attributes if name.startswith("on")}
    text = "".join(html.text)
    assert "<script>alert(1)</script>" in text
    assert "{{ 7*7 }}" in text
    assert '"); system("touch pwned"); #' in text
    assert "L" * 10_000 in text
    assert not bad(files["html"])

    suite = ET.fromstring(files["junit"])
    assert len(suite.findall("testcase")) == 3 * (len(HOSTILE) + 2)

    assert not bad(files["json"])  # `--json -` may be read at a terminal
    document = json.loads(files["json"])
    labels = [outcome["label"] for outcome in document["outcomes"]]
    assert labels == [*HOSTILE, json.loads(f'"{ESCAPE}"'), "two\nlines"]
    assert document["title"] == json.loads(f'"{ESCAPE}"') + HOSTILE[6]
    assert document["outcomes"][0]["pymeta"]["slab"] == HOSTILE


@pytest.mark.parametrize("text", ["\x1b[31mred", "a\x9b2Jb", "\u202ecsv", "<b>"])
def test_a_name_on_the_command_line_does_not_steer_the_terminal(pymeta, text):
    said = pymeta("validate", f"{text}.toml")
    assert said.code == 2
    assert not bad(said.err)


def test_an_error_does_not_pass_on_what_a_file_holds(pymeta, small):
    small.write(csv="study,\x1b]0;owned\x07,\u202eai\nA,1,2\n")
    said = pymeta("validate", small.path)
    assert said.code == 2
    assert not bad(said.err)


@pytest.mark.records
def test_recordings_of_them_have_tame_names(hostile, worker, tmp_path):
    from pymeta.validation.recordings import record_case

    case = read_case(hostile.path)
    folder = tmp_path / "recorded"
    paths = list(record_case(case, worker, folder))
    assert all(path.is_relative_to(folder) and path.name.isascii() for path in paths)
    assert nothing_was_made(hostile)
