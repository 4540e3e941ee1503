"""Meta-analysis in Python, proved number by number against R's metafor."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# Loaded on first use, so that `import pymeta` costs little more than the numbers it is asked for.
_HOME = {
    "ConvergenceError": "errors",
    "DataError": "errors",
    "MEASURES": "effects.measures",
    "MHResult": "results.mh",
    "OptionError": "errors",
    "PymetaError": "errors",
    "TAU2": "tau2.methods",
    "UniResult": "results.uni",
    "escalc": "api",
    "rma": "api",
    "rma_mh": "api",
    "weights": "generics",
}

__all__ = [*_HOME, "__version__"]  # noqa: PLE0604 - the names are strings


if TYPE_CHECKING:
    from pymeta.api import escalc as escalc
    from pymeta.api import rma as rma
    from pymeta.api import rma_mh as rma_mh
    from pymeta.effects.measures import MEASURES as MEASURES
    from pymeta.errors import ConvergenceError as ConvergenceError
    from pymeta.errors import DataError as DataError
    from pymeta.errors import OptionError as OptionError
    from pymeta.errors import PymetaError as PymetaError
    from pymeta.generics import weights as weights
    from pymeta.results.mh import MHResult as MHResult
    from pymeta.results.uni import UniResult as UniResult
    from pymeta.tau2.methods import TAU2 as TAU2


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'pymeta' has no attribute {name!r}")
    return getattr(import_module(f"pymeta.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
