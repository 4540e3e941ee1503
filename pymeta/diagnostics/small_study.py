"""Tests of small-study effects for binary outcomes, which spare log odds ratios' tie to their own standard errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from pymeta.arrays import FloatArray
from pymeta.errors import DataError, OptionError, no_such
from pymeta.inference.wald import two_sided
from pymeta.models.tables import as_they_are, tables_of
from pymeta.numerics.linalg import wls
from pymeta.results.mh import MHResult
from pymeta.results.peto import PetoResult
from pymeta.results.small_study import SmallStudyTest
from pymeta.results.uni import UniResult
from pymeta.table_models import rma_mh

__all__ = ["TESTS", "metabias"]

_COUNTS = ("ai", "bi", "ci", "di", "n1i", "n2i")
_FITTED_WITH = (*_COUNTS, "data", "slab", "subset", "add", "to", "drop00")


@dataclass(frozen=True, slots=True)
class Tables:
    """The k tables with an effect: cells as they were counted, each (k,), and effects and variances."""

    ai: FloatArray
    bi: FloatArray
    ci: FloatArray
    di: FloatArray
    yi: FloatArray
    vi: FloatArray

    @property
    def n(self) -> FloatArray:
        """Patients."""
        return self.events + self.others

    @property
    def events(self) -> FloatArray:
        """Patients with the event, in both groups."""
        return self.ai + self.ci

    @property
    def others(self) -> FloatArray:
        """Patients without."""
        return self.bi + self.di


@dataclass(frozen=True, slots=True)
class Test:
    """A weighted regression: of tables, the outcome, its predictor and the weights, each (k,)."""

    name: str
    outcome: str
    predictor: str
    weights: str
    columns: Callable[[Tables], tuple[FloatArray, FloatArray, FloatArray]]
    source: str
    measures: tuple[str, ...] = ("OR", "RR", "RD")


def _harbord(t: Tables) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The score Z = a − n1 e/n and its variance V, given the margins; Z/V on 1/√V with weights V."""
    first, second = t.ai + t.bi, t.ci + t.di
    score = t.ai - first * t.events / t.n
    V = first * second * t.events * t.others / (t.n**2 * (t.n - 1.0))
    return score / V, 1.0 / np.sqrt(V), V


def _pooled_variance(t: Tables) -> FloatArray:
    return 1.0 / (1.0 / t.events + 1.0 / t.others)


_TESTS = (
    Test(
        "Harbord",
        "score over its variance",
        "1/sqrt(variance of the score)",
        "variance of the score",
        _harbord,
        "Harbord, Egger & Sterne (2006), Statistics in Medicine 25, 3443",
        ("OR",),
    ),
    Test(
        "Peters",
        "effect",
        "1/n",
        "events x others/n",
        lambda t: (t.yi, 1.0 / t.n, _pooled_variance(t)),
        "Peters, Sutton, Jones, Abrams & Rushton (2006), JAMA 295, 676",
    ),
    Test(
        "Macaskill",
        "effect",
        "n",
        "events x others/n",
        lambda t: (t.yi, t.n, _pooled_variance(t)),
        "Macaskill, Walter & Irwig (2001), Statistics in Medicine 20, 641: funnel regression by the pooled variance",
    ),
    Test(
        "Macaskill-FIV",
        "effect",
        "n",
        "1/variance",
        lambda t: (t.yi, t.n, 1.0 / t.vi),
        "Macaskill, Walter & Irwig (2001): funnel regression by the inverse variance",
    ),
    Test(
        "Debray",
        "effect",
        "1/events",
        "1/(1/events of group 1 + 1/events of group 2)",
        lambda t: (t.yi, 1.0 / t.events, t.ai * t.ci / t.events),
        "Debray, Moons & Riley (2018), Research Synthesis Methods 9, 41: by the approximate variance",
    ),
    Test(
        "Debray-FIV",
        "effect",
        "1/events",
        "1/variance",
        lambda t: (t.yi, 1.0 / t.events, 1.0 / t.vi),
        "Debray, Moons & Riley (2018): by the inverse variance",
    ),
)
TESTS: Mapping[str, Test] = MappingProxyType({one.name: one for one in _TESTS})
"""What `metabias` knows, by name."""


