"""The exceptions and warnings of pymeta; everything it raises on purpose is one of these.

PymetaError
├── OptionError       an argument has a value that is not allowed (also a ValueError)
├── DataError         the data cannot be used as they are (also a ValueError)
├── ConvergenceError  an iteration ended without an answer
└── BackendError      R, or what stands in for it, could not give an answer
    └── RecordingError  a recording is missing, stale or unreadable

UserWarning
├── ConversionWarning   some rows could not be converted
├── LargeEffectWarning  an effect is too large to be likely
└── ShapingWarning      data were left out, or a matrix is not one of covariances
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = [
    "BackendError",
    "ConvergenceError",
    "ConversionWarning",
    "DataError",
    "LargeEffectWarning",
    "OptionError",
    "PymetaError",
    "RecordingError",
    "ShapingWarning",
    "no_such",
]


class PymetaError(Exception):
    """Whatever pymeta raises on purpose; the text names the argument, the value and the way out."""


class OptionError(PymetaError, ValueError):
    """An argument has a value that is not allowed."""


class DataError(PymetaError, ValueError):
    """The data cannot be used as they are.

    problem : the value and the way out; argument, row, label : the place, where it is known. Rows count from 1.
    Whoever read the data knows the place better (file, line, column) and may say the problem again with it.
    """

    def __init__(
        self, problem: str, *, argument: str | None = None, row: int | None = None, label: str | None = None
    ) -> None:
        line = f"row {row}" + (f" ({label})" if label is not None else "")
        place = ", ".join(([argument] if argument else []) + ([line] if row else []))
        super().__init__(f"{place}: {problem}" if place else problem)
        self.problem = problem
        self.argument = argument
        self.row = row


class ConvergenceError(PymetaError, ArithmeticError):
    """An iteration ended without an answer; the text says why and what to try."""


class ConversionWarning(UserWarning):
    """Some rows could not be converted, or do not look like what they are taken for."""


class LargeEffectWarning(UserWarning):
    """An effect is so large that an error in the data is likelier."""


class ShapingWarning(UserWarning):
    """Data had to be left out, or a matrix made of them is not one of covariances; the text names where."""


class BackendError(PymetaError):
    """R, or what stands in for it, could not give an answer."""


class RecordingError(BackendError):
    """A recording is missing, stale or unreadable."""


def no_such(argument: str, value: object, allowed: Iterable[str], *, what: str) -> OptionError:
    """The answer to an unknown name: the value, what is allowed and the nearest match."""
    names = [str(a) for a in allowed]
    text = f"{argument}={value!r}: no such {what}; allowed: {', '.join(names)}."
    folded = {name.casefold(): name for name in names}
    near = get_close_matches(str(value).casefold(), folded, n=1, cutoff=0.5)
    return OptionError(text + (f" Did you mean {folded[near[0]]!r}?" if near else ""))
