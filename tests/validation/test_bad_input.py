"""Bad input: one sentence naming the place, exit code 2, and nothing written."""

import json
import os
import subprocess
import sys

import pytest

HEAD = "study,ai,n1i,ci,n2i\n"
GOOD = "Z,1,10,2,10\n"
MEANS = "study,n1i,m1i,sd1i,n2i,m2i,sd2i\n"
GENERIC = "study,yi,vi\n"


def refused(pymeta, small, *args):
    """Run with all three report files asked for; what was said, in one sentence."""
    before = {path.name for path in small.folder.iterdir()}
    files = {"json": small.folder / "r.json", "junit": small.folder / "r.xml", "html": small.folder / "r.html"}
    wanted = [part for kind, path in files.items() if f"--{kind}" not in args for part in (f"--{kind}", path)]
    said = pymeta("validate", small.path, "--backend", "recorded", *wanted, *args)
    assert said.code == 2, said
    assert said.out == ""
    assert {path.name for path in small.folder.iterdir()} == before
    assert said.err.startswith("pymeta: ")
    assert len(said.err.splitlines()) == 1
    return said.err


ROWS = {
    "missing column": ("study,ai,n1i,ci\nA,1,10,2\n", "line 1: no column 'n2i'"),
    "misspelt column": ("study,ai,n1,ci,n2i\nA,1,10,2,10\n", "Is 'n1' meant to be 'n1i'?"),
    "text": (HEAD + GOOD + "A,x,10,2,10\n", "line 3, column ai: 'x' is not a number"),
    "events above n": (HEAD + "A,11,10,2,10\n", "line 2, column ai (study 'A'): 11 events are more"),
    "events above n in group 2": (HEAD + "A,1,10,12,10\n", "line 2, column ci (study 'A'): 12 events are more"),
    "empty file": ("", "the file is empty"),
    "white file": (" \n\n", "the file is empty"),
    "only a header": (HEAD, "no studies, only a header"),
    "twice": (HEAD + GOOD + "A,1,10,2,10\nZ,1,10,2,10\n", "line 4, column study: 'Z' is listed twice (first on line 2)"),
    "twice but for a space": (HEAD + "A 1,1,10,2,10\nA\u00a01 ,1,10,2,10\n", "is listed twice (first on line 2)"),
    "twice but for what is invisible": (HEAD + "A,1,10,2,10\nA\u200b,1,10,2,10\n", "is listed twice"),
    "twice in two spellings": (HEAD + "M\u00fc,1,10,2,10\nMu\u0308,1,10,2,10\n", "is listed twice"),
    "semicolons": ((HEAD + GOOD).replace(",", ";"), "line 1: the cells are separated by semicolons"),
    "tabs": ((HEAD + GOOD).replace(",", "\t"), "line 1: the cells are separated by tabs"),
    "decimal comma": (HEAD + 'A,"1,5",10,2,10\n', "line 2, column ai: '1,5' is not a number; write decimals with a point"),
    "open quote": (HEAD + GOOD + '"A,1,10,2,10\nB,1,10,2,10\n', "line 3: not CSV"),
    "text behind a quote": (HEAD + '"A"x,1,10,2,10\n', "line 2: not CSV"),
    "column twice": ("study,ai,ai,n1i,ci,n2i\nA,1,1,10,2,10\n", "line 1: the header has 'ai' twice"),
    "short row": (HEAD + GOOD + "A,1,10,2\n", "line 3: 4 cells where the header has 5"),
    "long row": (HEAD + "Smith, 2001,1,10,2,10\n", "line 2: 6 cells where the header has 5; a text with a comma"),
    "line numbers behind a cell of two lines": (HEAD + GOOD + '"A\nB",1,10,2,10\n', "line 3, column study: 'A\\nB'"),
    "line numbers behind blank lines": ("\n" + HEAD + "\n" + GOOD + "\nA,x,1,1,1\n", "line 6, column ai: 'x'"),
    "NUL in a label": (HEAD + "A\0,1,10,2,10\n", "line 2, column study: 'A\\x00' holds a control character"),
    "NUL in a number": (HEAD + "A,1\0,10,2,10\n", "line 2, column ai: '1\\x00' is not a number"),
    "escape in a header": ("study,\x1b[31mai,n1i,ci,n2i\nA,1,10,2,10\n", "no column 'ai'"),
    "UTF-16": ((HEAD + GOOD).encode("utf-16"), "line 1: UTF-16; save the file as UTF-8"),
    "Latin-1": ((HEAD + GOOD + "M\u00fc,1,10,2,10\n").encode("latin-1"), "line 3: not UTF-8 (byte 0xfc)"),
    "beyond doubles": (HEAD + "A,1,1e400,2,10\n", "line 2, column n1i: '1e400' is too large"),
    "more than all people": (HEAD + "A,1,99999999999,2,10\n", "line 2, column n1i: '99999999999' is too large"),
    "underscore": (HEAD + "A,1,1_000,2,10\n", "line 2, column n1i: '1_000' is not a number"),
    "thousands": (HEAD + 'A,1,"1,000",2,10\n', "line 2, column n1i: '1,000' is not a number"),
    "hexadecimal": (HEAD + "A,0x1,10,2,10\n", "'0x1' is not a number"),
    "other digits": (HEAD + "A,\u0661,10,2,10\n", "line 2, column ai: '\u0661' is not a number"),
    "nan": (HEAD + "A,nan,10,2,10\n", "line 2, column ai: 'nan' is not a number"),
    "NA": (HEAD + "A,1,10,NA,10\n", "line 2, column ci: 'NA' is not a number"),
    "inf": (HEAD + "A,1,inf,2,10\n", "line 2, column n1i: 'inf' is not a number"),
    "formula": (HEAD + "A,=1+1,10,2,10\n", "line 2, column ai: '=1+1' is not a number"),
    "empty cell": (HEAD + "A,,10,2,10\n", "line 2, column ai: is empty; fill it in"),
    "white label": (HEAD + "   ,1,10,2,10\n", "line 2, column study: '' is empty; every study needs a name"),
    "invisible label": (HEAD + "\u00a0\u200b,1,10,2,10\n", "is empty; every study needs a name"),
    "half an event": (HEAD + "A,1.5,10,2,10\n", "line 2, column ai: '1.5' is not a whole number"),
    "negative events": (HEAD + "A,-1,10,2,10\n", "line 2, column ai (study 'A'): -1 is negative"),
    "negative n": (HEAD + "A,0,-10,2,10\n", "line 2, column n1i (study 'A'): -10 patients"),
    "empty arm": (HEAD + "A,0,0,2,10\n", "line 2, column n1i (study 'A'): 0 patients; a group needs at least one"),
    "no study column": ("ai,n1i,ci,n2i\n1,10,2,10\n", "line 1: no column 'study'"),
    "study in capitals": ("Study,ai,n1i,ci,n2i\nA,1,10,2,10\n", "the header has 'Study'"),
    "double zeros only": (HEAD + "A,0,10,0,10\nB,0,10,0,10\n", "outcome o: no studies left to pool (A: "),
    "events in all": (HEAD + "A,10,10,10,10\n", "outcome o: no studies left to pool (A: "),
    "an endless cell": (HEAD + "A," + "x" * 100_000 + ",10,2,10\n", "line 2, column ai: 'xxx"),
}  # fmt: skip


