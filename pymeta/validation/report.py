"""A report for machines: the JSON document and the JUnit file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np

from pymeta import __version__
from pymeta.show.text import is_unsafe
from pymeta.validation.case import OutcomeCase
from pymeta.validation.run import AGREE, NOT_REPORTED, OutcomeReport, Report, displayed

__all__ = ["junit", "r_packages", "to_dict", "to_json"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_json(report: Report) -> str:
    """The JSON document, strict: numbers that are not finite are null, control characters and their like are escaped."""
    text = json.dumps(to_dict(report), indent=2, ensure_ascii=False, allow_nan=False)
    return "".join(json.dumps(c)[1:-1] if c != "\n" and is_unsafe(c) else c for c in text) + "\n"


def to_dict(report: Report) -> dict[str, Any]:
    """The JSON document; effects on the scale that is pooled, and under "display" on the scale that people read."""
    environment = report.environment
    return {
        "verdict": report.verdict,
        "case": report.case.name,
        "title": report.case.title,
        "pymeta_version": __version__,
        "reference": {
            "backend": report.backend,
            "note": report.note,
            "r_version": environment.r_version if environment else None,
            "packages": dict(environment.packages) if environment else {},
        },
        "data": report.case.data,
        "data_note": report.case.data_note,
        "assumptions": list(report.case.assumptions),
        "outcomes": [_outcome(outcome) for outcome in report.outcomes],
    }


def _outcome(report: OutcomeReport) -> dict[str, Any]:
    case, agreement = report.case, report.agreement
    compared = agreement.to_dict() if agreement else {"worst_digits": None, "quantities": []}
    return {
        "name": case.name,
        "label": case.label,
        "measure": case.measure.name,
        "model": case.method,
        "level": case.level,
        "pymeta": _values(case, report.ours),
        "r": _values(case, report.r),
        "reported": {name: figure.text for name, figure in case.reported.items()},
        "left_out": [{"study": d.slab, "reason": d.reason} for d in report.result.studies.dropped],
        "vs_r": {
            "verdict": report.vs_r,
            "ok": agreement is not None and agreement.ok,
            "worst_digits": compared["worst_digits"],
            "quantities": compared["quantities"],
            "why": report.why,
            "r_says": list(report.r_says),
        },
        "vs_paper": {
            "verdict": report.vs_paper,
            "figures": [
                {"name": f.name, "printed": f.printed, "value": _json(f.value), "holds": f.holds} for f in report.figures
            ],
        },
        "paper_self": {"verdict": report.paper_self, "checks": dict(report.self_checks)},
    }


def _values(case: OutcomeCase, values: Mapping[str, Any]) -> dict[str, Any]:
    if not values:
        return {}
    shown = displayed(case, values)
    display = {name: _json(shown[name]) for name in ("estimate", "ci_lb", "ci_ub") if name in shown}
    return {**{name: _json(value) for name, value in values.items()}, "display": display}


def _json(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [_json(item) for item in value.tolist()]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def r_packages(report: Report) -> str:
    """Which R answered, in words."""
    if report.environment is None:
        return "no R has answered"
    packages = ", ".join(f"{name} {version}" for name, version in report.environment.packages.items())
    return f"R {report.environment.r_version}, {packages}"


def junit(report: Report) -> str:
    """The report as a JUnit file: three test cases an outcome; what a paper does not print is skipped."""
    suite = ET.Element("testsuite", name=_xml(f"pymeta validate {report.case.name}"))
    properties = ET.SubElement(suite, "properties")
    for name, value in (("backend", report.backend), ("reference", r_packages(report)), ("data", report.case.data)):
        ET.SubElement(properties, "property", name=name, value=_xml(value))
    for outcome in report.outcomes:
        for name, verdict, ok, why in _tests(outcome):
            test = ET.SubElement(suite, "testcase", classname=_xml(f"{report.case.name}.{outcome.case.name}"), name=name)
            if verdict == NOT_REPORTED:
                ET.SubElement(test, "skipped", message="the paper prints nothing to compare with")
            elif not ok:
                ET.SubElement(test, "failure", message=_xml(verdict)).text = _xml(why)
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _tests(outcome: OutcomeReport) -> list[tuple[str, str, bool, str]]:
    """Name, verdict, whether it passes and why not, of the three verdicts."""
    against_r = outcome.agreement is not None and outcome.agreement.ok
    return [
        ("pymeta against R", outcome.vs_r, against_r, "\n".join(r_failures(outcome))),
        ("pymeta against the paper", outcome.vs_paper, outcome.vs_paper == AGREE, "\n".join(paper_failures(outcome))),
        ("the paper against itself", outcome.paper_self, outcome.paper_self == AGREE, "\n".join(self_failures(outcome))),
    ]


def r_failures(outcome: OutcomeReport) -> list[str]:
    """One sentence for each quantity on which pymeta and R do not agree."""
    if outcome.agreement is None:
        return [outcome.why]
    return [
        f"{row.name}{row.where}: pymeta {row.python!r}, R {row.reference!r}; "
        f"{row.digits:.1f} digits of {row.needed:g} needed" + (f" ({row.reason})" if row.reason else "")
        for row in outcome.agreement.worst_first()
        if row.verdict != AGREE
    ]


def paper_failures(outcome: OutcomeReport) -> list[str]:
    """One sentence for each printed figure that pymeta's number does not round to."""
    return [f"{f.name}: printed {f.printed}, computed {f.value:.6g}" for f in outcome.figures if not f.holds]


def self_failures(outcome: OutcomeReport) -> list[str]:
    """One sentence for each set of printed figures that cannot belong together."""
    return [f"{name}: no unrounded numbers could have printed these" for name, ok in outcome.self_checks.items() if not ok]


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
