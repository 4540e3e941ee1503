"""Writes docs/coverage.md, how the examples of metafor's and metadat's help pages fare: run ``python -m docs.coverage``.

The calls of these scripts are kept as traces in fixtures/corpus, and replayed from there. With ``--trace`` (``make corpus``)
R runs the scripts again, all but for those named, and the traces are written anew.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from pymeta.harness.backends.worker import find_rscript
from pymeta.port.buckets import BUCKETS, CallReport, Replay
from pymeta.port.runs import replay_scripts, scripts_in
from pymeta.port.trace import trace

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "coverage.md"
CORPUS = ROOT / "fixtures" / "corpus"
REACHED = CORPUS / "reached.json"
PACKAGES = ("metafor", "metadat")
TIMEOUT = 300.0

HEAD = """# Coverage of metafor's own examples

Every call of the examples of the help pages of {packages},
`\\dontrun` included, made again on pymeta and compared number by number. This page is made by `python -m docs.coverage` from
the traces in `fixtures/corpus`; `make corpus` runs the scripts in R again and makes both anew. The same for a script of
yours: `pymeta replay SCRIPT.R`, see [replay](replay.md).
"""
ORDER = ("agree", "limited_by_r", "disagree", "unsupported", "error_matched", "error_unmatched", "not_numeric")


def page(replay: Replay) -> str:
    """The page."""
    parts = [
        HEAD.format(packages=_packages(replay)),
        _buckets(replay),
        _functions(replay),
        _digits(replay),
        _failures(replay),
        _unsupported(replay),
        _scripts(replay),
    ]
    return "\n".join(part for part in parts if part)


def reached(replay: Replay) -> dict[str, int]:
    """What may not fall: how many calls of each function agree, or are limited by R."""
    return {fun: n["agree"] + n["limited_by_r"] for fun, n in replay.by_function.items() if n["agree"] + n["limited_by_r"]}


def _packages(replay: Replay) -> str:
    versions = sorted({script.r for script in replay.scripts if script.calls})
    return f"{' and '.join(PACKAGES)} ({'; '.join(versions)})"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---", *["---:" for _ in head[1:]]], *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)


def _buckets(replay: Replay) -> str:
    rows = [[f"`{name}`: {BUCKETS[name]}", replay.totals[name]] for name in ORDER]
    return "## Buckets\n\nEach call is in one of them.\n\n" + _table(
        ["bucket", "calls"], [*rows, ["all", replay.totals["calls"]]]
    )


def _functions(replay: Replay) -> str:
    met = [name for name in ORDER if replay.totals[name]]
    rows = [[f"`{fun}`", n["calls"], *[n[name] or "" for name in met]] for fun, n in _worst_first(replay.by_function)]
    return "## By function, worst first\n\n" + _table(["function", "calls", *[f"`{name}`" for name in met]], rows)


def _worst_first(by_function: Mapping[str, Mapping[str, int]]) -> list[tuple[str, Mapping[str, int]]]:
    def gravity(item: tuple[str, Mapping[str, int]]) -> tuple[int, int, int, str]:
        fun, n = item
        return -(n["disagree"] + n["error_unmatched"]), -n["unsupported"], -n["calls"], fun

    return sorted(by_function.items(), key=gravity)


def _digits(replay: Replay) -> str:
    """Of each function, the fewest digits of a call that agrees, and of one that is limited by R."""
    found: dict[str, dict[str, list[float]]] = {}
    for call in replay.calls:
        if call.digits is not None and call.bucket in ("agree", "limited_by_r"):
            found.setdefault(call.fun, {}).setdefault(call.bucket, []).append(call.digits)
    rows = [
        [f"`{fun}`", *[_fewest(of.get(name)) for name in ("agree", "limited_by_r")]] for fun, of in sorted(found.items())
    ]
    head = "## Digits\n\nThe fewest of any number of any call. Where R limits them, that is what its iterations leave.\n\n"
    return head + _table(["function", "`agree`", "`limited_by_r`"], rows)


def _fewest(digits: list[float] | None) -> str:
    return f"{min(digits):.1f}" if digits else ""


def _failures(replay: Replay) -> str:
    lines = [
        f"- {_named(script.script)}, {_told(call)}\n" for script in replay.scripts for call in script.calls if _fails(call)
    ]
    return "## What fails\n\n" + ("".join(lines) or "Nothing.\n")


def _fails(call: CallReport) -> bool:
    return call.bucket in ("disagree", "error_unmatched")


def _told(call: CallReport) -> str:
    return f"line {call.line}, `{call.text}`: {call.reason}"


def _unsupported(replay: Replay) -> str:
    rows = [[f"`{feature}`", calls] for feature, calls in replay.unsupported]
    return "## What pymeta does not have\n\n" + _table(["feature", "calls"], rows) if rows else ""


def _scripts(replay: Replay) -> str:
    ended = [script for script in replay.scripts if script.status != "done"]
    lines = [f"- {_named(script.script)}: {script.status}; {script.problem}\n" for script in ended]
    head = f"## Scripts that did not come to their end\n\nOf {len(replay.scripts)}; what ran until then is compared.\n\n"
    return head + "".join(lines)


def _named(script: str) -> str:
    return Path(script).name.removesuffix(".jsonl.gz")


def replayed() -> Replay:
    """The corpus, made again on pymeta."""
    return replay_scripts(scripts_in([CORPUS]))


def trace_all(rscript: str, only: Sequence[str] = ()) -> Iterator[str]:
    """Run the examples in R and keep their traces; those of pages that are no more go."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        subprocess.run([rscript, str(ROOT / "r_reference" / "examples.R"), scratch, *PACKAGES], check=True)
        scripts = [script for script in sorted(folder.glob("*.R")) if not only or script.stem in only]
        CORPUS.mkdir(exist_ok=True)
        if not only:
            for old in CORPUS.glob("*.jsonl.gz"):
                if not (folder / f"{old.name.removesuffix('.jsonl.gz')}.R").exists():
                    old.unlink()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield from pool.map(_trace, scripts)


def _trace(script: Path) -> str:
    room = script.parent / script.stem
    room.mkdir()
    found = trace(script, timeout=TIMEOUT, folder=room, to=CORPUS / f"{script.stem}.jsonl.gz")
    shutil.rmtree(room)
    return f"{script.stem}: {found.status}, {len(found.calls)} calls"


def main() -> None:
    """Write page and ratchet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trace", nargs="*", metavar="SCRIPT", help="run R again, on all scripts or those named")
    asked = parser.parse_args()
    if asked.trace is not None:
        for line in trace_all(str(find_rscript()), asked.trace):
            print(line, flush=True)
    found = replayed()
    PAGE.write_text(page(found), encoding="utf-8")
    REACHED.write_text(json.dumps(reached(found), indent=1, sort_keys=True) + "\n", encoding="utf-8")
    print(dict(found.totals))


if __name__ == "__main__":
    main()
