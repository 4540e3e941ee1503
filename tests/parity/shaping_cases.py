"""What is asked of the functions that put data into another shape, the same of pymeta and of metafor: one call of R."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pymeta.errors import PymetaError
from pymeta.harness import NA, Agreement, Call, Outcome, Rule
from pymeta.harness.divergences import Divergence
from pymeta.shaping.aggregate import aggregate
from pymeta.shaping.blocks import bldiag, blsplit, vec2mat
from pymeta.shaping.contrasts import contrmat, pairmat
from pymeta.shaping.long import to_long, to_table
from pymeta.shaping.matreg import matreg
from pymeta.shaping.rcalc import rcalc
from pymeta.shaping.small import dfround, replmiss
from pymeta.shaping.vcalc import vcalc
from pymeta.shaping.wide import to_wide
from tests.parity.judging import KNOWN, judge

HERE = Path(__file__).parent
PACKAGES = ("metafor", "metadat")  # as the other recordings, so that all of one R lie in one folder


@dataclass(frozen=True)
class Case:
    """fun : in shaping.R and below; args : with metafor's names, . as _; here : what pymeta is given instead."""

    name: str
    fun: str
    args: Mapping[str, Any]
    here: Mapping[str, Any] = field(default_factory=dict)

    @property
    def known_as(self) -> str:
        """What divergences know it by."""
        return f"shaping/{self.fun}/{self.name}"


@cache
def frames() -> dict[str, pd.DataFrame]:
    """The data sets, and tables made for the corners."""
    read = json.loads((HERE / "shaping_data.json").read_text(encoding="utf-8"))
    return {name: pd.DataFrame(columns) for name, columns in (read | MADE).items()}


_RNG = np.random.default_rng(20240611)


def digits(values: Any, n: int = 6) -> list[float]:
    """So many significant digits: what is sent to R must be the same on every machine, or no recording answers."""
    return [float(f"{v:.{n}g}") for v in np.ravel(values)]


MADE: dict[str, dict[str, list[Any]]] = {
    "mixed": {
        "study": ["b", "b", "a", "c", "c", "c", "a"],
        "yi": [1, 2, 3, 4, 5, None, 7],
        "vi": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
        "x": [1.5, 2, 3, None, 5, 6, 7],
        "word": ["u", "v", "w", "w", "z", "z", None],
        "tm": [0, 1, 0, 0, 1, 2, 3],
        "ob": [1, 1, 1, 1, 2, 1, 1],
    },
    "hard": {
        "study": [int(i) for i in np.repeat(np.arange(8), 5)],
        "yi": digits(_RNG.normal(0, 10.0 ** _RNG.integers(-6, 7, 40))),
        "vi": digits(10.0 ** _RNG.uniform(-7, 7, 40)),
        "tm": [float(v) for v in np.tile([0.0, 0.5, 1.25, 3.0, 10.0], 8)],
        "ob": [int(v) for v in np.tile([1, 2, 1, 2, 3], 8)],
        "ty": [str(v) for v in np.tile(["x", "x", "y", "y", "z"], 8)],
        "g1": [str(v) for v in np.tile(["A", "B", "C", "A", "B"], 8)],
        "g2": [str(v) for v in np.tile(["D", "D", "D", "C", "A"], 8)],
        "w1": [float(v) for v in _RNG.integers(5, 5000, 40)],
        "w2": [float(v) for v in _RNG.integers(5, 5000, 40)],
    },
    "arms": {
        "s": [3, 1, 1, 1, 2, 2, 3, 4],
        "g": ["zz", "abc", "abd", "xx", "abc", "xx", "abd", "xx"],
        "y": list(range(1, 9)),
        "n": list(range(11, 19)),
        "st": ["c", "a", "a", "a", "b", "b", "c", "d"],
    },
    "pairs": {"g1": ["a b", "x-y", "1c", "Zed"], "g2": ["x-y", "1c", "zz", "a.b"]},
    "rvars": {
        "study": [1, 1, 2, 3, 3, 3, 3],
        "vi": [1, 4, 1, 9, 1, 4, 1],
        "r1": [1, 0.6, 1, 1, 0.8, 0.5, 0.5],
        "r2": [None, 1, None, None, 1, 0.5, 0.5],
        "r3": [None, None, None, None, None, 1, 0.8],
        "r4": [None, None, None, None, None, None, 1],
    },
    "rs": {
        "study": ["b", "a", "b", "a", "b", "c", "d", "d", "d", "e", "e"],
        "v1": ["x", "x", "x", "y", "y", "x", "p", "p", "q", "p", "r"],
        "v2": ["y", "y", "z", "z", "z", "y", "q", "r", "r", "q", "s"],
        "ri": [0.1, 0.4, 0.2, None, 0.3, 0.7, 0.999, -0.0, 0.0, 0.3, 0.4],
        "ni": [20, 10, 30, 12, 40, 4, 1000000, 5, 500, 6, 7],
    },
    "round": {"a": [1.23456, None, 2.0], "b": ["x", "y", "z"], "c": [2.5, 3.5, -0.5], "f": [1e10, 1e-10, 123456.789]},
}
_R8 = np.full((8, 8), 0.4)
_R8[4:, :4] = _R8[:4, 4:] = 0.28
_R8[range(4), range(4, 8)] = _R8[range(4, 8), range(4)] = 0.7
np.fill_diagonal(_R8, 1.0)
_NAMES8 = [f"{i}.{j}" for i in (1, 2) for j in range(1, 5)]


