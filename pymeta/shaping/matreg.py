"""Regression from a matrix of correlations or covariances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from pymeta.arrays import FloatArray, as_vector, read_only
from pymeta.effects.asked import is_number, percentage
from pymeta.errors import DataError, OptionError, no_such
from pymeta.numerics.tails import chi2_upper, normal_quantile, normal_two_sided
from pymeta.shaping.blocks import square
from pymeta.shaping.definite import is_definite, nearest_correlation

__all__ = ["MatregResult", "matreg"]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class MatregResult:
    """A regression fitted to a matrix.

    names, beta, se, stat, pval, ci_lb, ci_ub : (p,) coefficients and their tests, by t with df degrees of freedom (known n)
        or by z (known V)
    vb : (p, p) covariance of beta
    R2 : the share of the outcome's variance; R2adj, F, Fdf, Fp : with known n; QM, QMdf, QMp : with known V; else None
    sigma2_ml, sigma2_reml : the residual variance; fit_stats : ll, dev, AIC, BIC, AICc under ML and REML; {} with known V
    """

    names: tuple[str, ...]
    beta: FloatArray
    se: FloatArray
    stat: FloatArray
    pval: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    vb: FloatArray
    test: str
    df: float | None
    level: float
    R2: float
    R2adj: float | None = None
    F: float | None = None
    Fdf: tuple[int, float] | None = None
    Fp: float | None = None
    QM: float | None = None
    QMdf: int | None = None
    QMp: float | None = None
    sigma2_ml: float | None = None
    sigma2_reml: float | None = None
    fit_stats: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def table(self) -> pd.DataFrame:
        """One row a coefficient: beta, se, tval and df or zval, pval, ci_lb, ci_ub."""
        columns: dict[str, Any] = {"beta": self.beta, "se": self.se, f"{self.test}val": self.stat}
        if self.df is not None:
            columns["df"] = self.df
        columns |= {"pval": self.pval, "ci_lb": self.ci_lb, "ci_ub": self.ci_ub}
        return pd.DataFrame(columns, index=list(self.names))

    def __str__(self) -> str:
        """The table and what it explains."""
        body = self.table().to_string(float_format=lambda value: f"{value:.4f}")
        if self.test == "z":
            return f"{body}\n\nR^2: {self.R2:.4f}, QM(df = {self.QMdf}) = {self.QM:.4f}, p = {self.QMp:.4g}"
        tail = f"F({self.Fdf[0]}, {self.Fdf[1]:g}) = {self.F:.4f}, p = {self.Fp:.4g}" if self.Fdf else ""
        return f"{body}\n\nR^2: {self.R2:.4f}, adjusted {self.R2adj:.4f}, {tail}"


@dataclass(frozen=True, slots=True)
class _Problem:
    """y and x as positions in the symmetric matrix R (p, p); means (p,), NaN where not given, None without an intercept."""

    y: int
    x: npt.NDArray[np.intp]
    R: FloatArray
    names: tuple[str, ...]
    means: FloatArray | None
    level: float

    @property
    def coefficients(self) -> tuple[str, ...]:
        """The names of the coefficients."""
        return (("intrcpt",) if self.means is not None else ()) + tuple(self.names[i] for i in self.x)


def matreg(
    y: Any,
    x: Any = None,
    *,
    R: Any,
    n: float | None = None,
    V: Any = None,
    cov: bool = False,
    means: Any = None,
    ztor: bool = False,
    nearpd: bool = False,
    level: float = 95.0,
) -> MatregResult:
    """Regress one variable of a correlation or covariance matrix on others.

    y, x : names, or positions from 0, of the outcome and of the predictors (default: all others)
    R : (p, p) matrix, of which the lower triangle is read; a frame has names
    n : the sample size that R rests on; or V : the covariances of R's lower triangle, column by column, with its diagonal if
        `cov`
    cov : R has covariances, not correlations; the model then has an intercept, from the `means` (p,)
    ztor : R has Fisher's z, and V their covariances
    nearpd : replace correlations of predictors that have no inverse by the nearest that have
    level : of the intervals, in percent, or as a share

    Raises OptionError for unknown variables and for arguments that do not go together, DataError for matrices that cannot
    be and for predictors that determine each other.
    Source: Becker (1992), with the corrections of Becker (1995): beta = Rxx⁻¹ Rxy, and by the delta method
    dbeta = Rxx⁻¹ (dRxy − dRxx beta). metafor: ``matreg(y, x, R=, …)``, which counts from 1.
    Differs from metafor: with V and means, its covariances of the intercept with the slopes have the wrong sign
    """
    if (n is None) == (V is None):
        raise OptionError("give n, the sample size, or V, the covariances of R's elements: one of them")
    problem = _problem(y, x, R, cov, means, ztor, level)
    if nearpd:
        problem = _mended(problem)
    inverse = _inverse(problem)
    if n is not None:
        return _with_size(problem, inverse, n)
    return _with_covariances(problem, inverse, _lower_covariances(V, problem, cov, R if ztor else None), cov)


def _problem(y: Any, x: Any, R: Any, cov: bool, means: Any, ztor: bool, level: float) -> _Problem:
    names = tuple(map(str, R.columns)) if isinstance(R, pd.DataFrame) else ()
    matrix = square("R", R)
    matrix = np.tril(matrix) + np.tril(matrix, -1).T
    if ztor:
        matrix = np.tanh(matrix)
        np.fill_diagonal(matrix, 1.0)
    if not cov and (np.abs(matrix) > 1.0).any():
        raise DataError(
            f"{matrix[np.abs(matrix) > 1.0][0]:.15g} is no correlation; cov=True is for covariances", argument="R"
        )
    if cov and (np.diag(matrix) < 0.0).any():
        raise DataError(f"{np.diag(matrix).min():.15g} on the diagonal is no variance", argument="R")
    at = _position("y", y, names, len(matrix))
    among = [i for i in range(len(matrix)) if i != at] if x is None else _positions(x, names, len(matrix))
    if at in among:
        raise OptionError(f"y={y!r} is among x; a variable is not its own predictor")
    names = names or tuple(f"x{i + 1}" for i in range(len(matrix)))
    return _Problem(at, np.array(among), matrix, names, _means(means, cov, len(matrix)), percentage(level))


def _position(argument: str, wanted: Any, names: Sequence[str], p: int) -> int:
    if isinstance(wanted, str):
        if not names:
            raise OptionError(f"{argument}={wanted!r} is a name, and R has none; give a DataFrame, or positions")
        if wanted not in names:
            raise no_such(argument, wanted, names, what="variable in R")
        return names.index(wanted)
    if isinstance(wanted, bool) or not isinstance(wanted, int | np.integer) or not 0 <= wanted < p:
        raise OptionError(f"{argument}={wanted!r}: needs one variable, by name or by position, 0 to {p - 1}")
    return int(wanted)


def _positions(x: Any, names: Sequence[str], p: int) -> list[int]:
    several = [x] if isinstance(x, str) or np.ndim(x) == 0 else list(x)
    found = [_position("x", one, names, p) for one in several]
    if not found or len(set(found)) < len(found):
        raise OptionError(f"x={x!r}: needs one predictor or more, each once")
    return found


def _means(means: Any, cov: bool, p: int) -> FloatArray | None:
    if not cov:
        return None
    if means is None:
        return np.full(p, np.nan)
    given = as_vector("means", means)
    if len(given) != p:
        raise DataError(f"has {len(given)} values for the {p} variables of R", argument="means")
    return given


def _mended(problem: _Problem) -> _Problem:
    """The predictors' correlations made definite, if they are not."""
    xx = np.ix_(problem.x, problem.x)
    if np.isnan(problem.R[xx]).any() or is_definite(problem.R[xx]):
        return problem
    R, root = problem.R.copy(), np.sqrt(np.diag(problem.R)[problem.x])
    R[xx] = nearest_correlation(R[xx] / (root[:, None] * root)) * (root[:, None] * root)
    return _Problem(problem.y, problem.x, R, problem.names, problem.means, problem.level)


