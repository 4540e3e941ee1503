"""TARGETS, everything that can be fuzzed: measures with each method that pools them, and estimators with a moderator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from pymeta.api import rma
from pymeta.arrays import FloatArray
from pymeta.effects.measures import MEASURES, Measure
from pymeta.harness import Call, Rule, plain
from pymeta.harness.fuzzing import Target
from pymeta.resources import shipped
from pymeta.tau2.methods import TAU2
from pymeta.validation import engines
from pymeta.validation.case import METHODS, POOLED, OutcomeCase
from pymeta.validation.rows import Rows

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["TARGETS"]

Row = tuple[float, ...]


def _tables() -> SearchStrategy[Row]:
    """ai, bi, ci, di: zeros not rare, no arm without patients; larger tables are for the parity tests' referee.

    A table that separates the groups completely is left out: its risk difference is 1 and the variance of Sato et al.
    exactly 0, which in R is rounding noise on either side of 0, so that R's answer to it is none.
    """
    from hypothesis import strategies as st

    cell = st.integers(0, 20) | st.integers(0, 400)
    table = st.tuples(cell, cell, cell, cell).filter(lambda row: row[0] + row[1] > 0 and row[2] + row[3] > 0)
    return table.filter(lambda row: row[0] + row[3] > 0 and row[1] + row[2] > 0)


def _means() -> SearchStrategy[Row]:
    """n1i, m1i, sd1i, n2i, m2i, sd2i, as a paper prints them; beyond 200 R's own J of SMD is short of 12 digits."""
    from hypothesis import strategies as st

    size, mean = st.integers(2, 20) | st.integers(2, 100), _hundredths(-10_000, 10_000)
    sd = _hundredths(1, 5_000)
    return st.tuples(size, mean, sd, size, mean, sd)


def _effects() -> SearchStrategy[Row]:
    """yi and vi, as a paper prints them."""
    from hypothesis import strategies as st

    return st.tuples(_hundredths(-1_000, 1_000), _hundredths(1, 500))


def _hundredths(low: int, high: int) -> SearchStrategy[float]:
    from hypothesis import strategies as st

    return st.integers(low, high).map(lambda n: n / 100.0)


_ROWS: Mapping[str, tuple[tuple[str, ...], Callable[[], SearchStrategy[Row]]]] = MappingProxyType(
    {
        "generic": (("yi", "vi"), _effects),
        "two_by_two": (("ai", "bi", "ci", "di"), _tables),
        "two_means": (("n1i", "m1i", "sd1i", "n2i", "m2i", "sd2i"), _means),
    }
)


def _target(measure: Measure, method: str) -> Target:
    names, rows = _ROWS[measure.family.name]

    def draw() -> SearchStrategy[list[Row]]:
        from hypothesis import strategies as st

        return st.lists(rows(), min_size=1, max_size=12)

    def outcome(data: list[Row]) -> OutcomeCase:
        columns = {name: np.array([row[i] for row in data], dtype=np.float64) for i, name in enumerate(names)}
        slab = tuple(f"Study {i + 1}" for i in range(len(data)))
        return OutcomeCase("fuzz", "fuzz", measure, method, 95.0, Rows(slab, columns), {})

    def python(data: list[Row]) -> Mapping[str, Any]:
        return engines.quantities(engines.fitted(outcome(data)))

    def call(data: list[Row]) -> Call:
        case = outcome(data)
        return engines.r_call(case, tightened=engines.is_iterative(case))

    def rules(data: list[Row], reference: Mapping[str, Any]) -> Mapping[str, Rule]:
        return engines.rules(outcome(data), {name: plain(value) for name, value in reference.items()})

    return Target(f"{measure.name}-{method}", draw, python, call, rules, _limits)


def _limits(data: list[Row], reference: Mapping[str, Any]) -> dict[str, float]:
    """What is left of 13 digits where R subtracts weights of very different size from each other.

    metafor works with P = W - WX(X'WX)^-1 X'W, whose elements cancel by the ratio of the largest weight to the smallest;
    a p-value loses the digits of z² on top. A wrong formula is wrong in the first digits, whatever the weights.
    """
    values = {name: plain(value) for name, value in reference.items()}
    vi = np.asarray(values.get("vi", 1.0), dtype=np.float64)
    return _left(13.0, vi, values) if vi.size and (vi > 0.0).all() else {}


