"""Proving that a Python function and an R function agree; knows nothing of meta-analysis."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import Any

# name -> the module it lives in, imported when the name is first asked for (PEP 562)
_HOME = MappingProxyType(
    {
        "Agreement": "pymeta.harness.agreement",
        "BACKENDS": "pymeta.harness.backends.open",
        "Call": "pymeta.harness.calls",
        "Comparison": "pymeta.harness.reproducer",
        "Condition": "pymeta.harness.calls",
        "Difference": "pymeta.harness.drift",
        "Disagreement": "pymeta.harness.mismatch",
        "Divergence": "pymeta.harness.divergences",
        "Environment": "pymeta.harness.calls",
        "Finding": "pymeta.harness.fuzzing",
        "KINDS": "pymeta.harness.agreement",
        "Kind": "pymeta.harness.agreement",
        "MissingRecording": "pymeta.harness.backends.recorded",
        "NA": "pymeta.harness.codec",
        "Outcome": "pymeta.harness.calls",
        "QuantityAgreement": "pymeta.harness.agreement",
        "RVector": "pymeta.harness.codec",
        "RecordedReference": "pymeta.harness.backends.recorded",
        "Recording": "pymeta.harness.recording",
        "Reference": "pymeta.harness.calls",
        "Rule": "pymeta.harness.agreement",
        "StaleRecording": "pymeta.harness.backends.recorded",
        "Take": "pymeta.harness.pick",
        "Target": "pymeta.harness.fuzzing",
        "VERDICTS": "pymeta.harness.agreement",
        "answer": "pymeta.harness.agreement",
        "applicable": "pymeta.harness.divergences",
        "call_key": "pymeta.harness.recording",
        "compare": "pymeta.harness.agreement",
        "decode": "pymeta.harness.codec",
        "differences": "pymeta.harness.drift",
        "digits": "pymeta.harness.precision",
        "encode": "pymeta.harness.codec",
        "environment_slug": "pymeta.harness.recording",
        "environments": "pymeta.harness.backends.recorded",
        "open_reference": "pymeta.harness.backends.open",
        "fuzz": "pymeta.harness.fuzzing",
        "p_digits": "pymeta.harness.precision",
        "plain": "pymeta.harness.codec",
        "r_value": "pymeta.harness.codec",
        "read_divergences": "pymeta.harness.divergences",
        "read_recording": "pymeta.harness.recording",
        "record": "pymeta.harness.recording",
        "succeeds": "pymeta.harness.agreement",
        "ulps": "pymeta.harness.precision",
        "unmatched": "pymeta.harness.divergences",
        "verify": "pymeta.harness.drift",
        "write_pair": "pymeta.harness.reproducer",
    }
)

__all__ = sorted(_HOME)  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
