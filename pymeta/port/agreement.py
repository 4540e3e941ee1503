"""How a script's calls agree with R, in the few lines that a ported script carries."""

from __future__ import annotations

from pathlib import Path

from pymeta.port.buckets import BUCKETS, FAILED, CallReport, ScriptReport
from pymeta.port.runs import Settings, replay_scripts

__all__ = ["agreement"]

MOST = 20
"""Calls that are named."""


def agreement(script: Path, rscript: str | None = None) -> tuple[str, ...]:
    """Run the script in R, replay it, and say what came of its calls.

    The lines are comments of the ported script: what agrees is counted, what does not is named.
    """
    found = replay_scripts([script], Settings(rscript)).scripts[0]
    counted = [f"{n} {name}" for name, n in _counts(found).items() if n]
    ended = "" if found.status == "done" else f" The R script: {found.status}. {found.problem}".rstrip()
    head = f"Checked against {found.r or 'R'}: {len(found.calls)} calls, {', '.join(counted) or 'none compared'}.{ended}"
    doubtful = [call for call in found.calls if call.bucket in (*FAILED, "unsupported")]
    more = [f"... and {len(doubtful) - MOST} more"] if len(doubtful) > MOST else []
    return (head, *[_told(call) for call in doubtful[:MOST]], *more)


def _counts(found: ScriptReport) -> dict[str, int]:
    buckets = [call.bucket for call in found.calls]
    return {name.replace("_by_r", "_by_R").replace("_", " "): buckets.count(name) for name in reversed(list(BUCKETS))}


def _told(call: CallReport) -> str:
    text = " ".join(call.text.split())
    short = text if len(text) <= 60 else text[:57] + "..."
    return f"{call.bucket}, line {call.line}: {short}: {call.reason or call.feature}"
