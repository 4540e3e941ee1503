"""`pymeta port`: golden scripts, what they print beside R, and input that means harm."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from pymeta.cli import main
from pymeta.port.syntax import SyntaxProblem, read_syntax
from pymeta.port.write import ported

PORTED = Path(__file__).parent / "ported"
SCRIPTS = sorted(PORTED.glob("*.R"))
NUMBER = re.compile(r"(?<![\w.])[-+]?\d+\.\d+(?:e[-+]?\d+)?(?!\w)")
REPORT = ("Not checked against R.",)


def port(tmp_path, text, name="script.R"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return ported(read_syntax(path), name)


def body(made):
    """The lines after the header and the imports."""
    lines = [line for line in made.text.splitlines() if line and not line.startswith(("import ", "from ", "# Ported"))]
    return "\n".join(line for line in lines if not line.startswith("pd.set_option"))


def translated(tmp_path, text):
    made = port(tmp_path, f"dat <- dat.bcg\nx <- c(3, 1, 2)\n{text}\n")
    assert not made.problems, made.problems
    return body(made).split("\n", 2)[2]


def printed_by_r(script, problems, tmp_path):
    """What R prints, of the lines that are translated."""
    left_out = {line for problem in problems for line in range(problem.first, problem.last + 1)}
    lines = script.read_text(encoding="utf-8").splitlines()
    kept = tmp_path / "kept.R"
    kept.write_text("\n".join("" if i in left_out else line for i, line in enumerate(lines, 1)), encoding="utf-8")
    command = ["Rscript", "--vanilla", "-e", f"options(width = 200); source({str(kept)!r}, print.eval = TRUE)"]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout


def printed_by_python(text, tmp_path):
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    here = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    command = [sys.executable, "-W", "error", "script.py"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=here)
    assert done.returncode == 0, done.stderr
    return done.stdout


def absent(r_output, python_output):
    """The numbers that R prints and Python does not: half a unit of R's last digit, or R's own digits, apart."""
    python = [float(x) for x in NUMBER.findall(python_output)] + [float(x) for x in re.findall(r"\b\d+\b", python_output)]

    def near(text):
        value, decimals = float(text), len(text.split("e")[0].split(".")[1])
        tolerance = max(0.51 * 10.0**-decimals, 2e-4 * abs(value)) if "e" not in text else 1e-3 * abs(value)
        return any(abs(p - value) <= tolerance for p in python)

    return [text for text in NUMBER.findall(r_output) if not near(text)]


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_becomes_the_golden_one(script):
    made = ported(read_syntax(script), script.name, REPORT)
    assert made.formatted
    assert made.text == script.with_suffix(".py.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_python_prints_the_numbers_that_r_prints(script, tmp_path):
    made = ported(read_syntax(script), script.name)
    r_output = printed_by_r(script, made.problems, tmp_path)
    assert len(NUMBER.findall(r_output)) >= 15
    assert absent(r_output, printed_by_python(made.text, tmp_path)) == []


def test_a_wrong_number_would_be_seen():
    assert absent("x 0.1234", "x 0.1236") == ["0.1234"]


@pytest.mark.parametrize(
    ("r", "python"),
    [
        ("x[2]", "print(x[1])"),
        ("x[-2]", "print(np.delete(x, [1]))"),
        ("x[2:3]", "print(x[1:3])"),
        ("i <- 2; x[i]", "i = 2\nprint(x[i - 1])"),
        ("x[order(x)]", 'print(x[np.argsort(x, kind="stable")])'),
        ("dat[1:3, ]", "print(dat.iloc[:3])"),
        ("dat[-1, ]", "print(dat.drop(index=dat.index[[0]]))"),
        ('dat[dat$year > 1960, c("author", "year")]', 'print(dat[["author", "year"]][dat["year"] > 1960])'),
        ("dat$year[3]", 'print(dat["year"].iloc[2])'),
        ("with(dat, mean(ablat))", 'print(dat["ablat"].to_numpy().mean())'),
        ("(1 + 2) * 3^2", "print((1 + 2) * 3**2)"),
        ("-2^2", "print(-(2**2))"),
        ("seq(0, 1, by=.25)", "print(np.linspace(0, 1, 5))"),
        ("seq(10, 2, by=-4)", "print(np.arange(10, 1, -4))"),
        ('paste0("k = ", 3)', 'print("k = 3")'),
        ("is <- 5; is + 1", "is_ = 5\nprint(is_ + 1)"),
        ("a.b <- 1; a_b <- 2; a.b", "a_b = 1\na_b_ = 2\nprint(a_b)"),
        ("invisible(x)", "x"),
        ("(y <- 2)", "y = 2\nprint(y)"),
        ("sapply(x, function(v) v^2)", "print(np.array([v**2 for v in x]))"),
        ("rma(ablat, year, data=dat, btt=1)", 'print(pm.rma("ablat", "year", btt=[0], data=dat))'),
        ("rma(x, 1, mods=~ z, data=list())", None),
        ("z <- x * 2; rma(x, x, mods=~ z)", 'z = x * 2\nprint(pm.rma(x, x, mods="~ z", data={"z": z}))'),
        ("metafor::rma(x, x, knha=TRUE)", 'print(pm.rma(x, x, test="knha"))'),
    ],
)
def test_expressions(tmp_path, r, python):
    if python is None:
        assert port(tmp_path, f"x <- c(3, 1, 2)\n{r}\n").problems
    else:
        assert translated(tmp_path, r) == python


def test_columns_of_different_frames_lose_their_index(tmp_path):
    """pandas would align them by it; R goes by place."""
    made = translated(tmp_path, "new <- dat[dat$year > 1960, ]\nold <- dat[dat$year < 1949, ]\nnew$tpos - old$tpos")
    assert made.endswith('print(new["tpos"].to_numpy() - old["tpos"].to_numpy())')


def test_what_depends_on_a_marked_line_is_marked_too(tmp_path):
    made = port(tmp_path, "library(metafor)\nfit <- rma.mv(yi, vi, data=dat.bcg)\ncoef(fit)\ny <- 1\n")
    assert [problem.first for problem in made.problems] == [2, 3]
    assert "needs `fit`, which line 2 would make" in made.text
    assert "#     fit <- rma.mv(yi, vi, data=dat.bcg)" in made.text
    assert "y = 1" in made.text


def test_a_loop_that_cannot_be_translated_leaves_no_trace(tmp_path):
    made = port(tmp_path, "for (i in 1:2) {\n  y <- i\n  plot(i)\n}\ny\n")
    assert [problem.first for problem in made.problems] == [1, 5]
    assert "range" not in made.text


@pytest.mark.parametrize(
    "text",
    [
        "x <- \"'); import os; os.system('touch harmed') #\"\nprint(x)\n",
        "# comment\x0c\x85open('harmed', 'w')\nx <- 1\n",
        "`a'); open('harmed', 'w'); (' ` <- 1\nprint(`a'); open('harmed', 'w'); (' `)\n",
        "unknown(\"\\nopen('harmed', 'w')\", \"\u2028open('harmed', 'w')\")\n# \u2028open(\"harmed\", \"w\")\n",
        "x <- c(\"{open('harmed', 'w')}\")\npaste0(\"{x}\", x[1])\n",
        "dat <- data.frame(a=1)\ndat[[\"b\\\"]; open('harmed', 'w')\"]] <- 2\n",
    ],
)
def test_nothing_of_a_script_becomes_code_but_its_code(tmp_path, text):
    made = port(tmp_path, text)
    printed_by_python(made.text, tmp_path)
    assert not (tmp_path / "harmed").exists()


def run(*arguments):
    return CliRunner().invoke(main, ["port", *map(str, arguments)])


def test_the_command_writes_and_says_how_it_went(tmp_path):
    script, out = tmp_path / "a.R", tmp_path / "a.py"
    script.write_text("x <- 1\nfile.create('harmed')\n", encoding="utf-8")
    result = run(script, "-o", out, "--no-check")
    assert result.exit_code == 1
    assert "a.R:2: not translated" in result.output
    assert "NOT TRANSLATED (line 2)" in out.read_text(encoding="utf-8")
    assert not Path("harmed").exists()
    script.write_text("x <- 1\n", encoding="utf-8")
    assert run(script, "-o", out, "--no-check").exit_code == 0


@pytest.mark.parametrize("text", ["x <- (1\n", "x y\n", "'open\n"])
def test_a_script_that_r_cannot_read(tmp_path, text):
    script = tmp_path / "a.R"
    script.write_text(text, encoding="utf-8")
    result = run(script, "--no-check")
    assert result.exit_code == 2
    assert "R does not understand it" in result.output
    with pytest.raises(SyntaxProblem):
        read_syntax(script)


def test_a_script_is_not_overwritten(tmp_path):
    script = tmp_path / "a.R"
    script.write_text("x <- 1\n", encoding="utf-8")
    assert run(script, "-o", script, "--no-check").exit_code == 2
    assert script.read_text(encoding="utf-8") == "x <- 1\n"


def test_no_r(tmp_path):
    script = tmp_path / "a.R"
    script.write_text("x <- 1\n", encoding="utf-8")
    assert run(script, "--rscript", "/nowhere/Rscript", "--no-check").exit_code == 2


@pytest.mark.parametrize("text", ["", "\n", "# only a comment", "#!/usr/bin/Rscript\r\nx <- 1\r\n", "\ufeffx <- 1\n"])
def test_small_scripts(tmp_path, text):
    made = port(tmp_path, text)
    assert not made.problems
    printed_by_python(made.text, tmp_path)