@pytest.mark.parametrize("row", ROWS)
def test_rows(pymeta, small, row):
    csv, place = ROWS[row]
    small.write(csv=csv)
    said = refused(pymeta, small)
    assert str(small.rows) in said or "no studies left" in place
    assert place in said
    assert len(said) < 600
    assert "\x1b" not in said


OTHER_MEASURES = {
    "negative sd": ("MD", MEANS + "A,10,1,-1,10,1,1\n", "line 2, column sd1i (study 'A'): -1 is negative"),
    "sd of 0 in both arms": ("MD", MEANS + "Z,9,1,1,9,2,1\nA,10,1,0,10,1,0\n", "line 3 (study 'A'), sampling variance: 0 "),
    "nobody": ("MD", MEANS + "A,0,1,1,10,1,1\n", "line 2, column n1i (study 'A'): 0 patients"),
    "half a patient": ("MD", MEANS + "A,10.5,1,1,10,1,1\n", "line 2, column n1i: '10.5' is not a whole number"),
    "huge": ("MD", MEANS + "A,10,1e308,1,10,1,1\n", "line 2, column m1i: '1e308' is too large"),
    "tiny": ("MD", MEANS + "A,10,1,1e-200,10,1,1e-200\n", "line 2, column sd1i: '1e-200' is not 0 and too small"),
    "below doubles": ("MD", MEANS + "A,10,1,1e-999,10,1,1\n", "line 2, column sd1i: '1e-999' is not 0 and too small"),
    "zero variance": ("GEN", GENERIC + "A,1,0\n", "line 2, column vi (study 'A'): 0 "),
    "negative variance": ("GEN", GENERIC + "A,1,-2\n", "line 2, column vi (study 'A'): -2 is negative"),
    "zero standard error": ("GEN", "study,yi,sei\nA,1,0\n", "line 2, column sei (study 'A'): 0 "),
    "no variance": ("GEN", "study,yi\nA,1\n", "line 1: no column 'vi'"),
}


