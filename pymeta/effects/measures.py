"""MEASURES, the only list of effect measures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import signature
from types import MappingProxyType

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.effects import (
    alpha,
    biserial,
    correlations,
    determination,
    genotypes,
    matched_pairs,
    means,
    one_group,
    paired,
    partial_correlations,
    proportions,
    rates,
    ratio_of_means,
    smd_to_or,
    superiority,
    tetrachoric,
    two_by_two,
    variability,
)
from pymeta.effects.families import FAMILIES, Family
from pymeta.effects.generic import given
from pymeta.effects.records import Effects
from pymeta.effects.transforms import transf_iabt, transf_iahw, transf_ztor2
from pymeta.errors import no_such

__all__ = ["MEASURES", "Measure", "measure_named"]

Transform = Callable[[FloatArray], FloatArray]


@cache
def _parameters(effect: Callable[..., Effects]) -> tuple[str, ...]:
    return tuple(signature(effect).parameters)


@dataclass(frozen=True, slots=True)
class Measure:
    """An effect measure.

    effect : the inputs that it names, each (k,), by keyword -> Effects; may take `vtype` and `correct` besides
    back : from the scale that is pooled to the one people read, or None where they are the same
    null : no effect, on the scale that people read
    layouts : the sets of columns that will do; default: the family's
    vtypes : the kinds of sampling variance, the default first (metafor's names)
    adds : whether `add` is 0.5 unless told otherwise; else 0
    formula : of the effect and its default variance, in LaTeX
    """

    name: str
    label: str
    short: str
    family: Family
    effect: Callable[..., Effects]
    back: Transform | None
    null: float
    source: str
    layouts: tuple[tuple[str, ...], ...] = ()
    vtypes: tuple[str, ...] = ("LS",)
    adds: bool = True
    formula: str = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """What its `effect` takes: inputs, and `vtype` or `correct` where it knows them."""
        return _parameters(self.effect)

    def display(self, values: FloatArray) -> FloatArray:
        """`values` on the scale that people read."""
        return values if self.back is None else self.back(values)


_GENERIC = (
    Measure(
        "GEN",
        "Effect",
        "Effect",
        FAMILIES["generic"],
        given,
        None,
        0.0,
        "given",
        formula=r"y,\quad v \text{ as given}",
    ),
    Measure(
        "HR",
        "Log Hazard Ratio",
        "Hazard ratio",
        FAMILIES["generic"],
        given,
        np.exp,
        1.0,
        "given",
        formula=r"y = \log\frac{\lambda_1}{\lambda_2},\quad v \text{ as given}",
    ),
    Measure(
        "HD",
        "Hazard Difference",
        "Hazard difference",
        FAMILIES["generic"],
        given,
        None,
        0.0,
        "given",
        formula=r"y = \lambda_1 - \lambda_2,\quad v \text{ as given}",
    ),
)

_TABLES = FAMILIES["two_by_two"]
_RISK_VTYPES = ("LS", "AV", "H0")
_RISKS = r"p_1 = \frac{a}{n_1},\quad p_2 = \frac{c}{n_2}"
_LOG_ODDS_RATIO = r"\log\frac{ad}{bc}"
_LOG_ODDS_RATIO_VARIANCE = r"\left(\frac{1}{a} + \frac{1}{b} + \frac{1}{c} + \frac{1}{d}\right)"
_PHI_VARIANCE = (
    r"v_\varphi = \frac{a (b \rho + c \kappa)^2 + d \left(\frac{b}{\kappa} + \frac{c}{\rho}\right)^2 "
    r"+ b \left(a \rho + \frac{d}{\kappa}\right)^2 + c \left(\frac{d}{\rho} + a \kappa\right)^2}{4 n_1 n_2 m_1 m_2},\quad "
    r"\rho = \frac{n_2}{n_1},\quad \kappa = \frac{m_2}{m_1}"
)
_PHI = r"\varphi = \frac{ad - bc}{\sqrt{n_1 n_2 m_1 m_2}}"
_TWO_BY_TWO = (
    Measure(
        "RR",
        "Log Risk Ratio",
        "Risk ratio",
        _TABLES,
        two_by_two.log_risk_ratio,
        np.exp,
        1.0,
        "Katz et al. (1978)",
        vtypes=_RISK_VTYPES,
        formula=r"y = \log\frac{p_1}{p_2},\quad v = \frac{1 - p_1}{n_1 p_1} + \frac{1 - p_2}{n_2 p_2},\quad " + _RISKS,
    ),
    Measure(
        "OR",
        "Log Odds Ratio",
        "Odds ratio",
        _TABLES,
        two_by_two.log_odds_ratio,
        np.exp,
        1.0,
        "Woolf (1955)",
        vtypes=_RISK_VTYPES,
        formula=r"y = " + _LOG_ODDS_RATIO + r",\quad v = " + _LOG_ODDS_RATIO_VARIANCE,
    ),
    Measure(
        "RD",
        "Risk Difference",
        "Risk difference",
        _TABLES,
        two_by_two.risk_difference,
        None,
        0.0,
        "Cohen (1995)",
        vtypes=("LS", "UB", "AV", "H0"),
        formula=r"y = p_1 - p_2,\quad v = \frac{p_1 (1 - p_1)}{n_1} + \frac{p_2 (1 - p_2)}{n_2},\quad " + _RISKS,
    ),
    Measure(
        "PETO",
        "Log Odds Ratio",
        "Peto odds ratio",
        _TABLES,
        two_by_two.peto_log_odds_ratio,
        np.exp,
        1.0,
        "Yusuf et al. (1985)",
        formula=r"y = \frac{O - E}{V},\quad v = \frac{1}{V},\quad O - E = a - \frac{n_1 m_1}{N},\quad "
        r"V = \frac{m_1 m_2 n_1 n_2}{N^2 (N - 1)}",
    ),
    Measure(
        "AS",
        "Arcsine Transformed Risk Difference",
        "Arcsine difference",
        _TABLES,
        two_by_two.arcsine_difference,
        None,
        0.0,
        "Rücker et al. (2009)",
        adds=False,
        formula=r"y = \arcsin\sqrt{p_1} - \arcsin\sqrt{p_2},\quad v = \frac{1}{4 n_1} + \frac{1}{4 n_2},\quad " + _RISKS,
    ),
    Measure(
        "PHI",
        "Phi Coefficient",
        "Phi",
        _TABLES,
        two_by_two.phi,
        None,
        0.0,
        "Yule (1912)",
        vtypes=("LS", "ST", "CS"),
        adds=False,
        formula=r"y = " + _PHI + r",\quad v = " + _PHI_VARIANCE,
    ),
    Measure(
        "ZPHI",
        "Fisher's z Transformed Phi Coefficient",
        "Phi",
        _TABLES,
        two_by_two.phi_z,
        np.tanh,
        0.0,
        "Fisher (1921)",
        vtypes=("LS", "ST", "CS"),
        adds=False,
        formula=r"y = \operatorname{artanh} \varphi,\quad v = \frac{v_\varphi}{(1 - \varphi^2)^2},\quad "
        + _PHI
        + r",\quad "
        + _PHI_VARIANCE,
    ),
    Measure(
        "YUQ",
        "Yule's Q",
        "Yule's Q",
        _TABLES,
        two_by_two.yule_q,
        None,
        0.0,
        "Yule (1912)",
        formula=r"y = \frac{ad - bc}{ad + bc},\quad v = \frac{(1 - y^2)^2}{4} " + _LOG_ODDS_RATIO_VARIANCE,
    ),
    Measure(
        "YUY",
        "Yule's Y",
        "Yule's Y",
        _TABLES,
        two_by_two.yule_y,
        None,
        0.0,
        "Yule (1912)",
        formula=r"y = \frac{\sqrt{ad} - \sqrt{bc}}{\sqrt{ad} + \sqrt{bc}},\quad v = \frac{(1 - y^2)^2}{16} "
        + _LOG_ODDS_RATIO_VARIANCE,
    ),
    Measure(
        "PBIT",
        "Standardized Mean Difference",
        "Std. mean difference",
        _TABLES,
        two_by_two.probit_difference,
        None,
        0.0,
        "Sánchez-Meca et al. (2003)",
        formula=r"y = z_1 - z_2,\quad z_j = \Phi^{-1}(p_j),\quad v = \frac{p_1 (1 - p_1)}{n_1 \phi(z_1)^2} "
        r"+ \frac{p_2 (1 - p_2)}{n_2 \phi(z_2)^2},\quad " + _RISKS,
    ),
    Measure(
        "OR2D",
        "Standardized Mean Difference",
        "Std. mean difference",
        _TABLES,
        two_by_two.smd_logistic,
        None,
        0.0,
        "Hasselblad & Hedges (1995); Chinn (2000)",
        vtypes=_RISK_VTYPES,
        formula=r"y = \frac{\sqrt{3}}{\pi} " + _LOG_ODDS_RATIO + r",\quad v = \frac{3}{\pi^2} " + _LOG_ODDS_RATIO_VARIANCE,
    ),
    Measure(
        "OR2DN",
        "Standardized Mean Difference",
        "Std. mean difference",
        _TABLES,
        two_by_two.smd_normal,
        None,
        0.0,
        "Cox & Snell (1989)",
        vtypes=_RISK_VTYPES,
        formula=r"y = \frac{1}{1.65} " + _LOG_ODDS_RATIO + r",\quad v = \frac{1}{1.65^2} " + _LOG_ODDS_RATIO_VARIANCE,
    ),
    Measure(
        "OR2DL",
        "Standardized Mean Difference",
        "Std. mean difference",
        _TABLES,
        two_by_two.smd_logistic,
        None,
        0.0,
        "Hasselblad & Hedges (1995); Chinn (2000)",
        vtypes=_RISK_VTYPES,
        formula=r"y = \frac{\sqrt{3}}{\pi} " + _LOG_ODDS_RATIO + r",\quad v = \frac{3}{\pi^2} " + _LOG_ODDS_RATIO_VARIANCE,
    ),
)

_GENOTYPES = (
    Measure(
        "REH",
        "Log Relative Excess Heterozygosity",
        "Relative excess heterozygosity",
        FAMILIES["genotypes"],
        genotypes.log_excess_heterozygosity,
        np.exp,
        1.0,
        "Ziegler et al. (2011)",
        adds=False,
        formula=r"y = \log\frac{b}{2\sqrt{ac}},\quad v = \frac{1}{4a} + \frac{1}{b} + \frac{1}{4c}",
    ),
)

_PROPORTION_DATA = FAMILIES["proportions"]
_PROPORTION = r",\quad p = \frac{x}{n}"
_PROPORTIONS = (
    Measure(
        "PR",
        "Proportion",
        "Proportion",
        _PROPORTION_DATA,
        proportions.proportion,
        None,
        0.0,
        "the variance of a binomial proportion",
        vtypes=("LS", "UB", "AV"),
        formula=r"y = p,\quad v = \frac{p (1 - p)}{n}" + _PROPORTION,
    ),
    Measure(
        "PLN",
        "Log Proportion",
        "Proportion",
        _PROPORTION_DATA,
        proportions.log_proportion,
        np.exp,
        1.0,
        "the delta method",
        vtypes=("LS", "AV"),
        formula=r"y = \log p,\quad v = \frac{1 - p}{n p}" + _PROPORTION,
    ),
    Measure(
        "PLO",
        "Log Odds",
        "Proportion",
        _PROPORTION_DATA,
        proportions.logit,
        special.expit,
        0.5,
        "the delta method",
        vtypes=("LS", "AV"),
        formula=r"y = \log\frac{p}{1 - p},\quad v = \frac{1}{n p (1 - p)}" + _PROPORTION,
    ),
    Measure(
        "PRZ",
        "Probit Transformed Proportion",
        "Proportion",
        _PROPORTION_DATA,
        proportions.probit_proportion,
        special.ndtr,
        0.5,
        "the delta method",
        formula=r"y = \Phi^{-1}(p),\quad v = \frac{p (1 - p)}{n \phi(y)^2}" + _PROPORTION,
    ),
    Measure(
        "PAS",
        "Arcsine Transformed Proportion",
        "Proportion",
        _PROPORTION_DATA,
        proportions.arcsine,
        proportions.from_arcsine,
        0.0,
        "Freeman & Tukey (1950)",
        adds=False,
        formula=r"y = \arcsin\sqrt{p},\quad v = \frac{1}{4n}" + _PROPORTION,
    ),
    Measure(
        "PFT",
        "Double Arcsine Transformed Proportion",
        "Double arcsine proportion",
        _PROPORTION_DATA,
        proportions.double_arcsine,
        None,
        0.0,
        "Freeman & Tukey (1950)",
        adds=False,
        formula=r"y = \frac{1}{2}\left(\arcsin\sqrt{\frac{x}{n + 1}} + \arcsin\sqrt{\frac{x + 1}{n + 1}}\right),\quad "
        r"v = \frac{1}{4n + 2}",
    ),
)

_TWO_RATES = FAMILIES["rates_two"]
_ONE_RATE = FAMILIES["rates_one"]
_RATES = (
    Measure(
        "IRR",
        "Log Incidence Rate Ratio",
        "Incidence rate ratio",
        _TWO_RATES,
        rates.log_rate_ratio,
        np.exp,
        1.0,
        "Rothman et al. (2008)",
        formula=r"y = \log\frac{x_1 / t_1}{x_2 / t_2},\quad v = \frac{1}{x_1} + \frac{1}{x_2}",
    ),
    Measure(
        "IRD",
        "Incidence Rate Difference",
        "Incidence rate difference",
        _TWO_RATES,
        rates.rate_difference,
        None,
        0.0,
        "Rothman et al. (2008)",
        formula=r"y = \frac{x_1}{t_1} - \frac{x_2}{t_2},\quad v = \frac{x_1}{t_1^2} + \frac{x_2}{t_2^2}",
    ),
    Measure(
        "IRSD",
        "Square Root Transformed Incidence Rate Difference",
        "Root incidence rate difference",
        _TWO_RATES,
        rates.root_rate_difference,
        None,
        0.0,
        "Bagos & Nikolopoulos (2009)",
        adds=False,
        formula=r"y = \sqrt{\frac{x_1}{t_1}} - \sqrt{\frac{x_2}{t_2}},\quad v = \frac{1}{4 t_1} + \frac{1}{4 t_2}",
    ),
    Measure(
        "IR",
        "Incidence Rate",
        "Incidence rate",
        _ONE_RATE,
        rates.rate,
        None,
        0.0,
        "Rothman et al. (2008)",
        formula=r"y = \frac{x}{t},\quad v = \frac{x}{t^2}",
    ),
    Measure(
        "IRLN",
        "Log Incidence Rate",
        "Incidence rate",
        _ONE_RATE,
        rates.log_rate,
        np.exp,
        1.0,
        "Rothman et al. (2008)",
        formula=r"y = \log\frac{x}{t},\quad v = \frac{1}{x}",
    ),
    Measure(
        "IRS",
        "Square Root Transformed Incidence Rate",
        "Incidence rate",
        _ONE_RATE,
        rates.root_rate,
        rates.from_root,
        0.0,
        "the delta method",
        adds=False,
        formula=r"y = \sqrt{\frac{x}{t}},\quad v = \frac{1}{4t}",
    ),
    Measure(
        "IRFT",
        "Freeman-Tukey Transformed Incidence Rate",
        "Freeman-Tukey incidence rate",
        _ONE_RATE,
        rates.freeman_tukey_rate,
        None,
        0.0,
        "Freeman & Tukey (1950)",
        adds=False,
        formula=r"y = \frac{1}{2}\left(\sqrt{\frac{x}{t}} + \sqrt{\frac{x + 1}{t}}\right),\quad v = \frac{1}{4t}",
    ),
)

_MEANS = FAMILIES["two_means"]
_SMD_LAYOUTS = (*_MEANS.layouts, ("di", "n1i", "n2i"), ("ti", "n1i", "n2i"), ("pi", "n1i", "n2i"), ("ri", "n1i", "n2i"))
_LOGISTIC = (
    r"y = \frac{\pi}{\sqrt 3} \frac{\bar x_1 - \bar x_2}{s_p},\quad "
    r"v = \frac{\pi^2}{3} \left(\frac{1}{n_1} + \frac{1}{n_2}\right) + \frac{y^2}{2 (n_1 + n_2)}"
)
_TWO_MEANS = (
    Measure(
        "MD",
        "Mean Difference",
        "Mean difference",
        _MEANS,
        means.mean_difference,
        None,
        0.0,
        "Borenstein (2009)",
        vtypes=("LS", "HO", "UB"),
        formula=r"y = \bar x_1 - \bar x_2,\quad v = \frac{s_1^2}{n_1} + \frac{s_2^2}{n_2}",
    ),
    Measure(
        "POMPMD",
        "POMP Mean Difference",
        "Mean difference, % of maximum",
        _MEANS,
        means.pomp_mean_difference,
        None,
        0.0,
        "Cohen et al. (1999)",
        layouts=((*_MEANS.layouts[0], "mini", "maxi"),),
        vtypes=("LS", "HO", "UB"),
        formula=r"y = 100\,\frac{\bar x_1 - \bar x_2}{\max - \min},\quad "
        r"v = \frac{100^2}{(\max - \min)^2} \left(\frac{s_1^2}{n_1} + \frac{s_2^2}{n_2}\right)",
    ),
    Measure(
        "SMD",
        "Standardized Mean Difference",
        "Std. mean difference",
        _MEANS,
        means.standardized_mean_difference,
        None,
        0.0,
        "Hedges (1981)",
        layouts=_SMD_LAYOUTS,
        vtypes=("LS", "LS2", "LS3", "UB", "AV", "H0"),
        formula=r"y = J(N - 2) \frac{\bar x_1 - \bar x_2}{s_p},\quad N = n_1 + n_2,\quad "
        r"s_p^2 = \frac{(n_1 - 1) s_1^2 + (n_2 - 1) s_2^2}{N - 2},\quad "
        r"v = \frac{1}{n_1} + \frac{1}{n_2} + \frac{y^2}{2N}",
    ),
    Measure(
        "SMDH",
        "Standardized Mean Difference",
        "Std. mean difference",
        _MEANS,
        means.standardized_by_average_sd_unequal,
        None,
        0.0,
        "Bonett (2008, 2009)",
        vtypes=("LS", "LS2", "LS3"),
        formula=r"y = J(n_1 + n_2 - 2) \frac{\bar x_1 - \bar x_2}{s},\quad s^2 = \frac{s_1^2 + s_2^2}{2},\quad "
        r"v = \frac{1}{s^2} \sum_j \frac{s_j^2}{n_j - 1} + \frac{y^2}{8 s^4} \sum_j \frac{s_j^4}{n_j - 1}",
    ),
    Measure(
        "SMD1",
        "Standardized Mean Difference",
        "Std. mean difference",
        _MEANS,
        means.standardized_by_second_sd,
        None,
        0.0,
        "Hedges (1981)",
        layouts=(("n1i", "m1i", "n2i", "m2i", "sd2i"),),
        vtypes=("LS", "LS2", "LS3", "UB", "AV", "H0"),
        formula=r"y = J(n_2 - 1) \frac{\bar x_1 - \bar x_2}{s_2},\quad "
        r"v = \frac{1}{n_1} + \frac{1}{n_2} + \frac{y^2}{2 n_2}",
    ),
    Measure(
        "SMD1H",
        "Standardized Mean Difference",
        "Std. mean difference",
        _MEANS,
        means.standardized_by_second_sd_unequal,
        None,
        0.0,
        "Bonett (2008)",
        formula=r"y = J(n_2 - 1) \frac{\bar x_1 - \bar x_2}{s_2},\quad "
        r"v = \frac{s_1^2}{s_2^2 (n_1 - 1)} + \frac{1}{n_2 - 1} + \frac{y^2}{2 (n_2 - 1)}",
    ),
    Measure(
        "ROM",
        "Log Ratio of Means",
        "Ratio of means",
        _MEANS,
        ratio_of_means.log_ratio_of_means,
        np.exp,
        1.0,
        "Hedges et al. (1999)",
        vtypes=("LS", "HO", "LS2", "AV", "AVHO"),
        formula=r"y = \log\frac{\bar x_1}{\bar x_2} + \frac{1}{2}\left(\frac{c_1^2}{n_1} - \frac{c_2^2}{n_2}\right),\quad "
        r"c_j = \frac{s_j}{\bar x_j},\quad v = \frac{c_1^2}{n_1} + \frac{c_2^2}{n_2}",
    ),
    Measure(
        "VR",
        "Log Variability Ratio",
        "Variability ratio",
        _MEANS,
        variability.log_variability_ratio,
        np.exp,
        1.0,
        "Senior et al. (2020)",
        layouts=(("n1i", "sd1i", "n2i", "sd2i"),),
        vtypes=("LS", "LS2"),
        formula=r"y = \log\frac{s_1}{s_2} + \frac{1}{2 (n_1 - 1)} - \frac{1}{2 (n_2 - 1)},\quad "
        r"v = \frac{1}{2 (n_1 - 1)} + \frac{1}{2 (n_2 - 1)}",
    ),
    Measure(
        "CVR",
        "Log Coefficient of Variation Ratio",
        "Coefficient of variation ratio",
        _MEANS,
        variability.log_ratio_of_cvs,
        np.exp,
        1.0,
        "Senior et al. (2020)",
        vtypes=("LS", "LS2"),
        formula=r"y = \log\frac{c_1}{c_2} + \frac{1}{2 (n_1 - 1)} - \frac{1}{2 (n_2 - 1)} "
        r"+ \frac{1}{2}\left(\frac{c_2^2}{n_2} - \frac{c_1^2}{n_1}\right),\quad c_j = \frac{s_j}{\bar x_j},\quad "
        r"v = \sum_j \left(\frac{c_j^2}{n_j} + \frac{1}{2 (n_j - 1)}\right)",
    ),
    Measure(
        "D2OR",
        "Log Odds Ratio",
        "Odds ratio",
        _MEANS,
        smd_to_or.log_odds_ratio_logistic,
        np.exp,
        1.0,
        "Hasselblad & Hedges (1995)",
        layouts=_SMD_LAYOUTS,
        formula=_LOGISTIC,
    ),
    Measure(
        "D2ORN",
        "Log Odds Ratio",
        "Odds ratio",
        _MEANS,
        smd_to_or.log_odds_ratio_normal,
        np.exp,
        1.0,
        "Cox & Snell (1989)",
        layouts=_SMD_LAYOUTS,
        formula=r"y = 1.65 \frac{\bar x_1 - \bar x_2}{s_p},\quad "
        r"v = 1.65^2 \left(\frac{1}{n_1} + \frac{1}{n_2}\right) + \frac{y^2}{2 (n_1 + n_2)}",
    ),
    Measure(
        "D2ORL",
        "Log Odds Ratio",
        "Odds ratio",
        _MEANS,
        smd_to_or.log_odds_ratio_logistic,
        np.exp,
        1.0,
        "Hasselblad & Hedges (1995)",
        layouts=_SMD_LAYOUTS,
        formula=_LOGISTIC,
    ),
)

_PAIRED_MEANS = FAMILIES["paired_means"]
_PAIRED = (
    Measure(
        "MC",
        "Mean Change",
        "Mean change",
        _PAIRED_MEANS,
        paired.mean_change,
        None,
        0.0,
        "Morris & DeShon (2002)",
        formula=r"y = \bar x_1 - \bar x_2,\quad v = \frac{s_1^2 + s_2^2 - 2 r s_1 s_2}{n}",
    ),
    Measure(
        "POMPMC",
        "POMP Mean Change",
        "Mean change, % of maximum",
        _PAIRED_MEANS,
        paired.pomp_mean_change,
        None,
        0.0,
        "Cohen et al. (1999)",
        layouts=(("m1i", "m2i", "sd1i", "sd2i", "ri", "ni", "mini", "maxi"),),
        formula=r"y = 100\,\frac{\bar x_1 - \bar x_2}{\max - \min},\quad "
        r"v = \frac{100^2 (s_1^2 + s_2^2 - 2 r s_1 s_2)}{n (\max - \min)^2}",
    ),
    Measure(
        "SMCC",
        "Standardized Mean Change",
        "Std. mean change",
        _PAIRED_MEANS,
        paired.standardized_by_change_sd,
        None,
        0.0,
        "Gibbons et al. (1993)",
        layouts=(("m1i", "m2i", "sd1i", "sd2i", "ri", "ni"), ("di", "ni"), ("ti", "ni"), ("pi", "ni")),
        vtypes=("LS", "LS2", "UB", "H0"),
        formula=r"y = J(n - 1) \frac{\bar x_1 - \bar x_2}{\sqrt{s_1^2 + s_2^2 - 2 r s_1 s_2}},\quad "
        r"v = \frac{1}{n} + \frac{y^2}{2n}",
    ),
    Measure(
        "SMCR",
        "Standardized Mean Change",
        "Std. mean change",
        _PAIRED_MEANS,
        paired.standardized_by_first_sd,
        None,
        0.0,
        "Becker (1988)",
        layouts=(("m1i", "m2i", "sd1i", "ri", "ni"),),
        vtypes=("LS", "LS2", "UB", "H0"),
        formula=r"y = J(n - 1) \frac{\bar x_1 - \bar x_2}{s_1},\quad v = \frac{2 (1 - r)}{n} + \frac{y^2}{2n}",
    ),
    Measure(
        "SMCRH",
        "Standardized Mean Change",
        "Std. mean change",
        _PAIRED_MEANS,
        paired.standardized_by_first_sd_unequal,
        None,
        0.0,
        "Bonett (2008)",
        vtypes=("LS", "LS2"),
        formula=r"y = J(n - 1) \frac{\bar x_1 - \bar x_2}{s_1},\quad "
        r"v = \frac{s_1^2 + s_2^2 - 2 r s_1 s_2}{s_1^2 (n - 1)} + \frac{y^2}{2 (n - 1)}",
    ),
    Measure(
        "SMCRP",
        "Standardized Mean Change",
        "Std. mean change",
        _PAIRED_MEANS,
        paired.standardized_by_average_sd,
        None,
        0.0,
        "Cousineau (2020)",
        formula=r"y = J\!\left(\frac{2 (n - 1)}{1 + r^2}\right) \frac{\bar x_1 - \bar x_2}{\sqrt{(s_1^2 + s_2^2)/2}},\quad "
        r"v = \frac{2 (1 - r)}{n} + y^2 \frac{1 + r^2}{4n}",
    ),
    Measure(
        "SMCRPH",
        "Standardized Mean Change",
        "Std. mean change",
        _PAIRED_MEANS,
        paired.standardized_by_average_sd_unequal,
        None,
        0.0,
        "Bonett (2008)",
        vtypes=("LS", "LS2"),
        formula=r"y = J\!\left(\frac{2 (n - 1)}{1 + r^2}\right) \frac{\bar x_1 - \bar x_2}{s},\quad "
        r"s^2 = \frac{s_1^2 + s_2^2}{2},\quad v = \frac{s_1^2 + s_2^2 - 2 r s_1 s_2}{s^2 (n - 1)} "
        r"+ y^2 \frac{s_1^4 + s_2^4 + 2 r^2 s_1^2 s_2^2}{8 s^4 (n - 1)}",
    ),
    Measure(
        "ROMC",
        "Log Ratio of Means",
        "Ratio of means",
        _PAIRED_MEANS,
        paired.log_ratio_of_means,
        np.exp,
        1.0,
        "Lajeunesse (2011, 2015)",
        vtypes=("LS", "LS2"),
        formula=r"y = \log\frac{\bar x_1}{\bar x_2} + \frac{c_1^2 - c_2^2}{2n},\quad c_j = \frac{s_j}{\bar x_j},\quad "
        r"v = \frac{c_1^2 + c_2^2 - 2 r c_1 c_2}{n}",
    ),
    Measure(
        "VRC",
        "Log Variability Ratio",
        "Variability ratio",
        _PAIRED_MEANS,
        paired.log_variability_ratio,
        np.exp,
        1.0,
        "Senior et al. (2020)",
        layouts=(("sd1i", "sd2i", "ri", "ni"),),
        vtypes=("LS", "LS2"),
        formula=r"y = \log\frac{s_1}{s_2},\quad v = \frac{1 - r^2}{n - 1}",
    ),
    Measure(
        "CVRC",
        "Log Coefficient of Variation Ratio",
        "Coefficient of variation ratio",
        _PAIRED_MEANS,
        paired.log_ratio_of_cvs,
        np.exp,
        1.0,
        "Senior et al. (2020)",
        vtypes=("LS", "LS2"),
        formula=r"y = \log\frac{c_1}{c_2} + \frac{c_2^2 - c_1^2}{2n},\quad c_j = \frac{s_j}{\bar x_j},\quad "
        r"v = \frac{c_1^2 + c_2^2 - 2 r c_1 c_2}{n} + \frac{1 - r^2}{n - 1}",
    ),
)

_SINGLE_MEANS = FAMILIES["one_mean"]
_ONE_MEAN = (
    Measure(
        "MN",
        "Mean",
        "Mean",
        _SINGLE_MEANS,
        one_group.mean,
        None,
        0.0,
        "the variance of a mean",
        vtypes=("LS", "HO"),
        formula=r"y = \bar x,\quad v = \frac{s^2}{n}",
    ),
    Measure(
        "POMPMN",
        "POMP Mean",
        "Mean, % of maximum",
        _SINGLE_MEANS,
        one_group.pomp_mean,
        None,
        0.0,
        "Cohen et al. (1999)",
        layouts=(("mi", "sdi", "ni", "mini", "maxi"),),
        vtypes=("LS", "HO"),
        formula=r"y = 100\,\frac{\bar x - \min}{\max - \min},\quad v = \frac{100^2 s^2}{n (\max - \min)^2}",
    ),
    Measure(
        "SMN",
        "Standardized Mean",
        "Std. mean",
        _SINGLE_MEANS,
        one_group.standardized_mean,
        None,
        0.0,
        "Hedges (1981)",
        formula=r"y = J(n - 1) \frac{\bar x}{s},\quad v = \frac{1}{n} + \frac{y^2}{2n}",
    ),
    Measure(
        "MNLN",
        "Log Mean",
        "Mean",
        _SINGLE_MEANS,
        one_group.log_mean,
        np.exp,
        1.0,
        "Nakagawa et al. (2015)",
        formula=r"y = \log \bar x,\quad v = \frac{s^2}{n \bar x^2}",
    ),
    Measure(
        "SDLN",
        "Log Standard Deviation",
        "Standard deviation",
        _SINGLE_MEANS,
        one_group.log_sd,
        np.exp,
        1.0,
        "Nakagawa et al. (2015)",
        layouts=(("sdi", "ni"),),
        formula=r"y = \log s + \frac{1}{2 (n - 1)},\quad v = \frac{1}{2 (n - 1)}",
    ),
    Measure(
        "CVLN",
        "Log Coefficient of Variation",
        "Coefficient of variation",
        _SINGLE_MEANS,
        one_group.log_cv,
        np.exp,
        1.0,
        "Nakagawa et al. (2015)",
        formula=r"y = \log\frac{s}{\bar x} + \frac{1}{2 (n - 1)},\quad v = \frac{1}{2 (n - 1)} + \frac{s^2}{n \bar x^2}",
    ),
)

_FROM_TESTS = tuple((name, "n1i", "n2i") for name in ("di", "ti", "pi"))
_CORRELATION_LAYOUTS = (_MEANS.layouts[0], *_FROM_TESTS, ("ri", "n1i", "n2i"))
_BISERIAL_FORMULA = (
    r"b = r \frac{\sqrt{pq}}{f},\quad p = \frac{n_1}{n_1 + n_2} = 1 - q = 1 - \Phi(z),\quad f = \varphi(z),\quad "
    r"V = \frac{1}{n_1 + n_2 - 1} \left[\frac{pq}{f^2} - "
    r"\left(\frac32 + \left(1 - \frac{pz}{f}\right)\left(1 + \frac{qz}{f}\right)\right) b^2 + b^4\right]"
)
_BISERIAL = (
    Measure(
        "RPB",
        "Point-Biserial Correlation Coefficient",
        "Correlation",
        _MEANS,
        biserial.point_biserial,
        None,
        0.0,
        "Tate (1954)",
        layouts=_CORRELATION_LAYOUTS,
        vtypes=("LS", "ST", "CS"),
        formula=r"r = \frac{d}{\sqrt{d^2 + h}},\quad h = \frac{m}{n_1} + \frac{m}{n_2},\quad m = n_1 + n_2 - 2,\quad "
        r"y = r,\quad v = \frac{h^2}{(h + d^2)^3} \left(\frac{1}{n_1} + \frac{1}{n_2} + \frac{d^2}{2 (n_1 + n_2)}\right)",
    ),
    Measure(
        "ZPB",
        "Fisher's z Transformed Point-Biserial Correlation Coefficient",
        "Correlation",
        _MEANS,
        biserial.point_biserial_z,
        np.tanh,
        0.0,
        "Tate (1954), Fisher (1921)",
        layouts=_CORRELATION_LAYOUTS,
        vtypes=("LS", "ST", "CS"),
        formula=r"r = \frac{d}{\sqrt{d^2 + h}},\quad h = \frac{m}{n_1} + \frac{m}{n_2},\quad m = n_1 + n_2 - 2,\quad "
        r"y = \operatorname{artanh} r,\quad "
        r"v = \frac{1}{h + d^2} \left(\frac{1}{n_1} + \frac{1}{n_2} + \frac{d^2}{2 (n_1 + n_2)}\right)",
    ),
    Measure(
        "RBIS",
        "Correlation Coefficient",
        "Correlation",
        _MEANS,
        biserial.biserial,
        None,
        0.0,
        "Soper (1914), Jacobs & Viechtbauer (2017)",
        layouts=_CORRELATION_LAYOUTS,
        formula=r"y = b,\quad v = V,\quad " + _BISERIAL_FORMULA,
    ),
    Measure(
        "ZBIS",
        "Fisher's z Transformed Correlation Coefficient",
        "Correlation",
        _MEANS,
        biserial.biserial_z,
        np.tanh,
        0.0,
        "Soper (1914), Jacobs & Viechtbauer (2017)",
        layouts=_CORRELATION_LAYOUTS,
        formula=r"y = \operatorname{artanh} b,\quad v = \frac{V}{(1 - b^2)^2},\quad " + _BISERIAL_FORMULA,
    ),
)

_AREAS = FAMILIES["two_groups_auc"]
_SUPERIORITY_LAYOUTS = (_MEANS.layouts[0], *_FROM_TESTS, ("ai", "n1i", "n2i"))
_AREA_FORMULA = (
    r"y = \theta,\quad v = \frac{\theta (1 - \theta)}{(n_1 - 1)(n_2 - 1)} "
    r"\left[1 + n^* \frac{1 - \theta}{2 - \theta} + n^* \frac{\theta}{1 + \theta}\right],\quad "
    r"n^* = \frac{n_1 + n_2}{2} - 1"
)
_BINORMAL_FORMULA = (
    r"y = \Phi(\delta),\quad \delta = \frac{\bar x_1 - \bar x_2}{\sqrt{s_1^2 + s_2^2}},\quad "
    r"v = \varphi(\delta)^2 \sum_{i=1}^2 \frac{w_i + \delta^2 w_i^2 / 2}{n_i - 1},\quad "
    r"w_i = \frac{s_i^2}{s_1^2 + s_2^2}"
)
_PAIRED_BINORMAL_FORMULA = (
    r"y = \Phi(\delta),\quad \delta = \frac{\bar x_1 - \bar x_2}{\sqrt{s_1^2 + s_2^2}},\quad "
    r"v = \frac{\varphi(\delta)^2}{n - 1} \left[\frac{s_1^2 + s_2^2 - 2 r s_1 s_2}{s_1^2 + s_2^2} + "
    r"\delta^2 \frac{s_1^4 + s_2^4 + 2 r^2 s_1^2 s_2^2}{2 (s_1^2 + s_2^2)^2}\right]"
)
_SUPERIORITY = (
    Measure(
        "CLES",
        "Common Language Effect Size",
        "CLES",
        _AREAS,
        superiority.auc,
        None,
        0.5,
        "Newcombe (2006)",
        vtypes=("LS", "LS2"),
        formula=_AREA_FORMULA,
    ),
    Measure(
        "AUC",
        "Area under the Curve",
        "AUC",
        _AREAS,
        superiority.auc,
        None,
        0.5,
        "Newcombe (2006)",
        vtypes=("LS", "LS2"),
        formula=_AREA_FORMULA,
    ),
    Measure(
        "CLESN",
        "Common Language Effect Size",
        "CLES",
        _MEANS,
        superiority.binormal_auc,
        None,
        0.5,
        "McGraw & Wong (1992), Goddard & Hinberg (1990)",
        layouts=_SUPERIORITY_LAYOUTS,
        vtypes=("LS", "HO"),
        formula=_BINORMAL_FORMULA,
    ),
    Measure(
        "AUCN",
        "Area under the Curve",
        "AUC",
        _MEANS,
        superiority.binormal_auc,
        None,
        0.5,
        "McGraw & Wong (1992), Goddard & Hinberg (1990)",
        layouts=_SUPERIORITY_LAYOUTS,
        vtypes=("LS", "HO"),
        formula=_BINORMAL_FORMULA,
    ),
    Measure(
        "CLESCN",
        "Common Language Effect Size",
        "CLES",
        _PAIRED_MEANS,
        superiority.paired_binormal_auc,
        None,
        0.5,
        "McGraw & Wong (1992), Goddard & Hinberg (1990)",
        formula=_PAIRED_BINORMAL_FORMULA,
    ),
    Measure(
        "AUCCN",
        "Area under the Curve",
        "AUC",
        _PAIRED_MEANS,
        superiority.paired_binormal_auc,
        None,
        0.5,
        "McGraw & Wong (1992), Goddard & Hinberg (1990)",
        formula=_PAIRED_BINORMAL_FORMULA,
    ),
)

_CORRELATION_DATA = FAMILIES["correlation"]
_CORRELATION = (
    Measure(
        "COR",
        "Correlation Coefficient",
        "Correlation",
        _CORRELATION_DATA,
        correlations.correlation,
        None,
        0.0,
        "Borenstein (2009)",
        vtypes=("LS", "AV", "H0"),
        formula=r"y = r,\quad v = \frac{(1 - r^2)^2}{n - 1}",
    ),
    Measure(
        "UCOR",
        "Correlation Coefficient",
        "Correlation",
        _CORRELATION_DATA,
        correlations.unbiased,
        None,
        0.0,
        "Olkin & Pratt (1958)",
        vtypes=("LS", "AV", "UB"),
        formula=r"y = r\, {}_2F_1\!\left(\tfrac{1}{2}, \tfrac{1}{2}; \tfrac{n - 2}{2}; 1 - r^2\right),\quad "
        r"v = \frac{(1 - y^2)^2}{n - 1}",
    ),
    Measure(
        "ZCOR",
        "Fisher's z Transformed Correlation Coefficient",
        "Correlation",
        _CORRELATION_DATA,
        correlations.fisher_z,
        np.tanh,
        0.0,
        "Fisher (1921)",
        formula=r"y = \operatorname{artanh} r,\quad v = \frac{1}{n - 3}",
    ),
)

_PARTIAL_DATA = FAMILIES["partial_correlation"]
_SEMI_PARTIAL_LAYOUTS = tuple((*layout, "r2i") for layout in _PARTIAL_DATA.layouts)
_PARTIAL_R = r",\quad r = \frac{t}{\sqrt{t^2 + n - m - 1}}"
_SEMI_PARTIAL_R = r",\quad r = t \sqrt{\frac{1 - R^2}{n - m - 1}},\quad R_0^2 = R^2 - r^2"
_SEMI_PARTIAL_VARIANCE = r"\frac{(1 - R^2)^2 + R_0^2 (1 - R_0^2)}{n"
_PARTIAL = (
    Measure(
        "PCOR",
        "Partial Correlation Coefficient",
        "Partial correlation",
        _PARTIAL_DATA,
        partial_correlations.partial,
        None,
        0.0,
        "Aloe & Thompson (2013)",
        vtypes=("LS", "AV"),
        formula=r"y = r,\quad v = \frac{(1 - r^2)^2}{n - m}" + _PARTIAL_R,
    ),
    Measure(
        "ZPCOR",
        "Fisher's z Transformed Partial Correlation Coefficient",
        "Partial correlation",
        _PARTIAL_DATA,
        partial_correlations.fisher_z_partial,
        np.tanh,
        0.0,
        "Fisher (1924)",
        formula=r"y = \operatorname{artanh} r,\quad v = \frac{1}{n - m - 2}" + _PARTIAL_R,
    ),
    Measure(
        "SPCOR",
        "Semi-Partial Correlation Coefficient",
        "Semi-partial correlation",
        _PARTIAL_DATA,
        partial_correlations.semi_partial,
        None,
        0.0,
        "Aloe & Becker (2012)",
        layouts=_SEMI_PARTIAL_LAYOUTS,
        vtypes=("LS", "AV"),
        formula=r"y = r,\quad v = " + _SEMI_PARTIAL_VARIANCE + "}" + _SEMI_PARTIAL_R,
    ),
    Measure(
        "ZSPCOR",
        "Fisher's z Transformed Semi-Partial Correlation Coefficient",
        "Semi-partial correlation",
        _PARTIAL_DATA,
        partial_correlations.fisher_z_semi_partial,
        np.tanh,
        0.0,
        "Aloe & Becker (2012); the delta method",
        layouts=_SEMI_PARTIAL_LAYOUTS,
        vtypes=("LS", "AV"),
        formula=r"y = \operatorname{artanh} r,\quad v = " + _SEMI_PARTIAL_VARIANCE + r" (1 - r^2)^2}" + _SEMI_PARTIAL_R,
    ),
)

_ALPHA = (
    Measure(
        "ARAW",
        "Cronbach's alpha",
        "Alpha",
        FAMILIES["alpha"],
        alpha.alpha,
        None,
        0.0,
        "van Zyl et al. (2000); Bonett (2010)",
        formula=r"y = \alpha,\quad v = \frac{2m (1 - \alpha)^2}{(m - 1)(n - 2)}",
    ),
    Measure(
        "AHW",
        "Transformed Cronbach's alpha",
        "Alpha",
        FAMILIES["alpha"],
        alpha.hakstian_whalen,
        transf_iahw,
        0.0,
        "Hakstian & Whalen (1976)",
        formula=r"y = 1 - (1 - \alpha)^{1/3},\quad v = \frac{18m (n - 1) (1 - \alpha)^{2/3}}{(m - 1)(9n - 11)^2}",
    ),
    Measure(
        "ABT",
        "Transformed Cronbach's alpha",
        "Alpha",
        FAMILIES["alpha"],
        alpha.bonett,
        transf_iabt,
        0.0,
        "Bonett (2002)",
        formula=r"y = -\log(1 - \alpha),\quad v = \frac{2m}{(m - 1)(n - 2)}",
    ),
)

_PAIRS = FAMILIES["matched_pairs"]
_MATCHED_PAIRS = (
    Measure(
        "MPRD",
        "Risk Difference",
        "Risk difference (pairs)",
        _PAIRS,
        matched_pairs.risk_difference,
        None,
        0.0,
        "May & Johnson (1997)",
        formula=r"y=\frac{b-c}{N},\ v=\frac{b+c-(b-c)^2/N}{N^2}",
    ),
    Measure(
        "MPRR",
        "Log Risk Ratio",
        "Risk ratio (pairs)",
        _PAIRS,
        matched_pairs.log_risk_ratio,
        np.exp,
        1.0,
        "Zou (2007)",
        formula=r"y=\log\frac{a+b}{a+c},\ v=\frac{b+c}{(a+b)(a+c)}",
    ),
    Measure(
        "MPOR",
        "Log Odds Ratio",
        "Odds ratio (pairs)",
        _PAIRS,
        matched_pairs.log_odds_ratio,
        np.exp,
        1.0,
        "Becker & Balagtas (1993)",
        formula=r"y=\log\frac{(a+b)(b+d)}{(c+d)(a+c)},\ "
        r"v=\frac{N}{(a+b)(c+d)}+\frac{N}{(a+c)(b+d)}-\frac{2N(ad-bc)}{(a+b)(c+d)(a+c)(b+d)}",
    ),
    Measure(
        "MPORC",
        "Log Odds Ratio",
        "Odds ratio (within pairs)",
        _PAIRS,
        matched_pairs.conditional_log_odds_ratio,
        np.exp,
        1.0,
        "Curtin et al. (2002)",
        formula=r"y=\log\frac{b}{c},\ v=\frac1b+\frac1c",
    ),
    Measure(
        "MPPETO",
        "Log Odds Ratio",
        "Peto odds ratio (within pairs)",
        _PAIRS,
        matched_pairs.peto_log_odds_ratio,
        np.exp,
        1.0,
        "Yusuf et al. (1985)",
        formula=r"y=\frac{2(b-c)}{b+c},\ v=\frac{4}{b+c}",
    ),
    Measure(
        "MPORM",
        "Log Odds Ratio",
        "Odds ratio (pairs' margins)",
        _PAIRS,
        matched_pairs.log_odds_ratio_of_margins,
        np.exp,
        1.0,
        "Zou (2007)",
        layouts=tuple((*layout, more) for more in ("ri", "pi") for layout in _PAIRS.layouts),
        formula=r"y=\log\frac{ad}{bc},\ v=\frac1a+\frac1b+\frac1c+\frac1d-\frac{2rN}{n_1n_2\sqrt{p_1q_1p_2q_2}}",
    ),
)

_TETRACHORIC = (
    Measure(
        "RTET",
        "Tetrachoric Correlation Coefficient",
        "Tetrachoric correlation",
        _TABLES,
        tetrachoric.tetrachoric_correlation,
        None,
        0.0,
        "Pearson (1900); Kirk (1973)",
        adds=False,
        formula=r"\Phi_2(h,k;y)=\frac{a}{n}",
    ),
    Measure(
        "ZTET",
        "Fisher's z Transformed Tetrachoric Correlation Coefficient",
        "Tetrachoric correlation (z)",
        _TABLES,
        tetrachoric.z_tetrachoric_correlation,
        np.tanh,
        0.0,
        "Pearson (1900); Fisher (1921)",
        adds=False,
        formula=r"y=\operatorname{artanh} r,\ v=\frac{v_r}{(1-r^2)^2}",
    ),
)

_R2_DATA = FAMILIES["r2"]
_FIXED_X_VARIANCE = (
    r"V = \operatorname{Var}(\rho^2 \mid R^2),\quad p(\rho^2 \mid R^2) \propto "
    r"f_{m,\, n - m - 1}\!\left(F;\, \lambda = \frac{n \rho^2}{1 - \rho^2}\right)"
)
_DETERMINATION = (
    Measure(
        "R2",
        "Coefficient of Determination",
        "R²",
        _R2_DATA,
        determination.determination,
        None,
        0.0,
        "Kendall & Stuart (1979)",
        vtypes=("LS", "LS2", "AV", "AV2"),
        formula=r"y = R^2,\quad v = \frac{4 R^2 (1 - R^2)^2}{n}",
    ),
    Measure(
        "ZR2",
        "z Transformed Coefficient of Determination",
        "R²",
        _R2_DATA,
        determination.fisher_z,
        transf_ztor2,
        0.0,
        "Olkin & Finn (1995)",
        formula=r"y = \operatorname{artanh} \sqrt{R^2},\quad v = \frac{1}{n}",
    ),
    Measure(
        "R2F",
        "Coefficient of Determination",
        "R²",
        _R2_DATA,
        determination.determination_fixed,
        None,
        0.0,
        "metafor's documentation",
        formula=r"y = R^2,\quad v = V,\quad " + _FIXED_X_VARIANCE,
    ),
    Measure(
        "ZR2F",
        "z Transformed Coefficient of Determination",
        "R²",
        _R2_DATA,
        determination.fisher_z_fixed,
        transf_ztor2,
        0.0,
        "metafor's documentation",
        formula=r"y = \operatorname{artanh} \sqrt{R^2},\quad v = \frac{V}{(1 - R^4)^2},\quad " + _FIXED_X_VARIANCE,
    ),
)

MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.name: measure
        for measure in (
            *_GENERIC,
            *_TWO_BY_TWO,
            *_TETRACHORIC,
            *_GENOTYPES,
            *_MATCHED_PAIRS,
            *_PROPORTIONS,
            *_RATES,
            *_TWO_MEANS,
            *_PAIRED,
            *_ONE_MEAN,
            *_BISERIAL,
            *_SUPERIORITY,
            *_CORRELATION,
            *_PARTIAL,
            *_DETERMINATION,
            *_ALPHA,
        )
    }
)


def measure_named(name: str, among: Collection[str] | None = None) -> Measure:
    """The measure called `name`, or an OptionError with what is allowed: all measures, or those named in `among`."""
    allowed = MEASURES if among is None else among
    if name not in allowed:
        raise no_such("measure", name, allowed, what="measure here")
    return MEASURES[name]
