"""ADAPTERS, the only list of the R functions that can be made again on pymeta."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pymeta.port.calls import (
    asymmetry,
    diagnostics,
    effects,
    fits,
    gosh,
    models,
    permutation,
    plots,
    profiles,
    publication_bias,
    selection,
)
from pymeta.port.calls.adapter import Adapter

__all__ = ["ADAPTERS"]

_PARTS = (models, effects, fits, diagnostics, asymmetry, permutation, gosh, selection, publication_bias, plots, profiles)

ADAPTERS: Mapping[str, Adapter] = MappingProxyType({name: one for part in _PARTS for name, one in part.ADAPTERS.items()})
"""R function, as the tracer names it -> how it is made."""
