"""Elements, rows and columns: R counts from 1 and leaves out by minus, Python counts from 0."""

from __future__ import annotations

import ast

from pymeta.port.syntax import Call, Constant, Empty, Name, Node
from pymeta.port.translate.expressions import Rule, Translator, literal_number, literal_text
from pymeta.port.translate.fields import field_of
from pymeta.port.translate.scope import column_of
from pymeta.port.translate.values import Kind, Untranslatable, Value, build, call, constant, item, listed

__all__ = ["RULES", "is_mask", "position", "positions", "sliced"]


def _dollar(t: Translator, node: Call) -> Value:
    owner, key = node.values
    name = key.text if isinstance(key, Name) else literal_text(key)
    if name is None:
        raise Untranslatable("`$` with something that is no name")
    return element(t.value(owner), name)


def element(owner: Value, name: str) -> Value:
    """The element of that name."""
    if owner.kind is Kind.FRAME:
        if owner.columns is not None and name not in owner.columns:
            near = [column for column in owner.columns if column.startswith(name)]
            if len(near) != 1:
                raise Untranslatable(f"the data have no column {name}")
            name = near[0]
        return column_of(owner, name)
    if owner.kind is Kind.DICT:
        known = owner.parts.get(name, Value(owner.node))
        return Value(item(owner.node, constant(name)), known.kind, known.of, known.columns, known.result, known.single)
    if owner.kind in (Kind.MODEL, Kind.RESULT):
        return field_of(owner, name)
    raise Untranslatable(f"`${name}` of {owner.kind.value}")


def _double(t: Translator, node: Call) -> Value:
    if len(node.values) != 2:
        raise Untranslatable("`[[` with two indices")
    owner, key = t.value(node.values[0]), node.values[1]
    name = literal_text(key)
    if name is not None:
        return element(owner, name)
    if owner.kind is Kind.LIST:
        known = next(iter(owner.parts.values()), Value(owner.node))
        place = position(t, key)
        return Value(
            item(owner.node, place), known.kind, known.of, known.columns, known.result, known.single, data=known.data
        )
    if owner.kind is Kind.FRAME and literal_number(key) is None:
        return Value(item(owner.node, t.value(key).node), Kind.SERIES)
    if owner.kind is Kind.FRAME:
        return Value(build("_0.iloc[:, _1]", owner.node, position(t, key)), Kind.SERIES)
    return _element_of_vector(t, owner, key)


def _element_of_vector(t: Translator, owner: Value, key: Node) -> Value:
    kinds = {"number": Kind.NUMBER, "text": Kind.TEXT, "bool": Kind.BOOL}
    place = position(t, key)
    owner = owner.array()
    inner = build("_0.iloc", owner.node) if owner.kind is Kind.SERIES else owner.node
    if owner.kind not in (Kind.VECTOR, Kind.SERIES):
        raise Untranslatable(f"an element of {owner.kind.value}")
    return Value(item(inner, place), kinds.get(owner.of, Kind.UNKNOWN), owner.of)


def position(t: Translator, node: Node) -> ast.expr:
    """One place, from 0."""
    number = literal_number(node)
    if number is not None:
        if number < 1:
            raise Untranslatable("an index below 1")
        return constant(int(number) - 1)
    found = t.value(node)
    if found.kind is Kind.POSITIONS:
        return found.node
    if found.kind not in (Kind.NUMBER, Kind.UNKNOWN):
        raise Untranslatable(f"one place given as {found.kind.value}")
    return build("_0 - 1", found.node)


def is_mask(value: Value) -> bool:
    """Whether it is True or False by row."""
    return value.of == "bool" and value.elementwise


def sliced(node: Node) -> tuple[int, int] | None:
    """The ends of ``a:b`` where both are literal: from 0, and after the last."""
    if isinstance(node, Call) and node.name == ":" and len(node.values) == 2:
        first, last = (literal_number(value) for value in node.values)
        if first is not None and last is not None and 1 <= first <= last:
            return int(first) - 1, int(last)
    return None


def positions(t: Translator, node: Node) -> ast.expr:
    """Places from 0, as a list, an array or a slice's range."""
    number = literal_number(node)
    if number is not None and number >= 1:
        return listed([constant(int(number) - 1)])
    ends = sliced(node)
    if ends is not None:
        few = ends[1] - ends[0] <= 4
        return listed([constant(i) for i in range(*ends)]) if few else call("np.arange", *map(constant, ends))
    literal = _literals(node)
    if literal is not None and min(literal, default=0) >= 1:
        return listed([constant(i - 1) for i in literal])
    found = t.value(node)
    if found.kind is Kind.POSITIONS:
        return found.node
    if found.kind is Kind.NUMBER:
        return listed([build("_0 - 1", found.node)])
    if found.kind in (Kind.VECTOR, Kind.SERIES) and found.of == "number":
        return build("_0 - 1", found.array().node)
    raise Untranslatable(f"places given as {found.kind.value}")


