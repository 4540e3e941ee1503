"""A comparison as a folder of files that makes it again alone: `Rscript case.R`, `python case.py`.

call.rds and call.json hold R's half, for R and for everybody else; python.json holds what Python said and how the two are
compared. Nothing of any is ever pasted into code.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from pymeta.errors import BackendError, PymetaError
from pymeta.files import write_whole
from pymeta.harness.agreement import Agreement, Answer, Rule, compare
from pymeta.harness.calls import Call, Condition, Outcome, Reference
from pymeta.harness.codec import NA, RVector, decode, encode, plain, r_value
from pymeta.harness.divergences import Divergence, applicable
from pymeta.harness.mismatch import comparison_text
from pymeta.harness.pick import Pick, Take, places, r_answer
from pymeta.harness.serialized import serialized
from pymeta.resources import shipped

__all__ = ["Comparison", "again", "read_comparison", "write_pair"]

_CASE_PY = '''"""Makes a call of R again and compares it with what Python said:  python case.py  (needs pymeta and R)."""

import sys
from pathlib import Path

from pymeta.harness.reproducer import again

sys.exit(again(Path(__file__).resolve().parent))
'''
_TEMPLATES = Path(__file__).resolve().parent / "templates"
AGREED, DISAGREED, REFUSED = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Comparison:
    """What was compared.

    name : of the case
    call, tightened : as R was asked, under default and tightened control
    python : Python's answer, or the exception it ended with
    pick : what was taken of R's value; None: all of a named list
    selected : whether a function took it instead, which no file can hold
    divergences : the known differences that speak of the case, whatever the versions of R
    reference_digits : the digits that R has of its own, as in `compare`
    """

    name: str
    call: Call
    python: Answer | BaseException
    rules: Mapping[str, Rule]
    tightened: Call | None = None
    pick: Pick | None = None
    selected: bool = False
    divergences: tuple[Divergence, ...] = ()
    reference_digits: Mapping[str, float] | None = None


def write_pair(comparison: Comparison, folder: Path) -> Path:
    """Write the files into `folder`, which is made, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in (_TEMPLATES / "case.R", shipped("r_reference", "codec.R"), shipped("r_reference", "server.R")):
        shutil.copyfile(path, folder / path.name)
    if comparison.call.adapter is not None:
        shutil.copyfile(comparison.call.adapter, folder / "adapter.R")
    calls = r_value(
        {"call": _request(comparison.call), "tightened": comparison.tightened and _request(comparison.tightened)}
    )
    write_whole(folder / "call.json", json.dumps(encode(calls)) + "\n")
    write_whole(folder / "call.rds", serialized(calls))
    write_whole(folder / "python.json", json.dumps(_python_half(comparison), indent=1, allow_nan=False) + "\n")
    write_whole(folder / "case.py", _CASE_PY)
    return folder


def read_comparison(folder: Path) -> Comparison:
    """The comparison that `write_pair` wrote."""
    calls = _fields(decode(json.loads((folder / "call.json").read_text(encoding="ascii"))))
    half = json.loads((folder / "python.json").read_text(encoding="ascii"))
    pick = half["pick"]
    return Comparison(
        name=half["name"],
        call=_call(calls["call"], folder),
        tightened=_call(calls["tightened"], folder) if calls["tightened"].kind != "null" else None,
        python=_error(half["error"]) if half["error"] else {name: _value(node) for name, node in half["answer"].items()},
        rules={name: Rule(kind, _value(scale), allow_nan) for name, (kind, scale, allow_nan) in half["rules"].items()},
        pick=None if pick is None else {name: _where(entry) for name, entry in pick.items()},
        selected=half["selected"],
        divergences=tuple(_known(entry) for entry in half["divergences"]),
        reference_digits=half["reference_digits"],
    )


def again(folder: Path, reference: Reference | None = None, show: Callable[[str], None] = print) -> int:
    """Make the call again on `reference` (default: a worker) and show the comparison; what `case.py` does.

    Returns 0 when it agrees, 1 when it does not, 2 when it could not be made.
    """
    from pymeta.harness.backends.open import open_reference

    comparison = read_comparison(folder)
    try:
        with reference or open_reference("worker") as live:
            outcome = live.run(comparison.call)
            tightened = live.run(comparison.tightened) if comparison.tightened else None
        if comparison.selected:
            show(_unselected(comparison, outcome))
            return REFUSED
        versions = {"R": outcome.environment.r_version, **outcome.environment.packages}
        entries = applicable(comparison.divergences, comparison.name, versions)
        agreement = compared(comparison, outcome, tightened, divergences=entries)
    except PymetaError as error:
        show(f"pymeta: {error}")
        return REFUSED
    show(comparison_text(agreement, title=comparison.name, r_says=r_says(outcome)))
    return AGREED if agreement.ok else DISAGREED


def compared(comparison: Comparison, outcome: Outcome, tightened: Outcome | None, **options: Any) -> Agreement:
    """The comparison with R's answers; where there is a tightened one, it judges, and gives R's own digits.

    options : `select` as in `r_answer`, `divergences` as in `compare`
    """
    select = options.pop("select", None)
    first = r_answer(outcome, comparison.pick, select)
    judge = first if tightened is None else r_answer(tightened, comparison.pick, select)
    default = None if tightened is None or isinstance(first, Condition) else first
    own = comparison.reference_digits
    return compare(comparison.python, judge, comparison.rules, default=default, reference_digits=own, **options)


