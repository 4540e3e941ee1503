"""A replay for machines and for a browser: the JSON document, the JUnit file and the page."""

from __future__ import annotations

import json
import math
import re
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pymeta import __version__
from pymeta.port.buckets import BUCKETS, FAILED, CallReport, Replay, ScriptReport
from pymeta.show.text import is_unsafe

__all__ = ["to_dict", "to_html", "to_json", "to_junit"]

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TEMPLATES = Path(__file__).parent / "templates"
_SHARED = Path(__file__).parent.parent / "harness" / "templates"


def to_json(replay: Replay) -> str:
    """The JSON document, strict: numbers that are not finite are null."""
    text = json.dumps(_finite(to_dict(replay)), indent=1, ensure_ascii=False, allow_nan=False)
    return "".join(json.dumps(c)[1:-1] if c != "\n" and is_unsafe(c) else c for c in text) + "\n"


def to_dict(replay: Replay) -> dict[str, Any]:
    """Totals, the same by function, features that pymeta lacks, and every call of every script.

    Its schema is port/templates/replay.schema.json.
    """
    return {
        "pymeta_version": __version__,
        "totals": dict(replay.totals),
        "by_function": {fun: dict(counts) for fun, counts in replay.by_function.items()},
        "unsupported": [{"feature": feature, "calls": calls} for feature, calls in replay.unsupported],
        "scripts": [_script(script) for script in replay.scripts],
    }


def _script(script: ScriptReport) -> dict[str, Any]:
    return {
        "script": script.script,
        "status": script.status,
        "problem": script.problem,
        "reference": script.r,
        "light": dict(script.light),
        "capped": dict(script.capped),
        "calls": [_call(call) for call in script.calls],
    }


def _call(call: CallReport) -> dict[str, Any]:
    return {
        "id": call.id,
        "function": call.fun,
        "call": call.text,
        "line": call.line,
        "bucket": call.bucket,
        "feature": call.feature,
        "reason": call.reason,
        "digits": call.digits,
        "quantities": [row.to_dict() for row in call.quantities],
    }


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {name: _finite(inner) for name, inner in value.items()}
    return [_finite(inner) for inner in value] if isinstance(value, list | tuple) else value


def to_junit(replay: Replay, fail_on: tuple[str, ...] = ("disagree",)) -> str:
    """A test suite a script, a test case a call; what pymeta does not have is skipped unless `fail_on` names it."""
    failing = {bucket for name in fail_on for bucket in (FAILED if name == "disagree" else (name,))}
    root = ET.Element("testsuites", name="pymeta replay")
    for script in replay.scripts:
        suite = ET.SubElement(root, "testsuite", name=_xml(script.script))
        if script.status != "done":
            case = ET.SubElement(suite, "testcase", classname=_xml(script.script), name="the script itself")
            ET.SubElement(case, "skipped", message=_xml(f"{script.status}: {script.problem}"))
        for call in script.calls:
            case = ET.SubElement(suite, "testcase", classname=_xml(script.script), name=_xml(f"{call.id} {call.text}"))
            if call.bucket in failing:
                ET.SubElement(case, "failure", message=_xml(call.bucket)).text = _xml(call.reason or call.feature)
            elif call.bucket in ("unsupported", "not_numeric"):
                ET.SubElement(case, "skipped", message=_xml(call.feature or call.reason))
        for name, path in (("tests", "testcase"), ("failures", "testcase/failure"), ("skipped", "testcase/skipped")):
            suite.set(name, str(len(suite.findall(path))))
        suite.set("errors", "0")
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)


def to_html(replay: Replay) -> str:
    """One page that needs nothing else, what fails first; every text of the scripts is escaped."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    script = "".join(file.read_text(encoding="utf-8") for file in (_SHARED / "sort.js", _TEMPLATES / "replay.js"))
    return environment.get_template("replay.html.j2").render(
        replay=replay,
        buckets=BUCKETS,
        order=list(BUCKETS),
        failed=FAILED,
        version=__version__,
        style=Markup((_SHARED / "run.css").read_text(encoding="utf-8")),
        script=Markup(script),
        digest=b64encode(sha256(script.encode()).digest()).decode(),
    )  # fmt: skip