def named(names: list[Any], values: Any) -> dict[str, Any]:
    """A matrix with names, as shaping.R is told of it."""
    return {"names": [str(name) for name in names], "values": np.asarray(values, dtype=float)}


def named_frame(names: list[Any], values: Any) -> pd.DataFrame:
    return pd.DataFrame(np.asarray(values, dtype=float), index=names, columns=names)


def _matrix_case(name: str, fun: str, key: str, names: list[Any], values: Any, args: Mapping[str, Any], **here: Any) -> Case:
    return Case(name, fun, {key: named(names, values), **args}, {key: named_frame(names, values), **here})


def of(data: str, **columns: str) -> dict[str, str]:
    """Arguments that are columns of one data set."""
    return {argument: f"${data}.{column}" for argument, column in columns.items()}


ASSINK, HARD = of("assink", vi="vi", cluster="study"), of("hard", vi="vi", cluster="study")
VCALC = [
    Case("obs", "vcalc", {**ASSINK, **of("assink", obs="esid"), "rho": 0.6}),
    Case("type", "vcalc", {**ASSINK, **of("assink", type="deltype"), "rho": 0.7}),
    Case("type, obs", "vcalc", {**ASSINK, **of("assink", type="deltype", obs="esid"), "rho": np.array([0.7, 0.5])}),
    Case("time", "vcalc", {**of("ishak", vi="vi", cluster="study", time1="time"), "phi": 0.97}),
    Case("kalaian", "vcalc", {**of("kalaian", vi="vi", cluster="study", type="outcome"), "rho": 0.66}),
    Case("all the same", "vcalc", {**HARD, "checkpd": False}),
    Case("subgroup", "vcalc", {**HARD, **of("hard", subgroup="ty", obs="ob"), "rho": 0.3}),
    Case("obs, time", "vcalc", {**HARD, **of("hard", obs="ob", time1="tm"), "rho": 0.3, "phi": 0.5}),
    Case("groups", "vcalc", {**HARD, **of("hard", grp1="g1", grp2="g2")}),
    Case("groups, weights", "vcalc", {**HARD, **of("hard", grp1="g1", grp2="g2", w1="w1", w2="w2")}),
    Case("groups, one weight", "vcalc", {**HARD, **of("hard", grp1="g1", grp2="g2", w1="w1")}),
    Case("first groups", "vcalc", {**HARD, **of("hard", grp1="g1")}),
    Case("groups, time", "vcalc", {**HARD, **of("hard", grp1="g1", grp2="g2", time1="tm"), "phi": 0.8}),
    Case(
        "everything",
        "vcalc",
        {
            **HARD,
            **of("hard", grp1="g1", grp2="g1", w1="w1", w2="w2", time1="tm", type="ty", obs="ob"),
            "time2": np.full(40, -1.0),
            "rho": np.array([0.7, 0.4]),
            "phi": 0.9,
        },
    ),
    _matrix_case(
        "knapp",
        "vcalc",
        "rho",
        _NAMES8,
        _R8,
        of("knapp", vi="vi", cluster="study", grp1="group1", grp2="group2", w1="n_sz", w2="n_hc", obs="task.diff"),
    ),
    Case(
        "within by obs, between by type",
        "vcalc",
        {
            **HARD,
            **of("hard", type="ty", obs="ob"),
            "rho": [
                named([1, 2, 3], [[1, 0.1, 0.2], [0.1, 1, 0.3], [0.2, 0.3, 1]]),
                named(["z", "x", "y"], [[1, 0.4, 0.5], [0.4, 1, 0.6], [0.5, 0.6, 1]]),
            ],
        },
        {
            "rho": [
                named_frame([1, 2, 3], [[1, 0.1, 0.2], [0.1, 1, 0.3], [0.2, 0.3, 1]]),
                named_frame(["z", "x", "y"], [[1, 0.4, 0.5], [0.4, 1, 0.6], [0.5, 0.6, 1]]),
            ]
        },
    ),
    Case("nearpd", "vcalc", {**HARD, **of("hard", obs="tm"), "rho": -0.6, "nearpd": True}),
    Case("rvars", "vcalc", {**of("rvars", vi="vi", cluster="study"), "rvars": ["r1", "r2", "r3", "r4"], "data": "$rvars"}),
    Case("berkey", "vcalc", {"vi": 1.0, "cluster": "$berkey.author", "rvars": ["v1i", "v2i"], "data": "$berkey"}),
    Case("a missing variance", "vcalc", {**of("mixed", vi="x", cluster="study", obs="tm"), "rho": 0.4}),
]

