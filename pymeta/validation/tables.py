"""The tables of a report as texts, for the terminal and for HTML alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pymeta.results.mh import MHResult
from pymeta.show.table import Table
from pymeta.validation.run import OutcomeReport, displayed

__all__ = ["quantities", "studies"]

NONE = "–"
SYMBOLS = {
    "tau2": "τ²",
    "QE": "Q",
    "QE_df": "Q's df",
    "QEp": "Q's p",
    "I2": "I² (%)",
    "H2": "H²",
    "zval": "z",
    "pval": "p",
    "se": "standard error",
    "se_tau2": "SE of τ²",
    "ci_lb": "lower bound",
    "ci_ub": "upper bound",
    "k": "studies",
}


def quantities(outcome: OutcomeReport) -> Table:
    """Every number of the pooled result: pymeta, R, their digits, the paper; the effect on the scale people read."""
    compared = {row.name: row for row in outcome.agreement.quantities} if outcome.agreement else {}
    ours, r = displayed(outcome.case, outcome.ours), displayed(outcome.case, outcome.r)
    rows = []
    for name, value in ours.items():
        row, printed = compared.get(name), outcome.case.reported.get(name)
        own = row.reference_digits if row else None
        rows.append(
            (
                SYMBOLS.get(name, name),
                f"{value:.10g}",
                f"{r[name]:.10g}" if name in r else NONE,
                f"{row.digits:.1f}" if row else NONE,
                f"{row.needed:g}" if row else NONE,
                "" if own is None else f"{own:.1f}",
                printed.text if printed else "",
                row.verdict.replace("_", " ") if row else "missing reference",
            )
        )
    head = ("Quantity", "pymeta", "R", "digits", "needed", "R's own", "paper", "verdict")
    return Table(outcome.case.label, head, tuple(rows))


def studies(outcome: OutcomeReport) -> Table:
    """Each study's effect, variance and weight: pymeta and R side by side, on the scale that is pooled."""
    result = outcome.result
    slab = result.studies.slab
    weighted = result.slab if isinstance(result, MHResult) else slab
    columns = [
        _column(weighted, weighted if name == "weights" else slab, side.get(name, ()))
        for name in ("yi", "vi", "weights")
        for side in (outcome.ours, outcome.r)
    ]
    names = {"yi": "effect", "vi": "variance", "weights": "weight (%)"}
    head = ("Study", *(f"{name}, {side}" for name in names.values() for side in ("pymeta", "R")))
    return Table(outcome.case.label, head, tuple(zip(weighted, *columns, strict=True)))


def _column(shown: Sequence[str], known: Sequence[str], values: object) -> list[str]:
    """`values`, which belong to the labels `known`, beside the labels `shown`; labels are unique in a case."""
    numbers = np.atleast_1d(np.asarray(values, dtype=np.float64))
    found = dict(zip(known, numbers, strict=True)) if len(numbers) == len(known) else {}
    return [f"{found[label]:.8g}" if label in found else NONE for label in shown]
