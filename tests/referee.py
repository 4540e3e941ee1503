"""A third engine, in 50 digits: the formulas written out once more with mpmath, for when pymeta and R differ.

Import it by ``from tests.referee import …`` (pytest is run as ``python -m pytest``, from the checkout). Everything is
for one pooled effect; numbers are mpmath's, and so are the doubles that come in, as they are.
"""

from __future__ import annotations

import mpmath as mp

mp.mp.dps = 50
HALF = mp.mpf(1) / 2


def exact(values):
    """The doubles of an array, as they are."""
    return [mp.mpf(float(value)) for value in values]


# ---- Weighted means, traces and estimators of tau² --------------------------------------------------------------------


def wls(y, w):
    """The weighted mean, its variance and Σ w (y − mean)², which is 0 for equal y."""
    total = mp.fsum(w)
    mean = y[0] + mp.fsum(a * (b - y[0]) for a, b in zip(w, y, strict=True)) / total
    return mean, 1 / total, q_about(y, w, mean)


def q_about(y, w, centre):
    return mp.fsum(a * (b - centre) ** 2 for a, b in zip(w, y, strict=True))


def traces(w):
    """The traces of P and PP, with P = W − w w' / Σw."""
    one, two, three = (mp.fsum(a**power for a in w) for power in (1, 2, 3))
    return one - two / one, two - 2 * three / one + (two / one) ** 2


def weights_at(v, tau2):
    return [1 / (a + tau2) for a in v]


def reml_score(y, v, tau2):
    """Twice the derivative of the restricted log-likelihood."""
    w = weights_at(v, tau2)
    return q_about(y, [a * a for a in w], wls(y, w)[0]) - traces(w)[0]


def reml_log_likelihood(y, v, tau2):
    w = weights_at(v, tau2)
    return (mp.fsum(mp.log(a) for a in w) - mp.log(mp.fsum(w)) - wls(y, w)[2]) / 2


def reml_near(y, v, start):
    """The root of the score next to `start`, or 0 where `start` is 0: the maximum that a search ended at, exactly."""
    if start == 0:
        return mp.mpf(0)
    near = mp.mpf(start)
    pair = (near * (1 - mp.mpf("1e-9")), near * (1 + mp.mpf("1e-9")))
    return mp.findroot(lambda t: reml_score(y, v, t) * near, pair, tol=mp.mpf("1e-60"))


def reml_se(v, tau2):
    return mp.sqrt(2 / traces(weights_at(v, tau2))[1])


def dl(y, v):
    """tau², not truncated, and its standard error at the truncated one."""
    df = len(y) - 1
    trace, trace_squared = traces(weights_at(v, 0))
    raw = (wls(y, weights_at(v, 0))[2] - df) / trace
    tau2 = max(raw, mp.mpf(0))
    return raw, mp.sqrt(2 * df + 4 * tau2 * trace + 2 * tau2**2 * trace_squared) / trace


# ---- Every estimator of tau², for any design ----------------------------------------------------------------------------


class Forms:
    """A = W − W X (X'WX)⁻¹ X'W for weights w, and what estimators are written in. X: rows of a design."""

    def __init__(self, y, v, X, w):
        self.y, self.v, self.k, self.p = y, v, len(y), len(X[0])
        W, M = mp.diag(w), mp.matrix(X)
        self.w, self.A = w, W - W * M * mp.inverse(M.T * W * M) * M.T * W
        self.xwx = mp.det(M.T * W * M)

    def q(self):
        """y'Ay; the rows of A sum to nothing along X, so that a huge y costs no more than a few of the 50 digits."""
        column = mp.matrix(self.y)
        return (column.T * self.A * column)[0]

    def qq(self):
        a = self.A * mp.matrix(self.y)
        return (a.T * a)[0]

    def traces(self, s=None):
        """tr AS and tr ASAS for S = diag(s), the identity unless given."""
        s = s or [mp.mpf(1)] * self.k
        one = mp.fsum(self.A[i, i] * s[i] for i in range(self.k))
        return one, mp.fsum(self.A[i, j] ** 2 * s[i] * s[j] for i in range(self.k) for j in range(self.k))


def linear_in_q(forms, factor, constant, slope):
    """(factor y'Ay − constant) / slope, truncated, and its standard error; third, what the answer is a difference of."""
    tau2 = max((factor * forms.q() - constant) / slope, mp.mpf(0))
    variance = 2 * forms.traces([a + tau2 for a in forms.v])[1]
    return tau2, abs(factor / slope) * mp.sqrt(variance), (factor * forms.q() + constant) / slope