@pytest.mark.parametrize("row", OTHER_MEASURES)
def test_rows_of_other_measures(pymeta, small, row):
    measure, csv, place = OTHER_MEASURES[row]
    small.write(csv=csv, measure=measure)
    said = refused(pymeta, small)
    assert f"{small.rows}, {place}" in said


OK = {
    "BOM": lambda csv: b"\xef\xbb\xbf" + csv.encode(),
    "CRLF": lambda csv: csv.replace("\n", "\r\n"),
    "CR": lambda csv: csv.replace("\n", "\r"),
    "no last line end": lambda csv: csv.rstrip("\n"),
    "blank lines": lambda csv: "\n" + csv.replace("\n", "\n\n"),
    "spaces": lambda csv: csv.replace(",", " , "),
    "quotes": lambda csv: csv.replace("A,1", '"A","1"'),
    "own notes": lambda csv: "".join(f"{line},note {i}\n" for i, line in enumerate(csv.splitlines())),
    "1e1": lambda csv: csv.replace("A,1,10", "A,1.0,1e1"),
}


@pytest.mark.parametrize("way", OK)
def test_ways_to_write_the_same_rows(pymeta, small, way):
    from pymeta.validation.case import read_case

    plain = read_case(small.path).outcomes[0].rows
    read = read_case(small.write(csv=OK[way](small.csv)).path).outcomes[0].rows
    assert read.slab == plain.slab
    assert {name: list(values) for name, values in read.columns.items()} == {
        name: list(values) for name, values in plain.columns.items()
    }


@pytest.mark.parametrize("method", ["EE", "DL", "REML", "revman5", "MH"])
@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_one_study_is_pooled_as_r_pools_it(pymeta, small, measure, method, worker):
    from pymeta.validation.case import read_case
    from pymeta.validation.run import validate

    report = validate(read_case(small.write(csv=HEAD + GOOD, measure=measure, method=method).path), worker)
    assert report.verdict == "agree", report.outcomes[0].agreement


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_one_study_left_is_pooled_as_r_pools_it(small, method, worker):
    """An SMD needs a spread in one arm: the first study is left out, by both."""
    from pymeta.validation.case import read_case
    from pymeta.validation.run import validate

    small.write(csv=MEANS + "A,10,1,0,10,1,0\nB,10,1,1,10,1,1\n", measure="SMD", method=method)
    report = validate(read_case(small.path), worker)
    assert report.verdict == "agree", report.outcomes[0].agreement
    assert [dropped.slab for dropped in report.outcomes[0].result.studies.dropped] == ["A"]


def edited(old, new):
    return lambda toml: toml.replace(old, new)


def reported(line):
    return lambda toml: toml + f"[outcome.reported]\n{line}\n"


