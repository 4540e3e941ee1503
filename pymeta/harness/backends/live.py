"""A reference with an R behind it: calls become requests to r_reference/server.R, its replies become outcomes."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any, Self

from pymeta.errors import BackendError, DataError
from pymeta.harness.backends.process import LineProcess
from pymeta.harness.calls import Call, Condition, Environment, Outcome
from pymeta.harness.codec import RVector, decode, encode, plain, r_value

__all__ = ["START_LIMIT", "LiveReference"]

START_LIMIT = 60.0


class LiveReference:
    """A reference that asks a child process with R in it.

    The process is started at once, and again for the first call after it was ended: by a time-out, by R itself, or by
    `close`. Calls from several threads take turns. An outcome's value is an RVector; `plain` makes everyday Python of it.

    Parameters
    ----------
    name : the back end's name
    start : starts a process that serves requests
    """

    def __init__(self, name: str, start: Callable[[], LineProcess]) -> None:
        self._name = name
        self._start = start
        self._lock = threading.Lock()
        self._process: LineProcess | None = None
        self._environments: dict[tuple[str, ...], Environment] = {}
        with self._lock:
            self._serving()

    @property
    def name(self) -> str:
        """The back end's name."""
        return self._name

    @property
    def pid(self) -> int | None:
        """The process id of the R behind it, if one is running."""
        return self._process.pid if self._process is not None and self._process.alive else None

    def run(self, call: Call, *, timeout: float = 60.0) -> Outcome:
        """The outcome of `call`, its value an RVector.

        Raises DataError if an argument has no R equivalent, and BackendError if R gave no answer within `timeout` seconds,
        ended, knows no such function, or was to return what has no place in data.
        """
        request = _run_request(call)
        with self._lock:
            answer = self._ask(request, timeout, call.function)
            environment = self._environment(call)
        return _outcome(answer, environment)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            if self._process is not None:
                self._process.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _serving(self) -> LineProcess:
        if self._process is None or not self._process.alive:
            if self._process is not None:
                self._process.close()
            self._process = self._start()
            self._environments.clear()
            self._ask({"do": "ping"}, START_LIMIT, f"starting {self._name}")
        return self._process

    def _environment(self, call: Call) -> Environment:
        """Which R and which packages; asked once for each set of packages."""
        own = call.function.split("::")[:-1]
        packages = tuple(dict.fromkeys([*own, *call.packages]))
        if packages not in self._environments:
            request = {"do": "describe", "packages": RVector("chr", packages)}
            self._environments[packages] = _environment(self._ask(request, START_LIMIT, call.function))
        return self._environments[packages]

    def _ask(self, request: dict[str, Any], timeout: float, about: str) -> dict[str, RVector]:
        text = json.dumps(encode(request), separators=(",", ":"))
        reply = self._serving().ask(text, timeout)
        try:
            answer = _fields(decode(json.loads(reply)))
        except ValueError as error:
            raise BackendError(f"{about}: the reply is not JSON ({error}): {reply[:80]}") from error
        if "failed" in answer:
            raise BackendError(f"{about}: {plain(answer['failed'])}")
        return answer


def _run_request(call: Call) -> dict[str, Any]:
    args = r_value(dict(call.args), "args")
    request: dict[str, Any] = {"do": "run", "fun": call.function, "args": args, "seed": call.seed}
    if call.adapter is not None:
        try:
            source = call.adapter.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"adapter={str(call.adapter)!r}: cannot be read: {error}") from error
        request["adapter"] = {"path": str(call.adapter), "source": source}
    return request


def _outcome(answer: dict[str, RVector], environment: Environment) -> Outcome:
    errors = _conditions(answer["error"]) if answer["error"].kind != "null" else ()
    return Outcome(
        value=None if errors else answer["value"],
        error=errors[0] if errors else None,
        warnings=_conditions(answer["warnings"]),
        messages=_conditions(answer["messages"]),
        seconds=float(answer["seconds"].values[0]),
        environment=environment,
    )


def _conditions(vector: RVector) -> tuple[Condition, ...]:
    fields = [_fields(value) for value in vector.values]
    return tuple(Condition(one["classes"].values, one["message"].values[0]) for one in fields)


def _environment(answer: dict[str, RVector]) -> Environment:
    texts = {name: answer[name].values[0] for name in ("r_version", "platform", "blas", "lapack", "locale")}
    packages = {name: value.values[0] for name, value in _fields(answer["packages"]).items()}
    return Environment(**texts, packages=packages, rng_kind=answer["rng_kind"].values)


def _fields(vector: RVector) -> dict[str, RVector]:
    """The elements of a reply by name."""
    return dict(zip(vector.names or (), vector.values, strict=True))  # type: ignore[arg-type]