BCG = of("bcg", ai="tpos", bi="tneg", ci="cpos", di="cneg")
BCG_N = {**of("bcg", ai="tpos", ci="cpos"), "n1i": np.full(13, 40000.0), "n2i": np.full(13, 40000.0)}
HART = of("hart", x1i="x1i", x2i="x2i", t1i="t1i", t2i="t2i")
NORMAND = of("normand", **{name: name for name in ("m1i", "sd1i", "n1i", "m2i", "sd2i", "n2i")})
ZEROS = {"ai": [1.0, 0, 5, 0, NA], "bi": [2.0, 3, 0, 4, 1], "ci": [3.0, 0, 1, 0, 2], "di": [4.0, 5, 2, 7, 1]}
ZERO_RATES = {"x1i": [0.0, 0, 5], "x2i": [0.0, 2, 1], "t1i": [1.5, 2, 3], "t2i": [3.0, 4, 5]}
PAIRED = {"m1i": [1.0, 2], "m2i": [3.0, 4], "sd1i": [1.0, 2], "sd2i": [0.0, 1], "ri": [0.5, -1], "ni": [10.0, 20]}
SUMMARIES = [
    ("bcg", "OR", BCG, {}),
    ("bcg by n", "RR", BCG_N, {"slab": "$bcg.author"}),
    ("bcg, a subset", "RD", BCG, {"subset": [True, False] * 6 + [True], "slab": "$bcg.author"}),
    ("hart", "IRR", HART, {}),
    ("normand", "SMD", NORMAND, {}),
    ("repeated labels", "OR", BCG, {"slab": "$bcg.alloc"}),
    ("correlations", "ZCOR", of("craft", ri="ri", ni="ni"), {}),
    ("proportions", "PLO", of("hasselblad", xi="xi", ni="ni"), {}),
    ("proportions, added", "PR", {"xi": [0.0, 2, 3], "mi": [4.0, 0, 6]}, {"to": "only0", "drop00": True}),
    ("rates", "IRLN", {"xi": [0.0, 2, 3], "ti": [4.5, 1, 6]}, {"to": "if0all", "add": 0.1}),
    ("rates, added", "IRR", ZERO_RATES, {"to": "only0", "drop00": True}),
    ("means", "MN", of("senn", mi="mi", sdi="sdi", ni="ni"), {}),
    ("paired means", "SMCC", PAIRED, {}),
    ("pairs", "MPOR", BCG, {}),
    ("pairs, added", "MPRR", ZEROS, {"to": "only0"}),
    ("pairs, dropped", "MPRD", ZEROS, {"to": "all", "drop00": True}),
    ("pairs as they are", "MPPETO", BCG, {}),
    ("unpaired", "MPORM", BCG, {}),
    ("alpha", "ABT", {"ai": [0.5, 1.0], "mi": [4.0, 5], "ni": [10.0, 20]}, {}),
    *(
        (f"added {to}{', dropped' * drop}", "OR", ZEROS, {"to": to, "add": 0.25, "drop00": drop})
        for to in ("all", "only0", "if0all", "none")
        for drop in (False, True)
    ),
]
LONG = [
    Case(f"{name}{', very long' if vlong else ''}", "to_long", {"measure": measure, **columns, **options, "vlong": vlong})
    for name, measure, columns, options in SUMMARIES
    for vlong in (False, True)
] + [
    Case("appended", "to_long", {"measure": "OR", **BCG, "data": "$bcg"}),
    Case("some appended", "to_long", {"measure": "OR", **BCG, "data": "$bcg", "append": ["author", "year"], "vlong": True}),
    Case("names", "to_long", {"measure": "IRR", **HART, "data": "$hart", "var_names": ["id", "group", "events", "ptime"]}),
    Case("lost rows", "to_long", {"measure": "OR", **of("lost", **{n: n for n in ZEROS}), "data": "$lost"}),
]
MADE["lost"] = {"label": list("pqrst"), **{name: [None if v is NA else v for v in values] for name, values in ZEROS.items()}}
TABLES = [
    Case(name, "to_table", {"measure": measure, **columns, **options}) for name, measure, columns, options in SUMMARIES
] + [Case("names", "to_table", {"measure": "OR", **BCG, "rows": ["Vacc", "Not"], "cols": ["TB+", "TB-"]})]