def closed_tau2(name, y, v, X, weights):
    """tau², its standard error and the size of the difference that tau² is."""
    k, p = len(y), len(X[0])
    if name == "SJ":
        start = mp.fsum((a - mp.fsum(y) / k) ** 2 for a in y) / k
        return linear_in_q(Forms(y, v, X, weights_at(v, start)), start, mp.mpf(0), mp.mpf(k - p))
    w = {"HE": [mp.mpf(1)] * k, "GENQ": weights}.get(name) or weights_at(v, 0)
    forms = Forms(y, v, X, w)
    if name in ("HS", "HSk"):
        return linear_in_q(forms, mp.mpf(k) / (k - p) if name == "HSk" else mp.mpf(1), mp.mpf(k), mp.fsum(w))
    return linear_in_q(forms, mp.mpf(1), forms.traces(v)[0], forms.traces()[0])


def estimating_function(name, y, v, X, tau2):
    """Falls through 0 at the estimate."""
    forms = Forms(y, v, X, weights_at(v, tau2))
    df = mp.mpf(forms.k - forms.p)
    match name:
        case "REML":
            return forms.qq() - forms.traces()[0]
        case "ML":
            return forms.qq() - mp.fsum(forms.w)
        case "PMM":
            return forms.q() - chi2_median(df)
    return forms.q() - df


def solved_tau2(name, y, v, X, start):
    """The root next to `start` (0 for 0) and the standard error there."""
    tau2 = mp.mpf(0)
    if start:
        near = mp.mpf(start)
        pair = (near * (1 - mp.mpf("1e-9")), near * (1 + mp.mpf("1e-9")))
        tau2 = mp.findroot(lambda t: estimating_function(name, y, v, X, t) * near, pair, tol=mp.mpf("1e-50"))
    forms = Forms(y, v, X, weights_at(v, tau2))
    if name == "REML":
        return tau2, mp.sqrt(2 / forms.traces()[1])
    if name == "ML":
        return tau2, mp.sqrt(2 / mp.fsum(a * a for a in forms.w))
    return tau2, mp.sqrt(mp.mpf(2) * forms.k**2 / (forms.k - forms.p)) / mp.fsum(forms.w)


def chi2_median(df):
    return mp.findroot(lambda q: mp.gammainc(df / 2, 0, q / 2, regularized=True) - HALF, df * (1 - 2 / (9 * df)) ** 3)


def log_likelihoods(y, v, X, tau2):
    """The likelihood's logarithm, without constants, and the restricted likelihood's."""
    forms = Forms(y, v, X, weights_at(v, tau2))
    full = (mp.fsum(mp.log(a) for a in forms.w) - forms.q()) / 2
    return full, full - mp.log(forms.xwx) / 2


def form_cdf(q, s, forms):
    """P(y'Ay ≤ q) for variances s, from the eigenvalues of S^½ A S^½, by Talbot's inversion."""
    root = [mp.sqrt(a) for a in s]
    k = len(s)
    values = mp.eigsy(mp.matrix(k, k) + mp.matrix([[root[i] * forms.A[i, j] * root[j] for j in range(k)] for i in range(k)]),
                      eigvals_only=True)  # fmt: skip
    eigenvalues = sorted(values)[forms.p :]
    return mp.invertlaplace(lambda z: 1 / (z * mp.fprod(mp.sqrt(1 + 2 * z * a) for a in eigenvalues)), q, method="talbot")


def genqm(y, v, X, weights, start):
    """The tau² next to `start` at which y'Ay is the median of its distribution, and its standard error."""
    forms = Forms(y, v, X, weights)
    q, tau2 = forms.q(), mp.mpf(0)
    if start:
        pair = (mp.mpf(start), mp.mpf(start) * (1 + mp.mpf("1e-6")))
        tau2 = mp.findroot(lambda t: form_cdf(q, [a + t for a in v], forms) - HALF, pair, tol=mp.mpf("1e-40"))
    return tau2, mp.sqrt(2 * forms.traces([a + tau2 for a in v])[1]) / forms.traces()[0]


# ---- Tails --------------------------------------------------------------------------------------------------------------


def two_sided(z):
    return mp.erfc(abs(z) / mp.sqrt(2))


def chi2_upper(q, df):
    return mp.gammainc(mp.mpf(df) / 2, q / 2, regularized=True) if df else mp.mpf(1)


def normal_quantile(upper):
    """The z with P(Z > z) = `upper`."""
    return mp.sqrt(2) * mp.erfinv(1 - 2 * mp.mpf(upper))


# ---- Effects of one study -----------------------------------------------------------------------------------------------


def hedges_j(df):
    """The exact factor that makes a standardized mean difference unbiased."""
    half = mp.mpf(df) / 2
    return mp.exp(mp.loggamma(half) - mp.loggamma(half - HALF)) / mp.sqrt(half)


