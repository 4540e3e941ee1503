"""Published analyses, run again: what is printed on a page of a paper, to the digits printed there.

Data: metadat's, or as the paper prints them. Figures of Raudenbush's and of Normand's papers are those that metafor's
"Analysis Examples" compare with; where a page prints another last digit than its own data give, a comment says so.
"""

import numpy as np
import pandas as pd
import pytest

import pymeta


def bcg():
    table = pymeta.load_dataset("dat.bcg")
    return pymeta.escalc("RR", ai="tpos", bi="tneg", ci="cpos", di="cneg", data=table)


def teachers():
    table = pymeta.load_dataset("dat.raudenbush1985")
    return table.assign(weeks=table["weeks"].clip(upper=3))


def smoothed():
    """Berkey et al. smooth the variances of the BCG trials: average odds of no event in place of a trial's own."""
    table = bcg()
    treated, control = table["tpos"] + table["tneg"], table["cpos"] + table["cneg"]
    odds = [(table["tneg"] / table["tpos"]).sum() / 13, (table["cneg"] / table["cpos"]).sum() / 13]
    return table.assign(vi=odds[0] / treated + odds[1] / control, latitude=table["ablat"] - 33.46)


def strokes():
    table = pymeta.load_dataset("dat.normand1999")
    df = table["n1i"] + table["n2i"] - 2
    sd = np.sqrt(((table["n1i"] - 1) * table["sd1i"] ** 2 + (table["n2i"] - 1) * table["sd2i"] ** 2) / df)
    return pymeta.escalc("MD", m1i="m1i", m2i="m2i", sd1i=sd, sd2i=sd, n1i="n1i", n2i="n2i", data=table)


def typed(texts):
    return {name: [float(word) for word in text.split()] for name, text in texts.items()}


# Viechtbauer (2005), Journal of Educational and Behavioral Statistics 30, pp. 271 and 272.
EXAMPLE_1 = {
    "yi": "-0.581 0.530 0.771 1.031 0.553 0.295 0.078 0.573 -0.176 -0.232",
    "vi": "0.023 0.052 0.060 0.115 0.095 0.203 0.200 0.211 0.051 0.040",
}
EXAMPLE_2 = {
    "yi": "0.100 -0.162 -0.090 -0.049 -0.046 -0.010 -0.431 -0.261 0.134 0.019 0.175 0.056 0.045 0.103 0.121 -0.482 0.290 "
    "0.342",
    "vi": "0.016 0.015 0.050 0.050 0.032 0.052 0.036 0.024 0.034 0.033 0.031 0.034 0.039 0.167 0.134 0.096 0.016 0.035",
}
# Rothman, Greenland & Lash (2008), Modern Epidemiology, 3rd ed., tables 15-1, 15-2 and 15-5.
TOLBUTAMIDE = {"ai": [8, 22], "bi": [98, 76], "ci": [5, 16], "di": [115, 69]}
SMOKERS = {
    "x1i": [32, 104, 206, 186, 102],
    "t1i": [5.2407, 4.3248, 2.8612, 1.2663, 0.5317],
    "x2i": [2, 12, 28, 28, 31],
    "t2i": [1.8790, 1.0673, 0.5710, 0.2585, 0.1462],
}
SPERMICIDES = {"ai": [3, 1], "bi": [9, 3], "ci": [104, 5], "di": [1059, 86]}


def numbers(result, names):
    """The fields by their names; "beta" of a model with moderators is all of them."""
    return [float(x) for name in names.split() for x in np.ravel(getattr(result, name))]


def uni(data, names, *, scale=1.0, **asked):
    return lambda: scale * np.array(numbers(pymeta.rma("yi", "vi", data=data(), **asked), names))


def table_16_3(method, **asked):
    return uni(teachers, "tau2 beta se zval ci_lb ci_ub", method=method, **asked)


def huber_white(method):
    def row():
        fit = pymeta.rma("yi", "vi", data=teachers(), method=method)
        robust = pymeta.robust(fit, cluster="study", adjust=False)
        return [fit.tau2, *numbers(robust, "beta se zval ci_lb ci_ub")]

    return row


