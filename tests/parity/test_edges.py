"""The edges of what can be pooled, every estimator, against metafor with tight control."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import pymeta
from pymeta.errors import PymetaError
from pymeta.harness import Call, Rule, compare, plain
from pymeta.harness.agreement import VERDICTS
from pymeta.tau2.methods import TAU2
from tests.parity import uni_grid

ADAPTER = Path(__file__).parent / "uni.R"
NAN = np.nan
EDGES = {
    "one study": {"yi": [0.3], "vi": [0.2]},
    "two studies": {"yi": [0.3, 0.9], "vi": [0.2, 0.1]},
    "two equal studies": {"yi": [0.3, 0.3], "vi": [0.2, 0.2]},
    "equal variances": {"yi": [0.3, 0.9, -0.2, 0.1], "vi": [0.2, 0.2, 0.2, 0.2]},
    "equal effects": {"yi": [0.3, 0.3, 0.3, 0.3], "vi": [0.2, 0.1, 0.4, 0.3]},
    "equal studies": {"yi": [0.3, 0.3, 0.3], "vi": [0.2, 0.2, 0.2]},
    "a huge variance": {"yi": [0.3, 0.9, -0.2, 40.0], "vi": [0.2, 0.1, 0.3, 1e4]},
    "a tiny variance": {"yi": [0.3, 0.9, -0.2, 0.1], "vi": [0.2, 0.1, 0.3, 1e-5]},
    "missing rows": {"yi": [0.3, NAN, -0.2, 0.1, 0.8], "vi": [0.2, 0.1, NAN, 0.3, 0.15]},
    "small numbers": {"yi": [0.003, 0.009, -0.002, 0.001], "vi": [2e-5, 1e-5, 2e-5, 1e-5]},
    "large numbers": {"yi": [30.0, 90.0, -20.0, 10.0], "vi": [200.0, 100.0, 300.0, 100.0]},
    "as many coefficients as studies": {"yi": [0.3, 0.9], "vi": [0.2, 0.1], "x": [1.0, 2.0]},
    "one study more than coefficients": {"yi": [0.3, 0.9, 0.2], "vi": [0.2, 0.1, 0.3], "x": [1.0, 2.0, 5.0]},
    "a moderator that is constant": {"yi": [0.3, 0.9, 0.2, 0.5], "vi": [0.2, 0.1, 0.3, 0.2], "x": [1.0, 1.0, 1.0, 1.0]},
    "a moderator with a missing value": {"yi": [0.3, 0.9, -0.9, 0.8], "vi": [0.2, 0.1, 0.3, 0.2], "x": [1.0, NAN, 2.0, 4.0]},
    "a weight of zero": {"yi": [0.3, 0.9, 0.2, 0.5], "vi": [0.2, 0.1, 0.3, 0.2], "w": [1.0, 0.0, 2.0, 4.0]},
}


def cases(edge):
    data = EDGES[edge]
    for name, method in TAU2.items():
        # GENQM needs a package that Debian has not; before 4.0 metafor's DLIT was another estimator (DIV-053)
        if name in ("GENQM", "DLIT") or (method.needs_weights and "w" not in data):
            continue
        case = {"method": name}
        if "x" in data:
            case["mods"] = "~ x"
        if "w" in data and (method.needs_weights or not method.random or name in ("DL", "REML")):
            case["weights"] = "w"
        yield case


def ours(edge, case, test):
    data = {name: np.array(column) for name, column in EDGES[edge].items()}
    asked = {name: data[value] if name == "weights" else value for name, value in case.items()}
    return pymeta.rma("yi", "vi", data=data, test=test, **asked)


def rules(answer, vi):
    found = {
        name: Rule("iterative", scale=1.0, allow_nan=True)
        for name in ("QM", "QE", "zval", "s2w", "I2", "R2", "H2", "ML", "REML")
    }
    found |= {name: Rule("iterative", scale=vi, allow_nan=True) for name in ("tau2", "se_tau2", "vb")}
    found |= {name: Rule("iterative", scale=np.sqrt(vi), allow_nan=True) for name in ("beta", "ci_lb", "ci_ub", "se")}
    found |= {name: Rule("iterative_p", allow_nan=True) for name in ("QEp", "QMp", "pval")}
    found |= {name: Rule("exact", allow_nan=True) for name in ("names", "k", "p", "m", "parms", "ddf")}
    found |= {"weights": Rule("iterative", scale=1.0)}
    return {name: rule for name, rule in found.items() if name in answer}


def complaints_of(edge, worker):
    asked = list(cases(edge))
    data = {name: np.array(column) for name, column in EDGES[edge].items()}
    said = worker.run(Call("uni_fits", {"data": data, "cases": asked}, ADAPTER, packages=("metafor",)), timeout=120)
    assert said.error is None, said.error
    vi = float(np.nanmedian(data["vi"]))
    complaints = []
    for case, theirs in zip(asked, plain(said.value), strict=True):
        for test in uni_grid.TESTS:
            try:
                result = ours(edge, case, test)
            except PymetaError as error:
                if "error" not in theirs and np.isfinite(theirs["tests"][test]).all():
                    complaints.append(f"{case} {test}: refused: {error}")
                continue
            if "error" in theirs:
                complaints.append(f"{case} {test}: R refuses: {theirs['error']}")
                continue
            pairs = [(uni_grid.shared(result, case), uni_grid.shared_of_r(theirs))] * (test == "z")
            pairs.append((uni_grid.tested(result), uni_grid.tested_of_r(theirs["tests"][test], result.p)))
            for mine, judge in pairs:
                agreement = compare(mine, judge, rules(mine, vi))
                complaints += [f"{case} {test}: {row}" for row in agreement.quantities if not VERDICTS[row.verdict]]
    return complaints


@pytest.mark.parametrize("edge", EDGES)
def test_as_metafor(edge, worker):
    assert complaints_of(edge, worker) == []


def test_a_planted_error_goes_red(worker, monkeypatch):
    honest = pymeta.rma

    def planted(*args, **asked):
        fit = honest(*args, **asked)
        return dataclasses.replace(fit, tau2=fit.tau2 + 1e-7) if asked["method"] == "SJ" else fit

    monkeypatch.setattr(pymeta, "rma", planted)
    assert complaints_of("equal variances", worker)
