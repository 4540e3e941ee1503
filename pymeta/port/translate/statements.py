"""Statements: assignments, printing, loops, functions; and what has no translation, as marked blocks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pymeta.port.syntax import Call, Constant, Function, Name, Node, Script, Statement, walk
from pymeta.port.translate import base, frames, indexing, metafor, texts
from pymeta.port.translate.expressions import Translator, literal_number, literal_text
from pymeta.port.translate.scope import Scope
from pymeta.port.translate.values import Kind, Untranslatable, Value, build, call, constant, item, origins

__all__ = ["Piece", "translated"]

_ASSIGN = ("<-", "=", "<<-")


@dataclass(frozen=True, slots=True)
class Piece:
    """What became of one statement of the script: Python statements, or the reason why there are none.

    tables : whether it prints frames; notes : what a reader of it must know
    """

    statement: Statement
    made: tuple[ast.stmt, ...]
    problem: str | None = None
    tables: bool = False
    notes: tuple[str, ...] = ()


def translated(script: Script) -> list[Piece]:
    """Every top-level statement of a script, in its order."""
    scope = Scope(script.datasets, frozenset(_modified(script)))
    rules = {**frames.rules(base.RULES), **indexing.RULES, **texts.RULES, **metafor.RULES}
    t = Translator(scope, rules, {**base.FUNCTIONS, **metafor.FUNCTIONS}, metafor.why_not)
    return [_piece(t, statement) for statement in script.statements]


def _piece(t: Translator, statement: Statement) -> Piece:
    saved = t.scope.saved()
    t.scope.hoisted.clear()
    t.scope.notes.clear()
    t.scope.tables = False
    try:
        made = _statement(t, statement.node, top=True)
    except Untranslatable as why:
        t.scope.restore(saved)
        for name in _assigned(statement.node):
            t.scope.lose(name, f"which line {statement.first} would make")
        return Piece(statement, (), str(why))
    return Piece(statement, (*t.scope.hoisted, *made), None, t.scope.tables, tuple(dict.fromkeys(t.scope.notes)))


def _modified(script: Script) -> Iterator[str]:
    """Names that have elements or columns assigned to."""
    for statement in script.statements:
        for node in walk(statement.node):
            if isinstance(node, Call) and node.name in _ASSIGN and isinstance(node.values[0], Call):
                yield from _roots(node.values[0])


def _roots(node: Node) -> Iterator[str]:
    if isinstance(node, Name):
        yield node.text
    elif isinstance(node, Call) and node.arguments:
        yield from _roots(node.values[0])


def _assigned(node: Node) -> Iterator[str]:
    for inner in walk(node):
        if isinstance(inner, Call) and inner.name in _ASSIGN:
            yield from _roots(inner.values[0])
        elif isinstance(inner, Call) and inner.name in ("data", "load"):
            yield from (value.text for value in inner.values if isinstance(value, Name))


def _statement(t: Translator, node: Node, *, top: bool) -> list[ast.stmt]:
    """One statement; at the top level R prints what an expression makes."""
    if isinstance(node, Call):
        if node.name in _ASSIGN:
            return _assignment(t, node)
        special = _SPECIAL.get(node.name)
        if special is not None and node.name not in t.scope.variables:
            return special(t, node, top)
        if node.name in metafor.PLOTS and node.name not in t.rules:
            raise Untranslatable(metafor.why_not(node.name))
    return _printed(t, node) if top else [ast.Expr(t.value(node).node)]


def _printed(t: Translator, node: Node) -> list[ast.stmt]:
    value = t.value(node)
    digits = _digits(node)
    if value.kind is Kind.NONE:
        return []
    if value.kind is Kind.FUNCTION:
        raise Untranslatable("a function that is printed")
    return [ast.Expr(_shown(t, value, digits))]


def _digits(node: Node) -> int | None:
    """The digits= of a call that makes a table."""
    if isinstance(node, Call):
        for argument in node.arguments:
            number = literal_number(argument.value) if argument.name == "digits" else None
            if number is not None:
                return int(number)
    return None


def _shown(t: Translator, value: Value, digits: int | None) -> ast.expr:
    """print(…), as R would show the value."""
    value = value.array()
    t.scope.tables = t.scope.tables or value.kind in (Kind.FRAME, Kind.SERIES) or digits is not None
    if value.kind is Kind.RESULT and hasattr(value.result, "frame") and digits is not None:
        t.scope.notes.clear()
        return call("print", build("_0.frame().round(_1)", value.node, constant(digits)))
    if value.kind is Kind.MODEL and value.summary:
        return call("print", build("_0.summary()", value.node))
    return call("print", value.node)


def _assignment(t: Translator, node: Call) -> list[ast.stmt]:
    target, source = node.values
    if isinstance(target, Constant) and isinstance(target.value, str):
        target = Name(target.value)
    if isinstance(target, Call):
        return _into(t, target, source)
    if not isinstance(target, Name):
        raise Untranslatable("an assignment to something that is no name")
    if isinstance(source, Call) and source.name in _ASSIGN:
        inner = _assignment(t, source)
        return [*inner, *_assignment(t, Call(node.head, (node.arguments[0], source.arguments[0])))]
    if isinstance(source, Function):
        return _function(t, target.text, source)
    if isinstance(source, Name) and source.text in t.scope.datasets and source.text not in t.scope.variables:
        return _stored(t, target.text, t.scope.dataset(source.text))
    if isinstance(source, Call) and source.name == "within":
        return _within(t, target.text, source)
    return _stored(t, target.text, t.value(source))


def _stored(t: Translator, name: str, value: Value) -> list[ast.stmt]:
    value = replace(value, node=value.array().node) if value.literal else value
    if name in t.scope.modified and value.literal and value.of == "number":
        value = replace(value, node=build("_0.astype(float)", value.node))
    if value.kind is Kind.SERIES and value.of != "factor" and origins(value.node):
        value = value.values()  # apart from its frame, a column is a vector
    shares = isinstance(value.node, ast.Name | ast.Subscript)
    if shares and value.kind in (Kind.FRAME, Kind.VECTOR, Kind.SERIES, Kind.MATRIX) and name in t.scope.modified:
        value = replace(value, node=build("_0.copy()", value.node))
    stored = t.scope.assign(name, value)
    assert isinstance(stored, ast.Name)
    if isinstance(value.node, ast.Name) and value.node.id == stored.id:
        return []
    return [ast.Assign([ast.Name(stored.id, ast.Store())], value.node, lineno=0)]


def _into(t: Translator, target: Call, source: Node) -> list[ast.stmt]:
    """Assignments to parts: columns, elements, names."""
    name = target.name
    owner = target.values[0]
    if name in ("names", "colnames") and isinstance(owner, Name):
        return _renamed(t, owner, source)
    if name in ("[",) and isinstance(owner, Call) and owner.name in ("names", "colnames"):
        return _one_renamed(t, owner, target, source)
    if name in ("$", "[[") and isinstance(owner, Name):
        return _new_element(t, owner.text, target, source)
    if name == "[" and isinstance(owner, Name):
        return _elements(t, owner.text, target, source)
    if name in ("[", "[[") and isinstance(owner, Call) and owner.name in ("$", "[["):
        return _cells(t, owner, target, source)
    raise Untranslatable(f"an assignment to `{name}`")


def _owned(t: Translator, name: str) -> Value:
    return t.scope.find(name)


def _key(target: Call) -> str:
    key = target.values[1]
    text = key.text if isinstance(key, Name) and target.name == "$" else literal_text(key)
    if text is None:
        raise Untranslatable("an assignment to a computed element")
    return text


def _new_element(t: Translator, name: str, target: Call, source: Node) -> list[ast.stmt]:
    owner, key = _owned(t, name), _key(target)
    if owner.kind not in (Kind.FRAME, Kind.DICT):
        raise Untranslatable(f"an element of {owner.kind.value} that is assigned to")
    value = t.value(source)
    if value.kind is Kind.NONE:
        kept = None if owner.columns is None else {n: of for n, of in owner.columns.items() if n != key}
        t.scope.variables[name] = replace(owner, columns=kept)
        return [_assign(owner.node, build("_0.drop(columns=_1)", owner.node, constant(key)))]
    if owner.kind is Kind.DICT:
        t.scope.variables[name] = replace(owner, parts={**owner.parts, key: value})
    else:
        columns = None if owner.columns is None else {**owner.columns, key: value.of}
        t.scope.variables[name] = replace(owner, columns=columns)
    if value.kind is Kind.POSITIONS:
        value = value.array()
    if owner.kind is Kind.FRAME and value.kind is Kind.SERIES and origins(value.node) - {ast.dump(owner.node)}:
        value = value.values()
    return [_assign(item(owner.node, constant(key)), value.node)]


def _assign(target: ast.expr, value: ast.expr) -> ast.stmt:
    return ast.Assign([target], value, lineno=0)


def _renamed(t: Translator, owner: Name, source: Node) -> list[ast.stmt]:
    frame = _owned(t, owner.text)
    value = t.value(source)
    if frame.kind is not Kind.FRAME:
        raise Untranslatable(f"names of {frame.kind.value} that are assigned to")
    listed = value.node.elts if isinstance(value.node, ast.List) else None
    names = None if listed is None else [str(n.value) for n in listed if isinstance(n, ast.Constant)]
    old = None if frame.columns is None else list(frame.columns.values())
    known = dict(zip(names, old, strict=True)) if names is not None and old is not None and len(names) == len(old) else None
    t.scope.variables[owner.text] = replace(frame, columns=known)
    return [_assign(build("_0.columns", frame.node), value.node)]


def _one_renamed(t: Translator, owner: Call, target: Call, source: Node) -> list[ast.stmt]:
    frame = t.value(owner.values[0])
    new = literal_text(source)
    number = literal_number(target.values[1])
    if frame.kind is not Kind.FRAME or new is None or number is None or not isinstance(owner.values[0], Name):
        raise Untranslatable("names that are assigned to")
    old = None
    if frame.columns is not None:
        old = list(frame.columns)[int(number) - 1]
        columns = {new if column == old else column: of for column, of in frame.columns.items()}
        t.scope.variables[owner.values[0].text] = replace(frame, columns=columns)
    key = constant(old) if old is not None else build("_0.columns[_1]", frame.node, constant(int(number) - 1))
    return [_assign(frame.node, build("_0.rename(columns={_1: _2})", frame.node, key, constant(new)))]


def _elements(t: Translator, name: str, target: Call, source: Node) -> list[ast.stmt]:
    """x[i] <- value, and dat[rows, "column"] <- value."""
    owner = _owned(t, name)
    value = t.number(source)
    if len(target.values) == 3 and owner.kind is Kind.FRAME:
        column = literal_text(target.values[2])
        if column is None:
            raise Untranslatable("cells of a data frame that are assigned to")
        rows = _cell_rows(t, owner, target.values[1])
        return [_assign(item(build("_0.loc", owner.node), ast.Tuple([rows, constant(column)], ast.Load())), value.node)]
    if len(target.values) != 2 or owner.kind is not Kind.VECTOR:
        raise Untranslatable(f"elements of {owner.kind.value} that are assigned to")
    return [_assign(item(owner.node, _vector_key(t, target.values[1])), value.node)]


def _vector_key(t: Translator, index: Node) -> ast.expr:
    if literal_number(index) is not None:
        return indexing.position(t, index)
    found = t.value(index)
    if indexing.is_mask(found):
        return found.array().node
    return indexing.position(t, index) if found.kind is Kind.NUMBER else indexing.positions(t, index)


def _cells(t: Translator, owner: Call, target: Call, source: Node) -> list[ast.stmt]:
    """dat$x[rows] <- value."""
    frame = t.value(owner.values[0])
    if frame.kind is not Kind.FRAME or len(target.values) != 2:
        raise Untranslatable("elements of elements that are assigned to")
    rows = _cell_rows(t, frame, target.values[1])
    cells = item(build("_0.loc", frame.node), ast.Tuple([rows, constant(_key(owner))], ast.Load()))
    return [_assign(cells, t.number(source).node)]


def _cell_rows(t: Translator, frame: Value, index: Node) -> ast.expr:
    if literal_number(index) is not None:
        return build("_0.index[_1]", frame.node, indexing.position(t, index))
    found = t.value(index)
    if indexing.is_mask(found):
        return found.array().node
    return build("_0.index[_1]", frame.node, indexing.positions(t, index))


def _within(t: Translator, name: str, source: Call) -> list[ast.stmt]:
    """within(dat, {a <- b; …}): each assignment makes a column."""
    frame = t.value(source.values[0])
    body = source.values[1]
    steps = body.values if isinstance(body, Call) and body.name == "{" else (body,)
    if frame.kind is not Kind.FRAME:
        raise Untranslatable(f"`within` of {frame.kind.value}")
    made = _stored(t, name, replace(frame, node=build("_0.copy()", frame.node)))
    for step in steps:
        if not (isinstance(step, Call) and step.name in _ASSIGN and isinstance(step.values[0], Name)):
            raise Untranslatable("`within` with something else than assignments to columns")
        now = t.scope.variables[name]
        with t.scope.within(now):
            value = t.value(step.values[1])
        column = step.values[0].text
        columns = None if now.columns is None else {**now.columns, column: value.of}
        t.scope.variables[name] = replace(now, columns=columns)
        made.append(_assign(item(now.node, constant(column)), value.node))
    return made


def _body(t: Translator, node: Node) -> list[ast.stmt]:
    steps: Sequence[Node] = node.values if isinstance(node, Call) and node.name == "{" else (node,)
    return [made for step in steps for made in _statement(t, step, top=False)] or [ast.Pass()]


def _function(t: Translator, name: str, node: Function) -> list[ast.stmt]:
    """A function that has a name."""
    python = t.scope.name(name)
    known = {p.name: Value(ast.Name(t.scope.name(p.name), ast.Load())) for p in node.parameters}
    parameters = t.parameters(node)
    with t.scope.local(known):
        steps = list(node.body.values) if isinstance(node.body, Call) and node.body.name == "{" else [node.body]
        body = [made for step in steps[:-1] for made in _statement(t, step, top=False)]
        last, result = _returned(t, steps[-1]) if steps else ([], None)
    t.scope.variables[name] = Value(ast.Name(python, ast.Load()), Kind.FUNCTION, result=result)
    return [ast.FunctionDef(python, parameters, [*body, *last] or [ast.Pass()], [], lineno=0)]


def _returned(t: Translator, node: Node) -> tuple[list[ast.stmt], Value | None]:
    if isinstance(node, Call) and node.name in ("return", "invisible") and len(node.values) == 1:
        return _returned(t, node.values[0])
    if isinstance(node, Call) and node.name in ("print", "cat", "for", "while", *_ASSIGN):
        return _statement(t, node, top=False), None
    if isinstance(node, Call) and node.name == "if" and len(node.values) == 3:
        test, yes, no = node.values
        condition = t.value(test)
        then, result = _returned(t, _one_step(yes))
        otherwise, _ = _returned(t, _one_step(no))
        return [ast.If(condition.node, then, otherwise)], result
    value = t.value(node).array()
    return [ast.Return(value.node)], value


def _one_step(node: Node) -> Node:
    if isinstance(node, Call) and node.name == "{":
        if len(node.values) != 1:
            raise Untranslatable("a function that ends with a branch of several statements")
        return node.values[0]
    return node


def _for(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    variable, over, body = node.values
    if not isinstance(variable, Name):
        raise Untranslatable("a loop without a name")
    values, element = base.loop_values(t, over)
    t.scope.assign(variable.text, element)
    target = ast.Name(t.scope.name(variable.text), ast.Store())
    return [ast.For(target, values, _body(t, body), [], lineno=0)]


def _while(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    return [ast.While(t.value(node.values[0]).node, _body(t, node.values[1]), [])]


def _if(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    test, *branches = node.values
    condition = t.value(test)
    bodies = [_statement(t, b, top=top) if top and not _is_block(b) else _block_printing(t, b, top) for b in branches]
    return [ast.If(condition.node, bodies[0] or [ast.Pass()], bodies[1] if len(bodies) > 1 else [])]


def _is_block(node: Node) -> bool:
    return isinstance(node, Call) and node.name == "{"


def _block_printing(t: Translator, node: Node, top: bool) -> list[ast.stmt]:
    """The block of an `if`; at the top level R prints its last value."""
    if not top or not isinstance(node, Call) or not node.values:
        return _body(t, node)
    head = [made for step in node.values[:-1] for made in _statement(t, step, top=False)]
    return [*head, *_statement(t, node.values[-1], top=True)]


def _block(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    return _block_printing(t, node, top)


def _print(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    value = t.value(node.values[0])
    digits = _digits(node)
    extra = {argument.name for argument in node.arguments[1:]} - {"digits"}
    if extra:
        raise Untranslatable(f"`print` with {', '.join(sorted(extra)) or 'several arguments'}")
    if digits is not None and value.kind is Kind.MODEL:
        t.scope.notes.append(f"R prints {digits} digits here")
    if digits is not None and value.kind is Kind.FRAME and value.effects:
        return [ast.Expr(call("pm.print_escalc", value.node, constant(digits)))]
    digits = digits if digits is not None else _digits(node.values[0])
    return [ast.Expr(_shown(t, value, digits))]


def _cat(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    return [ast.Expr(texts.said(t, node))]


def _data(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    """data(dat.bcg)."""
    made: list[ast.stmt] = []
    for argument in node.arguments:
        if argument.name in ("package", "envir"):
            continue
        name = argument.value.text if isinstance(argument.value, Name) else literal_text(argument.value)
        if name is None or (name not in t.scope.datasets and not name.startswith("dat.")):
            raise Untranslatable("`data` of a data set that is not in metadat")
        made += _stored(t, name, t.scope.dataset(name))
    return made


def _library(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    package = node.values[0] if node.values else None
    name = package.text if isinstance(package, Name) else literal_text(package)
    if name not in ("metafor", "metadat", "stats", "utils", "methods"):
        raise Untranslatable(f"the R package {name}")
    return []


def _wrapped(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    """suppressMessages(…), invisible(…): what is inside."""
    inner = node.values[0]
    quiet = node.name == "invisible"
    return _statement(t, inner, top=top and not quiet)


def _nothing(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    """What cleans up or sets up R alone."""
    return []


def _return(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    return [ast.Return(t.value(node.values[0]).array().node if node.values else None)]


def _stop(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    if top:
        raise Untranslatable("the script stops here")
    return [ast.Raise(call("ValueError", *(t.value(value).node for value in node.values[:1])))]


def _parenthesis(t: Translator, node: Call, top: bool) -> list[ast.stmt]:
    """(x <- 3) assigns and prints."""
    inner = node.values[0]
    if isinstance(inner, Call) and inner.name in _ASSIGN and isinstance(inner.values[0], Name):
        return [*_assignment(t, inner), *(_printed(t, inner.values[0]) if top else [])]
    return _printed(t, node) if top else [ast.Expr(t.value(node).node)]


_SPECIAL = {
    "for": _for,
    "while": _while,
    "if": _if,
    "{": _block,
    "(": _parenthesis,
    "print": _print,
    "cat": _cat,
    "data": _data,
    "library": _library,
    "require": _library,
    "suppressPackageStartupMessages": _wrapped,
    "suppressMessages": _wrapped,
    "suppressWarnings": _wrapped,
    "invisible": _wrapped,
    "rm": _nothing,
    "options": _nothing,
    "return": _return,
    "stop": _stop,
}
