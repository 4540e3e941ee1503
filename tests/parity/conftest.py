"""How the parity tests ask and judge: the same rows to both engines, R's answer first, 50 digits where the two differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest

from pymeta.effects.measures import MEASURES
from pymeta.errors import DataError
from pymeta.harness import Call, Rule, answer, applicable, compare, plain, read_divergences
from pymeta.harness.calls import Condition
from pymeta.resources import shipped
from pymeta.validation import engines
from pymeta.validation.case import OutcomeCase
from pymeta.validation.rows import Rows
from tests import referee

HERE = Path(__file__).parent
KNOWN = read_divergences(shipped("fixtures", "divergences.toml"))
SAME_FORMULA = 6.0
"""Digits that R must share with the referee even where it has lost some: rounding may cost the rest, a formula costs all."""
SMALLEST_NORMAL = 2.3e-308


@dataclass(frozen=True)
class Judgement:
    """complaints: what speaks against pymeta; beyond_r: quantities that the referee has right in pymeta and R has not."""

    complaints: tuple[str, ...]
    beyond_r: frozenset[str] = frozenset()


def outcome_of(measure, method, columns, *, slab=None, level=95.0, name="parity"):
    """A case held in memory."""
    k = len(next(iter(columns.values())))
    labels = tuple(str(i + 1) for i in range(k)) if slab is None else tuple(slab)
    return OutcomeCase(name, name, MEASURES[measure], method, level, Rows(labels, columns), {})


def judged(reference, outcome, plant=None):
    """pymeta against R and, where they differ, against the referee. plant: changes pymeta's quantities first."""
    try:
        ours = engines.quantities(engines.fitted(outcome))
    except DataError as refusal:
        return Judgement(_refusals(refusal, reference, outcome))
    said, environment = _asked(reference, outcome)
    if plant is not None:
        plant(ours)
    theirs = {} if isinstance(said, Condition) else {name: plain(value) for name, value in said.items()}
    entries = applicable(KNOWN, outcome.name, {"R": environment.r_version, **environment.packages})
    agreement = compare(ours, said, rules_of(outcome, theirs), divergences=entries)
    doubtful = {row.name: row for row in agreement.quantities if row.verdict not in ("agree", "known")}
    if not doubtful:
        return Judgement(())
    if not set(doubtful) <= set(ours) - {"k", "QE_df", "slab"}:
        return Judgement(tuple(map(str, doubtful.values())))
    return _refereed(outcome, ours, theirs, doubtful)


def rules_of(outcome, reference):
    """The engines' rules; H2 = Q / df is judged as Q is, against 1 where it is below that (Q of equal effects is noise)."""
    rules = engines.rules(outcome, reference)
    return {**rules, "H2": Rule(rules["H2"].kind, scale=1.0)}


def _asked(reference, outcome):
    said = reference.run(engines.r_call(outcome, tightened=engines.is_iterative(outcome)))
    return answer(said), said.environment


def _refusals(refusal, reference, outcome):
    """pymeta refused: R must have failed, or have no estimate, or no test of it."""
    said = answer(reference.run(engines.r_call(outcome, tightened=False)))
    if isinstance(said, Condition) or not np.isfinite([_double(said["estimate"]), _double(said["zval"])]).all():
        return ()
    return (f"pymeta refused and R did not: {refusal}",)


def _double(value):
    return float(value.values[0]) if not value.is_na()[0] else np.nan


def _refereed(outcome, ours, theirs, doubtful):
    truth = referee.pooled(outcome.measure.name, outcome.method, outcome.rows.columns, outcome.level, ours["tau2"])
    truth = {name: _doubles(value) for name, value in truth.items()}
    truth |= {name: ours[name] for name in ("k", "QE_df", "slab")}
    rules = rules_of(outcome, truth)
    complaints = [f"pymeta, in 50 digits: {row}" for row in _wrong(_flushed(ours), truth, rules)]
    shared = {row.name: row.digits for row in compare(theirs, truth, rules).quantities}
    if shared["tau2"] < SAME_FORMULA and engines.is_iterative(outcome):
        complaints += _less_likely(outcome, ours["tau2"], float(theirs["tau2"][0]))
    else:
        complaints += [
            f"pymeta and the referee share what R does not: {row}"
            for name, row in doubtful.items()
            if shared[name] < SAME_FORMULA and np.max(np.abs(truth[name])) > 0.0
        ]
    return Judgement(tuple(complaints), frozenset(doubtful))


def _wrong(ours, truth, rules):
    return [row for row in compare(ours, truth, rules).quantities if row.verdict != "agree"]


def _doubles(value):
    return np.array([float(v) for v in value]) if isinstance(value, list) else _flush(float(value))


def _flush(p):
    """Below the normal doubles nobody has digits: R and scipy say 0."""
    return 0.0 if 0.0 < abs(p) < SMALLEST_NORMAL else p


def _flushed(ours):
    return {name: _flush(value) if name in ("pval", "QEp") else value for name, value in ours.items()}


def _less_likely(outcome, tau2, r_tau2):
    """R stopped elsewhere: it must not have found a higher likelihood."""
    y, v = referee.study_effects(outcome.measure.name, outcome.rows.columns)
    mine, theirs = (referee.reml_log_likelihood(y, v, mp.mpf(t)) for t in (tau2, r_tau2))
    return [f"R's tau2 {r_tau2} is likelier than pymeta's {tau2}"] if theirs > mine else []


@pytest.fixture(scope="session")
def judge(worker):
    """Outcome -> Judgement, by live R."""
    return lambda outcome, plant=None: judged(worker, outcome, plant)


@pytest.fixture(scope="session")
def outcome():
    return outcome_of


@pytest.fixture(scope="session")
def metadat(worker):
    """Name -> labels and columns of a data set of R's metadat."""

    @cache
    def rows(name):
        found = worker.run(Call("dataset", {"name": name}, adapter=HERE / "datasets.R", packages=("metadat",)))
        assert found.error is None, found.error
        return plain(found.value)

    return rows
