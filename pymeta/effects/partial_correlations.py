"""Partial and semi-partial correlations of an outcome with one predictor in a regression.

ti: t-statistic of the predictor, ni: people, mi: predictors (that one included, the intercept not), ri: the correlation
itself, where it is known, r2i: R² of the regression; all (k,). The t-test has n − m − 1 degrees of freedom.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pymeta.arrays import FloatArray, refuse
from pymeta.effects.correlations import check_p, check_r, check_size, effects_known, r_of_t, weighted_mean
from pymeta.effects.records import Effects
from pymeta.numerics.tails import t_of_p

__all__ = ["fisher_z_partial", "fisher_z_semi_partial", "partial", "prepare", "semi_partial"]


def prepare(columns: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """The columns, with t-statistics of the signed p-values in pi in the rows that have none.

    Raises DataError for a correlation or p-value beyond ±1, an R² outside 0 to 1, no people, no predictors or too many of
    them for the people, and for a test that R² contradicts.
    """
    inputs = {name: values for name, values in columns.items() if name != "pi"}
    check_size("ni", inputs["ni"])
    refuse("mi", inputs["mi"], inputs["mi"] <= 0.0, "predictors; a regression has at least one")
    df = inputs["ni"] - inputs["mi"] - 1.0
    refuse("ni", inputs["ni"], df <= 0.0, "people are too few for the predictors (column mi); it takes two more")
    check_p(columns)
    check_r(columns)
    if "pi" in columns:
        t = t_of_p(columns["pi"], df)
        inputs["ti"] = np.where(np.isnan(inputs["ti"]), t, inputs["ti"]) if "ti" in inputs else t
    if "r2i" in inputs:
        _check_r2(inputs, df, "ti" if "ti" in columns else "pi")
    return inputs


def _check_r2(inputs: Mapping[str, FloatArray], df: FloatArray, tested: str) -> None:
    r2i = inputs["r2i"]
    refuse("r2i", r2i, ~((r2i >= 0.0) & (r2i <= 1.0)) & ~np.isnan(r2i), "is no R²; it lies between 0 and 1")
    if "ti" in inputs:
        used = np.isnan(inputs["ri"]) if "ri" in inputs else np.ones(df.shape, dtype=bool)
        beyond = used & (np.abs(_semi_of_t(inputs["ti"], r2i, df)) > 1.0)
        problem = f"and the test (column {tested}) make a semi-partial correlation beyond ±1; correct one of them"
        refuse("r2i", r2i, beyond, problem)


def _semi_of_t(ti: FloatArray, r2i: FloatArray, df: FloatArray) -> FloatArray:
    """t √(1 − R²)/√df, (k,). Source: Aloe & Becker (2012)."""
    with np.errstate(invalid="ignore"):
        return ti * np.sqrt(1.0 - r2i) / np.sqrt(df)


def _partial_r(ti: FloatArray, ni: FloatArray, mi: FloatArray, ri: FloatArray) -> FloatArray:
    return np.where(np.isnan(ri), r_of_t(ti, ni - mi - 1.0), ri)


def _semi_partial_r(ti: FloatArray, ni: FloatArray, mi: FloatArray, ri: FloatArray, r2i: FloatArray) -> FloatArray:
    return np.where(np.isnan(ri), _semi_of_t(ti, r2i, ni - mi - 1.0), ri)


def partial(*, ti: FloatArray, ni: FloatArray, mi: FloatArray, ri: FloatArray, vtype: str) -> Effects:
    """Partial correlation r = t/√(t² + n − m − 1), or ri where it is known.

    vtype : "LS" (1 − r²)²/(n − m); "AV" the same with the mean of all rows' correlations, weighted by n, for r

    Source: Aloe & Thompson (2013). metafor: ``escalc("PCOR", ti=, ni=, mi=, vtype=)``
    """
    r = _partial_r(ti, ni, mi, ri)
    used = weighted_mean(r, ni) if vtype == "AV" else r
    return effects_known(np.where(np.isnan(ni + mi), np.nan, r), ((1.0 - used) * (1.0 + used)) ** 2 / (ni - mi))


def fisher_z_partial(*, ti: FloatArray, ni: FloatArray, mi: FloatArray, ri: FloatArray) -> Effects:
    """Fisher's z of the partial correlation, with variance 1/(n − m − 2); NaN for r = ±1.

    Source: Fisher (1924). metafor: ``escalc("ZPCOR", …)``
    """
    r = np.where(np.isnan(ni + mi), np.nan, _partial_r(ti, ni, mi, ri))
    with np.errstate(divide="ignore"):
        return effects_known(np.arctanh(r), 1.0 / (ni - mi - 2.0))


def _semi_partial_variance(r: FloatArray, r2i: FloatArray, ni: FloatArray) -> FloatArray:
    """((1 − R²)² + R₀²(1 − R₀²))/n with R₀² = R² − r², the R² without the predictor: a sum of what is not below 0.

    Source: Aloe & Becker (2012): R⁴ − 2R² + R₀² + 1 − R₀⁴ over n.
    """
    rest = 1.0 - r2i
    return (rest**2 + (r2i - r * r) * (rest + r * r)) / ni


def semi_partial(*, ti: FloatArray, ni: FloatArray, mi: FloatArray, ri: FloatArray, r2i: FloatArray, vtype: str) -> Effects:
    """Semi-partial correlation r = t √(1 − R²)/√(n − m − 1), or ri where it is known; no variance where R² contradicts it.

    vtype : "LS" that of Aloe & Becker; "AV" the same with the mean of all rows' correlations, weighted by n, for r

    Source: Aloe & Becker (2012). metafor: ``escalc("SPCOR", ti=, ni=, mi=, r2i=, vtype=)``
    """
    r = _semi_partial_r(ti, ni, mi, ri, r2i)
    used = weighted_mean(r, ni) if vtype == "AV" else r
    return effects_known(np.where(np.isnan(ni + r2i), np.nan, r), _semi_partial_variance(used, r2i, ni))


def fisher_z_semi_partial(
    *, ti: FloatArray, ni: FloatArray, mi: FloatArray, ri: FloatArray, r2i: FloatArray, vtype: str
) -> Effects:
    """Fisher's z of the semi-partial correlation, with that one's variance over (1 − r²)²; NaN for r = ±1.

    vtype : of the correlation's variance, see `semi_partial`; (1 − r²)² is each row's own

    Source: Aloe & Becker (2012), and the delta method. metafor: ``escalc("ZSPCOR", …)``
    """
    r, vi = semi_partial(ti=ti, ni=ni, mi=mi, ri=ri, r2i=r2i, vtype=vtype)
    with np.errstate(divide="ignore", invalid="ignore"):
        return effects_known(np.arctanh(r), vi / ((1.0 - r) * (1.0 + r)) ** 2)
