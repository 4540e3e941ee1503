"""The conversions by hard and random rows, in one call of R.

Metafor 3.8 has none of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from pymeta import conversions
from pymeta.effects import transforms
from pymeta.errors import ConversionWarning, PymetaError
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.harness.divergences import Divergence
from tests.parity import judging
from tests.parity.judging import KNOWN, judge
from tests.parity.transform_grid import ADAPTER, PACKAGES, UNKNOWN

NA = np.nan
VERSIONS = [slug for slug in judging.VERSIONS if "metafor-3." not in slug]
"""The recorded ones that have conversions."""


@dataclass(frozen=True)
class ConversionCase:
    """A conversion with its columns and options; columns named in `table` are given as `data`, too."""

    name: str
    label: str
    columns: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known_as(self) -> str:
        """What divergences know it by."""
        return f"conversions/{self.name}/{self.label}"


FIVE = {
    "min": [2, NA, 2, NA, 1, 0.5, NA, 2, NA, 3, 1e-6, 10, 6, NA],
    "q1": [NA, 4, 4, NA, 2, NA, 0.7, 3, 1, NA, NA, NA, NA, 4],
    "median": [6, 6, 6, NA, 3, 0.9, 1.1, NA, NA, 4, 1, 10.5, 6, 6],
    "q3": [NA, 10, 10, NA, 9, NA, 1.2, 6, 3, 5, NA, NA, NA, 9],
    "max": [14, NA, 14, NA, 40, 9, NA, 9, NA, NA, 1e6, 11, 6, NA],
    "n": [20, 20, 20, 20, 50, 5, 7, 30, 40, 20, 1000, 100, 10, 4],
}
TABLES = {
    "ori": [2.05, 1, 0.5, 0, 1e6, 1e-6, NA, 2, NA, NA, NA, NA, 3],
    "ri": [NA, NA, 0.3, NA, NA, NA, 0.16, 0.1, 0.65, 0, NA, NA, NA],
    "x2i": [9, NA, NA, NA, NA, NA, NA, NA, NA, NA, 5.25, -5.25, NA],
    "ni": [240, 100, 100, 100, 240, 240, 240, NA, 240, 100, 240, 240, 100.4],
    "n1i": [122, 40, 40, 40, 122, 122, 122, 40, 122, 30, 122, 122, 40],
    "n2i": [56, 41, 41, 41, 56, 56, 56, 30, 56, 20, 56, 56, 30.4],
}
WALD = {
    "out": [0.64, 1.37, NA, 2, 0.9, 1.1, 1.2, 3, 0.5, NA],
    "ci_lb": [0.33, 1.03, 1, NA, NA, NA, NA, 1, NA, NA],
    "ci_ub": [1.22, 1.82, 2, 3, NA, NA, NA, NA, NA, 2],
    "zval": [NA, NA, NA, 9, -2, NA, 3, NA, NA, 1],
    "pval": [NA, 0.5, NA, NA, 0.3, 1e-30, 0.001, 0.2, 1, 0.5],
}
DELTA = {"yi": [0.125, 0.15, 0.5, 0.001, 0.999, NA, 0.5, 0.9], "vi": [0.0027, 0.0016, 0.1, 0.1, 0.1, 0.1, NA, 0.0]}


def random_five(rng: np.random.Generator, k: int) -> dict[str, np.ndarray]:
    """Of real samples, normal and skewed, with the numbers that a case reports."""
    n = rng.choice([5, 8, 15, 40, 200], k)
    rows = np.array(
        [np.quantile(np.exp(rng.normal(1, rng.uniform(0.05, 0.6), size)), [0, 0.25, 0.5, 0.75, 1]) for size in n]
    )
    case = rng.integers(1, 4, k)
    rows[np.ix_(case == 1, [1, 3])] = NA
    rows[np.ix_(case == 2, [0, 4])] = NA
    rows[rng.random(k) < 0.1, 2] = NA
    return {**dict(zip(("min", "q1", "median", "q3", "max"), rows.T, strict=True)), "n": n.astype(float)}


def random_tables(rng: np.random.Generator, k: int) -> dict[str, np.ndarray]:
    """Tables with everything that can be known of them, rounded."""
    ai, bi, ci, di = cells = rng.poisson(rng.choice([4, 30, 300], (4, k))) + 1.0
    n = cells.sum(axis=0)
    return {
        "ori": np.round(ai * di / (bi * ci), 2),
        "ri": np.round((ai * di - bi * ci) / np.sqrt((ai + bi) * (ci + di) * (ai + ci) * (bi + di)), 3),
        "x2i": np.round(n * (ai * di - bi * ci) ** 2 / ((ai + bi) * (ci + di) * (ai + ci) * (bi + di)), 2),
        "ni": n,
        "n1i": ai + bi,
        "n2i": ai + ci,
    }


def random_accuracy(rng: np.random.Generator, k: int) -> dict[str, np.ndarray]:
    """Diagnostic studies of tests that are better than chance."""
    n = rng.choice([40, 90, 210, 330, 970], k)
    ai, bi, ci, di = np.array([rng.multinomial(size, [0.38, 0.14, 0.09, 0.39]) for size in n], dtype=float).T
    pairs = (("sens", ai, ci), ("spec", di, bi), ("ppv", ai, bi), ("npv", di, ci))
    return {**{name: np.round(one / (one + other), 2) for name, one, other in pairs}, "ni": n.astype(float)}


def _fives() -> list[ConversionCase]:
    rng = np.random.default_rng(11)
    sets = {"fixed": FIVE, "random": random_five(rng, 40)}
    skewed = {name: [value[i] for i in (0, 1, 2, 4, 5)] for name, value in FIVE.items()}
    table = {**skewed, "mean": [1, NA, NA, 7, NA], "sd": [NA, NA, 2, 4, 5]}
    options: list[dict[str, Any]] = [
        {},
        {"test": False},
        {"dist": "lnorm"},
        {"dist": "lnorm", "transf": False, "test": False},
    ]
    return [
        *(ConversionCase("conv_fivenum", name, data, chosen) for name, data in sets.items() for chosen in options),
        ConversionCase("conv_fivenum", "by row", skewed, {"dist": ["norm", "lnorm", "norm", "lnorm", "norm"]}),
        *(
            ConversionCase("conv_fivenum", f"replace {replace}", skewed, {"replace": replace}, table)
            for replace in ("ifna", "all")
        ),
    ]


def _tables() -> list[ConversionCase]:
    rng = np.random.default_rng(12)
    found = random_tables(rng, 40)
    margins = {name: found[name] for name in ("ni", "n1i", "n2i")}
    accuracy = random_accuracy(np.random.default_rng(13), 40)  # without fractions that tie
    table = {"ai": [36, NA, NA, NA], "bi": [86, NA, NA, NA], "ci": [20, NA, NA, NA], "di": [98, NA, NA, 5]}
    few = {"ori": [9, 2.05, NA, 2.05], "ni": [240.0] * 4, "n1i": [122.0] * 4, "n2i": [56.0] * 4}
    return [
        ConversionCase("conv_2x2", "fixed", TABLES),
        ConversionCase("conv_2x2", "fixed, no correction", TABLES, {"correct": False}),
        *(ConversionCase("conv_2x2", f"random {name}", {name: found[name], **margins}) for name in ("ori", "ri")),
        ConversionCase("conv_2x2", "random x2i", {"x2i": found["x2i"], **margins}, {"correct": False}),
        ConversionCase("conv_2x2", "accuracy", accuracy),
        *(
            ConversionCase("conv_2x2", f"without {name}", {other: accuracy[other] for other in accuracy if other != name})
            for name in ("sens", "spec", "ppv", "npv")
        ),
        ConversionCase("conv_2x2", "replace ifna", few, {"replace": "ifna"}, {**few, **table}),
    ]


def _walds() -> list[ConversionCase]:
    table = {**WALD, "yi": [1, NA, NA, NA, 5, 6, NA, 8, NA, 1], "vi": [NA, NA, 1, 2, 3, NA, NA, 5, NA, 6]}
    levels = {"level": [95, 90, 0.95, 99, 95, 95, 95, 95, 50, 80]}
    return [
        ConversionCase("conv_wald", "fixed", WALD, {"transf": "log"}),
        ConversionCase("conv_wald", "as they are", WALD, {"check": False}),
        ConversionCase("conv_wald", "levels", WALD, levels),
        *(
            ConversionCase("conv_wald", f"replace {replace}", WALD, {"replace": replace, "transf": "log"}, table)
            for replace in ("ifna", "all")
        ),
    ]


def _deltas() -> list[ConversionCase]:
    wide = {"yi": [-3, -0.5, 0, 0.02, 1.5, 4, NA], "vi": [0.1, 0.2, 1, 1, 2, 3, 1]}
    sizes = {"n1i": [10.0, 20, 30, 5, 50, 8, 9], "n2i": [12.0, 30, 20, 6, 50, 80, 9]}
    shares = ("transf_logit", "transf_arcsin", "transf_rtoz", "transf_probit", "transf_abt", "transf_ahw")
    rest = (
        "transf_dtolnor_norm",
        "transf_lnortortet_pearson",
        "transf_lnortortet_digby",
        "transf_dtorbis",
        "transf_dtocles",
    )
    return [
        *(ConversionCase("conv_delta", name, DELTA, {"transf": name}) for name in shares),
        *(ConversionCase("conv_delta", name, wide, {"transf": name}) for name in (*rest, "exp")),
        ConversionCase("conv_delta", "sizes", wide, {"transf": "transf_dtorpb", **sizes}),
        ConversionCase(
            "conv_delta",
            "replace all",
            DELTA,
            {"transf": "transf_logit", "replace": "all"},
            {**DELTA, "yi": DELTA["yi"], "vi": DELTA["vi"]},
        ),
    ]


CASES = (*_fives(), *_tables(), *_walds(), *_deltas())


def _r(name: str) -> str:
    return name.replace("_", ".") if name.startswith(("conv_", "transf_", "ci_")) else name


def call_of(cases: tuple[ConversionCase, ...] = CASES) -> Call:
    asked = []
    for case in cases:
        args = {_r(name): np.asarray(value, dtype=float) for name, value in case.columns.items()}
        args |= {
            name: _r(value) if name == "transf" and isinstance(value, str) else value for name, value in case.options.items()
        }
        one: dict[str, Any] = {"name": _r(case.name), "args": args}
        if case.table:
            one["data"] = {_r(name): np.asarray(value, dtype=float) for name, value in case.table.items()}
        asked.append(one)
    return Call("many_calls", {"cases": asked}, ADAPTER, packages=PACKAGES)


_FUNCTIONS = {"log": np.log, "exp": np.exp}


def ours(case: ConversionCase) -> dict[str, Any] | PymetaError:
    """pymeta's answer, in R's form: the new columns and what belongs to them; or the refusal."""
    options = dict(case.options)
    if isinstance(options.get("transf"), str):
        options["transf"] = _FUNCTIONS.get(options["transf"]) or transforms.TRANSFORMS[options["transf"]]
    data = pd.DataFrame(dict(case.table)) if case.table else None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConversionWarning)
            found = getattr(conversions, case.name)(**case.columns, **options, data=data)
    except PymetaError as error:
        return error
    names = list(found.attrs["est"])
    answer = {name: found[name].to_numpy(dtype=float) for name in names}
    skewness = found.attrs.get("skewness", {})
    return {**answer, **{name: np.array(skewness[name]) for name in ("tval", "crit") if name in skewness}}


def rules(case: ConversionCase, mine: Mapping[str, Any] | PymetaError) -> dict[str, Rule]:
    """12 digits; transformed effects near 0 are judged against their standard errors."""
    if isinstance(mine, PymetaError):
        return {}
    found = {name: Rule("closed", allow_nan=True) for name in mine}
    if case.name == "conv_delta":
        with np.errstate(invalid="ignore"):
            se = np.sqrt(mine["vi"])
        found["yi"] = Rule("closed", allow_nan=True, scale=np.where(np.isfinite(se) & (se > 0), se, 1.0))
    return found


def judged(
    outcome: Outcome,
    plant: Callable[[ConversionCase, Any], None] | None = None,
    known: Sequence[Divergence] = KNOWN,
) -> Iterator[tuple[ConversionCase, Agreement]]:
    """Each case that this R can be asked, and how it fared; plant : changes pymeta's answers first."""
    for case, said in zip(CASES, plain(outcome.value), strict=True):
        if UNKNOWN in str(said.get("error", "")):
            continue
        mine = ours(case)
        if plant is not None:
            plant(case, mine)
        theirs = {name: _doubles(value) for name, value in said.items()}
        yield case, judge(case.known_as, mine, theirs, rules(case, mine), outcome, known)


def _doubles(value: Any) -> Any:
    """A vector of nothing but NA stays R's own when it is read."""
    return value if isinstance(value, np.ndarray | str) else np.full(len(value.values), np.nan)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield "conversions", call_of()
