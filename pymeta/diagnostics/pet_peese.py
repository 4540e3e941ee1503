"""PET and PEESE: the effect that a study without sampling error would have, by regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from pymeta.arrays import FloatArray, read_only
from pymeta.data.studies import Studies
from pymeta.diagnostics.given import studies_of
from pymeta.effects.asked import percentage
from pymeta.errors import DataError, OptionError, no_such
from pymeta.inference.wald import wald
from pymeta.numerics.linalg import wls
from pymeta.results.pet_peese import Line, PetPeese
from pymeta.results.uni import UniResult

__all__ = ["pet_peese"]

_NO_DISPERSION = 1e-28
"""Share of the effects' weighted squares below which residuals are rounding."""


def pet_peese(
    object: Any,
    vi: Any = None,
    *,
    sei: Any = None,
    side: str = "right",
    alpha: float = 0.10,
    level: float | None = None,
    test: str = "t",
) -> PetPeese:
    """Stanley and Doucouliagos' precision-effect test, precision-effect estimate and the one that the test chooses.

    object : a fitted model without moderators, whose effects and variances are used, or effects (k,) with vi or sei
    side : "right" or "left" of 0, where an effect is looked for: of the one-sided test that chooses
    alpha : the level of that test; papers differ in it, 0.10 one-sided is the usual one
    level : of the intervals, in percent; default: the model's, or 95
    test : "t", with k - 2 degrees of freedom, or "z"

    Both are least squares with weights 1/vi and a dispersion that is estimated, also where it is below 1: PET of the effects
    on their standard errors, whose slope is the funnel asymmetry test (FAT), PEESE on their variances. The intercepts
    estimate the effect. The conditional estimate is PEESE's where PET's intercept is above 0 (on that side) at `alpha`,
    else PET's; its interval takes no account of the choice.
    Raises OptionError for a model with moderators or an unknown name, DataError for fewer than 3 studies, where all are as
    precise, or where the effects lie on the line.
    Source: Stanley & Doucouliagos (2014), Research Synthesis Methods 5, 60.
    R: ``lm(yi ~ sqrt(vi), weights=1/vi)`` and ``lm(yi ~ vi, weights=1/vi)``; metafor: ``regtest(x, vi, model="lm")`` is PET
    """
    if isinstance(object, UniResult) and object.moderated:
        raise OptionError("pet_peese: the model has moderators; fit rma() without them, or use regtest(), which keeps them")
    if side not in ("right", "left"):
        raise no_such("side", side, ("right", "left"), what="side of 0")
    if test not in ("t", "z"):
        raise no_such("test", test, ("t", "z"), what="test")
    if not 0.0 < alpha < 1.0:
        raise OptionError(f"alpha={alpha!r}: a significance level is above 0 and below 1")
    confidence = percentage(level if level is not None else object.spec.level if isinstance(object, UniResult) else 95.0)
    studies = studies_of(object, vi, sei, "pet_peese", 3, "cannot carry a line and their dispersion")
    if np.ptp(studies.vi) == 0.0:
        raise DataError(
            "pet_peese: all studies are as precise; there is no line through them, and fsn() and tes() ask without one"
        )
    pet = _line(studies, np.sqrt(studies.vi), confidence, test)
    peese = _line(studies, studies.vi, confidence, test)
    upper = float(pet.pval[0]) / 2.0
    one_sided = upper if (pet.beta[0] > 0.0) == (side == "right") else 1.0 - upper
    return PetPeese(
        k=studies.k,
        pet=pet,
        peese=peese,
        pval_pet=one_sided,
        chosen="PEESE" if one_sided < alpha else "PET",
        side=side,
        alpha=alpha,
        level=confidence,
        test=test,
    )


def _line(studies: Studies, x: FloatArray, level: float, test: str) -> Line:
    """Least squares of the effects on x (k,) with weights 1/vi and a dispersion."""
    yi, w, df = studies.yi, 1.0 / studies.vi, studies.k - 2
    made = wls(yi, np.column_stack([np.ones(studies.k), x]), w)
    if made.ss <= _NO_DISPERSION * float(w @ yi**2):
        raise DataError("pet_peese: the effects lie on a line, which leaves no dispersion to test it by")
    dispersion = made.ss / df
    vb = made.bread * dispersion
    tests = wald(made.beta, vb, level, df if test == "t" else None)
    numbers = {name: read_only(values) for name, values in tests._asdict().items()}
    return Line(beta=read_only(made.beta), vb=read_only(vb), dispersion=dispersion, df=df, **numbers)