def r_says(*outcomes: Outcome | None) -> list[str]:
    """R's error, warnings and messages, each once."""
    said = []
    for outcome in (one for one in outcomes if one is not None):
        said += [f"error: {outcome.error.message}"] if outcome.error else []
        said += [f"warning: {one.message}" for one in outcome.warnings]
        said += [f"message: {one.message}" for one in outcome.messages]
    return list(dict.fromkeys(said))


def _unselected(comparison: Comparison, outcome: Outcome) -> str:
    lines = [f"{comparison.name}: a `select` function in the test takes R's quantities; run the test to compare them"]
    lines += [f"Python: {comparison.python!r}", f"R: {plain(outcome.value) if outcome.error is None else outcome.error}"]
    return "\n".join(lines)


# R's half.


def _request(call: Call) -> dict[str, Any]:
    """A request to server.R; the adapter's source is read from the file beside it, so that it may be changed there."""
    adapter = {"path": "adapter.R"} if call.adapter is not None else None
    packages = RVector("chr", call.packages)
    return {"fun": call.function, "args": dict(call.args), "seed": call.seed, "adapter": adapter, "packages": packages}


def _call(request: RVector, folder: Path) -> Call:
    fields = _fields(request)
    return Call(
        function=fields["fun"].values[0],
        args=_fields(fields["args"]),
        adapter=folder / "adapter.R" if fields["adapter"].kind != "null" else None,
        packages=fields["packages"].values,
        seed=int(fields["seed"].values[0]) if fields["seed"].kind != "null" else None,
    )


def _fields(vector: RVector) -> dict[str, RVector]:
    return {str(name): value for name, value in zip(vector.names or (), vector.values, strict=True)}


# Python's half: JSON numbers are exact for Python, which writes the shortest text that reads back the same.


def _python_half(comparison: Comparison) -> dict[str, Any]:
    python, pick = comparison.python, comparison.pick
    raised = isinstance(python, BaseException)
    return {
        "name": comparison.name,
        "error": _error_node(python) if isinstance(python, BaseException) else None,
        "answer": {} if raised else {name: _node(value) for name, value in python.items()},  # type: ignore[union-attr]
        "rules": {name: [rule.kind, _node(rule.scale), rule.allow_nan] for name, rule in comparison.rules.items()},
        "pick": None if pick is None else {name: _place(where) for name, where in places(pick).items()},
        "selected": comparison.selected,
        "divergences": [_entry(divergence) for divergence in comparison.divergences],
        "reference_digits": comparison.reference_digits and dict(comparison.reference_digits),
    }


def _known(entry: Mapping[str, Any]) -> Divergence:
    return Divergence(**{**entry, "digits": _item(entry["digits"])})


def _entry(divergence: Divergence) -> dict[str, Any]:
    entry = {one.name: getattr(divergence, one.name) for one in fields(Divergence)}
    return {**entry, "digits": _scalar(divergence.digits), "packages": dict(divergence.packages)}


def _place(where: str | Take) -> str | list[Any]:
    return where if isinstance(where, str) else [list(where.path), where.bare]


def _where(entry: str | list[Any]) -> str | Take:
    return entry if isinstance(entry, str) else Take(*entry[0], bare=entry[1])


def _node(value: object) -> dict[str, Any]:
    """A value that can be compared, as JSON; of any other, only its looks."""
    if isinstance(value, RVector):
        return {"r": encode(value)}
    try:
        if isinstance(value, Mapping):
            return {"named": {name: _scalar(one) for name, one in value.items()}}
        array = value if type(value) is np.ndarray else np.array(value, dtype=object)
        return {"shape": list(array.shape), "items": [_scalar(one) for one in array.ravel().tolist()]}
    except (TypeError, ValueError):
        return {"looks": repr(value)[:1000]}


def _scalar(item: object) -> Any:
    plain_item = item.item() if isinstance(item, np.generic) else item
    if plain_item is None or plain_item is NA:
        return None
    if isinstance(plain_item, float) and not math.isfinite(plain_item):
        return {"float": repr(plain_item)}
    if isinstance(plain_item, bool | int | float | str):
        return plain_item
    raise TypeError(f"a {type(item).__name__} is no scalar")


def _value(node: Mapping[str, Any]) -> Any:
    if "r" in node:
        return decode(node["r"])
    if "looks" in node:
        return _Unwritten(node["looks"])
    if "named" in node:
        return {name: _item(one) for name, one in node["named"].items()}
    items = np.empty(len(node["items"]), dtype=object)
    items[:] = [_item(one) for one in node["items"]]
    shaped = items.reshape(node["shape"])
    return shaped if shaped.shape else shaped.item()


def _item(node: Any) -> Any:
    return float(node["float"]) if isinstance(node, dict) else node


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """Stands for a value that could not be written down; it compares with nothing, as the value itself did."""

    looks: str


_BASES = (BackendError, PymetaError, ValueError, ArithmeticError, Exception)


def _error_node(error: BaseException) -> dict[str, str]:
    base = next((base for base in _BASES if isinstance(error, base)), Exception)
    return {"name": type(error).__name__, "base": base.__name__, "text": str(error)}


def _error(node: Mapping[str, str]) -> Exception:
    """An exception that a comparison takes as it took the one that was raised."""
    base = next(base for base in _BASES if base.__name__ == node["base"])
    made: Exception = type(node["name"], (base,), {})(node["text"])
    return made