def _inverse(problem: _Problem) -> FloatArray:
    """Rxx⁻¹, by way of the correlations; all NaN where one is missing."""
    Rxx = problem.R[np.ix_(problem.x, problem.x)]
    if np.isnan(Rxx).any():
        return np.full(Rxx.shape, np.nan)
    root = np.sqrt(np.diag(Rxx))
    singular = not (root > 0.0).all() or np.linalg.cond(Rxx / (root[:, None] * root)) > 1e15
    if singular:
        raise DataError("the predictors determine each other: R[x, x] has no inverse; see nearpd=", argument="R")
    return np.asarray(np.linalg.inv(Rxx / (root[:, None] * root)) / (root[:, None] * root))


def _slopes(problem: _Problem, inverse: FloatArray) -> FloatArray:
    """b = Rxx⁻¹ Rxy, refined once."""
    Rxx, Rxy = problem.R[np.ix_(problem.x, problem.x)], problem.R[problem.x, problem.y]
    b = inverse @ Rxy
    return np.asarray(b + inverse @ (Rxy - Rxx @ b))


def _with_intercept(problem: _Problem, b: FloatArray, vb: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes and their covariances with the intercept ȳ − x̄'b before them, x̄ and ȳ taken as known."""
    if problem.means is None:
        return b, vb
    centre = problem.means[problem.x]
    L = np.vstack([-centre, np.eye(len(b))])
    vb = L @ vb @ L.T if not np.isnan(centre).any() else np.pad(vb, ((1, 0), (1, 0)), constant_values=np.nan)
    return np.concatenate([[problem.means[problem.y] - centre @ b], b]), vb


def _with_size(problem: _Problem, inverse: FloatArray, n: float) -> MatregResult:
    """Var b = s² Rxx⁻¹, s² = (Ryy − b'Rxy) / df."""
    m, p = len(problem.x), len(problem.coefficients)
    if not is_number(n):
        raise OptionError(f"n={n!r}: needs one sample size")
    if not n > p:
        raise OptionError(f"n={n!r}: needs more people than the model has coefficients, {p}")
    size, df = float(n), float(n) - p
    b = _slopes(problem, inverse)
    Ryy = float(problem.R[problem.y, problem.y])
    rest = Ryy - float(b @ problem.R[problem.x, problem.y])
    beta, vb = _with_intercept(problem, b, rest / df * inverse)
    if problem.means is not None:
        vb[0, 0] += (size - 1.0) * rest / df / size
    R2 = 1.0 - rest / Ryy
    with np.errstate(divide="ignore"):
        F = float(np.float64(R2 / m) / (rest / Ryy / df))
    known = p - int(problem.means is not None and bool(np.isnan(beta[0])))
    return _result(
        problem,
        beta,
        vb,
        df=df,
        R2=R2,
        R2adj=1.0 - rest / Ryy * (size - (p - m)) / df,
        F=F,
        Fdf=(m, df),
        Fp=float(special.fdtrc(m, df, F)),
        sigma2_ml=(size - 1.0) * rest / size,
        sigma2_reml=(size - 1.0) * rest / df,
        fit_stats=_fit_stats(problem, (size - 1.0) * rest, size, p, known),
    )


def _fit_stats(problem: _Problem, rss: float, n: float, p: int, known: int) -> Mapping[str, Mapping[str, float]]:
    """Log-likelihoods of the normal model and what is made of them.

    known : coefficients that are not NaN, which are those that R counts
    """
    xx = np.ix_(problem.x, problem.x)
    df = n - p
    with np.errstate(divide="ignore", invalid="ignore"):
        logdet = np.linalg.slogdet((n - 1.0) * problem.R[xx])[1] + (np.log(n) if p > len(problem.x) else 0.0)
        ml = -n / 2.0 * (np.log(2.0 * np.pi * rss / n) + 1.0)
        reml = -df / 2.0 * (np.log(2.0 * np.pi * rss / df) + 1.0) - logdet / 2.0
    found = {
        "ML": _criteria(float(ml), rss, n, known + 1),
        "REML": _criteria(float(reml), -2.0 * float(reml), n - known, known + 1),
    }
    return MappingProxyType({name: MappingProxyType(values) for name, values in found.items()})


def _criteria(ll: float, dev: float, n: float, parms: int) -> dict[str, float]:
    corrected = max(n, parms + 2.0)
    return {
        "ll": ll,
        "dev": dev,
        "AIC": -2.0 * ll + 2.0 * parms,
        "BIC": -2.0 * ll + parms * float(np.log(n)),
        "AICc": -2.0 * ll + 2.0 * parms * corrected / (corrected - parms - 1.0),
    }


def _lower_covariances(V: Any, problem: _Problem, cov: bool, z: Any) -> FloatArray:
    """V, of raw correlations where it was of Fisher's z: dr/dz = 1 − r²."""
    matrix = square("V", V)
    matrix = np.tril(matrix) + np.tril(matrix, -1).T
    column, row = np.triu_indices(len(problem.R), 0 if cov else 1)
    if len(matrix) != len(row):
        raise DataError(
            f"is of shape {matrix.shape}, and R has {len(row)} elements below its diagonal{' and on it' if cov else ''}",
            argument="V",
        )
    if z is None:
        return matrix
    slope = 1.0 / np.cosh(square("R", z)[row, column]) ** 2
    return np.asarray(slope[:, None] * matrix * slope)


def _with_covariances(problem: _Problem, inverse: FloatArray, V: FloatArray, cov: bool) -> MatregResult:
    """Var b = J V J', J = Rxx⁻¹ C; QM = b' (Var b)⁻¹ b = Rxy' (C V C')⁻¹ Rxy, which needs no inverse of Rxx."""
    b, Rxy = _slopes(problem, inverse), problem.R[problem.x, problem.y]
    C = _change(problem, b, cov)
    used = (C != 0.0).any(axis=0)  # what the model does not use may be missing
    middle = C[:, used] @ V[np.ix_(used, used)] @ C[:, used].T
    beta, vb = _with_intercept(problem, b, inverse @ middle @ inverse)
    QM = _quadratic(Rxy, middle)
    R2 = float(b @ Rxy) / float(problem.R[problem.y, problem.y])
    return _result(problem, beta, vb, df=None, R2=R2, QM=QM, QMdf=len(b), QMp=chi2_upper(QM, len(b)))


def _quadratic(r: FloatArray, V: FloatArray) -> float:
    """r' V⁻¹ r; NaN where V is not positive definite."""
    if np.isnan(V).any() or not is_definite(V):
        return np.nan
    root = np.sqrt(np.diag(V))
    L = np.linalg.cholesky(V / (root[:, None] * root))
    return float((np.linalg.solve(L, r / root) ** 2).sum())


def _change(problem: _Problem, b: FloatArray, cov: bool) -> FloatArray:
    """dRxy − dRxx b for each of the elements below R's diagonal (and on it), column by column, (m, elements)."""
    column, row = np.triu_indices(len(problem.R), 0 if cov else 1)
    place = np.full(len(problem.R), -1)
    place[problem.x] = np.arange(len(problem.x))
    change = np.zeros((len(problem.x), len(row)))
    for e, (i, j) in enumerate(zip(row, column, strict=True)):
        for one, other in {(i, j), (j, i)}:
            if place[one] >= 0 and other == problem.y:
                change[place[one], e] += 1.0
            elif place[one] >= 0 and place[other] >= 0:
                change[place[one], e] -= b[place[other]]
    return change


def _result(problem: _Problem, beta: FloatArray, vb: FloatArray, *, df: float | None, **more: Any) -> MatregResult:
    upper = (100.0 - problem.level) / 200.0
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(np.diag(vb))
        stat = beta / se
        pval = normal_two_sided(stat) if df is None else 2.0 * special.stdtr(df, -np.abs(stat))
        reach = se * (normal_quantile(upper) if df is None else -special.stdtrit(df, upper))
    arrays = {"beta": beta, "se": se, "stat": stat, "pval": pval, "ci_lb": beta - reach, "ci_ub": beta + reach, "vb": vb}
    columns: dict[str, Any] = {name: read_only(np.asarray(values)) for name, values in arrays.items()}
    names, test = problem.coefficients, "z" if df is None else "t"
    return MatregResult(names=names, test=test, df=df, level=problem.level, **columns, **more)