def mantel_haenszel(data, measure, names="beta ci_lb ci_ub QE QEp", **asked):
    return lambda: numbers(pymeta.rma_mh(measure=measure, **data, level=90, **asked), names)


def interval(method, **asked):
    def bounds():
        table = pymeta.load_dataset("dat.collins1985b")
        columns = {name: table[f"pre.{theirs}"] for name, theirs in COLLINS.items()}
        frame = pymeta.escalc("OR", **columns)
        found = pymeta.confint(pymeta.rma("yi", "vi", data=frame, method=method), **asked)["tau2"]
        return [found.estimate, found.ci_lb, found.ci_ub]

    return bounds


COLLINS = {"ai": "xti", "n1i": "nti", "ci": "xci", "n2i": "nci"}


def heart_failure(method):
    def row():
        table = pymeta.load_dataset("dat.hine1989")
        found = pymeta.escalc("RD", ai="ai", n1i="n1i", ci="ci", n2i="n2i", data=table)
        return numbers(pymeta.rma(100 * found["yi"], 100**2 * found["vi"], method=method), "beta ci_lb ci_ub")

    return row


def peto():
    table = pymeta.load_dataset("dat.yusuf1985")
    chosen = table[table["table"] == "6"]
    fit = pymeta.rma_peto(**{name: chosen[name] for name in ("ai", "n1i", "ci", "n2i")})
    return np.exp(numbers(fit, "beta ci_lb ci_ub"))


def confidence():
    return pymeta.confint(pymeta.rma("yi", "vi", data=bcg())).frame().to_numpy().ravel()


def predicted(data, method, **asked):
    def risks():
        fit = pymeta.rma("yi", "vi", mods="~ latitude", data=data(), method=method)
        return pymeta.predict(fit, newmods=[0.0, 42 - 33.46], transf="exp").pred

    return risks


REGRESSION = "tau2 QE QM beta se zval pval ci_lb ci_ub"
JSS = "Viechtbauer (2010), Journal of Statistical Software 36(3)"
HANDBOOK = "Raudenbush (2009), Handbook of Research Synthesis and Meta-Analysis, 2nd ed."
BRYK = "Raudenbush & Bryk (1985), Journal of Educational Statistics 10"
NORMAND = "Normand (1999), Statistics in Medicine 18"
ROTHMAN = "Rothman, Greenland & Lash (2008), Modern Epidemiology, 3rd ed."
BERKEY = "Berkey, Hoaglin, Mosteller & Colditz (1995), Statistics in Medicine 14, p. 408"
THEORY = "Viechtbauer (2005), Journal of Educational and Behavioral Statistics 30"
INTERVALS = "Viechtbauer (2007), Statistics in Medicine 26, p. 44, table II"

