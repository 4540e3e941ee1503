"""What a model's numbers owe to each study. Source: Viechtbauer & Cheung (2010), Research Synthesis Methods 1, 112."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import chi2

from pymeta.arrays import FloatArray, read_only
from pymeta.errors import DataError, OptionError
from pymeta.inference.hat import hat_diagonal
from pymeta.inference.leverage import standard_errors
from pymeta.models.subsets import fit_of_some, fits_again, rows_of
from pymeta.results.influence import Baujat, Influence
from pymeta.results.pooled import Pooled
from pymeta.results.tables import PooledTables
from pymeta.results.uni import UniResult
from pymeta.results.weighing import model_weights

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["baujat", "baujat_of", "cooks_distance", "dfbetas", "dffits", "influence", "influence_of"]

_ALONE = 1e-9  # X without a study of a leverage this near 1 is not of full rank


def influence(result: UniResult) -> Influence:
    """The model without each study in turn, against the model with all; see `Influence` for the numbers.

    A study stands out (`is_infl`) where |DFFITS| > 3 √(p/(k − p)), its Cook's distance is above the median of chi-squared
    with p degrees of freedom, its leverage is above 3 p/k, or any |DFBETAS| > 1. NaN where there is no fit without it.
    Raises DataError for one study. Source: Viechtbauer & Cheung (2010), section 3. metafor: ``influence(result)``
    """
    _uni(result, "influence")
    return influence_of(result, _without_each(result))


def _without_each(result: UniResult) -> list[UniResult | None]:
    k, X = result.k, result.spec.X
    there = 1.0 - hat_diagonal(X, np.ones(k)) > _ALONE
    fits = [fit_of_some(result, np.arange(k) != i) if there[i] else None for i in range(k)]
    return [fit if isinstance(fit, UniResult) else None for fit in fits]


def influence_of(result: UniResult, fits: Sequence[UniResult | None]) -> Influence:
    """The same from the models without each study, None where there is none."""
    k, p = result.k, result.p
    X, yi, vi = result.spec.X, result.studies.yi, result.studies.vi
    w = model_weights(result)
    hat = hat_diagonal(X, w)
    names = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "QE_del")
    found = {name: np.full(k, np.nan) for name in names}
    dfbs = np.full((k, p), np.nan)
    precision, volume = np.linalg.inv(result.vb), np.linalg.det(result.vb)
    for i, rest in enumerate(fits):
        if rest is None:
            continue
        moved = result.beta - rest.beta
        variances = vi + rest.tau2
        # the whole design, at the tau² and the scale of the model without the study
        own = result.spec.weights is not None or not result.spec.weighted
        spread = standard_errors(np.vstack([np.eye(p), X[i]]), X, w if own else 1.0 / variances, variances, rest.s2w)
        one = rest.s2w * variances[i]
        fitted = spread[p] if own else np.sqrt(hat[i] * one)
        found["rstudent"][i] = (yi[i] - X[i] @ rest.beta) / np.sqrt(one + X[i] @ rest.vb @ X[i])
        found["dffits"][i] = X[i] @ moved / fitted
        found["cook_d"][i] = moved @ precision @ moved
        found["cov_r"][i] = np.linalg.det(rest.vb) / volume
        found["tau2_del"][i], found["QE_del"][i] = rest.tau2, rest.QE
        dfbs[i] = moved / spread[:p]
    with np.errstate(divide="ignore"):
        far = np.abs(found["dffits"]) > 3.0 * np.sqrt(np.divide(p, k - p))
    stands_out = far | (chi2.cdf(found["cook_d"], p) > 0.5) | (hat > 3.0 * p / k) | (np.abs(dfbs) > 1.0).any(axis=1)
    numbers = {name: read_only(values) for name, values in found.items()}
    return Influence(
        **numbers,
        hat=read_only(hat),
        weight=read_only(100.0 * w / w.sum()),
        dfbs=read_only(dfbs),
        is_infl=stands_out,
        slab=tuple(result.studies.slab),
        names=result.names,
        tau2=result.tau2,
        QE=result.QE,
        fits=tuple(fits),
    )


def cooks_distance(result: UniResult) -> FloatArray:
    """Cook's distances, (k,); of what robust() returns, by its covariances. metafor: ``cooks.distance(result)``."""
    _uni(result, "cooks_distance", robust=True)
    return influence_of(result, _without_each(result)).cook_d


def dffits(result: UniResult) -> FloatArray:
    """DFFITS, (k,). metafor: ``dffits(result)``."""
    return influence(result).dffits


def dfbetas(result: UniResult) -> pd.DataFrame:
    """DFBETAS, a row a study and a column a coefficient. metafor: ``dfbetas(result)``."""
    return influence(result).dfbs_frame()


def baujat(result: UniResult | PooledTables) -> Baujat:
    """The numbers of a Baujat plot: each study's squared Pearson residual against what it does to its fitted value.

    Raises DataError for one study. Source: Baujat, Mahé, Pignon & Hill (2002), Statistics in Medicine 21, 2641.
    metafor: ``baujat(result)``, whose `ids` count from 1
    """
    if not isinstance(result, PooledTables):
        _uni(result, "baujat")
        return baujat_of(result, _without_each(result))
    if result.k < 2:
        raise DataError("baujat: there is 1 study, and nothing is left without it; it needs 2 or more")
    return baujat_of(result, [fit_of_some(result, np.arange(result.k) != i) for i in range(result.k)])


def baujat_of(result: UniResult | PooledTables, fits: Sequence[Pooled | None]) -> Baujat:
    """The same from the models without each study, None where there is none."""
    k, rows = result.k, rows_of(result)
    if isinstance(result, UniResult):
        X, slab = result.spec.X, result.studies.slab
        resid, variances = result.residuals, result.studies.vi + result.tau2
    else:
        X, slab = np.ones((k, 1)), result.slab
        resid, variances = (np.full(k, np.nan) for _ in range(2))
        there = np.isin(rows, result.studies.rows if result.studies.rows is not None else rows)
        resid[there], variances[there] = result.residuals, result.studies.vi
    y = np.full(k, np.nan)
    for i, rest in enumerate(fits):
        if rest is not None:
            V = rest.vb if isinstance(rest, UniResult) else np.diag(rest.se**2)
            y[i] = (X[i] @ (result.beta - rest.beta)) ** 2 / (X[i] @ V @ X[i])
    x = read_only(resid**2 / variances)
    return Baujat(x=x, y=read_only(y), ids=read_only(np.array(rows)), slab=tuple(slab), fits=tuple(fits))


def _uni(result: UniResult, name: str, *, robust: bool = False) -> None:
    if not isinstance(result, UniResult):
        raise OptionError(f"{name}: not defined for a {result.__class__.__name__}; it takes what rma returns")
    if result.k < 2:
        raise DataError(f"{name}: there is 1 study, and nothing is left without it; it needs 2 or more")
    fits_again(result, robust=robust)
