"""Meta-analysis in Python, proved number by number against R's metafor."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Loaded on first use, so that `import pymeta` costs little more than the numbers it is asked for.
_HOME = {
    "AIC": "generics.fit_statistics",
    "AICc": "generics.fit_statistics",
    "BIC": "generics.fit_statistics",
    "ConvergenceError": "errors",
    "ConversionWarning": "errors",
    "DataError": "errors",
    "LargeEffectWarning": "errors",
    "LocationScaleResult": "results.location_scale",
    "MEASURES": "effects.measures",
    "MHResult": "results.mh",
    "MatregResult": "shaping.matreg",
    "OptionError": "errors",
    "PetoResult": "results.peto",
    "PymetaError": "errors",
    "SELECTIONS": "models.selection_weights",
    "SelectionResult": "results.selection",
    "ShapingWarning": "errors",
    "TAU2": "tau2.methods",
    "UniResult": "results.uni",
    "aggregate": "shaping.aggregate",
    "anova": "generics.anova",
    "baujat": "diagnostics.influence",
    "bldiag": "shaping.blocks",
    "blsplit": "shaping.blocks",
    "blup": "generics.random_effects",
    "coef": "generics.accessors",
    "confint": "generics.confint",
    "contrmat": "shaping.contrasts",
    "conv_2x2": "conversions",
    "conv_delta": "conversions",
    "conv_fivenum": "conversions",
    "conv_wald": "conversions",
    "cooks_distance": "diagnostics.influence",
    "cumul": "diagnostics.refits",
    "deviance": "generics.fit_statistics",
    "df_residual": "generics.accessors",
    "dfbetas": "diagnostics.influence",
    "dffits": "diagnostics.influence",
    "dfround": "shaping.small",
    "escalc": "effect_sizes",
    "fitstats": "generics.fit_statistics",
    "fitted": "generics.predict",
    "formula": "generics.accessors",
    "funnel": "diagnostics.funnel",
    "gosh": "diagnostics.gosh",
    "fsn": "diagnostics.failsafe",
    "hatvalues": "generics.residuals",
    "hc": "diagnostics.henmi_copas",
    "influence": "diagnostics.influence",
    "labbe": "diagnostics.labbe",
    "leave1out": "diagnostics.refits",
    "lfk": "diagnostics.doi",
    "limitmeta": "diagnostics.limit_meta",
    "load_dataset": "datasets",
    "logLik": "generics.fit_statistics",
    "marginal_means": "generics.marginal_means",
    "matreg": "shaping.matreg",
    "metabias": "diagnostics.small_study",
    "model_matrix": "generics.accessors",
    "nobs": "generics.accessors",
    "pairmat": "shaping.contrasts",
    "pcurve": "diagnostics.pcurve",
    "permutest": "diagnostics.permutation",
    "pet_peese": "diagnostics.pet_peese",
    "predict": "generics.predict",
    "print_escalc": "effect_sizes",
    "profile": "generics.profile",
    "puniform": "diagnostics.puniform",
    "puniform_star": "diagnostics.puniform",
    "qqnorm": "diagnostics.qqnorm",
    "radial": "diagnostics.radial",
    "ranef": "generics.random_effects",
    "ranktest": "diagnostics.asymmetry",
    "rcalc": "shaping.rcalc",
    "read_revman": "data.revman5",
    "regplot": "generics.regplot",
    "regtest": "diagnostics.asymmetry",
    "replmiss": "shaping.small",
    "reporter": "generics.reporter",
    "residuals": "generics.residuals",
    "rma": "api",
    "rma_mh": "table_models",
    "rma_peto": "table_models",
    "robust": "generics.robust",
    "rstandard": "models.residuals",
    "rstudent": "models.residuals",
    "se": "generics.accessors",
    "selmodel": "models.selection",
    "sensitivity": "diagnostics.sensitivity",
    "simulate": "generics.simulate",
    "subgroups": "generics.subgroups",
    "summary_escalc": "effect_sizes",
    "tes": "diagnostics.excess",
    "to_long": "shaping.long",
    "to_table": "shaping.long",
    "to_wide": "shaping.wide",
    "transf_abt": "effects.transforms",
    "transf_ahw": "effects.transforms",
    "transf_arcsin": "effects.transforms",
    "transf_clestod": "effects.transforms",
    "transf_dtobesd": "effects.transforms",
    "transf_dtocles": "effects.transforms",
    "transf_dtocles_int": "effects.transforms",
    "transf_dtocliffd": "effects.transforms",
    "transf_dtolnor_logis": "effects.transforms",
    "transf_dtolnor_norm": "effects.transforms",
    "transf_dtomd": "effects.transforms",
    "transf_dtoovl": "effects.transforms",
    "transf_dtorbis": "effects.transforms",
    "transf_dtorpb": "effects.transforms",
    "transf_dtou1": "effects.transforms",
    "transf_dtou2": "effects.transforms",
    "transf_dtou3": "effects.transforms",
    "transf_exp_int": "effects.transforms",
    "transf_exp_mode": "effects.transforms",
    "transf_iabt": "effects.transforms",
    "transf_iabt_int": "effects.transforms",
    "transf_iabt_mode": "effects.transforms",
    "transf_iahw": "effects.transforms",
    "transf_iahw_int": "effects.transforms",
    "transf_iahw_mode": "effects.transforms",
    "transf_iarcsin": "effects.transforms",
    "transf_iarcsin_int": "effects.transforms",
    "transf_iarcsin_mode": "effects.transforms",
    "transf_iirft": "effects.transforms",
    "transf_ilogit": "effects.transforms",
    "transf_ilogit_int": "effects.transforms",
    "transf_ilogit_mode": "effects.transforms",
    "transf_ipft": "effects.transforms",
    "transf_ipft_hm": "effects.transforms",
    "transf_iprobit": "effects.transforms",
    "transf_iprobit_int": "effects.transforms",
    "transf_iprobit_mode": "effects.transforms",
    "transf_irft": "effects.transforms",
    "transf_isqrt": "effects.transforms",
    "transf_lnortod_logis": "effects.transforms",
    "transf_lnortod_norm": "effects.transforms",
    "transf_lnortord": "effects.transforms",
    "transf_lnortorr": "effects.transforms",
    "transf_lnortortet_digby": "effects.transforms",
    "transf_lnortortet_pearson": "effects.transforms",
    "transf_logit": "effects.transforms",
    "transf_pft": "effects.transforms",
    "transf_probit": "effects.transforms",
    "transf_r2toz": "effects.transforms",
    "transf_rpbtod": "effects.transforms",
    "transf_rpbtorbis": "effects.transforms",
    "transf_rtod": "effects.transforms",
    "transf_rtorpb": "effects.transforms",
    "transf_rtoz": "effects.transforms",
    "transf_ztor": "effects.transforms",
    "transf_ztor2": "effects.transforms",
    "transf_ztor_int": "effects.transforms",
    "transf_ztor_mode": "effects.transforms",
    "trimfill": "diagnostics.trimfill",
    "update": "generics.update",
    "vcalc": "shaping.vcalc",
    "vcov": "generics.vcov",
    "vec2mat": "shaping.blocks",
    "vevea_woods": "models.vevea_woods",
    "vif": "generics.vif",
    "weights": "generics.weights",
}

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604 - the names are strings


if TYPE_CHECKING:
    from pymeta.api import rma as rma
    from pymeta.conversions import conv_2x2 as conv_2x2
    from pymeta.conversions import conv_delta as conv_delta
    from pymeta.conversions import conv_fivenum as conv_fivenum
    from pymeta.conversions import conv_wald as conv_wald
    from pymeta.data.revman5 import read_revman as read_revman
    from pymeta.datasets import load_dataset as load_dataset
    from pymeta.diagnostics.asymmetry import ranktest as ranktest
    from pymeta.diagnostics.asymmetry import regtest as regtest
    from pymeta.diagnostics.doi import lfk as lfk
    from pymeta.diagnostics.excess import tes as tes
    from pymeta.diagnostics.failsafe import fsn as fsn
    from pymeta.diagnostics.funnel import funnel as funnel
    from pymeta.diagnostics.gosh import gosh as gosh
    from pymeta.diagnostics.henmi_copas import hc as hc
    from pymeta.diagnostics.influence import baujat as baujat
    from pymeta.diagnostics.influence import cooks_distance as cooks_distance
    from pymeta.diagnostics.influence import dfbetas as dfbetas
    from pymeta.diagnostics.influence import dffits as dffits
    from pymeta.diagnostics.influence import influence as influence
    from pymeta.diagnostics.labbe import labbe as labbe
    from pymeta.diagnostics.limit_meta import limitmeta as limitmeta
    from pymeta.diagnostics.pcurve import pcurve as pcurve
    from pymeta.diagnostics.permutation import permutest as permutest
    from pymeta.diagnostics.pet_peese import pet_peese as pet_peese
    from pymeta.diagnostics.puniform import puniform as puniform
    from pymeta.diagnostics.puniform import puniform_star as puniform_star
    from pymeta.diagnostics.qqnorm import qqnorm as qqnorm
    from pymeta.diagnostics.radial import radial as radial
    from pymeta.diagnostics.refits import cumul as cumul
    from pymeta.diagnostics.refits import leave1out as leave1out
    from pymeta.diagnostics.sensitivity import sensitivity as sensitivity
    from pymeta.diagnostics.small_study import metabias as metabias
    from pymeta.diagnostics.trimfill import trimfill as trimfill
    from pymeta.effect_sizes import escalc as escalc
    from pymeta.effect_sizes import print_escalc as print_escalc
    from pymeta.effect_sizes import summary_escalc as summary_escalc
    from pymeta.effects.measures import MEASURES as MEASURES
    from pymeta.effects.transforms import transf_abt as transf_abt
    from pymeta.effects.transforms import transf_ahw as transf_ahw
    from pymeta.effects.transforms import transf_arcsin as transf_arcsin
    from pymeta.effects.transforms import transf_clestod as transf_clestod
    from pymeta.effects.transforms import transf_dtobesd as transf_dtobesd
    from pymeta.effects.transforms import transf_dtocles as transf_dtocles
    from pymeta.effects.transforms import transf_dtocles_int as transf_dtocles_int
    from pymeta.effects.transforms import transf_dtocliffd as transf_dtocliffd
    from pymeta.effects.transforms import transf_dtolnor_logis as transf_dtolnor_logis
    from pymeta.effects.transforms import transf_dtolnor_norm as transf_dtolnor_norm
    from pymeta.effects.transforms import transf_dtomd as transf_dtomd
    from pymeta.effects.transforms import transf_dtoovl as transf_dtoovl
    from pymeta.effects.transforms import transf_dtorbis as transf_dtorbis
    from pymeta.effects.transforms import transf_dtorpb as transf_dtorpb
    from pymeta.effects.transforms import transf_dtou1 as transf_dtou1
    from pymeta.effects.transforms import transf_dtou2 as transf_dtou2
    from pymeta.effects.transforms import transf_dtou3 as transf_dtou3
    from pymeta.effects.transforms import transf_exp_int as transf_exp_int
    from pymeta.effects.transforms import transf_exp_mode as transf_exp_mode
    from pymeta.effects.transforms import transf_iabt as transf_iabt
    from pymeta.effects.transforms import transf_iabt_int as transf_iabt_int
    from pymeta.effects.transforms import transf_iabt_mode as transf_iabt_mode
    from pymeta.effects.transforms import transf_iahw as transf_iahw
    from pymeta.effects.transforms import transf_iahw_int as transf_iahw_int
    from pymeta.effects.transforms import transf_iahw_mode as transf_iahw_mode
    from pymeta.effects.transforms import transf_iarcsin as transf_iarcsin
    from pymeta.effects.transforms import transf_iarcsin_int as transf_iarcsin_int
    from pymeta.effects.transforms import transf_iarcsin_mode as transf_iarcsin_mode
    from pymeta.effects.transforms import transf_iirft as transf_iirft
    from pymeta.effects.transforms import transf_ilogit as transf_ilogit
    from pymeta.effects.transforms import transf_ilogit_int as transf_ilogit_int
    from pymeta.effects.transforms import transf_ilogit_mode as transf_ilogit_mode
    from pymeta.effects.transforms import transf_ipft as transf_ipft
    from pymeta.effects.transforms import transf_ipft_hm as transf_ipft_hm
    from pymeta.effects.transforms import transf_iprobit as transf_iprobit
    from pymeta.effects.transforms import transf_iprobit_int as transf_iprobit_int
    from pymeta.effects.transforms import transf_iprobit_mode as transf_iprobit_mode
    from pymeta.effects.transforms import transf_irft as transf_irft
    from pymeta.effects.transforms import transf_isqrt as transf_isqrt
    from pymeta.effects.transforms import transf_lnortod_logis as transf_lnortod_logis
    from pymeta.effects.transforms import transf_lnortod_norm as transf_lnortod_norm
    from pymeta.effects.transforms import transf_lnortord as transf_lnortord
    from pymeta.effects.transforms import transf_lnortorr as transf_lnortorr
    from pymeta.effects.transforms import transf_lnortortet_digby as transf_lnortortet_digby
    from pymeta.effects.transforms import transf_lnortortet_pearson as transf_lnortortet_pearson
    from pymeta.effects.transforms import transf_logit as transf_logit
    from pymeta.effects.transforms import transf_pft as transf_pft
    from pymeta.effects.transforms import transf_probit as transf_probit
    from pymeta.effects.transforms import transf_r2toz as transf_r2toz
    from pymeta.effects.transforms import transf_rpbtod as transf_rpbtod
    from pymeta.effects.transforms import transf_rpbtorbis as transf_rpbtorbis
    from pymeta.effects.transforms import transf_rtod as transf_rtod
    from pymeta.effects.transforms import transf_rtorpb as transf_rtorpb
    from pymeta.effects.transforms import transf_rtoz as transf_rtoz
    from pymeta.effects.transforms import transf_ztor as transf_ztor
    from pymeta.effects.transforms import transf_ztor2 as transf_ztor2
    from pymeta.effects.transforms import transf_ztor_int as transf_ztor_int
    from pymeta.effects.transforms import transf_ztor_mode as transf_ztor_mode
    from pymeta.errors import ConvergenceError as ConvergenceError
    from pymeta.errors import ConversionWarning as ConversionWarning
    from pymeta.errors import DataError as DataError
    from pymeta.errors import LargeEffectWarning as LargeEffectWarning
    from pymeta.errors import OptionError as OptionError
    from pymeta.errors import PymetaError as PymetaError
    from pymeta.errors import ShapingWarning as ShapingWarning
    from pymeta.generics.accessors import coef as coef
    from pymeta.generics.accessors import df_residual as df_residual
    from pymeta.generics.accessors import formula as formula
    from pymeta.generics.accessors import model_matrix as model_matrix
    from pymeta.generics.accessors import nobs as nobs
    from pymeta.generics.accessors import se as se
    from pymeta.generics.anova import anova as anova
    from pymeta.generics.confint import confint as confint
    from pymeta.generics.fit_statistics import AIC as AIC
    from pymeta.generics.fit_statistics import BIC as BIC
    from pymeta.generics.fit_statistics import AICc as AICc
    from pymeta.generics.fit_statistics import deviance as deviance
    from pymeta.generics.fit_statistics import fitstats as fitstats
    from pymeta.generics.fit_statistics import logLik as logLik
    from pymeta.generics.marginal_means import marginal_means as marginal_means
    from pymeta.generics.predict import fitted as fitted
    from pymeta.generics.predict import predict as predict
    from pymeta.generics.profile import profile as profile
    from pymeta.generics.random_effects import blup as blup
    from pymeta.generics.random_effects import ranef as ranef
    from pymeta.generics.regplot import regplot as regplot
    from pymeta.generics.reporter import reporter as reporter
    from pymeta.generics.residuals import hatvalues as hatvalues
    from pymeta.generics.residuals import residuals as residuals
    from pymeta.generics.robust import robust as robust
    from pymeta.generics.simulate import simulate as simulate
    from pymeta.generics.subgroups import subgroups as subgroups
    from pymeta.generics.update import update as update
    from pymeta.generics.vcov import vcov as vcov
    from pymeta.generics.vif import vif as vif
    from pymeta.generics.weights import weights as weights
    from pymeta.models.residuals import rstandard as rstandard
    from pymeta.models.residuals import rstudent as rstudent
    from pymeta.models.selection import selmodel as selmodel
    from pymeta.models.selection_weights import SELECTIONS as SELECTIONS
    from pymeta.models.vevea_woods import vevea_woods as vevea_woods
    from pymeta.results.location_scale import LocationScaleResult as LocationScaleResult
    from pymeta.results.mh import MHResult as MHResult
    from pymeta.results.peto import PetoResult as PetoResult
    from pymeta.results.selection import SelectionResult as SelectionResult
    from pymeta.results.uni import UniResult as UniResult
    from pymeta.shaping.aggregate import aggregate as aggregate
    from pymeta.shaping.blocks import bldiag as bldiag
    from pymeta.shaping.blocks import blsplit as blsplit
    from pymeta.shaping.blocks import vec2mat as vec2mat
    from pymeta.shaping.contrasts import contrmat as contrmat
    from pymeta.shaping.contrasts import pairmat as pairmat
    from pymeta.shaping.long import to_long as to_long
    from pymeta.shaping.long import to_table as to_table
    from pymeta.shaping.matreg import MatregResult as MatregResult
    from pymeta.shaping.matreg import matreg as matreg
    from pymeta.shaping.rcalc import rcalc as rcalc
    from pymeta.shaping.small import dfround as dfround
    from pymeta.shaping.small import replmiss as replmiss
    from pymeta.shaping.vcalc import vcalc as vcalc
    from pymeta.shaping.wide import to_wide as to_wide
    from pymeta.table_models import rma_mh as rma_mh
    from pymeta.table_models import rma_peto as rma_peto
    from pymeta.tau2.methods import TAU2 as TAU2


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'pymeta' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"pymeta.{_HOME[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
