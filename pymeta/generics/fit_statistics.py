"""Log-likelihood, deviance and information criteria of fitted models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pymeta.errors import OptionError
from pymeta.results.uni import UniResult

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AIC", "BIC", "AICc", "deviance", "fitstats", "logLik"]


def fitstats(result: UniResult, *others: UniResult, REML: bool | None = None) -> pd.DataFrame:
    """The statistics of fit, one row each, of one or several models.

    REML : by restricted likelihood; default: where the (first) model was fitted so
    metafor: ``fitstats(result, …, REML=)``
    """
    import pandas as pd

    kind = _kind(result, REML)
    models = (result, *others)
    names = [kind] if not others else [f"model {i}" for i in range(1, len(models) + 1)]
    columns = {name: model.fit_stats[kind]._asdict() for name, model in zip(names, models, strict=True)}
    return pd.DataFrame(columns)


def _kind(result: UniResult, REML: bool | None) -> str:
    if REML is not None and not isinstance(REML, bool):
        raise OptionError(f"REML={REML!r}: needs True or False")
    return "REML" if (result.spec.method == "REML" if REML is None else REML) else "ML"


def logLik(result: UniResult, *, REML: bool | None = None) -> float:
    """The log-likelihood. metafor: ``logLik(result)``."""
    return result.fit_stats[_kind(result, REML)].logLik


def deviance(result: UniResult, *, REML: bool | None = None) -> float:
    """The deviance. metafor: ``deviance(result)``."""
    return result.fit_stats[_kind(result, REML)].deviance


def AIC(result: UniResult, *, REML: bool | None = None) -> float:
    """Akaike's criterion. metafor: ``AIC(result)``."""
    return result.fit_stats[_kind(result, REML)].AIC


def BIC(result: UniResult, *, REML: bool | None = None) -> float:
    """Schwarz's criterion. metafor: ``BIC(result)``."""
    return result.fit_stats[_kind(result, REML)].BIC


def AICc(result: UniResult, *, REML: bool | None = None) -> float:
    """Akaike's criterion, corrected for small samples. metafor: ``AIC(result, correct=TRUE)``."""
    return result.fit_stats[_kind(result, REML)].AICc
