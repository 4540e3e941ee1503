"""Which back ends there are, what each still needs on this machine, and how to open one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pymeta.errors import BackendError, OptionError, no_such
from pymeta.harness.backends.rpy2 import rpy2, why_no_rpy2
from pymeta.harness.backends.worker import why_no_worker, worker
from pymeta.harness.calls import Reference
from pymeta.resources import shipped

__all__ = ["BACKENDS", "Backend", "open_reference"]


@dataclass(frozen=True, slots=True)
class Backend:
    """One way to reach R.

    name : as in ``open_reference(name)``
    missing : what it still needs here and the command that mends it, or None; fast, R is not started
    open : starts it, given `rscript` and `recordings` as in `open_reference`
    summary : one line on what it is for
    """

    name: str
    missing: Callable[[], str | None]
    open: Callable[[str | None, Path | None], Reference]
    summary: str


def _open_rpy2(rscript: str | None, recordings: Path | None) -> Reference:
    return rpy2()


def _open_worker(rscript: str | None, recordings: Path | None) -> Reference:
    return worker(rscript)


def _open_recorded(rscript: str | None, recordings: Path | None) -> Reference:
    from pymeta.harness.backends.recorded import RecordedReference

    return RecordedReference(recordings or shipped("fixtures", "recorded"))


BACKENDS: Mapping[str, Backend] = MappingProxyType(
    {
        backend.name: backend
        for backend in (
            Backend("rpy2", why_no_rpy2, _open_rpy2, "R embedded in a child Python process"),
            Backend("worker", why_no_worker, _open_worker, "one plain R process kept alive"),
            Backend("recorded", lambda: None, _open_recorded, "what R said earlier; needs no R"),
        )
    }
)


def open_reference(backend: str = "auto", *, rscript: str | None = None, recordings: Path | None = None) -> Reference:
    """Open a back end; use it as a context manager.

    Parameters
    ----------
    backend : "rpy2", "worker", "recorded", or "auto": the first of these that this machine has all for; `name` of what is
        returned says which it was
    rscript : the command that stands for Rscript, e.g. "chroot /srv/r45 Rscript"; "auto" then means "worker"
    recordings : the folder of recordings; default: those that come with pymeta

    Raises
    ------
    OptionError : an unknown back end, or `rscript` with one that does not use it
    BackendError : the back end cannot start; the text says what is missing and the command that mends it
    """
    if backend == "auto" and rscript is None:
        return _open_first_at_hand(recordings)
    backend = "worker" if backend == "auto" else backend
    if backend not in BACKENDS:
        raise no_such("backend", backend, ["auto", *BACKENDS], what="back end")
    if rscript is not None and backend != "worker":
        raise OptionError(f"rscript={rscript!r}: only the back end 'worker' uses it, not {backend!r}")
    return BACKENDS[backend].open(rscript, recordings)


def _open_first_at_hand(recordings: Path | None) -> Reference:
    at_hand = [name for name, backend in BACKENDS.items() if backend.missing() is None]
    try:
        return BACKENDS[at_hand[0]].open(None, recordings)
    except BackendError:
        if at_hand[:2] != ["rpy2", "worker"]:
            raise
        return BACKENDS["worker"].open(None, recordings)  # the rpy2 here does not fit this R; `doctor` says so
