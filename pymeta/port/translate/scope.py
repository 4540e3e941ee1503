"""Which names a script has made by now, of what kind they are, and what they are called in Python."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from pymeta.port.translate.values import Kind, Untranslatable, Value, call, constant, item

__all__ = ["Scope", "python_name"]

_TAKEN = {*keyword.kwlist, *dir(builtins), "np", "pd", "pm", "stats", "match", "case", "type"}
_CONSTANTS = {"pi": ("np.pi", Kind.NUMBER), "T": ("True", Kind.BOOL), "F": ("False", Kind.BOOL)}


def python_name(name: str) -> str:
    """R's name as Python may have it: dots are underscores, what Python has already gets one behind."""
    clean = re.sub(r"\W", "_", name.replace(".", "_"), flags=re.ASCII)
    clean = f"x_{clean}" if not clean or clean[0].isdigit() or clean.startswith("_") else clean
    return f"{clean}_" if clean in _TAKEN else clean


@dataclass(slots=True)
class Scope:
    """The state of a translation.

    variables : R's names -> what they are; masks : frames whose columns may be named alone, the innermost last
    datasets : columns of metadat's data sets, by name; hoisted : statements that have to go before the current one
    modified : names that have elements assigned to, somewhere in the script; notes : what a reader must know of a
        statement; tables : whether it prints frames
    """

    datasets: Mapping[str, Mapping[str, str] | None]
    modified: frozenset[str] = frozenset()
    variables: dict[str, Value] = field(default_factory=dict)
    masks: list[Value] = field(default_factory=list)
    hoisted: list[ast.stmt] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    tables: bool = False

    def name(self, r_name: str) -> str:
        """What Python calls it; two names of R never share one."""
        if r_name not in self.names:
            found = python_name(r_name)
            while found in self.names.values():
                found += "_"
            self.names[r_name] = found
        return self.names[r_name]

    def assign(self, r_name: str, value: Value) -> ast.expr:
        """Note what a name now is; returns the name in Python."""
        node = ast.Name(self.name(r_name), ast.Load())
        self.variables[r_name] = replace(value, node=node, literal=False)
        return node

    def lose(self, r_name: str, why: str) -> None:
        """The statement that would have made it is not translated."""
        self.variables[r_name] = Value(constant(why), Kind.LOST)

    def column(self, r_name: str) -> Value | None:
        """The column of that name, of the innermost frame that has it."""
        for mask in reversed(self.masks):
            if mask.columns is not None and r_name in mask.columns:
                return column_of(mask, r_name)
        open_ended = [mask for mask in self.masks if mask.columns is None]
        if open_ended and r_name not in self.variables and r_name not in _CONSTANTS:
            return column_of(open_ended[-1], r_name)
        return None

    def find(self, r_name: str) -> Value:
        """What a name stands for here. Raises Untranslatable."""
        found = self.column(r_name)
        if found is None and r_name in self.variables:
            found = self.variables[r_name]
            if found.kind is Kind.LOST:
                assert isinstance(found.node, ast.Constant)
                raise Untranslatable(f"needs `{r_name}`, {found.node.value!s}")
        if found is None and r_name in _CONSTANTS:
            text, kind = _CONSTANTS[r_name]
            found = Value(ast.parse(text, mode="eval").body, kind, "number" if kind is Kind.NUMBER else "bool")
        if found is None and r_name in self.datasets:
            found = self._hoisted(r_name)
        if found is None:
            raise Untranslatable(f"nothing before makes `{r_name}`")
        return found

    def dataset(self, r_name: str) -> Value:
        """The loading of a data set of metadat."""
        columns = self.datasets.get(r_name)
        if r_name in self.datasets and columns is None:
            raise Untranslatable(f"the data set {r_name} is no data frame")
        return Value(call("pm.load_dataset", constant(r_name)), Kind.FRAME, columns=columns)

    def _hoisted(self, r_name: str) -> Value:
        loaded = self.dataset(r_name)
        name = self.assign(r_name, loaded)
        assert isinstance(name, ast.Name)
        self.hoisted.append(ast.Assign([ast.Name(name.id, ast.Store())], loaded.node, lineno=0))
        return self.variables[r_name]

    @contextmanager
    def within(self, mask: Value | None) -> Iterator[None]:
        """Names are columns of `mask` first, meanwhile."""
        if mask is None:
            yield
            return
        self.masks.append(mask)
        try:
            yield
        finally:
            self.masks.pop()

    @contextmanager
    def local(self, known: Mapping[str, Value]) -> Iterator[None]:
        """Names made meanwhile are forgotten afterwards, as those of a function."""
        before = dict(self.variables)
        self.variables.update(known)
        try:
            yield
        finally:
            self.variables = before

    def saved(self) -> tuple[dict[str, Value], dict[str, str]]:
        """What `restore` needs to forget a statement that failed half-way."""
        return dict(self.variables), dict(self.names)

    def restore(self, saved: tuple[dict[str, Value], dict[str, str]]) -> None:
        """As it was; what was to be put before the statement goes too."""
        self.variables, self.names = dict(saved[0]), dict(saved[1])
        self.masks.clear()
        self.hoisted.clear()
        self.notes.clear()


def column_of(frame: Value, name: str) -> Value:
    """A column of a frame."""
    of = (frame.columns or {}).get(name, "")
    return Value(item(frame.node, constant(name)), Kind.SERIES, of)
