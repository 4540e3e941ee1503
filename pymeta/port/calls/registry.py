"""ADAPTERS, the only list of the R functions that can be made again on pymeta."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pymeta.port.calls import asymmetry, diagnostics, effects, fits, gosh, models, permutation
from pymeta.port.calls.adapter import Adapter

__all__ = ["ADAPTERS"]

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        name: adapter
        for part in (models, effects, fits, diagnostics, asymmetry, permutation, gosh)
        for name, adapter in part.ADAPTERS.items()
    }
)
"""R function, as the tracer names it -> how it is made."""
