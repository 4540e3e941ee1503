"""ADAPTERS, the only list of the R functions that can be made again on pymeta."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pymeta.port.calls import asymmetry, diagnostics, effects, fits, models
from pymeta.port.calls.adapter import Adapter

__all__ = ["ADAPTERS"]

ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {**models.ADAPTERS, **effects.ADAPTERS, **fits.ADAPTERS, **diagnostics.ADAPTERS, **asymmetry.ADAPTERS}
)
"""R function, as the tracer names it -> how it is made."""
