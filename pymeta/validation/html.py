"""A report as one HTML file that needs nothing else: no script, no network."""

from __future__ import annotations

from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from pymeta import __version__
from pymeta.generics.weights import weights
from pymeta.plots.forest import ForestLayout, layout
from pymeta.results.mh import MHResult
from pymeta.show.text import clean, p_value
from pymeta.validation.report import paper_failures, r_failures, r_packages, self_failures
from pymeta.validation.run import OutcomeReport, Report
from pymeta.validation.tables import quantities, studies
from pymeta.validation.terminal import data_sentence

__all__ = ["to_html"]


def to_html(report: Report) -> str:
    """The report with a forest plot an outcome; every label is escaped."""
    # Everything a case file holds is text: autoescape is on for every template.
    templates = Environment(
        loader=PackageLoader("pymeta.validation"),
        autoescape=True,
        finalize=lambda value: clean(value) if type(value) is str else value,  # Markup is what is already rendered
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return templates.get_template("report.html.j2").render(
        report=report,
        version=__version__,
        reference=r_packages(report),
        data_sentence=data_sentence(report),
        outcomes=[_view(outcome) for outcome in report.worst_first()],
    )


def _view(outcome: OutcomeReport) -> dict[str, Any]:
    """What the template shows of an outcome, in texts."""
    return {
        "outcome": outcome,
        "tables": (quantities(outcome), studies(outcome)),
        "forest": _Drawing(outcome) if _drawable(outcome) else None,
        "failures": [*r_failures(outcome), *paper_failures(outcome), *self_failures(outcome), *outcome.r_says],
    }


def _drawable(outcome: OutcomeReport) -> bool:
    """Whether every position is a number; a broken result still gets its report, without a plot."""
    result = outcome.result
    numbers = (result.beta, result.ci_lb, result.ci_ub, result.studies.yi, result.studies.vi, weights(result))
    return all(np.isfinite(values).all() for values in numbers)


class _Drawing:
    """A forest plot's positions in an SVG of `width` by `height`, from the layout's numbers."""

    left, right, top, line, width = 250, 640, 34, 24, 920

    def __init__(self, outcome: OutcomeReport) -> None:
        result = outcome.result
        shares = weights(result)
        if isinstance(result, MHResult):  # a table without an effect of its own has a weight but no line
            shares = np.array([shares[result.slab.index(label)] for label in result.studies.slab])
        self.measure = outcome.case.measure
        self.layout: ForestLayout = layout(result, shares)
        self.height = self.top + self.line * (len(self.layout.rows) + 2) + 40
        self.title = f"Forest plot: {outcome.case.label}"
        self.p = p_value(float(result.pval[0]))

    def x(self, value: float) -> float:
        """Horizontal position of a value, cut at the axis' ends."""
        low, high = self.layout.low, self.layout.high
        return round(self.left + (self.right - self.left) * (min(max(value, low), high) - low) / (high - low), 2)

    def y(self, index: int) -> float:
        """Vertical middle of a line."""
        return self.top + self.line * (index + 0.5)

    def cut(self, value: float) -> bool:
        """Whether a value lies beyond the axis."""
        return not self.layout.low <= value <= self.layout.high

    def side(self, weight: float) -> float:
        """Side of a study's square: its area is in proportion to its weight."""
        heaviest = max(row.weight or 0.0 for row in self.layout.rows)
        return round(max(3.0, 15.0 * (weight / heaviest) ** 0.5), 2) if heaviest > 0 else 3.0

    def text(self, row: Any) -> str:
        """Effect and interval on the scale that people read."""
        estimate, low, high = self.measure.display(np.array([row.estimate, row.ci_lb, row.ci_ub]))
        return f"{estimate:.2f} [{low:.2f}, {high:.2f}]"

    def short(self, label: str) -> str:
        """A label that fits its column; the whole stands in its tooltip and in the table."""
        return label if len(label) <= 34 else label[:33] + "…"
