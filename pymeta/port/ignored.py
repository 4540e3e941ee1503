"""Numbers in R's objects that nobody compares, each with the reason: they restate the input, or are R's own bookkeeping."""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from types import MappingProxyType

__all__ = ["IGNORED", "is_ignored"]

_INPUT = "restates the input"
_ROWS = "restates the input with the rows that were left out"
_ASKED = "restates an argument"
_BOOKS = "R's own bookkeeping"
_AXIS = "the ends of an axis"

_PROFILES = ("profile.rma.uni", "profile.rma.ls", "profile.rma.uni.selmodel")
_MODEL: Mapping[str, str] = {
    "yi.f": _ROWS,
    "vi.f": _ROWS,
    "X.f": _ROWS,
    "Z.f": _ROWS,
    "weights.f": _ROWS,
    "ni": _INPUT,
    "ni.f": _ROWS,
    "outdat*": _ROWS,
    "ids": "numbers the rows of the input",
    "tau2.f": "tau2, of the rows that were left out as well",
    "k.f": "the number of rows of the input",
    "k.all": "the number of rows of the input",
    "not.na": "which rows were used, as truth values",
    "subset": _ASKED,
    "cluster": _INPUT,
    "digits": "how many digits are printed",
    "level": _ASKED,
    "add": _ASKED,
    "to": _ASKED,
    "drop00": _ASKED,
    "control*": _ASKED,
    "verbose": _ASKED,
    "optbeta": _ASKED,
    "H": "the inverse of va",
    "data*": _INPUT,
    "time": "how long R took",
    "version*": "metafor's version",
    "ai": _INPUT,
    "bi": _INPUT,
    "ci": _INPUT,
    "di": _INPUT,
    "x1i": _INPUT,
    "x2i": _INPUT,
    "t1i": _INPUT,
    "t2i": _INPUT,
    "ai.f": _ROWS,
    "bi.f": _ROWS,
    "ci.f": _ROWS,
    "di.f": _ROWS,
    "x1i.f": _ROWS,
    "x2i.f": _ROWS,
    "t1i.f": _ROWS,
    "t2i.f": _ROWS,
}

_SELECTION: Mapping[str, str] = {
    **_MODEL,
    "hessian": "the inverse of the variances",
    "pgrp": "pvals, by the intervals between steps",
    "precis*": "a summary of the input",
    "delta.??": "the range of a parameter, by definition",
    "delta.m??": _ASKED,
    "tau2.max": _ASKED,
    "pval.min": _ASKED,
    "steps": _ASKED,
    "k0": "counted by ptable",
    "k1": "counted by ptable",
}

_LEAST_SQUARES = {
    "effects": "R's QR decomposition of the design",
    "qr$*": "R's QR decomposition of the design",
    "assign": "R's design",
    "model$*": "the data",
}

IGNORED: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "rma.uni": _MODEL,
        "rma.mh": _MODEL,
        "rma.peto": _MODEL,
        "update.rma": _MODEL,
        "robust.rma.uni": _MODEL,
        "summary.rma": _MODEL,
        "trimfill.rma.uni": _MODEL,
        "regtest": {f"fit${name}": why for name, why in {**_MODEL, **_LEAST_SQUARES}.items()},
        "selmodel.rma.uni": _SELECTION,
        **{fun: {"ylim": _AXIS, "*$ylim": _AXIS} for fun in _PROFILES},
        "*": {
            "digits": "how many digits are printed",
            "*$digits": "how many digits are printed",
            "digits$*": "how many digits are printed",
            "slab": "labels",
            "*$slab": "labels",
        },
    }
)
"""R function -> pattern of a place in its answer -> why it is not compared."""


def is_ignored(fun: str, place: str) -> bool:
    """Whether a number at that place of what `fun` returns is not compared."""
    patterns = (*IGNORED.get(fun, ()), *IGNORED["*"])
    return any(fnmatchcase(place, pattern) for pattern in patterns)
