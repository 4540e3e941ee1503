"""Recordings: what R said to a call, on disk, one strict-JSON file a call.

    fixtures/recorded/R-4.2.2_metafor-3.8.1/<label>-<first 12 digits of the key>.json

The key is the SHA-256 of what decides the answer: the function, the encoded arguments, the seed and the adapter's
content. The order of the arguments belongs to it: R functions that collect `...` see it. Line ends of the adapter do not.
The file holds all that is needed to make the call again, and a digest of each of its parts, so that an edited number is
found.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Any

from pymeta.errors import BackendError, RecordingError
from pymeta.files import write_whole
from pymeta.harness.calls import Call, Condition, Environment, Outcome
from pymeta.harness.codec import decode, encode
from pymeta.resources import shipped

__all__ = ["FORMAT", "Recording", "call_key", "environment_slug", "read_recording", "record", "safe_label"]

FORMAT = 1
"""Of the recording files; a file of another format is refused, never guessed at."""

KEY_DIGITS = 12
"""Digits of the key in a file's name."""

_BASE = frozenset(
    {
        "base",
        "compiler",
        "datasets",
        "grDevices",
        "graphics",
        "grid",
        "methods",
        "parallel",
        "splines",
        "stats",
        "stats4",
        "tcltk",
        "tools",
        "utils",
    }
)

_PARTS = ("call", "outcome", "environment")


@dataclass(frozen=True, slots=True)
class Recording:
    """One recording as read from disk, its digests verified.

    key : of the call
    call : the call part of the file: function, args (pairs of name and node), seed, adapter, packages
    outcome : what R said
    """

    path: Path
    key: str
    call: Mapping[str, Any]
    outcome: Outcome

    def rebuild(self, root: Path | None = None) -> Call:
        """The call, to be made again; `root` is the folder adapters are named from, before what pymeta ships.

        Raises RecordingError when the adapter is gone or no longer what it was.
        """
        adapter = self.call["adapter"]
        return Call(
            function=self.call["function"],
            args={name: decode(node) for name, node in self.call["args"]},
            adapter=_adapter_path(self.path, adapter, root) if adapter else None,
            packages=tuple(self.call["packages"]),
            seed=self.call["seed"],
        )


def call_key(call: Call) -> str:
    """The SHA-256 of what decides the answer to a call, in hexadecimal."""
    adapter = {"sha256": _adapter_digest(call.adapter)} if call.adapter else None
    return _key({"function": call.function, "args": encoded_args(call), "seed": call.seed, "adapter": adapter})


def encoded_args(call: Call) -> list[list[Any]]:
    """The arguments as pairs of name and node, in their order."""
    return [[name, encode(value)] for name, value in call.args.items()]


def safe_label(label: str) -> str:
    """`label` as a file name may hold it: of A-Z a-z 0-9 . _ - only, not hidden, not long, not empty."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", label).strip(".-")[:80] or "call"


def environment_slug(environment: Environment) -> str:
    """The folder name of an environment: "R-4.2.2_metafor-3.8.1"; the packages that are R's own go without saying."""
    packages = {name: version for name, version in sorted(environment.packages.items()) if name not in _BASE}
    versions = {"R": environment.r_version, **packages}
    return "_".join(f"{safe_label(name)}-{safe_label(version.replace('-', '.'))}" for name, version in versions.items())


def record(call: Call, outcome: Outcome, folder: Path, label: str, *, root: Path | None = None) -> Path:
    """Write the recording of a call, whole or not at all, and return its path.

    folder : holds one folder an environment, e.g. fixtures/recorded
    label : for people; see `safe_label`
    root : the folder that `call.adapter` lies in and is named from; default: what pymeta ships

    Raises RecordingError in CI, for anything but an outcome (a BackendError is no answer of R), for an adapter
    outside `root`, and when the file cannot be written; an older recording is then left as it was.
    """
    if os.environ.get("CI"):
        raise RecordingError("recording is refused in CI (the environment variable CI is set): record where R is at hand")
    if not isinstance(outcome, Outcome):
        raise RecordingError(f"{call.function}: only an outcome can be recorded, not {outcome!r}")
    document = _document(call, outcome, root)
    name = f"{safe_label(label)}-{document['key'][:KEY_DIGITS]}.json"
    path = folder / environment_slug(outcome.environment) / name
    text = json.dumps(document, indent=1, ensure_ascii=True, allow_nan=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, text)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be written: {error}") from error
    return path


