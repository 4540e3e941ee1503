"""The numbers of R's answers and of pymeta's by place: "QE", "fit.stats$ML", "[[2]]$tau2"; "" for one array alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pymeta.port.values import numbers

__all__ = ["WHOLE", "Numbers", "below", "plain", "read_numbers"]

Numbers = dict[str, NDArray[np.float64]]
WHOLE = ""
Raw = Callable[[Mapping[str, Any] | None], Mapping[str, Any] | None]
_NUMERIC = ("num", "int")


def read_numbers(result: Mapping[str, Any] | None, raw: Raw) -> Numbers:
    """Every number in R's answer; truth values, texts and factors are none. raw : looks up values that calls share."""
    return {place: values for place, values in _walk(raw(result), WHOLE, raw) if values.size}


def _walk(value: Mapping[str, Any] | None, place: str, raw: Raw) -> Iterator[tuple[str, NDArray[np.float64]]]:
    if value is None:
        return
    kind = value["k"]
    if kind in _NUMERIC:
        yield place, _shaped(numbers(value["v"]), value)
    elif kind == "cplx":
        yield below(place, "(real)"), numbers(value["re"])
        yield below(place, "(imaginary)"), numbers(value["im"])
    elif kind == "big" and value["of"] in ("double", "integer"):
        yield f"{place} (length)", np.array([float(value["len"])])
        yield f"{place} (sum)", numbers([value["sum"]])
        yield f"{place} (head)", numbers(value["head"])
    elif kind == "sparse":
        yield from _walk(raw(value["v"]), place, raw)
    else:
        for name, inner in _parts(value):
            yield from _walk(raw(inner), below(place, name), raw)


def _parts(value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    if value["k"] == "df":
        return list(value["cols"].items())
    if value["k"] in ("obj", "list"):
        if "f" in value:
            return list(value["f"].items())
        return [(f"[[{i}]]", inner) for i, inner in enumerate(value.get("v", []), start=1)]
    return []


def _shaped(values: NDArray[np.float64], value: Mapping[str, Any]) -> NDArray[np.float64]:
    return values.reshape(value["d"], order="F") if value.get("d") else values


def below(place: str, name: str) -> str:
    """The place of a part."""
    return name if not place else f"{place}{name}" if name.startswith("[[") else f"{place}${name}"


def plain(values: Any) -> Any:
    """Numbers as an array of doubles, None for what has none; missing is NaN."""
    if values is None:
        return None
    if isinstance(values, pd.DataFrame | pd.Series):
        values = values.to_numpy()
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return np.atleast_1d(np.asarray(values, dtype=np.float64))
    try:
        return np.atleast_1d(np.array(values, dtype=np.float64))
    except (TypeError, ValueError):
        return None