def _limits_of_regressions(data: list[Row], reference: Mapping[str, Any]) -> dict[str, float]:
    """The same with 11 digits to begin with: (X'WX)^-1 takes some."""
    return _left(11.0, np.array([row[1] for row in data]), {name: plain(value) for name, value in reference.items()})


def _left(digits: float, vi: FloatArray, values: Mapping[str, Any]) -> dict[str, float]:
    """Digits by quantity; p-values lose those of what they are the tails of."""
    left = digits - np.log10(vi.max() / vi.min())
    z = np.asarray(values.get("zval", 1.0), dtype=np.float64)
    tails = {"pval": z**2, "QMp": values.get("QM", 1.0)}
    lost = {name: float(np.log10(np.maximum(1.0, tail)).max()) for name, tail in tails.items()}
    return {name: float(np.clip(left - lost.get(name, 0.0), 1.0, 15.0)) for name in values if name not in _EXACT}


_EXACT = ("QE_df", "k", "slab", "yi", "vi")


def _moderated(method: str) -> Target:
    """A regression on one moderator, with weights of one's own where the method needs them."""
    weighed = TAU2[method].needs_weights

    def draw() -> SearchStrategy[list[Row]]:
        from hypothesis import strategies as st

        small = _hundredths(1, 1_000)
        row: SearchStrategy[Row] = st.tuples(_hundredths(-1_000, 1_000), small, st.integers(-10, 10).map(float), small)
        return st.lists(row, min_size=4, max_size=12).filter(lambda rows: len({row[2] for row in rows}) > 1)

    def asked(data: list[Row]) -> dict[str, Any]:
        yi, vi, x, weights = (np.array(column) for column in zip(*data, strict=True))
        return {"yi": yi, "vi": vi, "x": x, "method": method, **({"weights": weights} if weighed else {})}

    def python(data: list[Row]) -> Mapping[str, Any]:
        columns = asked(data)
        result = rma(mods="~ x", data={"x": columns.pop("x")}, **columns)
        names = ("beta", "se", "zval", "pval", "ci_lb", "ci_ub", "QE", "QEp", "QM", "QMp", "k", "tau2", "se_tau2")
        numbers = {name: getattr(result, name) for name in names}
        return {name: number for name, number in numbers.items() if number is not None and (name != "tau2" or result.random)}

    def call(data: list[Row]) -> Call:
        columns = asked(data)
        return Call("regression", {**columns, "scale": float(np.var(columns["yi"]) + np.mean(columns["vi"]))}, **_REGRESSION)

    def rules(data: list[Row], reference: Mapping[str, Any]) -> Mapping[str, Rule]:
        kind = "iterative" if TAU2[method].iterative else "closed"
        se = np.asarray(plain(reference["se"])) if "se" in reference else None
        found = {name: Rule(kind, scale=se) for name in ("beta", "ci_lb", "ci_ub")}
        found |= {name: Rule(kind, scale=1.0) for name in ("zval", "QE", "QM")}
        found |= {name: Rule(f"{kind}_p") for name in ("pval", "QMp")} | {"QEp": Rule("closed_p"), "k": Rule("exact")}
        found |= {name: Rule(kind, scale=float(np.mean([row[1] for row in data]))) for name in ("tau2", "se_tau2")}
        return {**found, "se": Rule(kind)}

    return Target(f"moderator-{method}", draw, python, call, rules, _limits_of_regressions)


_REGRESSION: Mapping[str, Any] = {"adapter": shipped("r_reference", "uni.R"), "packages": ("metafor",)}

TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for target in (
            *(
                _target(measure, method)
                for measure in map(MEASURES.__getitem__, POOLED)
                for method in METHODS
                if method != "MH" or measure.family.name == "two_by_two"
            ),
            *(_moderated(method) for method in TAU2 if method != "GENQM"),  # for that metafor needs CompQuadForm
        )
    }
)
