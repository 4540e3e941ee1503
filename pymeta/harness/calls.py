"""What is asked of R, and what came back. These records know nothing of how R is reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

__all__ = ["Call", "Condition", "Environment", "Outcome", "Reference"]


@dataclass(frozen=True, slots=True)
class Call:
    """One R function with its arguments.

    function : "package::name", or a bare name that `adapter` defines
    args : argument name -> Python value that the codec can encode; order is kept
    adapter : an R file that defines `function`, sourced by R into an environment of its own
    packages : the R packages whose versions belong to the answer's provenance
    seed : given to R's set.seed() before the call; without one R's random stream goes on where it stood
    """

    function: str
    args: Mapping[str, Any] = field(default_factory=dict)
    adapter: Path | None = None
    packages: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """An R error, warning or message: its classes, most specific first, and its text."""

    classes: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Environment:
    """Which R gave an answer; `packages` maps a package to its version, `digests` to the MD5 of its functions' source."""

    r_version: str
    platform: str
    packages: Mapping[str, str]
    blas: str
    lapack: str
    rng_kind: tuple[str, ...]
    locale: str
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A value or an error, with what R said on the way and the seconds R took for it."""

    value: Any
    error: Condition | None
    warnings: tuple[Condition, ...]
    messages: tuple[Condition, ...]
    seconds: float
    environment: Environment


class Reference(Protocol):
    """A back end: it turns a call into an outcome. Use it as a context manager.

    note : what a person should know about it, e.g. why "auto" passed over another one; "" mostly
    """

    note: str

    @property
    def name(self) -> str:
        """The back end's name: "rpy2", "worker", "recorded"."""
        ...

    def run(self, call: Call, *, timeout: float = 60.0) -> Outcome:
        """The outcome of `call`. An R error is an outcome; a dead or silent R is a BackendError."""
        ...

    def close(self) -> None:
        """End the process behind it, if there is one."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...