SENN = {"data": "$senn", "study": "study", "grp": "treatment"}
HASSELBLAD = {"data": "$hasselblad", "study": "study", "grp": "trt"}
ARMS = {"data": "$arms", "study": "s", "grp": "g"}
MADE["wide"] = {"g.1": ["A", "A", "C", "C"], "g.2": ["B", "B", "B", "B"], "w": [1, 2, 3, 4]}
WIDE = [
    Case("senn", "to_wide", {**SENN, "ref": "placebo", "grpvars": np.array([4, 5, 6])}, {"grpvars": [3, 4, 5]}),
    Case("senn by default", "to_wide", {**SENN, "grpvars": ["ni", "mi", "sdi"]}),
    Case("hasselblad", "to_wide", {**HASSELBLAD, "ref": "no_contact", "grpvars": ["xi", "ni"]}),
    Case("hasselblad by default", "to_wide", {**HASSELBLAD, "grpvars": ["xi", "ni"]}),
    Case("arms", "to_wide", {**ARMS, "grpvars": ["y", "n"]}),
    Case(
        "another reference", "to_wide", {**ARMS, "ref": "abc", "grpvars": ["n", "y"], "minlen": 1, "postfix": ["_a", "_b"]}
    ),
    Case("less", "to_wide", {**ARMS, "grpvars": "y", "addid": False, "adddesign": False, "var_names": ["a", "b", "c"]}),
    Case(
        "positions", "to_wide", {"data": "$arms", "study": 1, "grp": 2, "grpvars": 3}, {"study": 0, "grp": 1, "grpvars": 2}
    ),
]
CONTRASTS = [
    Case("wide", "contrmat", {"data": "$wide", "grp1": "g.1", "grp2": "g.2"}),
    Case("another last", "contrmat", {"data": "$wide", "grp1": "g.1", "grp2": "g.2", "last": "A", "append": False}),
    Case("names made valid", "contrmat", {"data": "$pairs", "grp1": "g1", "grp2": "g2"}),
    Case("names as they are", "contrmat", {"data": "$pairs", "grp1": "g1", "grp2": "g2", "check": False}),
    Case(
        "short",
        "contrmat",
        {"data": "$knapp", "grp1": "group1", "grp2": "group2", "shorten": True, "minlen": 1, "append": False},
    ),
    Case("knapp", "contrmat", {"data": "$knapp", "grp1": 2, "grp2": 3}, {"grp1": 1, "grp2": 2}),
]

