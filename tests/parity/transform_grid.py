"""Every transformation by its hard numbers, in one call of R."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pymeta.effects.transforms import TRANSFORMS
from pymeta.errors import PymetaError
from pymeta.harness import Agreement, Call, Outcome, Rule, plain
from pymeta.harness.divergences import Divergence
from tests.parity.judging import KNOWN, judge

ADAPTER = Path(__file__).parent / "many_calls.R"
PACKAGES = ("metafor", "metadat")  # as the other recordings, so that all of one R lie in one folder


@dataclass(frozen=True)
class TransformCase:
    """A transformation with its arguments; each: R is asked for one number at a time."""

    name: str
    label: str
    args: Mapping[str, Any] = field(default_factory=dict)
    each: bool = False

    @property
    def r_name(self) -> str:
        return self.name.replace("_", ".")

    @property
    def known_as(self) -> str:
        """What divergences know it by."""
        return f"transforms/{self.name}/{self.label}"


RNG = np.random.default_rng(7)
ANY = [-40.0, -3.0, -1.2, -1.0, -0.999, -0.5, -1e-9, 0.0, 1e-9, 0.02, 0.3, 0.5, 0.7, 0.999, 1.0, 1.2, 1.6, 3.0, 40.0, np.nan]
ANY += list(RNG.normal(0, 2, 20))
SHARES = [0.0, 1e-12, 1e-3, 0.2, 0.5, 0.8, 0.999, 1.0, np.nan]
SIZES = [1.0, 2.0, 5.0, 10.0, 37.0, 1000.0, 1e6, 3.0, 4.0]
LIMITED = [-np.inf, np.inf]
"""Where metafor gives a limit, too."""
NO_LIMIT = ("dtobesd", "dtorpb", "dtorbis", "rpbtod", "rtod", "lnortortet_digby", "dtou1")


def _plain() -> list[TransformCase]:
    more = ("_int", "_mode", "ipft", "ipft_hm", "pft", "irft", "iirft", "dtomd", "lnortord", "lnortorr")
    names = [
        name for name in TRANSFORMS if not name.endswith(("_int", "_mode")) and name.removeprefix("transf_") not in more
    ]
    cases = [TransformCase(name, "any", {"xi": ANY}) for name in names]
    return cases + [
        TransformCase(name, "limits", {"xi": LIMITED}) for name in names if name.removeprefix("transf_") not in NO_LIMIT
    ]


def _with_sizes() -> list[TransformCase]:
    t = [-0.3, 0.0, 0.05, 0.1, 0.3, 0.5, 0.785, 1.0, 1.2, 1.4, 1.5, 1.57, 1.6, 3.0, np.nan]
    d = [0.5, -1.0, 3.0, 0.0, 1e-7, 50.0, np.nan, -0.2, 0.9]
    r = [0.5, -0.7, 0.3, 0.0, 1e-7, 0.99, np.nan, -0.2, 0.6]
    cases = [TransformCase("transf_ipft", f"n={n:g}", {"xi": t, "ni": n}) for n in (0.0, 0.5, 1.0, 2.0, 10.0, 1e6)]
    cases += [
        TransformCase("transf_pft", "any", {"xi": SHARES, "ni": SIZES}),
        TransformCase("transf_ipft_hm", "list", {"xi": t, "targs": {"ni": [5.0, 10.0, 20.0, np.nan]}}),
        TransformCase("transf_ipft_hm", "zero", {"xi": t, "targs": {"ni": [5.0, 10.0, 0.0]}}),
        TransformCase("transf_irft", "any", {"xi": [0.0, 0.5, 2.0, 1.0, np.nan], "ti": [10.0, 10.0, 1e8, 0.0, 1.0]}),
        TransformCase("transf_iirft", "t=10", {"xi": [-1.0, 0.0, 0.01, 0.158, 0.16, 0.5, 2.0, 100.0, np.nan], "ti": 10.0}),
        TransformCase("transf_iirft", "t=0", {"xi": [-1.0, 0.0, 0.01, 2.0, np.nan], "ti": 0.0}),
        TransformCase("transf_dtomd", "sd", {"xi": ANY, "targs": 15.0}),
        TransformCase("transf_dtomd", "list", {"xi": ANY, "targs": {"sd": 2.5}}),
        TransformCase("transf_rpbtorbis", "pi", {"xi": r, "pi": [0.5, 0.1, 0.999, 0.3, 0.01, 0.5, 0.5, 1e-9, 0.7]}),
        TransformCase("transf_rtorpb", "pi", {"xi": r, "pi": [0.5, 0.1, 0.999, 0.3, 0.01, 0.5, 0.5, 1e-9, 0.7]}),
    ]
    sizes = {"n1i": SIZES, "n2i": SIZES[::-1]}
    cases += [TransformCase(name, "sizes", {"xi": d, **sizes}) for name in ("transf_dtorpb", "transf_dtorbis")]
    cases += [TransformCase(name, "sizes", {"xi": r, **sizes}) for name in ("transf_rpbtod", "transf_rtod")]
    x = [-5.0, -2.0, -1e-9, 0.0, 0.3, 2.0, 700.0, np.nan]
    risks = (0.0, 1e-9, 0.05, 0.3, 0.999, 1.0)
    return cases + [
        TransformCase(name, f"pc={pc:g}", {"xi": x, "pc": pc})
        for name in ("transf_lnortord", "transf_lnortorr")
        for pc in risks
    ]


def _integrals() -> list[TransformCase]:
    cases = []
    for name in (name for name in TRANSFORMS if name.endswith("_int")):
        cut = name in ("transf_iarcsin_int", "transf_iahw_int", "transf_iabt_int")
        x = [-1.0, -0.5, 0.0, 0.3, 0.7, 1.0, 1.4] if cut else [-5.0, -2.0, -0.5, 0.0, 0.3, 1.4, 2.5, 5.0]
        for tau2 in (0.0, 0.02, 0.5, 1.0, 3.0):
            cases.append(TransformCase(name, f"tau2={tau2:g}", {"xi": x, "targs": tau2}, each=True))
        if name != "transf_exp_int":  # which takes no notice of them
            limits = {"tau2": 0.5, "lower": -1.0, "upper": 2.0}
            cases.append(TransformCase(name, "limits", {"xi": x[2:-1], "targs": limits}, each=True))
    return cases


def _modes() -> list[TransformCase]:
    x = {name: [-2.0, -0.5, 0.0, 0.3, 1.2] for name in ("ztor", "exp", "ilogit", "iprobit")}
    x |= {"iarcsin": [0.35, 0.5, 0.7, 0.9, 1.2], "iahw": [0.05, 0.2, 0.5, 0.7], "iabt": [0.05, 0.5, 1.0, 3.0]}
    tau2 = {"iarcsin": (0.0, 0.001, 0.01), "iahw": (0.0, 0.001, 0.01), "iprobit": (0.0, 0.01, 0.2)}
    return [
        TransformCase(f"transf_{name}_mode", f"tau2={one:g}", {"xi": values, "targs": one}, each=True)
        for name, values in x.items()
        for one in tau2.get(name, (0.0, 0.01, 0.2, 0.5))
    ]


CASES = (*_plain(), *_with_sizes(), *_integrals(), *_modes())


def call_of(cases: tuple[TransformCase, ...] = CASES) -> Call:
    asked = [{"name": case.r_name, "args": dict(case.args), "each": case.each} for case in cases]
    return Call("many_calls", {"cases": asked}, ADAPTER, packages=PACKAGES)


UNKNOWN = "not an exported object"


def ours(case: TransformCase) -> dict[str, Any] | PymetaError:
    """pymeta's answer, in R's form, or the refusal."""
    try:
        return {"value": TRANSFORMS[case.name](**case.args)}
    except PymetaError as error:
        return error


def rule(case: TransformCase) -> Rule:
    """12 digits; 50 digits say in tests/effects/test_transforms.py which of the two is right.

    Of 0.001 where a number of a closed form is smaller, since some of metafor's formulas cancel there; of 1 where one
    is a mean or a mode, as symmetric distributions have them at 0.
    """
    return Rule("closed", scale=1.0 if case.name.endswith(("_int", "_mode")) else 1e-3, allow_nan=True)


def judged(
    outcome: Outcome,
    plant: Callable[[TransformCase, Any], None] | None = None,
    known: Sequence[Divergence] = KNOWN,
) -> Iterator[tuple[TransformCase, Agreement]]:
    """Each case that this R can be asked, and how it fared; plant : changes pymeta's answers first."""
    for case, said in zip(CASES, plain(outcome.value), strict=True):
        theirs = said if isinstance(said, dict) else plain(said)
        if UNKNOWN in str(theirs.get("error", "")):
            continue
        mine = ours(case)
        if plant is not None:
            plant(case, mine)
        yield case, judge(case.known_as, mine, theirs, {"value": rule(case)}, outcome, known)


def calls() -> Iterator[tuple[str, Call]]:
    """What is asked, by the names of recordings."""
    yield "transforms", call_of()