PUBLISHED = {
    f"{JSS}, p. 14, random effects": (
        uni(bcg, "tau2 se_tau2 I2 H2 QE beta se zval ci_lb ci_ub"),
        "0.3132 0.1664 92.22 12.86 152.2330 -0.7145 0.1798 -3.9744 -1.0669 -0.3622",
    ),
    # R's searches of 2010 ended in the fourth digit: "81.9177" and "5.5303" there, and "12.2043", "-3.5455", "29.0959",
    # "-60.5724" and "53.4814" on p. 16
    f"{JSS}, p. 14, confidence intervals": (
        confidence,
        "0.3132 0.1197 1.1115 0.5597 0.3460 1.0543 92.2214 81.92 97.6781 12.8558 5.53 43.0677",
    ),
    f"{JSS}, p. 16, two moderators": (
        uni(bcg, REGRESSION, mods="~ ablat + year"),
        "0.1108 28.3251 12.20 -3.545 -0.0280 0.0019 29.096 0.0102 0.0147 -0.1219 -2.7371 0.1299 0.9030 0.0062 0.8966"
        " -60.57 -0.0481 -0.0269 53.48 -0.0080 0.0307",
    ),
    f"{JSS}, p. 20, a factor and a moderator, Knapp and Hartung": (
        uni(bcg, REGRESSION, mods="~ factor(alloc) + ablat", test="knha"),
        "0.1446 26.2034 3.4471 0.2932 -0.2675 0.0585 -0.0273 0.4188 0.3624 0.3925 0.0095 0.7000 -0.7381 0.1490 -2.8669"
        " 0.5016 0.4793 0.8849 0.0186 -0.6543 -1.0873 -0.8294 -0.0488 1.2407 0.5523 0.9463 -0.0058",
    ),
    f"{HANDBOOK}, p. 301, table 16.2, fixed": (uni(teachers, "beta QE", method="FE"), "0.060 35.83"),
    f"{HANDBOOK}, p. 301, table 16.2, mixed": (
        uni(teachers, "beta QE zval", mods="~ weeks"),
        "0.407 -0.157 16.57 4.68 -4.39",
    ),
    f"{HANDBOOK}, p. 309, table 16.3, FE": (table_16_3("FE"), "0.000 0.060 0.036 1.655 -0.011 0.132"),
    f"{HANDBOOK}, p. 309, table 16.3, ML": (table_16_3("ML"), "0.013 0.078 0.047 1.637 -0.015 0.171"),
    f"{HANDBOOK}, p. 309, table 16.3, REML": (table_16_3("REML"), "0.019 0.084 0.052 1.621 -0.018 0.185"),
    f"{HANDBOOK}, p. 309, table 16.3, DL": (table_16_3("DL"), "0.026 0.089 0.056 1.601 -0.020 0.199"),
    f"{HANDBOOK}, p. 309, table 16.3, HE": (table_16_3("HE"), "0.080 0.114 0.079 1.443 -0.041 0.270"),
    f"{HANDBOOK}, p. 309, table 16.3, ML, Knapp and Hartung": (
        table_16_3("ML", test="knha"),
        "0.013 0.078 0.059 1.311 -0.047 0.202",
    ),
    f"{HANDBOOK}, p. 309, table 16.3, HE, Knapp and Hartung": (
        table_16_3("HE", test="knha"),
        "0.080 0.114 0.071 1.608 -0.035 0.264",
    ),
    f"{HANDBOOK}, p. 309, table 16.3, FE, Huber and White": (huber_white("FE"), "0.000 0.060 0.040 1.515 -0.023 0.144"),
    f"{HANDBOOK}, p. 309, table 16.3, REML, Huber and White": (huber_white("REML"), "0.019 0.084 0.050 1.676 -0.021 0.189"),
    # p. 83 prints Q as 35.85 and p. 92 as 16.58, from effects with more digits
    f"{BRYK}, pp. 83-86": (uni(teachers, "tau2 beta zval"), "0.019 0.084 1.62"),
    f"{BRYK}, pp. 90-92": (uni(teachers, "beta zval", mods="~ weeks"), "0.407 -0.157 4.68 -4.39"),
    f"{NORMAND}, p. 349, table VII, FE": (heart_failure("FE"), "2.94 0.4 5.5"),
    f"{NORMAND}, p. 349, table VII, REML": (heart_failure("REML"), "2.94 0.4 5.5"),
    f"{NORMAND}, p. 352, table IX, FE": (uni(strokes, "beta ci_lb ci_ub", method="FE"), "-3.49 -5.03 -1.96"),
    f"{NORMAND}, p. 352, table IX, DL": (
        uni(strokes, "beta ci_lb ci_ub tau2", method="DL"),
        "-14.10 -24.45 -3.75 218.72",
    ),
    f"{NORMAND}, p. 352, table IX, REML": (uni(strokes, "beta ci_lb ci_ub tau2"), "-15.12 -32.67 2.43 685.20"),
    f"{BERKEY}, empirical Bayes": (uni(smoothed, "beta se tau2", method="EB"), "-0.5429 0.1842 0.268"),
    # the article has -0.6304
    f"{BERKEY}, with latitude": (
        uni(smoothed, "beta se tau2 R2", mods="~ latitude", method="EB"),
        "-0.6303 -0.0268 0.1591 0.0110 0.157 41",
    ),
    f"{BERKEY}, relative risks": (predicted(smoothed, "EB"), "0.53 0.42"),
    f"{BERKEY}, relative risks, fixed effects": (predicted(smoothed, "FE"), "0.55 0.43"),
    **{
        f"{THEORY}, p. {page}, {method}": (uni(lambda data=data: typed(data), "tau2 I2 H2", method=method), printed)
        for page, data, rows in (
            (
                271,
                EXAMPLE_1,
                {"HS": "0.228 77.23 4.39", "HE": "0.148 68.80 3.21", "DL": "0.277 80.44 5.11", "ML": "0.197 74.51 3.92"}
                | {"REML": "0.223 76.84 4.32", "EB": "0.192 74.05 3.85", "SJ": "0.199 74.75 3.96"},
            ),
            (
                272,
                EXAMPLE_2,
                {"HS": "0.010 22.93 1.30", "HE": "0.000 0.00 1.00", "DL": "0.013 27.53 1.38", "ML": "0.013 28.45 1.40"}
                | {"REML": "0.016 32.02 1.47", "EB": "0.010 23.72 1.31", "SJ": "0.025 42.67 1.74"},
            ),
        )
        for method, printed in rows.items()
    },
    f"{INTERVALS}, Q-profile": (interval("DL"), "0.230 0.072 2.203"),
    f"{INTERVALS}, profile likelihood, ML": (interval("ML", type="PL"), "0.239 0.027 1.131"),
    f"{INTERVALS}, profile likelihood, REML": (interval("REML", type="PL"), "0.301 0.043 1.475"),
    # the chapter has 0.088 for the upper bound, and 0.001 for Q
    f"{ROTHMAN}, table 15-1, RD": (mantel_haenszel(TOLBUTAMIDE, "RD"), "0.0349 -0.0176 0.0874 0.0017 0.9669"),
    f"{ROTHMAN}, table 15-1, RR": (mantel_haenszel(TOLBUTAMIDE, "RR"), "0.2818 -0.1442 0.7078 0.4472 0.5037"),
    f"{ROTHMAN}, table 15-1, OR": (
        mantel_haenszel(TOLBUTAMIDE, "OR", "beta ci_lb ci_ub QE QEp CO COp MH MHp TA TAp", correct=False),
        "0.3387 -0.1731 0.8505 0.3474 0.5556 1.1976 0.2738 1.1914 0.2750 0.3489 0.5547",
    ),
    f"{ROTHMAN}, table 15-2, IRD": (mantel_haenszel(SMOKERS, "IRD"), "11.4392 6.3498 16.5286 26.8758 0.0000"),
    f"{ROTHMAN}, table 15-2, IRR": (
        mantel_haenszel(SMOKERS, "IRR", "beta ci_lb ci_ub QE QEp MH MHp", correct=False),
        "0.3539 0.1776 0.5303 10.4117 0.0340 11.0162 0.0009",
    ),
    f"{ROTHMAN}, table 15-5, OR": (
        mantel_haenszel(SPERMICIDES, "OR", "beta ci_lb ci_ub QE QEp CO COp", correct=False),
        "1.3300 0.3579 2.3021 0.1378 0.7105 5.8248 0.0158",
    ),
    "Yusuf et al. (1985), Progress in Cardiovascular Diseases 27, p. 107, table 6": (peto, "0.93 0.74 1.18"),
}


def differing(found, printed):
    """The figures that do not round to what is printed, as pairs."""
    words = printed.split()
    assert len(found) == len(words)
    digits = [len(word.partition(".")[2]) for word in words]
    pairs = [(f"{value:.{places}f}", word) for value, places, word in zip(found, digits, words, strict=True)]
    return [(ours, theirs) for ours, theirs in pairs if float(ours) != float(theirs)]


@pytest.mark.parametrize("source", PUBLISHED)
def test_what_is_printed(source):
    analysis, printed = PUBLISHED[source]
    assert differing(analysis(), printed) == []


def test_another_estimate_goes_red():
    analysis, printed = PUBLISHED[f"{NORMAND}, p. 352, table IX, REML"]
    assert [theirs for _, theirs in differing(1.001 * analysis(), printed)] == ["-15.12", "-32.67", "685.20"]


def test_every_source_has_its_page_or_table():
    assert all(" p. " in source or " pp. " in source or " table " in source for source in PUBLISHED)
    assert pd.Series(list(PUBLISHED)).str.split(",").str[0].nunique() >= 7
