"""A reference with an R behind it: calls become requests to r_reference/server.R, its replies become outcomes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, Self

from pymeta.errors import BackendError, DataError
from pymeta.harness.calls import Call, Condition, Environment, Outcome
from pymeta.harness.codec import RVector, plain, r_value
from pymeta.harness.serialized import deserialized, serialized

__all__ = ["START_LIMIT", "LiveReference", "Server"]

START_LIMIT = 60.0


class Server(Protocol):
    """What answers requests: a child process (`LineProcess`), or an R within this one."""

    @property
    def pid(self) -> int:
        """Of the process that R runs in."""
        ...

    @property
    def alive(self) -> bool:
        """Whether it can be asked."""
        ...

    def ask(self, request: bytes, timeout: float) -> bytes:
        """The reply to one serialized list, another; BackendError when there is none."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class LiveReference:
    """A reference that asks a server with R in it, mostly a child process.

    The server is started at once, and again for the first call after it was ended: by a time-out, by R itself, by a call
    that used up its memory or stack, or by `close`. A call that ends in an R error leaves it running: what a call leaves
    behind is put back by the server, after an error as after a value. Calls from several threads take turns. An outcome's
    value is an RVector; `plain` makes everyday Python of it.

    Parameters
    ----------
    name : the back end's name
    start : starts a server
    fresh : end the server after every call
    note : what a person should know about it, e.g. why "auto" passed over another back end
    start_limit : seconds that the server may take to start
    """

    def __init__(
        self,
        name: str,
        start: Callable[[], Server],
        *,
        fresh: bool = False,
        note: str = "",
        start_limit: float = START_LIMIT,
    ) -> None:
        self.note = note
        self._start_limit = start_limit
        self._name = name
        self._start = start
        self._fresh = fresh
        self._lock = threading.Lock()
        self._process: Server | None = None
        self._environments: dict[tuple[str, ...], Environment] = {}
        self._sent: dict[str, bytes] = {}
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
        args, source = r_value(dict(call.args), "args"), _source(call)
        with self._lock:
            try:
                answer = self._ask(self._request(call, args, source), timeout, call.function)
                environment = self._environment(call)
            finally:
                if self._fresh:
                    self._end()
            if source is not None:
                self._sent[str(call.adapter)] = source
        return _outcome(answer, environment)

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _serving(self) -> Server:
        if self._process is None or not self._process.alive:
            self._end()
            self._process = self._start()
            self._sent.clear()
            if not self._fresh:  # there every process is like the last, and asking could take longer than the call
                self._environments.clear()
            self._ask({"do": r_value("ping")}, self._start_limit, f"starting {self._name}")
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.close()

    def _request(self, call: Call, args: RVector, source: bytes | None) -> dict[str, RVector]:
        """The call for the server; an adapter's text goes only where it is not known yet."""
        request = {"do": _RUN, "fun": r_value(call.function), "args": args}
        if call.seed is not None:
            request["seed"] = r_value(call.seed)
        if source is not None:
            self._serving()  # a new one knows no adapter
            path = str(call.adapter)
            adapter = {"path": r_value(path)}
            if self._sent.get(path) != source:
                adapter["source"] = r_value(_text(call.adapter, source))
            request["adapter"] = _listed(adapter)
        return request

    def _environment(self, call: Call) -> Environment:
        """Which R and which packages; asked once for each set of packages."""
        own = call.function.split("::")[:-1]
        packages = tuple(dict.fromkeys([*own, *call.packages]))
        if packages not in self._environments:
            request = {"do": r_value("describe"), "packages": RVector("chr", packages)}
            self._environments[packages] = _environment(self._ask(request, START_LIMIT, call.function))
        return self._environments[packages]

    def _ask(self, request: dict[str, RVector], timeout: float, about: str) -> dict[str, RVector]:
        answer = _fields(deserialized(self._serving().ask(serialized(_listed(request)), timeout)))
        if "failed" in answer:
            if plain(answer["spent"]).all():
                self._end()
            raise BackendError(f"{about}: {plain(answer['failed'])}")
        return answer


_RUN = r_value("run")


def _listed(fields: dict[str, RVector]) -> RVector:
    names = RVector.settled("chr", tuple(fields), ())
    return RVector.settled("list", tuple(fields.values()), (("names", names),))


def _source(call: Call) -> bytes | None:
    """What the call's adapter holds, if it has one."""
    if call.adapter is None:
        return None
    try:
        with open(call.adapter, "rb", buffering=0) as file:
            return file.read()
    except OSError as error:
        raise DataError(f"adapter={str(call.adapter)!r}: cannot be read: {error}") from error


def _text(path: Path | None, source: bytes) -> str:
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        raise DataError(f"adapter={str(path)!r}: cannot be read: {error}") from error


def _outcome(answer: dict[str, RVector], environment: Environment) -> Outcome:
    errors = _conditions(answer.get("error"))
    return Outcome(
        value=None if errors else answer["value"],
        error=errors[0] if errors else None,
        warnings=_conditions(answer.get("warnings")),
        messages=_conditions(answer.get("messages")),
        seconds=float(answer["seconds"].values[0]),
        environment=environment,
    )


def _conditions(vector: RVector | None) -> tuple[Condition, ...]:
    if vector is None:
        return ()
    fields = [_fields(value) for value in vector.values]
    return tuple(Condition(one["classes"].values, one["message"].values[0]) for one in fields)


def _environment(answer: dict[str, RVector]) -> Environment:
    texts = {name: answer[name].values[0] for name in ("r_version", "platform", "blas", "lapack", "locale")}
    packages, digests = (
        {name: value.values[0] for name, value in _fields(answer[part]).items()} for part in ("packages", "digests")
    )
    return Environment(**texts, packages=packages, rng_kind=answer["rng_kind"].values, digests=digests)


def _fields(vector: RVector) -> dict[str, RVector]:
    """The elements of a reply by name."""
    return dict(zip(vector.names or (), vector.values, strict=True))  # type: ignore[arg-type]