MIXED, KONST = {"x": "$mixed", "cluster": "$mixed.study"}, {"x": "$konst", "cluster": "$konst.district"}
HARD_AGG = {"x": "$hardagg", "cluster": "$hard.study"}
MADE["hardagg"] = {name: MADE["hard"][name] for name in ("study", "yi", "vi", "ty")}
AGGREGATE = [
    Case("konst", "aggregate", {**KONST, "struct": "ID", "addk": True}),
    Case("assink", "aggregate", {"x": "$assink", "cluster": "$assink.study", "rho": 0.6}),
    Case(
        "ishak", "aggregate", {"x": "$ishak", "cluster": "$ishak.study", "struct": "CAR", "time": "$ishak.time", "phi": 0.9}
    ),
    Case("plain mean", "aggregate", {**KONST, "rho": 0.6, "weighted": False}),
    Case("gaps", "aggregate", {**MIXED, "rho": 0.5, "addk": True}),
    Case("gaps kept", "aggregate", {**MIXED, "rho": 0.5, "na_rm": False}),
    Case("estimates' gaps kept", "aggregate", {**MIXED, "struct": "ID", "na_rm": [False, True]}),
    Case("others' gaps kept", "aggregate", {**MIXED, "struct": "ID", "na_rm": [True, False]}),
    Case("rho by cluster", "aggregate", {**MIXED, "rho": np.array([0.1, 0.5, 0.9])}),
    Case("phi by cluster", "aggregate", {**MIXED, "struct": "CAR", "phi": np.array([0.1, 0.5, 0.9]), "time": "$mixed.tm"}),
    Case("CS+CAR", "aggregate", {**MIXED, "struct": "CS+CAR", "phi": 0.7, "rho": 0.3, "time": "$mixed.tm"}),
    Case("CS*CAR", "aggregate", {**MIXED, "struct": "CS*CAR", "phi": 0.7, "rho": 0.3, **of("mixed", time="tm", obs="ob")}),
    Case("negative rho", "aggregate", {**HARD_AGG, "rho": -0.2}),
    Case("hard, ID", "aggregate", {**HARD_AGG, "struct": "ID"}),
    Case("hard, CS", "aggregate", {**HARD_AGG, "rho": 0.9}),
    Case("hard, CAR", "aggregate", {**HARD_AGG, "struct": "CAR", "phi": 0.8, "time": "$hard.tm"}),
    Case("hard, V", "aggregate", {**HARD_AGG, "V": "$hard.w1"}),
    Case(
        "a subset",
        "aggregate",
        {**MIXED, "rho": np.array([0.1, 0.5, 0.9]), "subset": [True, True, False, True, True] + [False] * 2},
    ),
    Case("selected", "aggregate", {**MIXED, "rho": 0.5, "select": ["x", "study", "vi"]}),
]

CRAFT = {"ni": "$craft.ni", "data": "$craft"}
CORRELATIONS = {"x": "ri ~ v1 + v2 | study", "ni": "$rs.ni", "data": "$rs"}
RS_HERE = {"x": ["ri", "v1", "v2", "study"]}
_C4 = [[1, 0.5, -0.3, 0.2], [0.5, 1, 0.1, 0.0], [-0.3, 0.1, 1, 0.9], [0.2, 0.0, 0.9, 1]]
RCALC = (
    [
        Case(
            f"craft{', z' if rtoz else ''}",
            "rcalc",
            {"x": "ri ~ var1 + var2 | study", **CRAFT, "rtoz": rtoz},
            {"x": ["ri", "var1", "var2", "study"]},
        )
        for rtoz in (False, True)
    ]
    + [
        Case(f"gaps, {nfun}", "rcalc", {**CORRELATIONS, "nfun": nfun, "rtoz": nfun == "mean"}, RS_HERE)
        for nfun in ("min", "harmonic", "mean")
    ]
    + [
        _matrix_case("a matrix", "rcalc", "x", list("abcd"), _C4, {"ni": 50.0}),
        Case("a matrix without names", "rcalc", {"x": np.array(_C4), "ni": 50.0, "rtoz": True}),
        Case("matrices", "rcalc", {"x": [np.array(_C4), np.array(_C4)[:2, :2]], "ni": np.array([50.0, 4.0])}),
    ]
)