def log_risk_ratio(a, b, c, d):
    return mp.log(a * (c + d) / (c * (a + b))), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)


def log_odds_ratio(a, b, c, d):
    return mp.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d


def risk_difference(a, b, c, d):
    return a / (a + b) - c / (c + d), a * b / (a + b) ** 3 + c * d / (c + d) ** 3


def mean_difference(n1, m1, sd1, n2, m2, sd2, *, revman5):
    return m1 - m2, sd1**2 / n1 + sd2**2 / n2


def standardized_mean_difference(n1, m1, sd1, n2, m2, sd2, *, revman5):
    N, df = n1 + n2, n1 + n2 - 2
    d = (m1 - m2) / mp.sqrt(((n1 - 1) * sd1**2 + (n2 - 1) * sd2**2) / df)
    if revman5:
        g = (1 - 3 / (4 * N - 9)) * d
        return g, N / (n1 * n2) + g**2 / (2 * (N - mp.mpf("3.94")))
    g = hedges_j(df) * d
    return g, 1 / n1 + 1 / n2 + g**2 / (2 * N)


TABLES = {"RR": log_risk_ratio, "OR": log_odds_ratio, "RD": risk_difference}
MEANS = {"MD": mean_difference, "SMD": standardized_mean_difference}


def table_effect(measure, cells, *, revman5):
    """With 0.5 where there is an empty cell (RevMan, RD: only where the variance is 0); None for RevMan's empty ratios."""
    a, b, c, d = cells
    empty = (a == 0 and c == 0) or (b == 0 and d == 0)
    flat = a * b == 0 and c * d == 0
    if revman5 and measure != "RD" and empty:
        return None
    add = flat if revman5 and measure == "RD" else 0 in cells
    return TABLES[measure](*(cell + (HALF if add else 0) for cell in cells))


def cells_of(columns):
    """The four cells of each table."""
    a, c = exact(columns["ai"]), exact(columns["ci"])
    if "bi" in columns:
        b, d = exact(columns["bi"]), exact(columns["di"])
    else:
        b = [n - x for n, x in zip(exact(columns["n1i"]), a, strict=True)]
        d = [n - x for n, x in zip(exact(columns["n2i"]), c, strict=True)]
    return list(zip(a, b, c, d, strict=True))


def study_effects(measure, columns, *, revman5=False, drop_empty=False):
    """yi and vi of the studies that have them."""
    if measure == "GEN":
        return exact(columns["yi"]), exact(columns["vi"])
    if measure in TABLES:
        cells = [cell for cell in cells_of(columns) if not (drop_empty and (cell[0] + cell[2]) * (cell[1] + cell[3]) == 0)]
        pairs = [table_effect(measure, cell, revman5=revman5) for cell in cells]
    else:
        rows = zip(*(exact(columns[name]) for name in ("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i")), strict=True)
        pairs = [MEANS[measure](*row, revman5=revman5) for row in rows]
    kept = [pair for pair in pairs if pair is not None]
    return [y for y, _ in kept], [v for _, v in kept]


# ---- Mantel and Haenszel ------------------------------------------------------------------------------------------------


def mantel_haenszel(measure, cells):
    """The estimate, its variance and the tables' weights."""
    return {"OR": mh_odds_ratio, "RR": mh_risk_ratio, "RD": mh_risk_difference}[measure](cells)


def mh_odds_ratio(cells):
    """Robins, Breslow & Greenland (1986)."""
    rows = [(a * d / n, b * c / n, (a + d) / n, (b + c) / n) for a, b, c, d in cells for n in [a + b + c + d]]
    R, S = mp.fsum(r for r, *_ in rows), mp.fsum(s for _, s, *_ in rows)
    PR, QS = mp.fsum(p * r for r, _, p, _ in rows), mp.fsum(q * s for _, s, _, q in rows)
    mixed = mp.fsum(p * s + q * r for r, s, p, q in rows)
    return mp.log(R / S), PR / (2 * R**2) + mixed / (2 * R * S) + QS / (2 * S**2), [s for _, s, *_ in rows]


def mh_risk_ratio(cells):
    """Greenland & Robins (1985)."""
    R = mp.fsum(a * (c + d) / (a + b + c + d) for a, b, c, d in cells)
    weights = [c * (a + b) / (a + b + c + d) for a, b, c, d in cells]
    N2 = [(a + b + c + d) ** 2 for a, b, c, d in cells]
    top = mp.fsum(
        ((a + b) * (c + d) * (a + c) - a * c * mp.sqrt(n2)) / n2 for (a, b, c, d), n2 in zip(cells, N2, strict=True)
    )
    return mp.log(R / mp.fsum(weights)), top / (R * mp.fsum(weights)), weights