def metabias(
    x: UniResult | MHResult | PetoResult | None = None,
    method: str = "Harbord",
    *,
    measure: str = "OR",
    k_min: int = 10,
    **tables: Any,
) -> SmallStudyTest:
    """Do small studies have other effects than large ones? By a weighted regression with a dispersion, for 2x2 tables.

    x : a fit of rma_mh or rma_peto, or one of rma that was asked with ai, bi, ci, di (or n1i, n2i); or None, and the tables
        as `rma_mh` takes them: ai, bi, ci, di, n1i, n2i, data, subset, slab, add, to, drop00
    method : one of `TESTS`; ``regtest`` is Egger's test, ``ranktest`` Begg and Mazumdar's
    measure : the effect where tables are given: "OR", "RR" or "RD"; Harbord's test is of odds ratios alone
    k_min : how few studies are too few

    Tables without an effect of their own (no events at all, say) are left out. In regressions on events or sample sizes,
    cells are as they were counted; effects have `add` where `to` says.
    Raises OptionError for another method or measure, DataError for too few studies or where all are as large.
    Source: `TESTS` names that of each. R: ``meta::metabias(x, method.bias=, k.min=)``; ``metamisc::fat()`` for Debray's
    """
    if method not in TESTS:
        raise no_such("method", method, TESTS, what="test")
    test = TESTS[method]
    found, name = _tables(x, measure, tables)
    if name not in test.measures:
        known = ", ".join(test.measures)
        raise OptionError(f"metabias: {method}'s test is of {known}, not of {name}; use method='Peters'")
    y, predictor, w = test.columns(found)
    used = w > 0.0
    k = int(used.sum())
    if k < max(k_min, 3):
        few = "k_min= asks for fewer" if k >= 3 else "a slope and its error need 3"
        raise DataError(f"metabias: {k} studies are too few for a test of small-study effects; {few}")
    if np.ptp(predictor[used]) == 0.0:
        raise DataError(f"metabias: {test.predictor} is {predictor[used][0]:g} in all studies; nothing can depend on it")
    made = wls(y[used], np.column_stack([np.ones(k), predictor[used]]), w[used])
    df = k - 2
    dispersion = made.ss / df
    se = np.sqrt(np.diag(made.bread) * dispersion)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = float(made.beta[1] / se[1])
    return SmallStudyTest(
        method=method,
        measure=name,
        k=k,
        df=df,
        intercept=float(made.beta[0]),
        se_intercept=float(se[0]),
        bias=float(made.beta[1]),
        se_bias=float(se[1]),
        tval=t,
        pval=float(two_sided(np.array([t]), float(df))[0]),
        dispersion=float(dispersion),
        outcome=test.outcome,
        predictor=test.predictor,
        weights=test.weights,
    )


def _tables(x: Any, measure: str, given: Mapping[str, Any]) -> tuple[Tables, str]:
    """The tables that have an effect, and what that is."""
    if x is None:
        if measure not in ("OR", "RR", "RD"):
            raise no_such("measure", measure, ("OR", "RR", "RD"), what="effect of 2x2 tables")
        x = rma_mh(measure=measure, **given)
    elif given:
        raise OptionError(f"metabias: {', '.join(given)}: the model has its tables; give the model or tables, not both")
    elif isinstance(x, UniResult):
        x = _as_tables(x)
    if not isinstance(x, MHResult | PetoResult) or "ai" not in x.pooled.inputs:
        raise OptionError("metabias: needs 2x2 tables: a fit of rma_mh() or rma_peto(), or ai, bi, ci and di")
    cells, studies = tables_of(as_they_are(x.pooled)), x.studies
    rows = {int(row): place for place, row in enumerate(cells.rows)}
    where = np.array([rows[int(row)] for row in (cells.rows if studies.rows is None else studies.rows)], dtype=int)
    columns = {name: cells.columns[name][where] for name in ("ai", "bi", "ci", "di")}
    return Tables(**columns, yi=studies.yi, vi=studies.vi), "OR" if isinstance(x, PetoResult) else x.spec.measure


def _as_tables(x: UniResult) -> MHResult:
    """The same tables that rma() was given."""
    asked = {name: x.call[name] for name in _FITTED_WITH if x.call.get(name) is not None}
    if not any(name in asked for name in _COUNTS):
        raise OptionError("metabias: the model was fitted to effects, not to tables; give ai, bi, ci and di, or use regtest")
    if x.spec.measure not in ("OR", "RR", "RD"):
        raise OptionError(f"metabias: the tests are of OR, RR and RD, not of {x.spec.measure}")
    return rma_mh(measure=x.spec.measure, **asked)