_CARS = ("mpg", "cyl", "hp", "wt", "am")


def _cars(corr: bool) -> Any:
    table = pd.DataFrame(json.loads((HERE / "shaping_data.json").read_text(encoding="utf-8"))["cars"])[list(_CARS)]
    R = (table.corr() if corr else table.cov()).to_numpy()
    return np.array(digits(R)).reshape(R.shape), np.array(digits(table.mean()))


_S, _M = _cars(corr=False)
_C = _cars(corr=True)[0]
_VC, _VZ = (np.array(digits(rcalc(_C, 32, rtoz=rtoz).V)).reshape(10, 10) for rtoz in (False, True))
_Z = np.array(digits(np.arctanh(np.where(np.eye(5) == 1, 0.0, _C)))).reshape(5, 5)
_ROW, _COLUMN = np.triu_indices(5)
_WISHART = _S[np.ix_(_ROW, _ROW)] * _S[np.ix_(_COLUMN, _COLUMN)] + _S[np.ix_(_ROW, _COLUMN)] * _S[np.ix_(_COLUMN, _ROW)]
_VS = np.array(digits(_WISHART / 31)).reshape(15, 15)
MODEL = {"y": "mpg", "x": ["hp", "wt", "am"]}
_COV = {"cov": True, "n": 32.0, "means": _M}
MATREG = [
    _matrix_case("covariances", "matreg", "R", list(_CARS), _S, {**MODEL, **_COV}),
    _matrix_case("covariances, other level", "matreg", "R", list(_CARS), _S, {**MODEL, **_COV, "level": 80.0}),
    _matrix_case("covariances, no means", "matreg", "R", list(_CARS), _S, {**MODEL, "cov": True, "n": 32.0}),
    _matrix_case("correlations", "matreg", "R", list(_CARS), _C, {**MODEL, "n": 32.0}),
    _matrix_case("correlations, V", "matreg", "R", list(_CARS), _C, {**MODEL, "V": _VC}),
    _matrix_case("z, V", "matreg", "R", list(_CARS), _Z, {**MODEL, "V": _VZ, "ztor": True}),
    _matrix_case("z, n", "matreg", "R", list(_CARS), _Z, {**MODEL, "n": 40.0, "ztor": True}),
    _matrix_case("covariances, V", "matreg", "R", list(_CARS), _S, {**MODEL, "V": _VS, "cov": True}),
    _matrix_case("covariances, V, means", "matreg", "R", list(_CARS), _S, {**MODEL, "V": _VS, "cov": True, "means": _M}),
    Case("positions", "matreg", {"y": 3, "x": np.array([1, 5]), "R": _C, "n": 12.0}, {"y": 2, "x": [0, 4]}),
    _matrix_case("fit", "matreg_fit", "R", list(_CARS), _S, {**MODEL, **_COV}),
    _matrix_case("fit, correlations", "matreg_fit", "R", list(_CARS), _C, {**MODEL, "n": 32.0}),
    _matrix_case("fit, no means", "matreg_fit", "R", list(_CARS), _S, {**MODEL, "cov": True, "n": 32.0}),
]

