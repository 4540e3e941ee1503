"""What the scale part of a location-scale model is asked: the design of tau² and how it is linked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pymeta.arrays import BoolArray, FloatArray
from pymeta.data.design import Design
from pymeta.errors import DataError, OptionError, no_such

__all__ = ["LINKS", "ScaleSpec"]

LINKS = ("log", "identity")


@dataclass(frozen=True, slots=True)
class ScaleSpec:
    """The part of a model that says how large tau² is in each study: log tau² = Z alpha, or tau² = Z alpha ≥ 0.

    design : the predictors, Z (k, q) with the coefficients' names, rows as those of the location's
    link : "log" or "identity"
    att : positions of the coefficients that the omnibus test is about, from 0; None is all but an intercept
    alpha_min, alpha_max : (q,) bounds of the coefficients, or None
    alpha : (q,) values that are given, NaN where a coefficient is estimated; None where all are
    Raises OptionError for a link or positions that are not there, DataError for a design that cannot be fitted.
    """

    design: Design
    link: str = "log"
    att: tuple[int, ...] | None = None
    alpha_min: FloatArray | None = None
    alpha_max: FloatArray | None = None
    alpha: FloatArray | None = None

    def __post_init__(self) -> None:
        """Settle `att` and refuse what cannot be."""
        if self.link not in LINKS:
            raise no_such("link", self.link, LINKS, what="link of tau² and its predictors")
        object.__setattr__(self, "att", self._tested())
        self._check_rank()
        self._check_bounds()
        if self.alpha is not None and (np.shape(self.alpha) != (self.q,) or np.isinf(self.alpha).any()):
            raise OptionError(f"alpha={self.alpha!r}: needs {self.q} numbers, one a scale coefficient, NaN to estimate it")

    @property
    def Z(self) -> FloatArray:
        """The design, (k, q)."""
        return self.design.X

    @property
    def names(self) -> tuple[str, ...]:
        """The coefficients' names."""
        return self.design.names

    @property
    def q(self) -> int:
        """The number of coefficients."""
        return len(self.design.names)

    @property
    def free(self) -> BoolArray:
        """Which coefficients are estimated, (q,)."""
        return np.ones(self.q, dtype=bool) if self.alpha is None else np.isnan(self.alpha)

    @property
    def chosen(self) -> tuple[int, ...]:
        """The positions that are tested, whether they were given or not."""
        return self.att or ()

    def _tested(self) -> tuple[int, ...]:
        free = [j for j, name in enumerate(self.names) if name != "intrcpt"]
        chosen = tuple(free or range(self.q)) if self.att is None else tuple(self.att)
        if not chosen or not set(chosen) <= set(range(self.q)):
            raise OptionError(f"att={list(chosen)}: positions of scale coefficients, from 0 to {self.q - 1}")
        return chosen

    def _check_rank(self) -> None:
        if self.q == 0 or np.linalg.matrix_rank(self.Z) < self.q:
            raise DataError(f"needs columns of which none is a combination of others, got {self.names}", argument="scale")

    def _check_bounds(self) -> None:
        for name in ("alpha_min", "alpha_max"):
            bound = getattr(self, name)
            if bound is not None and np.shape(bound) != (self.q,):
                raise OptionError(f"{name}={bound!r}: needs {self.q} numbers, one a scale coefficient")
        if self.alpha_min is not None and self.alpha_max is not None and not (self.alpha_min < self.alpha_max).all():
            raise OptionError(f"alpha_min={self.alpha_min!r}: must be below alpha_max={self.alpha_max!r} throughout")