CASES = {
    "not TOML": (lambda toml: toml + "x = = 3\n", "not TOML: Invalid value (at line 11, column 5)"),
    "key twice": (lambda toml: toml + 'name = "p"\n', "not TOML: Cannot overwrite a value (at line 11"),
    "NUL": (lambda toml: toml + "\0", "not TOML: Invalid statement (at line 11, column 1)"),
    "nested": (lambda toml: "a = " + "[" * 100_000, "not TOML"),
    "endless number": (lambda toml: toml + "level = " + "9" * 5000, "not TOML"),
    "endless hexadecimal": (lambda toml: toml + "level = 0x" + "f" * 5000, "key 'level'"),
    "UTF-16": (lambda toml: toml.encode("utf-16"), "line 1: UTF-16"),
    "Latin-1": (lambda toml: toml.replace("A title", "M\u00fc").encode("latin-1"), "line 3: not UTF-8"),
    "empty": (lambda toml: "", "no [case] table"),
    "no outcome": (lambda toml: toml.split("[[")[0], "no [[outcome]]"),
    "outcome is no list": (edited("[[outcome]]", "[outcome]"), "no [[outcome]]"),
    "two of one name": (lambda toml: toml + toml[toml.index("[[outcome]]") :], "two [[outcome]] are called 'o'"),
    "unknown table": (lambda toml: toml + "[oucome]\n", "key='oucome': no such key here; allowed: case, outcome."),
    "unknown key": (edited("method", "metod"), "[[outcome]] 1 (o): key='metod': no such key here"),
    "unknown key, suggestion": (edited("method", "metod"), "Did you mean 'method'?"),
    "unknown key of case": (edited("title", "titel"), "[case]: key='titel': no such key here"),
    "no measure": (edited('measure = "RR"\n', ""), "[[outcome]] 1 (o): no key 'measure'"),
    "unknown measure": (edited('"RR"', '"rr"'), "measure='rr': no such measure of a case; allowed: GEN, RR"),
    "unknown method": (edited("revman5", "REM"), "method='REM': no such method of a case"),
    "M-H of means": (lambda toml: toml.replace('"RR"', '"MD"').replace("revman5", "MH"), "'MH' pools 2x2 tables"),
    "unknown origin": (edited("extracted", "invented"), "[case]: data='invented': no such origin"),
    "name": (edited('"mine"', '"../mine"'), "[case], key 'name': '../mine' is not a name"),
    "endless name": (edited('"mine"', '"' + "n" * 10_000 + '"'), "[case], key 'name': 'nnn"),
    "name of an outcome": (edited('name = "o"', 'name = "a b"'), "[[outcome]] 1, key 'name': 'a b' is not a name"),
    "title is a number": (edited('"A title"', "3"), "[case], key 'title': 3 is not a text"),
    "title is a date": (edited('"A title"', "2020-01-01"), "[case], key 'title': datetime.date(2020, 1, 1) is not a text"),
    "empty label": (lambda toml: toml + 'label = " "\n', "key 'label': ' ' is empty"),
    "level of 0": (lambda toml: toml + "level = 0\n", "key 'level': 0 is not a percentage"),
    "level as a share": (lambda toml: toml + "level = 0.95\n", "key 'level': 0.95 is not a percentage of 1 or more"),
    "level of nan": (lambda toml: toml + "level = nan\n", "key 'level': nan is not a percentage"),
    "level is true": (lambda toml: toml + "level = true\n", "key 'level': True is not a percentage"),
    "level is a text": (lambda toml: toml + 'level = "95"\n', "key 'level': '95' is not a percentage"),
    "assumptions": (edited("[[outcome]]", 'assumptions = "x"\n[[outcome]]'), "'assumptions': 'x' is not a list of texts"),
    "absolute path": (edited('"o.csv"', '"/etc/passwd"'), "key 'file': '/etc/passwd' leads out of the case's folder"),
    "path up": (edited('"o.csv"', '"../o.csv"'), "key 'file': '../o.csv' leads out"),
    "path down and up": (edited('"o.csv"', '"a/../../o.csv"'), "key 'file': 'a/../../o.csv' leads out"),
    "Windows path": (edited('"o.csv"', r"'C:\o.csv'"), "key 'file': 'C:\\\\o.csv' leads out"),
    "NUL in a path": (edited('"o.csv"', r'"o\u0000.csv"'), "key 'file': 'o\\x00.csv' leads out"),
    "no path": (edited('"o.csv"', '""'), "key 'file': '' names no file"),
    "the folder": (edited('"o.csv"', '"."'), "key 'file': '.' names no file"),
    "figure is a number": (reported("estimate = 1.05"), "[outcome.reported], key 'estimate': 1.05 is not a text"),
    "figure is none": (reported('estimate = "about 1"'), "key 'estimate': 'about 1' is not a printed figure"),
    "figure is nan": (reported('pval = "nan"'), "key 'pval': 'nan' is not a printed figure"),
    "decimal comma": (reported('estimate = "1,05"'), "key 'estimate': '1,05' is not a printed figure"),
    "endless figure": (reported(f'estimate = "{"9" * 500}"'), "key 'estimate': '999"),
    "two figures": (reported('ci_lb = "0.24, 4.54"'), "key 'ci_lb': '0.24, 4.54' is not a printed figure"),
    "unknown figure": (reported('p = "0.04"'), "[outcome.reported]: key='p': no such key here"),
    "reported is a text": (lambda toml: toml + 'reported = "x"\n', "[outcome.reported]: 'x' is not a table"),
}  # fmt: skip