_SMALL = [np.array([[1.0, 2], [3, 4]]), np.eye(2) * 5, np.array([[7.0]])]
GAPS = np.array([4, np.nan, 7, np.nan])
OTHERS = [
    Case("blocks", "blsplit", {"vcalc": VCALC[0].args, "cluster": "$assink.study"}),
    Case("blocks sorted", "blsplit", {"vcalc": VCALC[4].args, "cluster": "$kalaian.study", "sort": True}),
    Case("diagonal", "bldiag", {"blocks": _SMALL}),
    Case("not square", "bldiag", {"blocks": [np.array([[1.0, 2, 3]]), np.array([[4.0], [5]])]}),
    Case("ordered", "bldiag", {"blocks": _SMALL, "order": ["b", "a", "c", "b", "a"]}),
    *(Case(f"{n} values{options}", "vec2mat", {"x": np.arange(1.0, n + 1), **options})
      for n, options in ((6, {}), (6, {"corr": False}), (10, {"diag": True}), (10, {"diag": True, "corr": True}), (1, {}))),
    Case("by a number", "replmiss", {"x": GAPS, "y": 0.5}),
    Case("by numbers", "replmiss", {"x": GAPS, "y": np.array([1.0, 2, 3, np.nan])}),
    Case("by a text", "replmiss", {"x": ["a", NA], "y": "b"}, {"x": ["a", None]}),
    Case("two digits", "dfround", {"x": "$round", "digits": 2}),
    Case("digits by column", "dfround", {"x": "$round", "digits": np.array([1, 0, 0, 3])}),
    Case("texts", "dfround", {"x": "$roundtext", "digits": 2, "drop0": False}),
    *(Case(f"{mods} {btt} {btt2}", "pairmat",
           {"yi": [0.1 * i for i in range(13)], "vi": np.full(13, 0.1), "mods": mods, "data": "$bcg", "btt": btt} |
           ({} if btt2 is None else {"btt2": btt2}),
           {"btt": btt if isinstance(btt, str) else [i - 1 for i in btt]})
      for mods, btt, btt2 in (("~ 0 + alloc", "alloc", None), ("~ 0 + alloc", [3, 1], None), ("~ alloc", "alloc", "alloc"),
                              ("~ ablat + alloc", [2, 4], None))),
]  # fmt: skip
MADE["roundtext"] = {name: MADE["round"][name][2:] for name in "bcf"}
CASES = [*VCALC, *LONG, *TABLES, *WIDE, *CONTRASTS, *AGGREGATE, *RCALC, *MATREG, *OTHERS]


# ---- to R -------------------------------------------------------------------------------------------------------------


def call_of() -> Call:
    cases = [{"fun": case.fun, "args": {name.replace("_", "."): v for name, v in case.args.items()}} for case in CASES]
    data = {name: {key: _sent(series) for key, series in frame.items()} for name, frame in frames().items()}
    return Call("many_shapings", {"data": data, "cases": cases}, HERE / "shaping.R", packages=PACKAGES)


def _sent(series: pd.Series) -> Any:
    if pd.api.types.is_numeric_dtype(series):
        return series.to_numpy(dtype=float)
    return [NA if pd.isna(value) else value for value in series]


# ---- here -------------------------------------------------------------------------------------------------------------


def ours(case: Case) -> Mapping[str, Any] | PymetaError:
    """pymeta's answer, in R's form, or the refusal."""
    try:
        args = {name: _resolved(value) for name, value in {**case.args, **case.here}.items()}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return HERE_DONE[case.fun](args)
    except PymetaError as error:
        return error


def _resolved(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _resolved(one) for name, one in value.items()}
    if isinstance(value, str) and value.startswith("$"):
        name, _, column = value[1:].partition(".")
        return frames()[name][column] if column else frames()[name]
    if isinstance(value, list) and any(one is NA for one in value):
        return [None if one is NA else one for one in value]
    return value


def columns_of(frame: pd.DataFrame) -> dict[str, Any]:
    return {str(name): _plain(frame[name]) for name in frame.columns}


def _plain(series: pd.Series) -> Any:
    if pd.api.types.is_numeric_dtype(series):
        return series.to_numpy(dtype=float)
    return [None if pd.isna(value) else value for value in series]


def _matreg(args: dict[str, Any]) -> dict[str, Any]:
    found = matreg(**args)
    table = {name.replace("_", "."): found.table()[name].to_numpy(dtype=float) for name in found.table()}
    more = {"F": found.F} if found.test == "t" else {"QM": found.QM, "QMp": found.QMp}
    return {**table, "vb": found.vb, "R2": found.R2, **more}


def _matreg_fit(args: dict[str, Any]) -> dict[str, Any]:
    found = matreg(**args)
    stats = {name: np.array(list(values.values())) for name, values in found.fit_stats.items()}
    return {**stats, "sigma2": np.array([found.sigma2_ml, found.sigma2_reml]), "R2adj": found.R2adj, "Fp": found.Fp}


