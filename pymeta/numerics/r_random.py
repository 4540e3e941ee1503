"""R's random numbers: the same seed gives the same numbers as in R 3.6 and later, by its default generators.

Mersenne-Twister for uniforms, inversion for normals, rejection for integers (R's ``?RNG``). A seed of R's is one number:
it is stretched to the generator's 624 words by a linear congruential generator with the multiplier 69069.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from math import exp, log, log1p
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from pymeta.arrays import FloatArray, IntArray
from pymeta.errors import OptionError

UInt32Array: TypeAlias = npt.NDArray[np.uint32]

__all__ = ["RRandom", "r_binomial", "r_qnorm"]

_WORDS = 624
_TO_UNIT = 2.3283064365386963e-10  # 2^-32
_NEXT_TO_0 = 0.5 * 2.328306437080797e-10  # R never gives 0 or 1
_BIG = 134217728.0  # 2^27: a normal takes 27 bits of one uniform and the next one below
_BLOCK = 4096
_DEFAULT_KINDS = 10403  # how .Random.seed begins: Mersenne-Twister, inversion and rejection


def _is_seed(seed: Any) -> bool:
    whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
    return whole and -(2**31) < int(seed) < 2**31


def _stretched(seed: int) -> UInt32Array:
    word, key = seed % 2**32, np.empty(_WORDS + 1, dtype=np.uint32)
    for _ in range(50):
        word = (69069 * word + 1) % 2**32
    for i in range(_WORDS + 1):
        word = (69069 * word + 1) % 2**32
        key[i] = word
    return key[1:]


def _of_state(state: Any) -> tuple[UInt32Array, int]:
    found = np.asarray(state)
    if found.shape != (_WORDS + 2,) or found.dtype.kind not in "iu":
        raise OptionError(
            f"seed={state!r}: needs a whole number as R's set.seed takes it, between -2^31 and 2^31, or R's .Random.seed"
        )
    if found[0] != _DEFAULT_KINDS:
        raise OptionError(f"seed: the kind {found[0]} of R's generators; only the default, {_DEFAULT_KINDS}, is known")
    return (found[2:].astype(np.int64) % 2**32).astype(np.uint32), int(found[1])


class RRandom:
    """R's stream after ``set.seed(seed)``; or, for a seed of 626 numbers, R's ``.Random.seed``, from there on."""

    def __init__(self, seed: Any) -> None:
        bits: Any = np.random.MT19937()
        key, at = (_stretched(int(seed)), _WORDS) if _is_seed(seed) else _of_state(seed)
        bits.state = {"bit_generator": "MT19937", "state": {"key": key, "pos": at}}
        self._bits = bits
        self._ready, self._at = np.empty(0), 0

    def runif(self, n: int) -> FloatArray:
        """Uniform numbers, (n,). R: ``runif(n)``."""
        if self._at + n > len(self._ready):
            words = self._bits.random_raw(max(n, _BLOCK))
            found = np.clip(words * _TO_UNIT, _NEXT_TO_0, 1.0 - _NEXT_TO_0)
            self._ready, self._at = np.concatenate([self._ready[self._at :], found]), 0
        self._at += n
        return self._ready[self._at - n : self._at]

    def rnorm(self, n: int) -> FloatArray:
        """Standard normal numbers, (n,). R: ``rnorm(n)``."""
        u = self.runif(2 * n)
        return r_qnorm((np.floor(_BIG * u[::2]) + u[1::2]) / _BIG)

    def below(self, bounds: Iterable[int]) -> IntArray:
        """Whole numbers from 0 to less than each bound: of bits of uniforms, 16 from each, drawn until small."""
        words: list[int] = []
        at, found = 0, []
        for bound in bounds:
            bits = (bound - 1).bit_length()
            mask, parts = (1 << bits) - 1, bits // 16 + 1
            value = bound
            while value >= bound:
                if at + parts > len(words):
                    words, at = [*words[at:], *(self.runif(_BLOCK) * 65536.0).astype(np.int64).tolist()], 0
                value = 0
                for word in words[at : at + parts]:
                    value = 65536 * value + word
                at += parts
                value &= mask
            found.append(value)
        self._at -= len(words) - at  # what was not needed is the next that is drawn
        return np.array(found, dtype=np.intp)

    def sample(self, n: int, size: int | None = None, *, replace: bool = False) -> IntArray:
        """Places from 0 to n − 1, (size,). R: ``sample(n, size, replace=)``, less 1."""
        size = n if size is None else size
        return self.below([n] * size) if replace else self.samples(n, np.array([size]))[0]

    def samples(self, n: int, sizes: IntArray) -> IntArray:
        """Rows of places from 0 to n − 1 without replacement, (m, largest size); −1 behind a row's size.

        R: ``sample(n, size)`` again and again, less 1
        """
        most = int(sizes.max(initial=0))
        chosen = self.below(chain.from_iterable(range(n, n - size, -1) for size in sizes.tolist()))
        starts = np.cumsum(sizes) - sizes
        left = np.tile(np.arange(n), (len(sizes), 1))
        found = np.full((len(sizes), most), -1, dtype=np.intp)
        for place in range(most):
            rows = np.flatnonzero(sizes > place)
            at = chosen[starts[rows] + place]
            found[rows, place] = left[rows, at]
            left[rows, at] = left[rows, n - 1 - place]
        return found

    def weighted(self, prob: Sequence[float] | FloatArray, size: int) -> IntArray:
        """Places drawn with replacement and these probabilities, (size,), of fewer than 200.

        R: ``sample(length(prob), size, replace=TRUE, prob=prob)``, less 1
        """
        p = np.asarray(prob, dtype=np.float64)
        order = _heap_order((p / p.sum()).tolist())
        upto = np.cumsum((p / p.sum())[order])
        return order[np.minimum(np.searchsorted(upto, self.runif(size), side="left"), len(p) - 1)]


def _heap_order(values: list[float]) -> IntArray:
    """The places of values from the largest down, equal ones as R's heapsort leaves them.

    Source: Williams (1964), Communications of the ACM 7, 347: algorithm 232, heapsort
    """
    heap = list(enumerate(values))

    def sift(top: int, end: int) -> None:
        """Let the entry at `top` sink to its place among the first `end`, the smallest above."""
        moved = heap[top]
        while (below := 2 * top + 1) < end:
            if below + 1 < end and heap[below][1] > heap[below + 1][1]:
                below += 1
            if not moved[1] > heap[below][1]:
                break
            heap[top] = heap[below]
            top = below
        heap[top] = moved

    for top in range(len(heap) // 2 - 1, -1, -1):
        sift(top, len(heap))
    for end in range(len(heap) - 1, 0, -1):
        heap[0], heap[end] = heap[end], heap[0]
        sift(0, end)
    return np.array([place for place, _ in heap], dtype=np.intp)


_LOG_2PI = 1.837877066409345483560659472811
_STIRLING = (1 / 12, 1 / 360, 1 / 1260, 1 / 1680, 1 / 1188)
_STIRLING_ENDS = ((500, 1), (80, 2), (35, 3), (0, 4))  # above which number how many terms more are enough
_STIRLING_ERRORS = (
    0.0, 0.0810614667953272582196702, 0.0413406959554092940938221, 0.02767792568499833914878929,
    0.02079067210376509311152277, 0.01664469118982119216319487, 0.01387612882307074799874573,
    0.01189670994589177009505572, 0.010411265261972096497478567, 0.009255462182712732917728637,
    0.008330563433362871256469318, 0.007573675487951840794972024, 0.006942840107209529865664152,
    0.006408994188004207068439631, 0.005951370112758847735624416, 0.005554733551962801371038690,
)  # fmt: skip


def r_binomial(n: int) -> FloatArray:
    """Probabilities of 0 to n heads of n coins, (n + 1,), to the bit those of R 4.3's ``dbinom(0:n, n, 0.5)``.

    Numbers that are equal differ there in the last bit, on which depends what ``sample(prob=)`` draws; so they do from
    R 4.4 on, otherwise, where n > 16. Source: Loader (2000), Fast and accurate computation of binomial probabilities.
    """
    found = np.full(n + 1, exp(n * log(0.5)))
    for x in range(1, n):
        exponent = _stirling_error(n) - _stirling_error(x) - _stirling_error(n - x)
        exponent = exponent - _deviance(x, 0.5 * n) - _deviance(n - x, 0.5 * n)
        found[x] = exp(exponent - 0.5 * (_LOG_2PI + log(x) + log1p(-x / n)))
    return found


def _stirling_error(n: int) -> float:
    """log n! less Stirling's formula."""
    if n < len(_STIRLING_ERRORS):
        return _STIRLING_ERRORS[n]
    terms = next(terms for above, terms in _STIRLING_ENDS if n > above)
    found = _STIRLING[terms] / (n * n)
    for term in _STIRLING[terms - 1 : 0 : -1]:
        found = (term - found) / (n * n)
    return (_STIRLING[0] - found) / n


