"""Location-scale models on real data sets: numeric and categorical predictors of tau², both links, ML and REML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from pymeta.data.design import Design
from pymeta.data.scale import ScaleSpec
from pymeta.data.specs import UniSpec
from pymeta.data.studies import Studies
from pymeta.generics.location_scale import predict_location_scale
from pymeta.generics.scale_profile import confint_of_scale
from pymeta.generics.weights import weights
from pymeta.harness import Call, Rule
from pymeta.models.location_scale import fit
from tests.parity import uni_grid

HERE = Path(__file__).parent
PACKAGES = ("metafor", "metadat")
DATASETS = (
    "dat.bangertdrowns2004",
    "dat.bcg",
    "dat.berkey1998",
    "dat.collins1985b",
    "dat.debruin2009",
    "dat.egger2001",
    "dat.hackshaw1998",
    "dat.knapp2017",
    "dat.pritz1997",
    "dat.raudenbush1985",
    "dat.viechtbauer2021",
)
LOOKED_AT = 6  # studies whose tau² and predictions are compared
WITH_CONFINT = ("dat.berkey1998", "dat.debruin2009")


def data_of(name: str) -> dict[str, np.ndarray]:
    """yi, vi; z, the first moderator standardised; g, the factor."""
    columns = uni_grid.data_of(name)
    found = {"yi": columns["yi"], "vi": columns["vi"]}
    if "x1" in columns:
        found["z"] = (columns["x1"] - columns["x1"].mean()) / columns["x1"].std(ddof=1)
    if "g" in columns and 1 < len(set(columns["g"])) <= 4:
        found["g"] = np.array([str(level) for level in columns["g"]])
    return found


def cases_of(name: str) -> Iterator[dict[str, Any]]:
    columns = data_of(name)
    mods = "~ z" if "z" in columns else "~ 1"
    parts = [x for x in ("z", "g") if x in columns]
    scales = ["~ 1", *(f"~ {x}" for x in parts), *(["~ z + g"] if len(parts) == 2 else [])]
    for scale in scales:
        more = {"confint": "yes"} if name in WITH_CONFINT and scale == "~ z" else {}
        yield {"mods": mods, "scale": scale, "link": "log", "method": "REML", "test": "t", **more}
        yield {"mods": "~ 1", "scale": scale, "link": "log", "method": "ML", "test": "z"}
        if scale != "~ z + g":
            yield {"mods": "~ 1", "scale": scale, "link": "identity", "method": "REML", "test": "z"}
    if "g" in columns:
        yield {"mods": mods, "scale": "~ g - 1", "link": "log", "method": "REML", "test": "knha"}


def call_of(name: str) -> Call:
    data = {key: list(map(str, v)) if key == "g" else v for key, v in data_of(name).items()}
    return Call("scale_fits", {"data": data, "cases": list(cases_of(name))}, HERE / "scale.R", packages=PACKAGES)


def name_of(dataset: str, case: Mapping[str, Any]) -> str:
    return f"scale/{case['method']},{case['link']},{case['test']},{case['mods']},{case['scale']}/{dataset}"


def designed(formula: str, columns: Mapping[str, np.ndarray]) -> Design:
    """The design of these few formulas, as R makes it."""
    terms = [term for term in formula.strip("~ ").replace("- 1", "").replace("+", " ").split() if term != "1"]
    free = "- 1" in formula
    k = len(columns["yi"])
    made = [] if free else [("intrcpt", np.ones(k))]
    for term in terms:
        if term != "g":
            made.append((term, columns[term]))
            continue
        levels = sorted(set(columns["g"]))
        made += [(f"g{level}", (columns["g"] == level) * 1.0) for level in (levels if free else levels[1:])]
    names, values = zip(*made, strict=True)
    return Design(np.column_stack(values), names, tuple(range(len(names))), tuple(terms), formula, not free)


def fitted(dataset: str, case: Mapping[str, Any]) -> Any:
    columns = data_of(dataset)
    k = len(columns["yi"])
    studies = Studies(columns["yi"], columns["vi"], tuple(str(i + 1) for i in range(k)), (), np.arange(k))
    location = designed(case["mods"], columns)
    btt = tuple(range(1, len(location.names))) or (0,)
    spec = UniSpec(studies, location, "GEN", case["method"], 95.0, test=case["test"], btt=btt)
    return fit(spec, ScaleSpec(designed(case["scale"], columns), case["link"]))


def number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def ours(dataset: str, case: Mapping[str, Any]) -> dict[str, Any]:
    result = fitted(dataset, case)
    part = ("se", "zval", "pval", "ci_lb", "ci_ub")
    names = ("beta", *part, "alpha", *(f"{name}_alpha" for name in part))
    found = {name: np.asarray(getattr(result, name)) for name in names}
    found |= {name: np.asarray(getattr(result, name)[:LOOKED_AT]) for name in ("tau2", "I2", "H2")}
    scalars = ("QM", "QMp", "QE", "QEp", "QS", "QSp", "ddf", "ddf_alpha", "s2w", "parms")
    found |= {name: number(getattr(result, name)) for name in scalars}
    effects = predict_location_scale(result)
    spread = predict_location_scale(result, newscale=result.scale.Z[: 1 if result.q == 1 else LOOKED_AT])
    columns = ("pred", "se", "ci_lb", "ci_ub")
    found |= {
        "vb": result.vb.ravel(),
        "va": result.va.ravel(),
        "weights": weights(result)[:LOOKED_AT],
        "predicted": np.concatenate([getattr(effects, name)[:LOOKED_AT] for name in (*columns, "pi_lb", "pi_ub")]),
        "predicted_scale": np.concatenate([getattr(spread, name) for name in columns]),
        **{kind: np.asarray(stats) for kind, stats in result.fit_stats.items()},
    }
    if "confint" in case:
        found["confint"] = np.array([[one.estimate, one.ci_lb, one.ci_ub] for _, one in confint_of_scale(result)]).ravel()
    return found


def rules(case: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Rule]:
    """Coefficients near 0 are judged against their standard errors; where R differentiates numerically, 6 digits do."""
    loose = 100.0 if case["link"] == "identity" else 1.0
    se, se_alpha = (np.asarray(said[name], dtype=float) for name in ("se", "se_alpha"))
    se_alpha = np.where(np.isfinite(se_alpha) & (se_alpha > 0.0), se_alpha, np.abs(np.asarray(said["alpha"])) + 1e-300)
    found = {name: Rule("iterative", scale=se) for name in ("beta", "ci_lb", "ci_ub")}
    found |= {name: Rule("iterative", scale=np.maximum(1.0, np.abs(said[name]))) for name in ("zval", "QM", "QE", "s2w")}
    found["vb"] = Rule("iterative", scale=np.outer(se, se).ravel())
    found |= {name: Rule("iterative", scale=1.0) for name in ("ML", "REML", "I2", "weights")}
    found |= {name: Rule("iterative") for name in ("se", "tau2", "H2")}
    found["predicted"] = Rule("iterative", scale=float(se.max()))
    found |= {name: Rule("iterative_p", allow_nan=True) for name in ("pval", "QMp", "QEp", "QSp", "pval_alpha")}
    found["alpha"] = Rule("iterative", scale=se_alpha)
    of_alpha = {
        "se_alpha": se_alpha,
        "ci_lb_alpha": se_alpha,
        "ci_ub_alpha": se_alpha,
        "va": np.outer(se_alpha, se_alpha).ravel(),
    }
    found |= {name: Rule("iterative", scale=100.0 * size, allow_nan=True) for name, size in of_alpha.items()}
    found |= {name: Rule("iterative", scale=100.0, allow_nan=True) for name in ("zval_alpha", "QS")}
    found["predicted_scale"] = Rule("iterative", scale=100.0 * loose * float(np.nanmax(se_alpha)), allow_nan=True)
    found["confint"] = Rule("iterative", scale=100.0)
    found |= {name: Rule("exact", allow_nan=True) for name in ("parms", "ddf", "ddf_alpha")}
    return {name: rule for name, rule in found.items() if name in said}


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    return ((f"scale-{name}", call_of(name)) for name in DATASETS)
