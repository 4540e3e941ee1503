"""The syntax tree of an R script, as R's own parser has it; nothing of the script is run to get it."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pymeta.errors import BackendError, PymetaError
from pymeta.harness.backends.worker import command_words, find_rscript, why_no_worker
from pymeta.resources import shipped

__all__ = [
    "Argument",
    "Call",
    "Comment",
    "Constant",
    "Empty",
    "Function",
    "Name",
    "Node",
    "Other",
    "Parameter",
    "Script",
    "Statement",
    "SyntaxProblem",
    "read_syntax",
    "walk",
]

_MARK = "#### pymeta: here the script begins ####"
_BOOTSTRAP = (
    "input <- file('stdin', open = 'rb'); lines <- readLines(input, encoding = 'UTF-8', warn = FALSE); "
    f"at <- match('{_MARK}', lines); reader <- new.env(); "
    "eval(parse(text = lines[seq_len(at - 1L)], keep.source = FALSE), envir = reader); reader$answer(lines[-seq_len(at)])"
)
_PATIENCE = 120.0


class SyntaxProblem(PymetaError):
    """R's parser does not understand the script."""


@dataclass(frozen=True, slots=True)
class Name:
    """A symbol."""

    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A number, a text, a truth value, None for NULL; ``missing`` for NA."""

    value: float | int | str | bool | None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Empty:
    """An argument that is left out, as the rows in ``x[, 1]``."""


@dataclass(frozen=True, slots=True)
class Other:
    """A constant that R's parser makes and Python has no word for."""

    text: str


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a call; `name` is "" where it is given by position."""

    name: str
    value: Node


@dataclass(frozen=True, slots=True)
class Call:
    """A call, operators and control flow included; `places`: first and last line of each statement of a block."""

    head: Node
    arguments: tuple[Argument, ...]
    places: tuple[tuple[int, int], ...] = ()

    @property
    def name(self) -> str:
        """What is called, where that is a name; ``metafor::rma`` is "rma"."""
        if isinstance(self.head, Name):
            return self.head.text
        if isinstance(self.head, Call) and self.head.name in ("::", ":::"):
            inner = self.head.arguments[1].value
            return inner.text if isinstance(inner, Name) else ""
        return ""

    @property
    def values(self) -> tuple[Node, ...]:
        """The arguments without their names."""
        return tuple(argument.value for argument in self.arguments)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function that the script defines; Empty where it has no default."""

    name: str
    default: Node


@dataclass(frozen=True, slots=True)
class Function:
    """A function that the script defines."""

    parameters: tuple[Parameter, ...]
    body: Node


Node = Name | Constant | Empty | Other | Call | Function


@dataclass(frozen=True, slots=True)
class Statement:
    """An expression with its first and last line."""

    first: int
    last: int
    node: Node


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, "#" included, and where it begins."""

    line: int
    column: int
    text: str


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script; `datasets`: the columns, with their kinds, of the data sets of metadat that it names."""

    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...]
    lines: tuple[str, ...]
    datasets: Mapping[str, Mapping[str, str] | None]

    def source(self, first: int, last: int) -> list[str]:
        """The lines from `first` to `last`, counted from 1."""
        return list(self.lines[first - 1 : last])


def read_syntax(path: Path, rscript: str | None = None) -> Script:
    """Ask R for the tree of a script.

    rscript : the command that stands for Rscript

    Raises SyntaxProblem with the parser's words, BackendError where there is no R, OSError for a file that cannot be read.
    """
    source = path.read_bytes().decode("utf-8", errors="replace").removeprefix("\ufeff")
    said = _asked(source.replace("\r\n", "\n").replace("\r", "\n"), rscript)
    if "error" in said:
        raise SyntaxProblem(f"{path.name}: R does not understand it: {said['error'].strip()}")
    return Script(
        tuple(Statement(first, last, _node(node)) for (first, last), node in said["expressions"]),
        tuple(Comment(*comment) for comment in said["comments"]),
        tuple(said["lines"]),
        {name: None if columns is None else dict(columns) for name, columns in said["datasets"].items()},
    )


def _asked(source: str, rscript: str | None) -> dict[str, Any]:
    if rscript is None and (missing := why_no_worker()):
        raise BackendError(missing)
    words = command_words(rscript) if rscript is not None else [find_rscript() or ""]
    code = shipped("r_reference", "syntax.R").read_text(encoding="utf-8")
    command = [*words, "--vanilla", "-e", _BOOTSTRAP]
    lines = f"{code}\n{_MARK}\n{source}".rstrip("\n") + "\n"
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(
            command, input=lines.encode(), capture_output=True, timeout=_PATIENCE, env=environment, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BackendError(f"R ({words[0]}) gave no syntax tree: {error}") from None
    try:
        said = json.loads(done.stdout.decode("utf-8", errors="replace"))
    except ValueError:
        complaint = done.stderr.decode("utf-8", errors="replace").strip()
        raise BackendError(f"R ({words[0]}) gave no syntax tree: {complaint[-500:] or 'it said nothing'}") from None
    return dict(said)


def _node(raw: Sequence[Any]) -> Node:
    kind, *rest = raw
    if kind == "call":
        places = tuple((first, last) for first, last in rest[2][1:]) if len(rest) > 2 else ()
        return Call(_node(rest[0]), tuple(Argument(name, _node(value)) for name, value in rest[1]), places)
    if kind == "function":
        return Function(tuple(Parameter(name, _node(value)) for name, value in rest[0]), _node(rest[1]))
    if kind in _LEAVES:
        return _LEAVES[kind](*rest)
    return Other(str(rest[0]) if rest else str(kind))


def _number(text: str) -> float | int:
    """R's doubles that are whole numbers are written as such."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


_LEAVES: Mapping[str, Callable[..., Node]] = MappingProxyType(
    {
        "name": Name,
        "number": lambda text: Constant(_number(text)),
        "integer": lambda text: Constant(int(text)),
        "logical": Constant,
        "text": Constant,
        "null": lambda: Constant(None),
        "na": lambda: Constant(None, missing=True),
        "empty": Empty,
    }
)


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it."""
    yield node
    if isinstance(node, Call):
        yield from walk(node.head)
        for value in node.values:
            yield from walk(value)
    elif isinstance(node, Function):
        for parameter in node.parameters:
            yield from walk(parameter.default)
        yield from walk(node.body)
