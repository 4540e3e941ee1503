"""A trace: what an R script asked of a package, and what R answered (docs/trace-format.md)."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import starmap
from pathlib import Path
from typing import Any

from pymeta.errors import DataError
from pymeta.port.values import Decoder

__all__ = ["FORMAT", "Capped", "FailedTest", "Lost", "Stop", "Trace", "TracedCall", "read_trace", "records"]

FORMAT = 1
Value = Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class TracedCall:
    """One call as R made it; values are as the trace has them (`Trace.value` makes Python's of them).

    fun : the function that ran, e.g. "rma.uni"; head : its name as the script has it, e.g. "rma"
    expression : the script's top-level expression, from 0; line : the script's line, where it is known
    arguments, dots : as evaluated; columns : those looked up in the data, column_texts : their R text
    nearby : variables that appear in texts that nobody was seen to evaluate
    ended : the place among the calls in the order in which they ended: what was an argument of another before that
    error : R's message where the call failed; rng : False, "unset", or the seed as it stood where the call drew from it
    """

    id: int
    fun: str
    head: str
    text: str
    expression: int
    line: int | None
    arguments: Mapping[str, Value]
    dots: Mapping[str, Value]
    columns: Mapping[str, Value]
    column_texts: Mapping[str, str]
    nearby: Mapping[str, Value]
    dot_texts: Mapping[str, str]
    options: Mapping[str, Any]
    warnings: tuple[str, ...]
    error: str | None
    rng: Any
    seconds: float
    result: Value
    caller: str
    via: str
    ended: int


@dataclass(frozen=True, slots=True)
class Capped:
    """A call text that ran more often than is kept."""

    fun: str
    text: str
    times: int
    kept: int


@dataclass(frozen=True, slots=True)
class Stop:
    """The error that ended the script; `package` is the one that is not there, if that was it."""

    error: str
    expression: int
    package: str | None = None


@dataclass(frozen=True, slots=True)
class FailedTest:
    """A block of a testthat file that an error ended; the blocks after it ran all the same."""

    name: str
    expression: int
    error: str


@dataclass(frozen=True, slots=True)
class Lost:
    """A call that ran, and that the tracer could not write down."""

    fun: str
    error: str


@dataclass(frozen=True)
class Trace:
    """Everything that is known of one run of one script.

    status : "done", "stopped", "quit", "syntax error", "missing package", "timed out" or "died"
    meta : R, package and version, the functions that were watched; empty where R did not get that far
    light : how often each function that is only counted was called
    data : values that calls share, by their key
    exit_code, stdout, stderr : of the run, where it was ours
    """

    status: str
    meta: Mapping[str, Any]
    calls: tuple[TracedCall, ...]
    data: Mapping[str, Value]
    light: Mapping[str, int] = field(default_factory=dict)
    capped: tuple[Capped, ...] = ()
    lost: tuple[Lost, ...] = ()
    failed_tests: tuple[FailedTest, ...] = ()
    stop: Stop | None = None
    overhead: float | None = None
    script: str | None = None
    exit_code: int | None = None
    stdout: str = ""
    stderr: str = ""

    @cached_property
    def _decoder(self) -> Decoder:
        return Decoder(self.data)

    def raw(self, value: Value) -> Value:
        """A value as the trace has it, where calls share it as well."""
        return self._decoder.raw(value)

    def value(self, value: Value) -> Any:
        """A value of the trace as Python has it: see pymeta.port.values."""
        return self._decoder.python(value)


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a trace file, compressed or not, one by one; a last line that was cut off is left out."""
    try:
        raw = path.read_bytes()
        lines = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).split(b"\n")
    except (OSError, EOFError, gzip.BadGzipFile) as error:
        raise DataError(f"{path}: cannot be read ({error}); give a trace that `pymeta replay` wrote") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except ValueError as error:
            if number == len(lines):  # no newline after it: R was stopped while it wrote
                return
            raise DataError(f"{path}, line {number}: not JSON ({error}); the file is damaged") from error
        if not isinstance(record, dict) or "t" not in record:
            raise DataError(f"{path}, line {number}: not a record of a trace")
        yield record


def read_trace(path: str | Path) -> Trace:
    """Read a trace file (.jsonl or .jsonl.gz). Raises DataError where it is none."""
    path = Path(path)
    return _assemble(list(records(path)), path)


def _assemble(found: list[dict[str, Any]], path: Path) -> Trace:
    kinds: dict[str, list[dict[str, Any]]] = {}
    for record in found:
        kinds.setdefault(record["t"], []).append(record)
    meta = dict((kinds.get("meta") or [{}])[0])
    if meta.pop("t", None) is not None and meta.get("format") != FORMAT:
        raise DataError(f"{path}: trace of format {meta.get('format')!r}; this pymeta reads format {FORMAT}")
    end = (kinds.get("end") or [{}])[0]
    try:
        return Trace(
            status=str(end.get("status", "died")),
            meta=meta,
            calls=tuple(sorted(starmap(_call, enumerate(kinds.get("call", []))), key=lambda call: call.id)),
            data={record["h"]: record["v"] for record in kinds.get("data", [])},
            light={record["fun"]: record["n"] for record in kinds.get("light", [])},
            capped=tuple(_capped(record) for record in kinds.get("capped", [])),
            lost=tuple(Lost(record["fun"], record["err"]) for record in kinds.get("lost", [])),
            failed_tests=tuple(FailedTest(r["test"], r["expr"], r["err"]) for r in kinds.get("failed", [])),
            stop=_stop(kinds.get("stop", [])),
            overhead=end.get("overhead"),
            script=meta.get("script"),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path}: a record lacks {error}; the file is damaged") from error


def _call(ended: int, record: Mapping[str, Any]) -> TracedCall:
    return TracedCall(
        id=record["id"],
        fun=record["fun"],
        head=record["head"],
        text=record["call"],
        expression=record["expr"],
        line=record["line"],
        arguments=record["args"],
        dots=record["dots"],
        columns=record["nse"],
        column_texts=record["nsetext"],
        nearby=record.get("nsevars", {}),
        dot_texts=record.get("dotstext", {}),
        options=record.get("opt", {}),
        warnings=tuple(record["warn"]),
        error=record["err"],
        rng=record["rng"],
        seconds=record["time"],
        result=record["result"],
        caller=record["from"],
        via=record["via"],
        ended=ended,
    )


def _capped(record: Mapping[str, Any]) -> Capped:
    fun, _, text = record["key"].partition("|")
    return Capped(fun, text, record["n"], record["kept"])


def _stop(found: list[dict[str, Any]]) -> Stop | None:
    return Stop(found[-1]["err"], found[-1]["expr"], found[-1].get("package")) if found else None