def mh_risk_difference(cells):
    """Sato, Greenland & Robins (1989)."""
    rows = [(a, a + b, c, c + d, a + b + c + d) for a, b, c, d in cells]
    weights = [n1 * n2 / n for _, n1, _, n2, n in rows]
    total = mp.fsum(weights)
    estimate = mp.fsum((a * n2 - c * n1) / n for a, n1, c, n2, n in rows) / total
    P = mp.fsum((n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) * HALF) / n**2 for a, n1, c, n2, n in rows)
    Q = mp.fsum((a * (n2 - c) + (n1 - a) * c) / (2 * n) for a, n1, c, n2, n in rows)
    return estimate, (estimate * P + Q) / total**2, weights


# ---- A whole answer -----------------------------------------------------------------------------------------------------


def pooled(measure, method, columns, level, tau2_near):
    """Every quantity that is compared, by name. tau2_near: where REML's maximum was found."""
    revman5 = method == "revman5"
    y, v = study_effects(measure, columns, revman5=revman5, drop_empty=method == "MH")
    if method == "MH":
        estimate, variance, weights = mantel_haenszel(measure, cells_of(columns))
        answer = {**tested(estimate, mp.sqrt(variance), level), "tau2": mp.mpf(0), "weights": percent(weights)}
        return {**answer, **from_q(q_about(y, weights_at(v, 0), estimate), len(y) - 1), "yi": y, "vi": v}
    tau2, extra = TAU2[method](measure, columns, y, v, tau2_near)
    w = weights_at(v, tau2)
    mean, variance, _ = wls(y, w)
    answer = {**tested(mean, mp.sqrt(variance), level), "tau2": tau2, "weights": percent(w)}
    return {**answer, **from_q(wls(y, weights_at(v, 0))[2], len(y) - 1), **extra, "yi": y, "vi": v}


def percent(weights):
    return [100 * w / mp.fsum(weights) for w in weights]


def tested(estimate, se, level):
    reach = normal_quantile((100 - mp.mpf(level)) / 200) * se
    z = estimate / se
    bounds = {"ci_lb": estimate - reach, "ci_ub": estimate + reach}
    return {"estimate": estimate, "se": se, "zval": z, "pval": two_sided(z), **bounds}


def from_q(q, df):
    if df == 0:
        return {"QE": mp.mpf(0), "QEp": mp.mpf(1), "I2": mp.mpf(0), "H2": mp.mpf(1)}
    return {"QE": q, "QEp": chi2_upper(q, df), "I2": 100 * max(0, (q - df) / q) if q else mp.mpf(0), "H2": q / df}


def from_tau2(v, tau2):
    typical = (len(v) - 1) / traces(weights_at(v, 0))[0]
    return {"I2": 100 * tau2 / (tau2 + typical), "H2": tau2 / typical + 1}


def _none(measure, columns, y, v, near):
    return mp.mpf(0), {}


def _dl(measure, columns, y, v, near):
    if len(y) == 1:
        return mp.mpf(0), {}
    raw, se = dl(y, v)
    tau2 = max(raw, mp.mpf(0))
    return tau2, {"se_tau2": se, **from_tau2(v, tau2)}


def _reml(measure, columns, y, v, near):
    if len(y) == 1:
        return mp.mpf(0), {}
    tau2 = reml_near(y, v, near)
    return tau2, {"se_tau2": reml_se(v, tau2), **from_tau2(v, tau2)}


def _revman5(measure, columns, y, v, near):
    if len(y) == 1:
        return mp.mpf(0), {}
    w, df = weights_at(v, 0), len(y) - 1
    centre = mantel_haenszel(measure, cells_of(columns))[0] if measure in TABLES else wls(y, w)[0]
    q = q_about(y, w, centre)
    return max(mp.mpf(0), (q - df) / traces(w)[0]), from_q(q, df)


def _any(name):
    """An estimator that needs nothing but y and v."""

    def found(measure, columns, y, v, near):
        if len(y) == 1:
            return mp.mpf(0), {}
        X = [[mp.mpf(1)]] * len(y)
        tau2, se = closed_tau2(name, y, v, X, None)[:2] if name in CLOSED else solved_tau2(name, y, v, X, near)
        return tau2, {"se_tau2": se, **from_tau2(v, tau2)}

    return found


CLOSED = ("HE", "HS", "HSk", "SJ")
TAU2 = {"EE": _none, "FE": _none, "CE": _none, "DL": _dl, "REML": _reml, "revman5": _revman5}
TAU2 |= {name: _any(name) for name in (*CLOSED, "ML", "EB", "PM", "PMM", "SJIT", "DLIT")}