def _deviance(x: float, mean: float) -> float:
    """x log(x/mean) + mean − x, by a series where these cancel."""
    if abs(x - mean) >= 0.1 * (x + mean):
        return x * log(x / mean) + mean - x
    v = (x - mean) / (x + mean)
    found, term, j = (x - mean) * v, 2.0 * x * v, 1
    while True:
        term *= v * v
        more = found + term / (2 * j + 1)
        if more == found:
            return found
        found, j = more, j + 1


# Wichura (1988), Applied Statistics 37, 477: algorithm AS 241, PPND16, with its coefficients from the highest power down
_CENTRE = (
    2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
    13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608,
), (
    5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
    5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0,
)  # fmt: skip
_MIDDLE = (
    7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
    3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734,
), (
    1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
    0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0,
)  # fmt: skip
_TAIL = (
    2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
    0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772,
), (
    2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
    0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0,
)  # fmt: skip


def r_qnorm(p: FloatArray) -> FloatArray:
    """Normal quantiles of p in (0, 1), to the bit those of R's ``qnorm``: NumPy's own logarithm differs in the last one.

    Source: Wichura (1988), algorithm AS 241.
    """
    q = p - 0.5
    r = 0.180625 - q * q
    above, below = _polynomials(_CENTRE, r)
    found = q * above / below
    far = np.abs(q) > 0.425
    if far.any():
        side = np.sqrt([-log(x) for x in np.where(q[far] < 0.0, p[far], 1.0 - p[far]).tolist()])
        (above, below), (out, under) = _polynomials(_MIDDLE, side - 1.6), _polynomials(_TAIL, side - 5.0)
        value = np.where(side <= 5.0, above / below, out / under)
        found[far] = np.where(q[far] < 0.0, -value, value)
    return found


def _polynomials(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: FloatArray) -> tuple[FloatArray, FloatArray]:
    above, below = (np.full_like(x, one[0]) for one in coefficients)
    for a, b in zip(coefficients[0][1:], coefficients[1][1:], strict=True):
        above, below = above * x + a, below * x + b
    return above, below