@pytest.mark.parametrize("what", CASES)
def test_case_files(pymeta, small, what):
    change, place = CASES[what]
    small.write(toml=change(small.toml))
    said = refused(pymeta, small)
    assert said.startswith(f"pymeta: {small.path}")
    assert place in said
    assert len(said) < 800


def test_a_case_file_with_a_byte_order_mark_is_read(small):
    from pymeta.validation.case import read_case

    small.write(toml=b"\xef\xbb\xbf" + small.toml.encode())
    assert read_case(small.path).title == "A title"


def test_no_such_file(pymeta, small):
    small.rows.unlink()
    assert f"{small.rows}: no such file" in refused(pymeta, small)


def test_a_folder_in_place_of_the_rows(pymeta, small):
    small.rows.unlink()
    small.rows.mkdir()
    assert f"{small.rows}: is a folder" in refused(pymeta, small)


def test_a_pipe_in_place_of_the_rows_does_not_hang(pymeta, small):
    small.rows.unlink()
    os.mkfifo(small.rows)
    assert f"{small.rows}: is a pipe or a device" in refused(pymeta, small)


def test_a_huge_file_is_not_read(pymeta, small):
    os.truncate(small.rows, 10**12)
    assert f"{small.rows}: is larger than 50 MB" in refused(pymeta, small)


def test_a_link_does_not_lead_out_of_the_cases_folder(pymeta, small, tmp_path):
    (tmp_path / "secret.csv").write_text("hidden:x:0\n")
    small.rows.unlink()
    small.rows.symlink_to(tmp_path / "secret.csv")
    said = refused(pymeta, small)
    assert "key 'file': 'o.csv' leads out of the case's folder" in said
    assert "hidden" not in said


def test_links_in_a_persons_own_folder_are_theirs(small, tmp_path):
    from pymeta.validation.case import read_case

    own = tmp_path / "own"
    own.mkdir()
    (own / "o.csv").symlink_to(small.rows)
    case = read_case(small.path, data_dir=own)
    assert case.outcomes[0].rows.slab == ("A", "B", "C")
    assert case.data == "extracted"


def test_data_without_the_file(pymeta, small, tmp_path):
    assert f"{tmp_path / 'o.csv'}: no such file" in refused(pymeta, small, "--data", tmp_path)


def test_data_is_no_folder(pymeta, small, tmp_path):
    assert "--data nowhere: no such folder" in refused(pymeta, small, "--data", "nowhere")
    assert "is not a folder" in refused(pymeta, small, "--data", small.rows)


@pytest.mark.parametrize("case", ["nothing.toml", "ketamin"])
def test_no_such_case(pymeta, case):
    said = pymeta("validate", case)
    assert said.code == 2
    assert f"{case}: no such case file, and no case of that name comes with pymeta (ketamine, bcg)" in said.err


def test_a_folder_in_place_of_the_case(pymeta, small):
    said = pymeta("validate", small.folder)
    assert said.code == 2
    assert f"name the case file in it, such as {small.folder / 'case.toml'}" in said.err