def _literals(node: Node) -> list[int] | None:
    """Whole numbers that are written out, ranges among them."""
    if isinstance(node, Call) and node.name == "c":
        parts = [_literals(value) for value in node.values]
        return None if any(part is None for part in parts) else [i for part in parts for i in part or ()]
    ends = sliced(node)
    if ends is not None:
        return list(range(ends[0] + 1, ends[1] + 1))
    number = literal_number(node)
    return [int(number)] if isinstance(number, int) else None


def left_out(t: Translator, node: Node) -> ast.expr | None:
    """The places that a minus leaves out, else None."""
    literal = _literals(node)
    if literal is not None and literal and max(literal) < 0:
        return listed([constant(-i - 1) for i in literal])
    if isinstance(node, Call) and node.name == "-" and len(node.values) == 1:
        inner = node.values[0]
        return positions(t, inner.values[0] if isinstance(inner, Call) and inner.name == "(" else inner)
    return None


def _single(t: Translator, node: Call) -> Value:
    arguments = [a for a in node.arguments if a.name not in ("drop", "exact")]
    owner = t.value(arguments[0].value)
    indices = [a.value for a in arguments[1:]]
    if owner.kind is Kind.FRAME:
        return _of_frame(t, owner, indices)
    if owner.kind is Kind.MATRIX:
        return _of_matrix(t, owner, indices)
    if len(indices) == 1 and owner.kind in (Kind.VECTOR, Kind.SERIES, Kind.POSITIONS):
        return _of_vector(t, owner, indices[0])
    if len(indices) == 1 and owner.kind is Kind.LIST:
        return Value(_part(t, owner.node, indices[0]), Kind.LIST, parts=owner.parts)
    raise Untranslatable(f"`[` of {owner.kind.value}")


def _part(t: Translator, owner: ast.expr, index: Node) -> ast.expr:
    ends = sliced(index)
    if ends is None:
        raise Untranslatable("part of a list that is not a range")
    return item(owner, _slice(ends))


def _slice(ends: tuple[int, int]) -> ast.expr:
    return ast.Slice(None if ends[0] == 0 else constant(ends[0]), constant(ends[1]))


def _of_vector(t: Translator, owner: Value, index: Node) -> Value:
    owner = owner.array()
    number = literal_number(index)
    if number is not None and number >= 1:
        return _element_of_vector(t, owner, index)
    gone = left_out(t, index)
    if gone is not None:
        return Value(call("np.delete", owner.values().node, gone), Kind.VECTOR, owner.of)
    inner = build("_0.iloc", owner.node) if owner.kind is Kind.SERIES else owner.node
    ends = sliced(index)
    if ends is not None:
        return _part_of(Value(item(inner, _slice(ends)), owner.kind, owner.of))
    found = t.value(index)
    if is_mask(found):
        mask = found.values() if owner.kind is Kind.VECTOR else found.array()
        return _part_of(Value(item(owner.node, mask.node), owner.kind, owner.of))
    if found.kind is Kind.NUMBER:
        return _element_of_vector(t, owner, index)
    return _part_of(Value(item(inner, positions(t, index)), owner.kind, owner.of))


def _part_of(value: Value) -> Value:
    """Some elements of a column, without the index: R would not match them by it."""
    return value.values() if value.kind is Kind.SERIES and value.of != "factor" else value


def _of_matrix(t: Translator, owner: Value, indices: list[Node]) -> Value:
    if len(indices) == 1:
        raise Untranslatable("one index of a matrix")
    keys: list[ast.expr] = []
    wide = 0
    for index in indices:
        if isinstance(index, Empty):
            keys.append(ast.Slice())
            wide += 1
        elif literal_number(index) is not None:
            keys.append(position(t, index))
        elif (ends := sliced(index)) is not None:
            keys.append(_slice(ends))
            wide += 1
        else:
            raise Untranslatable("rows or columns of a matrix that are not a number or a range")
    kind = (Kind.NUMBER, Kind.VECTOR, Kind.MATRIX)[wide]
    return Value(item(owner.node, ast.Tuple(keys, ast.Load())), kind, "number")


def _of_frame(t: Translator, owner: Value, indices: list[Node]) -> Value:
    if len(indices) == 1:
        return columns_of(t, owner, indices[0])
    rows, columns = indices
    if isinstance(columns, Empty):
        return owner if isinstance(rows, Empty) else rows_of(t, owner, rows)
    chosen = columns_of(t, owner, columns, one_is_series=True)
    if isinstance(rows, Empty):
        return chosen
    return rows_of(t, chosen, rows) if chosen.kind is Kind.FRAME else _of_vector(t, chosen, rows)


