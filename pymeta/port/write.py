"""The Python script: statements with the comments of the R script, marked blocks, imports and the report at the top."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pymeta.port.syntax import Comment, Script
from pymeta.port.translate.statements import Piece, translated
from pymeta.show.text import clean

__all__ = ["Ported", "Problem", "ported"]

_IMPORTS = {
    "np": "import numpy as np",
    "pd": "import pandas as pd",
    "stats": "from scipy import stats",
    "pm": "import pymeta as pm",
}
_THIRD_PARTY = ("np", "pd", "stats", "pm")
_SHOW_ALL = 'pd.set_option("display.max_columns", None, "display.max_rows", None, "display.width", 200)'
_FORMATTING = 60.0


@dataclass(frozen=True, slots=True)
class Problem:
    """A statement that is not translated: its lines and why."""

    first: int
    last: int
    why: str


@dataclass(frozen=True, slots=True)
class Ported:
    """The Python script; `problems` is empty where all of the R script is in it."""

    text: str
    problems: tuple[Problem, ...]
    statements: int
    formatted: bool


def ported(script: Script, name: str, report: Sequence[str] = ()) -> Ported:
    """The Python script of an R script.

    name : the R script's, for the first line; report : lines about how the two agree
    """
    pieces = translated(script)
    problems = tuple(Problem(p.statement.first, p.statement.last, p.problem) for p in pieces if p.problem is not None)
    body = _Body(script)
    for piece in pieces:
        body.add(piece)
    body.finish()
    text = "\n".join([*_header(name, pieces, problems, report), "", *_imports(pieces), *body.lines]) + "\n"
    neat = _formatted(text)
    return Ported(neat or text, problems, len(pieces), neat is not None)


def _header(name: str, pieces: Sequence[Piece], problems: Sequence[Problem], report: Sequence[str]) -> list[str]:
    count = f"{len(pieces) - len(problems)} of {len(pieces)} statements translated"
    lines = [f"Ported from {_one_line(name)} by `pymeta port`: {count}.", *report]
    return [_comment(line) for line in lines]


def _comment(line: str) -> str:
    return f"# {_one_line(line)}".rstrip()


def _one_line(text: str) -> str:
    """Other people's words, which must not end a comment."""
    return clean(" ".join(text.splitlines()))


def _imports(pieces: Sequence[Piece]) -> list[str]:
    nodes = [node for piece in pieces for made in piece.made for node in ast.walk(made)]
    used = {node.id for node in nodes if isinstance(node, ast.Name)}
    shows = any(piece.tables for piece in pieces)
    wanted = [_IMPORTS[name] for name in _THIRD_PARTY if name in used or (name == "pd" and shows)]
    return [*sorted(wanted, key=lambda line: line.replace("from ", "import ")), *(["", _SHOW_ALL] if shows else [])]


@dataclass(slots=True)
class _Body:
    """The script's lines as they come to be; `line` is the R line up to which all is said."""

    script: Script
    lines: list[str] = field(default_factory=list)
    line: int = 0
    comments: list[Comment] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.comments = sorted(self.script.comments, key=lambda comment: (comment.line, comment.column))

    def add(self, piece: Piece) -> None:
        """A statement with the comments before, within and behind it."""
        first, last = piece.statement.first, piece.statement.last
        self._before(first)
        inside = self._taken(last)
        behind = [comment for comment in inside if comment.line == last and first == last]
        if piece.problem is not None:
            self._gap(first)
            self._marked(piece)
        elif piece.made:
            self._gap(first)
            self.lines += [_plain(comment) for comment in inside if comment not in behind]
            self._made(piece, behind)
        else:
            self.lines += [_plain(comment) for comment in inside]
        self.line = max(self.line, last)

    def finish(self) -> None:
        """The comments behind the last statement."""
        self._before(len(self.script.lines) + 1)

    def _before(self, line: int) -> None:
        for comment in self._taken(line - 1):
            self._gap(comment.line)
            self.lines.append(_plain(comment))
            self.line = comment.line

    def _taken(self, last: int) -> list[Comment]:
        found = [comment for comment in self.comments if comment.line <= last]
        self.comments = self.comments[len(found) :]
        return found

    def _gap(self, line: int) -> None:
        """One empty line where the R script has some."""
        between = self.script.lines[self.line : line - 1]
        if self.line == 0 or any(not text.strip() for text in between):
            self.lines.append("")

    def _made(self, piece: Piece, behind: Sequence[Comment]) -> None:
        for i, statement in enumerate(piece.made):
            text = ast.unparse(ast.fix_missing_locations(statement)).split("\n")
            if i == 0 and piece.notes:
                self.lines += [_comment(note) for note in piece.notes]
            if i == len(piece.made) - 1 and behind:
                if len(text) == 1:
                    text[0] += "  " + " ".join(_plain(comment) for comment in behind)
                else:
                    self.lines += [_plain(comment) for comment in behind]
            self.lines += text

    def _marked(self, piece: Piece) -> None:
        first, last = piece.statement.first, piece.statement.last
        where = f"line {first}" if first == last else f"lines {first}-{last}"
        self.lines.append(_comment(f"NOT TRANSLATED ({where}): {piece.problem}"))
        self.lines += [f"#     {_one_line(line)}".rstrip() for line in self.script.source(first, last)]


def _plain(comment: Comment) -> str:
    """An R comment as Python writes it: one sign, one space; rules of signs stay."""
    text = _one_line(comment.text)
    if re.fullmatch(r"#+[-=*~# ]*", text):
        return text.rstrip()
    return f"# {text.lstrip('#').lstrip(chr(39)).strip()}".rstrip()


def _formatted(text: str) -> str | None:
    """The text as ruff formats it, or None where there is no ruff."""
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else shutil.which("ruff")
    if ruff is None:
        return None
    command = [ruff, "format", "--isolated", "--line-length", "100", "-"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=_FORMATTING, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode() if done.returncode == 0 else None