def _table(args: dict[str, Any]) -> dict[str, Any]:
    found = to_table(**args)
    slab, rows = (list(dict.fromkeys(found.index.get_level_values(i))) for i in (0, 1))
    return {"values": found.to_numpy().ravel(), "rows": rows, "cols": list(found.columns), "slab": slab}


def _rcalc(args: dict[str, Any]) -> dict[str, Any]:
    found = rcalc(args.pop("x"), args.pop("ni"), **args)
    return {**columns_of(found.dat), **_sparse(found.V)}


def _sparse(V: np.ndarray) -> dict[str, Any]:
    """What is not 0 in the lower triangle, column by column, counted from 1."""
    assert np.array_equal(V, V.T, equal_nan=True)
    column, row = np.nonzero(np.triu(V.T))
    return {"row": row + 1, "column": column + 1, "V": V[row, column]}


def _blocks(args: dict[str, Any]) -> dict[str, Any]:
    blocks = blsplit(vcalc(**args["vcalc"]), args["cluster"], sort=args.get("sort", False))
    return {str(name): block for name, block in blocks.items()}


def _pairs(args: dict[str, Any]) -> dict[str, Any]:
    levels = ["allocalternate", "allocrandom", "allocsystematic"]
    names = {
        "~ 0 + alloc": levels,
        "~ alloc": ["intrcpt", *levels[1:]],
        "~ ablat + alloc": ["intrcpt", "ablat", *levels[1:]],
    }
    found = pairmat(names[args["mods"]], args["btt"], args.get("btt2"))
    return {"names": names[args["mods"]], "rows": list(found.index), "X": found.to_numpy()}


HERE_DONE: Mapping[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "vcalc": lambda args: _sparse(vcalc(**args)),
    "to_long": lambda args: columns_of(to_long(**args)),
    "to_table": _table,
    "to_wide": lambda args: columns_of(to_wide(**args)),
    "contrmat": lambda args: columns_of(contrmat(**args)),
    "aggregate": lambda args: columns_of(aggregate(**args)),
    "rcalc": _rcalc,
    "matreg": _matreg,
    "matreg_fit": _matreg_fit,
    "blsplit": _blocks,
    "bldiag": lambda args: {"V": bldiag(args["blocks"], order=args.get("order"))},
    "vec2mat": lambda args: {"V": vec2mat(**args)},
    "replmiss": lambda args: {"x": replmiss(**args)},
    "dfround": lambda args: columns_of(dfround(**args)),
    "pairmat": _pairs,
}


UNKNOWN = "is not an exported object"
TAILS = {"pval", "QMp", "Fp"}


def judged(
    outcome: Outcome,
    plant: Callable[[Case, Any], None] | None = None,
    known: Sequence[Divergence] = KNOWN,
) -> Iterator[tuple[Case, Agreement]]:
    """Each case that this R can be asked, and how it fared; plant : changes pymeta's answers first."""
    assert outcome.error is None, outcome.error
    for case, said in zip(CASES, outcome.value.values, strict=True):
        theirs = dict(zip(said.names, said.values, strict=True))
        if "error" in theirs:
            theirs = {"error": theirs["error"].values[0]}
        if UNKNOWN in theirs.get("error", ""):
            continue
        found = ours(case)
        mine = found if isinstance(found, PymetaError) else dict(found)
        if plant is not None:
            plant(case, mine)
        yield case, judge(case.known_as, mine, theirs, rules(mine, theirs), outcome, known)


def rules(mine: Mapping[str, Any] | PymetaError, theirs: Mapping[str, Any]) -> dict[str, Rule]:
    """Numbers are judged against a thousandth of the largest of their kind, tails by their logarithms, texts exactly."""
    if isinstance(mine, PymetaError):
        return {}
    found = {name: _rule(name, np.asarray(value)) for name, value in mine.items()}
    return {name: Rule("exact") for name in theirs} | found


def _rule(name: str, values: np.ndarray) -> Rule:
    if name in TAILS:
        return Rule("closed_p", allow_nan=True)
    if values.dtype.kind not in "fiu":
        return Rule("exact", allow_nan=True)
    largest = np.max(np.abs(values[~np.isnan(values)]), initial=0.0)
    return Rule("closed", scale=1e-3 * largest if largest > 0 else 1.0, allow_nan=True)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield "shaping", call_of()
