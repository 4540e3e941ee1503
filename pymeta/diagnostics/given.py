"""What a diagnostic is asked of: a fitted model, or effects with their variances."""

from __future__ import annotations

from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, as_vector
from pymeta.data.design import design
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.errors import DataError, OptionError, no_such
from pymeta.results.data_rows import values_at
from pymeta.results.pooled import Pooled
from pymeta.results.uni import UniResult

__all__ = ["effects_alone", "sizes_of", "spec_of", "studies_of"]


def studies_of(
    x: Any, vi: Any, sei: Any, name: str, least: int, needed_for: str, fits: tuple[type[Pooled], ...] = (UniResult,)
) -> Studies:
    """The studies of a fit, or of effects x (k,) with vi or sei, without those that miss a number.

    name : of who asks; least : how few studies will do, needed_for : the reason why fewer do not; fits : classes of models
    """
    if isinstance(x, fits):
        studies = x.studies
    else:
        if isinstance(x, Pooled):
            raise OptionError(f"{name}: a model of rma() is needed, not a {type(x).__name__}; give its effects and vi")
        yi = as_vector("x", x)
        if (vi is None) == (sei is None):
            raise OptionError(f"{name}: effects need vi or sei, one of them")
        variances = as_vector("vi", vi) if sei is None else as_vector("sei", sei) ** 2
        if len(variances) != len(yi):
            raise DataError(f"{name}: {len(variances)} variances for {len(yi)} effects")
        kept = ~np.isnan(yi + variances)
        if (variances[kept] <= 0.0).any():
            raise DataError(f"{name}: variances must be above 0")
        rows = np.flatnonzero(kept)
        studies = Studies(yi[kept], variances[kept], tuple(str(row + 1) for row in rows), (), rows)
    if studies.k < least:
        raise DataError(f"{name}: {studies.k} studies {needed_for}; it needs {least} or more")
    return studies


def effects_alone(x: Any, vi: Any, sei: Any, side: str, name: str, least: int = 1) -> tuple[Studies, FloatArray]:
    """The studies of a model without moderators, or of effects; and their z-values (k,), which are above 0 on that side."""
    if isinstance(x, UniResult) and x.moderated:
        raise OptionError(f"{name}: the model has moderators, which it does not know; fit rma() without them")
    if side not in ("right", "left"):
        raise no_such("side", side, ("right", "left"), what="side of 0")
    studies = studies_of(x, vi, sei, name, least, "are too few")
    z = studies.yi / np.sqrt(studies.vi)
    return studies, z if side == "right" else -z


def spec_of(x: Any, studies: Studies, method: str = "REML") -> UniSpec:
    """The model of a fit, or one of the studies by that method, with z-tests."""
    if isinstance(x, UniResult):
        return x.spec
    return UniSpec(studies, design(None, None, studies.k), "GEN", method, 95.0, (method,))


def sizes_of(x: Any, studies: Studies, ni: Any, name: str) -> FloatArray:
    """The studies' sample sizes, (k,); ni : one a study or a row of the data, or a column of the data of a model."""
    rows = [*range(studies.k)] if studies.rows is None else [int(row) for row in studies.rows]
    if not isinstance(ni, str) and len(ni) == studies.k:
        n = as_vector("ni", ni)
    elif isinstance(x, Pooled):
        n = as_vector("ni", values_at("ni", ni, x, rows))  # type: ignore[arg-type]  # any model with its call
    else:
        n = as_vector("ni", ni)[rows]
    if not (n > 0.0).all():
        raise DataError(f"{name}: ni: a sample size is above 0, in each study")
    return n
