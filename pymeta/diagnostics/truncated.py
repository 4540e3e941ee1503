"""The likelihood of effects, each given whether it is significant: normal densities that end, or begin, at a critical value.

With t = v + tau², a = ±(mu - c)/t^½, + for an effect above its critical value c and - for one below, the log-likelihood is
Σ log N(y; mu, t) - log Φ(a). m = φ(a)/Φ(a) has the derivative -m (a + m).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import special

from pymeta.arrays import FloatArray
from pymeta.errors import ConvergenceError
from pymeta.numerics.ascent import Bounds, Peak, ascend
from pymeta.numerics.solve import falling_root

__all__ = ["MU", "TAU2", "Place", "Truncated"]

MU, TAU2 = 0, 1
_DOUBLINGS = 14
"""How often an interval's search doubles its reach before the bound is taken to be infinite."""


class _Here(NamedTuple):
    value: float
    gradient: FloatArray
    hessian: FloatArray


class Place(NamedTuple):
    """mu, tau2 and the log-likelihood there."""

    mu: float
    tau2: float
    value: float


@dataclass(frozen=True, slots=True)
class Truncated:
    """Effects y and variances v (k,), critical values c (k,), and sign (k,): 1 of effects above them, else -1."""

    y: FloatArray
    v: FloatArray
    c: FloatArray
    sign: FloatArray

    def scaled(self, unit: float) -> Truncated:
        """The same in another unit."""
        return replace(self, y=self.y / unit, v=self.v / unit**2, c=self.c / unit)

    def at(self, mu: float, tau2: float) -> _Here:
        """Value, gradient (2,) and Hessian (2, 2) in mu and tau²."""
        t = self.v + tau2
        s, r = np.sqrt(t), self.y - mu
        a = self.sign * (mu - self.c) / s
        log_phi = special.log_ndtr(a)
        m = np.exp(-0.5 * (a * a + np.log(2.0 * np.pi)) - log_phi)
        bend = m * (a + m)
        value = -0.5 * float(np.sum(np.log(2.0 * np.pi * t) + r * r / t)) - float(log_phi.sum())
        by_mu = r / t - self.sign * m / s
        by_tau2 = 0.5 * ((r * r / t - 1.0) + m * a) / t
        twice_mu = (bend - 1.0) / t
        mixed = -r / t**2 + self.sign * (m - bend * a) / (2.0 * s * t)
        twice_tau2 = (0.5 - r * r / t + 0.25 * (bend * a * a - 3.0 * m * a)) / t**2
        hessian = np.array([[twice_mu.sum(), mixed.sum()], [mixed.sum(), twice_tau2.sum()]])
        return _Here(value, np.array([by_mu.sum(), by_tau2.sum()]), hessian)

    def highest(self, starts: Sequence[tuple[float, float]]) -> Place:
        """The maximum with tau² ≥ 0, for data whose unit makes mu and tau² numbers of size 1."""
        bounds = Bounds(np.array([[0.0, 1.0]]), np.zeros(1))
        peaks = [ascend(lambda x: self.at(x[MU], x[TAU2]), np.array(start), bounds) for start in starts]
        best = _best(peaks)
        if best.flat or not best.settled:
            raise ConvergenceError(
                "the likelihood has no maximum: it rises as far as mu goes away from the significant effects, which lie as "
                "near to their critical values as if there were no mean; tes() and selmodel() may have an answer"
            )
        return Place(float(best.x[MU]), float(best.x[TAU2]), best.at.value)

    def profile(self, fixed: int, value: float, starts: Sequence[float]) -> Place:
        """The maximum where mu (fixed = MU) or tau² is given."""
        other = 1 - fixed
        size = max(1.0, abs(value))  # far away, mu and tau² grow in proportion
        held = int(fixed == MU)  # tau² has a bound
        bounds = Bounds(np.ones((held, 1)), np.zeros(held))

        def surface(x: FloatArray) -> _Here:
            place = (value, size * x[0]) if fixed == MU else (size * x[0], value)
            here = self.at(*place)
            return _Here(here.value, size * here.gradient[[other]], size**2 * here.hessian[np.ix_([other], [other])])

        best = _best([ascend(surface, np.array([start / size]), bounds) for start in starts])
        found = float(size * best.x[0])
        return Place(value, found, best.at.value) if fixed == MU else Place(found, value, best.at.value)

    def interval(self, fixed: int, peak: Place, drop: float) -> tuple[float, float]:
        """Where the profile of mu or tau² is `drop` below the peak; infinite where it never is, 0 for tau² that may be 0."""
        other = 1 - fixed

        def side(direction: float) -> float:
            last = peak[other]

            def left(distance: float) -> float:
                nonlocal last
                found = self.profile(fixed, peak[fixed] + direction * distance, (last, peak[other], 0.0))
                last = found[other]
                return drop - (peak.value - found.value)

            end = peak[fixed] if fixed == TAU2 and direction < 0.0 else np.inf
            distance = _root_from(left, drop, end)
            return 0.0 if distance == end < np.inf else peak[fixed] + direction * distance

        return side(-1.0), side(1.0)


def _root_from(left: Callable[[float], float], at_zero: float, end: float) -> float:
    """Where `left`, which is at_zero > 0 at 0, falls through 0; `end` where it does not before."""
    near, value = 0.0, at_zero
    far = min(0.25, end)
    for _ in range(_DOUBLINGS):
        if not near < end:
            return end
        beyond = left(far)
        if beyond <= 0.0:
            return falling_root(left, near, far, value, beyond)
        near, value, far = far, beyond, min(2.0 * far, end)
    return end


def _best(peaks: Sequence[Peak]) -> Peak:
    top = max(peak.at.value for peak in peaks)
    close = [peak for peak in peaks if peak.at.value >= top - 1e-9]
    return min(close, key=lambda peak: (peak.flat, not peak.settled, -peak.at.value))
