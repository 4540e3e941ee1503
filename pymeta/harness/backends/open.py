"""Which back ends there are, what each still needs on this machine, and how to open one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pymeta.errors import BackendError, OptionError, no_such
from pymeta.harness.backends.live import START_LIMIT, LiveReference
from pymeta.harness.backends.process import MEMORY
from pymeta.harness.backends.recorded import RecordedReference
from pymeta.harness.backends.rpy2 import rpy2, rpy2_inside, why_no_rpy2
from pymeta.harness.backends.worker import rscript, why_no_worker, worker
from pymeta.harness.calls import Reference
from pymeta.resources import shipped

__all__ = ["AUTO", "BACKENDS", "Backend", "Settings", "open_reference"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What `open_reference` was given beside the back end's name."""

    rscript: str | None = None
    recordings: Path | None = None
    in_process: bool = False
    memory: float | None = MEMORY
    start_limit: float = START_LIMIT


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to reach R.

    name : as in ``open_reference(name)``
    missing : what it still needs here and the command that mends it, or None; fast, R is not started
    open : starts it
    summary : one line on what it is for
    """

    name: str
    missing: Callable[[], str | None]
    open: Callable[[Settings], Reference]
    summary: str


def _open_rpy2(settings: Settings) -> LiveReference:
    return rpy2_inside() if settings.in_process else rpy2(memory=settings.memory, start_limit=settings.start_limit)


def _open_worker(settings: Settings) -> LiveReference:
    return worker(settings.rscript, memory=settings.memory, start_limit=settings.start_limit)


def _open_rscript(settings: Settings) -> LiveReference:
    return rscript(settings.rscript, memory=settings.memory, start_limit=settings.start_limit)


def _open_recorded(settings: Settings) -> RecordedReference:
    return RecordedReference(settings.recordings or shipped("fixtures", "recorded"))


BACKENDS: Mapping[str, Backend] = MappingProxyType(
    {
        backend.name: backend
        for backend in (
            Backend("rpy2", why_no_rpy2, _open_rpy2, "R embedded in a child Python process"),
            Backend("worker", why_no_worker, _open_worker, "one plain R process kept alive"),
            Backend("rscript", why_no_worker, _open_rscript, "a fresh R process for each call"),
            Backend("recorded", lambda: None, _open_recorded, "what R said earlier; needs no R"),
        )
    }
)

AUTO = ("rpy2", "worker", "recorded")
"""What "auto" tries, in this order."""


def open_reference(
    backend: str = "auto",
    *,
    rscript: str | None = None,
    recordings: Path | None = None,
    in_process: bool = False,
    memory: float | None = MEMORY,
) -> Reference:
    """Open a back end; use it as a context manager.

    Parameters
    ----------
    backend : "rpy2", "worker", "rscript", "recorded", or "auto": the first of `AUTO` that this machine has all for; `name`
        of what is returned says which it was, `note` why not one before it
    rscript : the command that stands for Rscript, e.g. "chroot /srv/r45 Rscript"; "auto" then means "worker"
    recordings : the folder of recordings; default: those that come with pymeta
    in_process : only for "rpy2": R within this Python process, without a child to protect it (see `rpy2_inside`)
    memory : GiB of address space that a child with R in it may have, on Linux; None: no limit

    Raises
    ------
    OptionError : an unknown back end, or an option given with one that does not use it
    BackendError : the back end cannot start; the text says what is missing and the command that mends it
    """
    if memory is not None and not 0.25 <= memory < float("inf"):
        raise OptionError(f"memory={memory!r}: R needs 0.25 GiB at least; None is no limit")
    settings = Settings(rscript, recordings, in_process, memory)
    if backend == "auto" and rscript is None and not in_process:
        return _open_first_at_hand(settings)
    backend = ("rpy2" if in_process else "worker") if backend == "auto" else backend
    if backend not in BACKENDS:
        raise no_such("backend", backend, ["auto", *BACKENDS], what="back end")
    if rscript is not None and backend not in {"worker", "rscript"}:
        raise OptionError(f"rscript={rscript!r}: only the back ends 'worker' and 'rscript' use it, not {backend!r}")
    if in_process and backend != "rpy2":
        raise OptionError(f"in_process=True: only the back end 'rpy2' can, not {backend!r}")
    return BACKENDS[backend].open(settings)


def _open_first_at_hand(settings: Settings) -> Reference:
    """The first of `AUTO`, with a note on those passed over; recordings stand in for an absent R, not for a broken one."""
    missing = {name: BACKENDS[name].missing() for name in AUTO}
    notes = [f"{name} passed over: {why}" for name, why in missing.items() if why]
    at_hand = [name for name, why in missing.items() if not why]
    live = [name for name in at_hand if name != "recorded"] or at_hand
    for name in live[:-1]:
        try:
            return _noted(BACKENDS[name].open(settings), notes)
        except BackendError as error:  # such as an rpy2 that does not fit this R; `pymeta doctor` says what mends it
            notes.append(f"{name} passed over: {error}")
    return _noted(BACKENDS[live[-1]].open(settings), notes)


def _noted(reference: Reference, notes: list[str]) -> Reference:
    reference.note = "\n".join(notes)
    return reference
