"""Every measure by every data set of its kind and every option: one call of R for each kind of data."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import pymeta
from pymeta.effects.measures import MEASURES
from pymeta.errors import PymetaError
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.harness.divergences import Divergence
from pymeta.resources import shipped
from tests.parity.judging import KNOWN, judge

HERE = Path(__file__).parent
KINDS = tuple(sorted(path.stem for path in (HERE / "effect_cases").glob("*.py") if path.stem != "__init__"))
PACKAGES = ("metafor", "metadat")  # as the other recordings, so that all of one R lie in one folder
SEEDS, ROWS = 2, 30
UNKNOWN = ("unknown 'measure'", "please install the '")
"""What an R says of a measure that it does not have: UCOR needs gsl, RTET mvtnorm; the recorded Rs have both."""


@dataclass(frozen=True)
class EffectCase:
    """A measure of one data set, by some of its columns, with options of escalc beyond the default ones."""

    measure: str
    data: str
    columns: tuple[str, ...]
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What divergences know it by."""
        options = "".join(f",{name}={value}" for name, value in self.options.items())
        return f"effects/{self.measure}{options}/{self.data}"


def module_of(kind: str) -> Any:
    return importlib.import_module(f"tests.parity.effect_cases.{kind}")


def data_of(kind: str) -> dict[str, dict[str, np.ndarray]]:
    """The fixed data sets, then random ones."""
    module = module_of(kind)
    sets = dict(module.FIXED)
    for seed in range(SEEDS):
        sets[f"random {seed}"] = module.random_columns(np.random.default_rng([seed, len(kind)]), ROWS)
    return {name: {key: np.asarray(v, dtype=float) for key, v in columns.items()} for name, columns in sets.items()}


def cases_of(kind: str) -> Iterator[EffectCase]:
    module = module_of(kind)
    for name in module.MEASURES:
        measure = MEASURES[name]
        wanted = getattr(module, "COLUMNS", {}).get(name)
        for label, columns in data_of(kind).items():
            chosen = tuple(one for one in columns if wanted is None or one in wanted)
            if any(set(layout) <= set(chosen) for layout in measure.layouts or measure.family.layouts):
                for options in ({}, *getattr(module, "OPTIONS", {}).get(name, ())):
                    yield EffectCase(name, label, chosen, options)


def call_of(kind: str) -> Call:
    cases = []
    for case in cases_of(kind):
        options = {name.replace("_", "."): value for name, value in case.options.items()}
        fields = {"measure": case.measure, "data": case.data, "columns": list(case.columns)}
        cases.append({**fields, "options": options} if options else fields)
    arguments = {"data": data_of(kind), "cases": cases}
    return Call("many_effects", arguments, shipped("r_reference", "effects.R"), packages=PACKAGES)


def names_call() -> Call:
    """Asks for the names of measures: ours, and those of R's help page."""
    adapter = shipped("r_reference", "effects.R")
    return Call("known_measures", {"candidates": sorted(MEASURES)}, adapter, packages=PACKAGES)


def ours(case: EffectCase, data: Mapping[str, np.ndarray]) -> Mapping[str, Any] | PymetaError:
    """pymeta's answer: effects and variances, or the refusal."""
    try:
        columns = {name: data[name] for name in case.columns}
        found = pymeta.escalc(case.measure, **columns, **case.options, cutoff=None)
    except PymetaError as error:
        return error
    return {"yi": found["yi"].to_numpy(), "vi": found["vi"].to_numpy()}


def rules(kind: str, case: EffectCase, answer: Mapping[str, Any] | PymetaError) -> dict[str, Rule]:
    """12 digits; effects near 0 are judged against their standard errors."""
    if isinstance(answer, PymetaError):
        return {}
    with np.errstate(invalid="ignore"):
        se = np.sqrt(np.asarray(answer["vi"], dtype=float))
    scale = np.where(np.isfinite(se) & (se > 0), se, 1.0)
    return {"yi": Rule("closed", scale=scale, allow_nan=True), "vi": Rule("closed", allow_nan=True)}


def judged(
    kind: str,
    outcome: Outcome,
    plant: Callable[[Any], None] | None = None,
    known: Sequence[Divergence] = KNOWN,
) -> Iterator[tuple[EffectCase, Agreement]]:
    """Each case that this R can be asked, and how it fared; plant : changes pymeta's answers first."""
    data = data_of(kind)
    for case, theirs in zip(cases_of(kind), plain(outcome.value), strict=True):
        if any(text in str(theirs.get("error", "")).lower() for text in UNKNOWN):
            continue
        mine = ours(case, data[case.data])
        if plant is not None:
            plant(mine)
        yield case, judge(case.name, mine, theirs, rules(kind, case, mine), outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield from ((f"effects-{kind}", call_of(kind)) for kind in KINDS)
    yield "effects-names", names_call()