@pytest.mark.parametrize("kind", ["json", "junit", "html"])
def test_targets_that_cannot_be(pymeta, small, kind):
    option = f"--{kind}"
    assert f"{option} {small.folder}: is a folder" in refused(pymeta, small, option, small.folder)
    assert "its folder does not exist" in refused(pymeta, small, option, small.folder / "no" / "r.x")
    assert "a case's own files" in refused(pymeta, small, option, small.rows)
    assert "a case's own files" in refused(pymeta, small, option, small.path)
    pipe = small.folder / "pipe"
    os.mkfifo(pipe)
    assert "is a pipe or a device, and would be replaced" in refused(pymeta, small, option, pipe)
    assert pipe.is_fifo()


def test_only_json_goes_to_standard_output(pymeta, small):
    assert "--html -: only --json writes to standard output" in refused(pymeta, small, "--html", "-")


def test_two_reports_into_one_file(pymeta, small):
    one = small.folder / "one"
    said = refused(pymeta, small, "--json", one, "--html", f"{small.folder}/../case/one")
    assert "--json writes to it too" in said


def test_a_target_that_turns_out_unwritable_is_one_sentence(pymeta, small, monkeypatch):
    """Permissions are no obstacle to root, who runs the tests in many containers: the failure is planted."""

    def full(path, text):
        raise OSError(28, "No space left on device", "/tmp/.hidden")

    monkeypatch.setattr("pymeta.commands.validate.write_whole", full)
    assert "r.json: cannot be written (No space left on device)" in refused(pymeta, small)


def test_a_report_that_cannot_be_rendered_leaves_no_other_behind(small, monkeypatch, pymeta):
    from pymeta.errors import PymetaError

    def broken(report):
        raise PymetaError("planted")

    monkeypatch.setattr("pymeta.commands.validate._html", broken)
    assert "planted" in refused(pymeta, small)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "x"])
def test_timeouts(pymeta, small, seconds):
    said = pymeta("validate", small.path, "--timeout", seconds)
    assert said.code == 2
    assert seconds in said.err


def test_a_timeout_is_no_agreement(pymeta, small):
    said = pymeta("validate", small.path, "--backend", "worker", "--timeout", "0.0001")
    assert said.code == 1
    assert "gave no answer within 0.0001 s" in " ".join(said.out.split())
    assert "R has not answered for 1" in said.out


def test_an_r_that_is_not_there(pymeta, small):
    said = pymeta("validate", small.path, "--rscript", "/nowhere/Rscript")
    assert said.code == 2
    assert "/nowhere/Rscript" in said.err


def run(*args, **options):
    return subprocess.run(
        [sys.executable, "-m", "pymeta", *map(str, args)], capture_output=True, text=True, check=False, **options
    )


def test_a_reader_that_leaves_early_breaks_nothing(small):
    command = f"{sys.executable} -m pymeta validate --backend recorded --json - | head -c 1"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.stdout == "{"
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_an_output_that_cannot_write_every_sign(encoding):
    command = ["validate", "--backend", "recorded", "--detail"]
    done = run(*command, env={**os.environ, "PYTHONIOENCODING": encoding}, errors="replace")
    assert done.returncode == 0, done.stderr
    assert "RECONSTRUCTION" in done.stdout


def test_json_on_standard_output_is_utf_8_whatever_the_encoding(small):
    small.write(toml=small.toml.replace("A title", "Müller τ²"))
    command = [sys.executable, "-m", "pymeta", "validate", small.path, "--backend", "recorded", "--json", "-"]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert json.loads(done.stdout.decode())["title"] == "Müller τ²"


def test_nothing_is_written_and_the_code_is_two_for_the_shell(small):
    small.write(csv=HEAD + "A,x,10,2,10\n")
    done = run("validate", "case.toml", "--json", "r.json", cwd=small.folder)
    assert done.returncode == 2
    assert done.stderr == "pymeta: o.csv, line 2, column ai: 'x' is not a number; correct it\n"
    assert sorted(path.name for path in small.folder.iterdir()) == ["case.toml", "o.csv"]