def columns_of(t: Translator, owner: Value, node: Node, *, one_is_series: bool = False) -> Value:
    """Some columns of a frame."""
    name = literal_text(node)
    if name is not None and one_is_series:
        return element(owner, name)
    names = [name] if name is not None else _texts(node)
    known = owner.columns
    if names is not None:
        if known is not None and (absent := [one for one in names if one not in known]):
            raise Untranslatable(f"the data have no column {absent[0]}")
        kept = None if known is None else {one: known[one] for one in names}
        return Value(item(owner.node, listed([constant(one) for one in names])), Kind.FRAME, columns=kept)
    order = None if known is None else list(known)
    gone = left_out(t, node)
    literal = _literals(node)
    if literal is not None and literal and min(literal) >= 1:
        return _numbered_columns(owner, node, [i - 1 for i in literal], order, one_is_series)
    if gone is not None and literal is not None:
        dropped = {-i - 1 for i in literal}
        kept = None if order is None or known is None else {n: known[n] for i, n in enumerate(order) if i not in dropped}
        return Value(build("_0.drop(columns=_0.columns[_1])", owner.node, gone), Kind.FRAME, columns=kept)
    raise Untranslatable("columns that are chosen by something else than names or numbers")


def _numbered_columns(owner: Value, node: Node, places: list[int], order: list[str] | None, series: bool) -> Value:
    if order is not None and max(places) >= len(order):
        raise Untranslatable("a column beyond the last")
    if len(places) == 1 and series:
        if order is not None:
            return column_of(owner, order[places[0]])
        return Value(build("_0.iloc[:, _1]", owner.node, constant(places[0])), Kind.SERIES)
    ends = sliced(node)
    key = _slice(ends) if ends is not None else listed([constant(i) for i in places])
    kept = None if order is None or owner.columns is None else {order[i]: owner.columns[order[i]] for i in places}
    chosen = item(build("_0.iloc", owner.node), ast.Tuple([ast.Slice(), key], ast.Load()))
    return Value(chosen, Kind.FRAME, columns=kept)


def _texts(node: Node) -> list[str] | None:
    if isinstance(node, Call) and node.name == "c":
        texts = [literal_text(value) for value in node.values]
        return [text for text in texts if text is not None] if None not in texts else None
    return None


def rows_of(t: Translator, owner: Value, node: Node) -> Value:
    """Some rows of a frame."""
    gone = left_out(t, node)
    if gone is not None:
        chosen = build("_0.drop(index=_0.index[_1])", owner.node, gone)
    elif isinstance(node, Call) and node.name == "order" and (sorting := _sorting(t, owner, node)) is not None:
        chosen = sorting
    elif (ends := sliced(node)) is not None:
        chosen = item(build("_0.iloc", owner.node), _slice(ends))
    elif literal_number(node) is not None:
        chosen = build("_0.iloc[_1]", owner.node, listed([position(t, node)]))
    else:
        found = t.value(node)
        if is_mask(found):
            chosen = item(owner.node, found.array().node)
        else:
            chosen = build("_0.iloc[_1]", owner.node, positions(t, node))
    return Value(chosen, Kind.FRAME, columns=owner.columns, effects=owner.effects)


def _sorting(t: Translator, owner: Value, node: Call) -> ast.expr | None:
    """``dat[order(dat$a, -dat$b), ]`` sorts rows."""
    names: list[ast.expr] = []
    rising: list[bool] = []
    for argument in node.arguments:
        down = isinstance(argument.value, Call) and argument.value.name == "-" and len(argument.value.values) == 1
        inner = argument.value.values[0] if down and isinstance(argument.value, Call) else argument.value
        if argument.name == "decreasing" and isinstance(inner, Constant) and isinstance(inner.value, bool):
            rising = [not inner.value] * len(names)
            continue
        key = t.value(inner).node
        is_column = isinstance(key, ast.Subscript) and ast.dump(key.value) == ast.dump(owner.node)
        if argument.name or not is_column or not isinstance(key, ast.Subscript) or not isinstance(key.slice, ast.Constant):
            return None
        names.append(key.slice)
        rising.append(not down)
    by = names[0] if len(names) == 1 else listed(names)
    keywords = [] if all(rising) else [ast.keyword("ascending", _flags(rising))]
    return ast.Call(build("_0.sort_values", owner.node), [by], [*keywords, ast.keyword("kind", constant("stable"))])


def _flags(rising: list[bool]) -> ast.expr:
    return constant(rising[0]) if len(set(rising)) == 1 else listed([constant(flag) for flag in rising])


RULES: dict[str, Rule] = {"$": _dollar, "[[": _double, "[": _single}
