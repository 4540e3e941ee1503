"""The answers to a reviewer's list of questions about one meta-analysis."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from pymeta.results.pooled import Pooled
from pymeta.show import text

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Finding", "Section", "Sensitivity"]

_HEAD = ("estimate", "ci.lb", "ci.ub", "pval", "tau2", "test", "p of test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one analysis found; None where it has no such number.

    analysis : its name; term : the coefficient it is about
    k : how many studies it used, those that were filled in included
    estimate, ci_lb, ci_ub, pval : of the coefficient; tau2 : of the model
    statistic, statistic_pval : of the analysis' own test, which `tests` names
    includes_zero : whether the interval has the value of no effect, before any transformation
    note : what else is to be known, or why there are no numbers
    """

    analysis: str
    term: str = ""
    k: int | None = None
    estimate: float | None = None
    ci_lb: float | None = None
    ci_ub: float | None = None
    pval: float | None = None
    tau2: float | None = None
    statistic: float | None = None
    statistic_pval: float | None = None
    tests: str = ""
    includes_zero: bool | None = None
    note: str = ""

    @property
    def failed(self) -> bool:
        """Whether it has no number at all."""
        return self.estimate is None and self.statistic is None

    @property
    def name(self) -> str:
        """The analysis, and the coefficient where that is not the only one."""
        return f"{self.analysis}: {self.term}" if self.term else self.analysis

    def shown(self, digits: int) -> tuple[str, ...]:
        """The texts of a row of a table; "" for what there is not."""
        estimates = [_number(x, digits) for x in (self.estimate, self.ci_lb, self.ci_ub)]
        rest = _number(self.tau2, digits), _number(self.statistic, digits)
        return (*estimates, _chance(self.pval, digits), *rest, _chance(self.statistic_pval, digits))


def _number(x: float | None, digits: int) -> str:
    return "" if x is None or math.isnan(x) else f"{x:.{digits}f}"


def _chance(p: float | None, digits: int) -> str:
    return "" if p is None or math.isnan(p) else text.p_value(p, equals="", digits=digits)


@dataclass(frozen=True, slots=True)
class Section:
    """Analyses of one kind, and what they say in a sentence or two."""

    title: str
    said: str
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sensitivity:
    """How far a result depends on choices and on single studies, and what may be missing from it.

    sections : the analyses by kind, the model itself first
    alpha : below which p-value a test of bias is called significant
    transf : whether estimates and bounds are on another scale than the model's
    fit : the model
    """

    sections: tuple[Section, ...]
    alpha: float
    transf: bool
    digits: int
    fit: Pooled = field(repr=False)

    def frame(self) -> pd.DataFrame:
        """A row a finding: its section and the fields of `Finding`."""
        import pandas as pd

        names = [one.name for one in fields(Finding)]
        rows = [[part.title, *(getattr(one, name) for name in names)] for part in self.sections for one in part.findings]
        return pd.DataFrame(rows, columns=["section", *names])

    def said(self) -> str:
        """The sentences alone, a line a section."""
        return "\n".join(f"{part.title}: {part.said}" for part in self.sections)

    def to_html(self) -> str:
        """A page that needs nothing else: every section with its sentences, its table and its intervals drawn."""
        from pymeta.results.sensitivity_page import page

        return page(self)

    def __str__(self) -> str:
        """Every section with its sentences and its table."""
        return "\n\n".join("\n".join([part.title, text.clean(part.said), *self._table(part)]) for part in self.sections)

    def _table(self, part: Section) -> list[str]:
        if not part.findings:
            return []
        notes = [text.clean("; ".join(filter(None, (one.tests, one.note)))) for one in part.findings]
        rows = [[text.clean(one.name), *one.shown(self.digits)] for one in part.findings]
        head, *lines = text.aligned(["", *_HEAD], rows)
        return ["", head, *[f"{line}  {note}".rstrip() for line, note in zip(lines, notes, strict=True)]]