def read_recording(path: Path) -> Recording:
    """The recording in a file. Raises RecordingError, naming the file, when it is not what was recorded."""
    document = _parsed(path)
    if document.get("format") != FORMAT:
        raise RecordingError(f"{path}: format {document.get('format')!r}; this pymeta reads format {FORMAT}")
    try:
        _check_digests(path, document)
        _check_key(path, document)
        return Recording(path, document["key"], document["call"], _outcome(document))
    except RecordingError:
        raise
    except (BackendError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise RecordingError(f"{path}: not a recording ({type(error).__name__}: {error}); record it again") from error


# Writing.


def _document(call: Call, outcome: Outcome, root: Path | None) -> dict[str, Any]:
    environment = {one.name: getattr(outcome.environment, one.name) for one in fields(Environment)}
    parts: dict[str, dict[str, Any]] = {
        "call": {
            "function": call.function,
            "args": encoded_args(call),
            "seed": call.seed,
            "adapter": _adapter_entry(call, root),
            "packages": list(call.packages),
        },
        "outcome": _outcome_part(outcome),
        "environment": {**environment, "packages": dict(outcome.environment.packages)},
    }
    return {"format": FORMAT, "key": _key(parts["call"]), **parts, "sha256": {name: _digest(parts[name]) for name in _PARTS}}


def _outcome_part(outcome: Outcome) -> dict[str, Any]:
    return {
        "value": None if outcome.error else encode(outcome.value),
        "error": _condition_entry(outcome.error) if outcome.error else None,
        "warnings": [_condition_entry(one) for one in outcome.warnings],
        "messages": [_condition_entry(one) for one in outcome.messages],
        "seconds": float(outcome.seconds),
    }


def _condition_entry(condition: Condition) -> dict[str, Any]:
    return {"classes": list(condition.classes), "message": condition.message}


# Reading.


def _parsed(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(path.read_bytes(), parse_constant=_refuse_constant, object_pairs_hook=_unique)
    except (OSError, ValueError, RecursionError) as error:
        raise RecordingError(f"{path}: not readable as strict JSON ({error}); record it again") from error
    if not isinstance(document, dict):
        raise RecordingError(f"{path}: not a recording; record it again")
    return document


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def _check_digests(path: Path, document: Mapping[str, Any]) -> None:
    edited = [name for name in _PARTS if _digest(document[name]) != document["sha256"][name]]
    if edited:
        raise RecordingError(
            f"{path}: its {' and '.join(edited)} changed after it was recorded; restore the file or record it again"
        )


def _check_key(path: Path, document: Mapping[str, Any]) -> None:
    key = _key(document["call"])
    if key != document["key"] or not path.stem.endswith(f"-{key[:KEY_DIGITS]}"):
        raise RecordingError(f"{path}: its name, its key and its call (key {key[:KEY_DIGITS]}) belong to different calls")


def _outcome(document: Mapping[str, Any]) -> Outcome:
    part, environment = document["outcome"], document["environment"]
    return Outcome(
        value=None if part["error"] else decode(part["value"]),
        error=_condition(part["error"]) if part["error"] else None,
        warnings=tuple(_condition(one) for one in part["warnings"]),
        messages=tuple(_condition(one) for one in part["messages"]),
        seconds=part["seconds"],
        environment=Environment(**{**environment, "rng_kind": tuple(environment["rng_kind"])}),
    )


def _condition(entry: Mapping[str, Any]) -> Condition:
    return Condition(tuple(entry["classes"]), entry["message"])


# Adapters: named from a root, known by their content.


def _adapter_entry(call: Call, root: Path | None) -> dict[str, str] | None:
    if call.adapter is None:
        return None
    base = _root(root)
    try:
        name = call.adapter.resolve().relative_to(base)
    except ValueError:
        raise RecordingError(f"adapter {call.adapter}: lies outside {base}, from where adapters are named") from None
    return {"name": name.as_posix(), "sha256": _adapter_digest(call.adapter)}


def _adapter_path(path: Path, entry: Mapping[str, str], root: Path | None) -> Path:
    name = PurePosixPath(entry["name"])
    if name.is_absolute() or ".." in name.parts:
        raise RecordingError(f"{path}: its adapter {entry['name']!r} is not a plain relative name")
    adapter = _root(root) / name
    if root is not None and not adapter.is_file():
        adapter = _root(None) / name
    if _adapter_digest(adapter) != entry["sha256"]:
        raise RecordingError(f"{path}: its adapter {name} changed since; record it again")
    return adapter


def _root(root: Path | None) -> Path:
    return root.resolve() if root else shipped("r_reference").parent


def _adapter_digest(adapter: Path) -> str:
    try:
        content = adapter.read_bytes()
    except OSError as error:
        raise RecordingError(f"adapter {adapter}: cannot be read: {error}") from error
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def _key(call: Mapping[str, Any]) -> str:
    """The key from the call part of a recording; the adapter's name and the packages do not decide the answer."""
    adapter = call["adapter"]["sha256"] if call["adapter"] else None
    return _digest({**{name: call[name] for name in ("function", "args", "seed")}, "adapter": adapter})


def _digest(part: object) -> str:
    """Of the canonical JSON of a part: sorted keys, no spaces, ASCII; the same from every Python."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()
