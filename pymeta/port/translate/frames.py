"""Data frames: made, read, looked at and changed -> pandas."""

from __future__ import annotations

import ast
from functools import partial

from pymeta.port.syntax import Argument, Call, Constant, Name
from pymeta.port.translate.expressions import Rule, Translator, bound, literal_text, matched
from pymeta.port.translate.indexing import columns_of, rows_of
from pymeta.port.translate.values import Kind, Untranslatable, Value, build, call, constant, listed

__all__ = ["RULES", "rules"]


def _data_frame(t: Translator, node: Call) -> Value:
    columns: dict[str, Value] = {}
    for argument in node.arguments:
        if argument.name in ("stringsAsFactors", "check.names", "row.names"):
            continue
        name = argument.name or (argument.value.text if isinstance(argument.value, Name) else "")
        if not name:
            raise Untranslatable("`data.frame` with a column that has no name")
        columns[name] = t.value(argument.value)
    if any(part.kind not in (Kind.NUMBER, Kind.TEXT, Kind.BOOL, Kind.VECTOR, Kind.SERIES) for part in columns.values()):
        raise Untranslatable("`data.frame` of something else than vectors")
    scalars = all(part.is_scalar for part in columns.values())
    nodes = [listed([part.node]) if scalars else part.node for part in columns.values()]
    table = call("pd.DataFrame", ast.Dict([constant(name) for name in columns], list(nodes)))
    return Value(table, Kind.FRAME, columns={name: part.of for name, part in columns.items()})


def _read(t: Translator, node: Call) -> Value:
    given = matched(node, ("file", "header", "sep", "stringsAsFactors", "na.strings", "dec", "skip", "check.names"))
    keywords: dict[str, ast.expr] = {}
    separator = literal_text(given.get("sep")) or {"read.table": r"\s+", "read.delim": "\t", "read.csv2": ";"}.get(node.name)
    if separator is not None:
        keywords["sep"] = constant(separator)
    if node.name == "read.csv2":
        keywords["decimal"] = constant(",")
    header = given.get("header")
    has_header = header.value if isinstance(header, Constant) else node.name != "read.table"
    if not has_header:
        keywords["header"] = constant(None)
    for r_name, name in (("na.strings", "na_values"), ("dec", "decimal"), ("skip", "skiprows")):
        if r_name in given:
            keywords[name] = t.value(given[r_name]).node
    unknown = set(given) - {"file", "header", "sep", "stringsAsFactors", "na.strings", "dec", "skip", "check.names"}
    if unknown or "file" not in given:
        raise Untranslatable(f"`{node.name}` with {', '.join(sorted(unknown)) or 'no file'}")
    return Value(call("pd.read_csv", t.value(given["file"]).node, **keywords), Kind.FRAME)


def _frame(t: Translator, argument: Argument) -> Value:
    found = t.value(argument.value)
    if found.kind is not Kind.FRAME:
        raise Untranslatable(f"a data frame is needed, and there is {found.kind.value}")
    return found


def _with(t: Translator, node: Call) -> Value:
    with t.scope.within(_frame(t, node.arguments[0])):
        return t.value(node.values[1])


def _subset(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "subset", "select", "drop")
    owner = _frame(t, Argument("", given["x"]))
    if "select" in given:
        owner_columns = columns_of(t, owner, _names_as_texts(given["select"]))
    with t.scope.within(owner):
        chosen = rows_of(t, owner, given["subset"]) if "subset" in given else owner
    if "select" not in given:
        return chosen
    if "subset" not in given:
        return owner_columns
    return columns_of(t, chosen, _names_as_texts(given["select"]))


def _names_as_texts(node: object) -> Call | Constant:
    if isinstance(node, Name):
        return Call(Name("c"), (Argument("", Constant(node.text)),))
    if isinstance(node, Call) and node.name == "c" and all(isinstance(value, Name) for value in node.values):
        return Call(Name("c"), tuple(Argument("", Constant(v.text)) for v in node.values if isinstance(v, Name)))
    if isinstance(node, Call) and node.name in ("c", "-"):
        if all(isinstance(inner, Name) for inner in node.values):
            raise Untranslatable("`subset` that leaves columns out")
        return node
    raise Untranslatable("`subset` with a select of another kind")


def _transform(t: Translator, node: Call) -> Value:
    owner = _frame(t, node.arguments[0])
    with t.scope.within(owner):
        new = {argument.name: t.number(argument.value) for argument in node.arguments[1:]}
    if not all(name.isidentifier() for name in new):
        keywords: list[ast.keyword] = [
            ast.keyword(None, ast.Dict([constant(name) for name in new], [value.node for value in new.values()]))
        ]
    else:
        keywords = [ast.keyword(name, value.node) for name, value in new.items()]
    columns = None if owner.columns is None else {**owner.columns, **{name: value.of for name, value in new.items()}}
    return Value(ast.Call(build("_0.assign", owner.node), [], keywords), Kind.FRAME, columns=columns, effects=owner.effects)


def _ends(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "n")
    x = t.value(given["x"])
    n = t.value(given["n"]).node if "n" in given else constant(6)
    if x.kind in (Kind.FRAME, Kind.SERIES):
        made = ast.Call(ast.Attribute(x.node, node.name, ast.Load()), [n], [])
        return Value(made, x.kind, x.of, x.columns, effects=x.effects)
    if x.kind is Kind.VECTOR:
        template = "_0[:_1]" if node.name == "head" else "_0[-_1:]"
        return Value(build(template, x.array().node, n), x.kind, x.of)
    raise Untranslatable(f"`{node.name}` of {x.kind.value}")


def _size(template: str, t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    if x.kind not in (Kind.FRAME, Kind.MATRIX):
        raise Untranslatable(f"`{node.name}` of {x.kind.value}")
    return Value(build(template, x.node), Kind.NUMBER if node.name != "dim" else Kind.UNKNOWN, "number")


def _names(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    if x.kind is Kind.FRAME:
        return Value(build("_0.columns.to_numpy()", x.node), Kind.VECTOR, "text")
    if x.kind is Kind.DICT:
        return Value(build("np.array(list(_0))", x.node), Kind.VECTOR, "text")
    raise Untranslatable(f"`{node.name}` of {x.kind.value}")


def _table(t: Translator, node: Call) -> Value:
    parts = [t.value(argument.value) for argument in node.arguments if argument.name not in ("useNA", "dnn")]
    if any(argument.name for argument in node.arguments) or not all(part.kind is Kind.SERIES for part in parts):
        raise Untranslatable("`table` of something else than columns")
    if len(parts) == 1:
        return Value(build("_0.value_counts().sort_index()", parts[0].node), Kind.SERIES, "number")
    if len(parts) == 2:
        return Value(call("pd.crosstab", *(part.node for part in parts)), Kind.FRAME)
    raise Untranslatable("`table` of more than two columns")


def _rows_with_all(t: Translator, node: Call) -> Value:
    x = _frame(t, node.arguments[0])
    return Value(build("_0.dropna()", x.node), Kind.FRAME, columns=x.columns, effects=x.effects)


def _as_frame(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    if x.kind is Kind.FRAME:
        return x
    if x.kind is Kind.RESULT and hasattr(x.result, "frame"):
        return Value(build("_0.frame()", x.node), Kind.FRAME)
    raise Untranslatable(f"`{node.name}` of {x.kind.value}")


def _bind_rows(t: Translator, node: Call, fallback: Rule) -> Value:
    if not node.arguments or any(isinstance(argument.value, Constant) for argument in node.arguments):
        return fallback(t, node)
    parts = [t.value(argument.value) for argument in node.arguments]
    if not all(part.kind is Kind.FRAME for part in parts):
        return fallback(t, node)
    frames = listed([part.node for part in parts])
    if node.name == "rbind":
        return Value(call("pd.concat", frames), Kind.FRAME, columns=parts[0].columns)
    known = [part.columns for part in parts]
    merged = None if None in known else {name: of for columns in known for name, of in (columns or {}).items()}
    return Value(call("pd.concat", frames, axis=constant(1)), Kind.FRAME, columns=merged)


def _merge(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "y", "by", "all.x")
    x, y = t.value(given["x"]), t.value(given["y"])
    keywords = {"on": t.value(given["by"]).node} if "by" in given else {}
    if "all.x" in given:
        keywords["how"] = constant("left")
    columns = None if x.columns is None or y.columns is None else {**x.columns, **y.columns}
    return Value(call("pd.merge", x.node, y.node, **keywords), Kind.FRAME, columns=columns)


def _averages(t: Translator, node: Call) -> Value:
    """tapply: a function of a column by group."""
    given = bound(node, "X", "INDEX", "FUN", "na.rm")
    x, by = t.value(given["X"]), t.value(given["INDEX"])
    function = given["FUN"]
    known = {"mean": "mean", "sum": "sum", "sd": "std", "var": "var", "median": "median", "length": "size"}
    if not isinstance(function, Name) or function.text not in known or x.kind is not Kind.SERIES:
        raise Untranslatable("`tapply` with a function of another kind")
    grouped = build("_0.groupby(_1)", x.node, by.node)
    return Value(ast.Call(ast.Attribute(grouped, known[function.text], ast.Load()), [], []), Kind.SERIES, "number")


def rules(base: dict[str, Rule]) -> dict[str, Rule]:
    """All rules: those of base R, where `rbind` and `cbind` also know frames."""
    bind = {name: partial(_bound_either, base[name]) for name in ("rbind", "cbind")}
    return {**base, **RULES, **bind}


def _bound_either(fallback: Rule, t: Translator, node: Call) -> Value:
    return _bind_rows(t, node, fallback)


RULES: dict[str, Rule] = {
    "data.frame": _data_frame,
    "as.data.frame": _as_frame,
    "read.csv": _read,
    "read.csv2": _read,
    "read.table": _read,
    "read.delim": _read,
    "with": _with,
    "subset": _subset,
    "transform": _transform,
    "head": _ends,
    "tail": _ends,
    "nrow": partial(_size, "_0.shape[0]"),
    "NROW": partial(_size, "_0.shape[0]"),
    "ncol": partial(_size, "_0.shape[1]"),
    "dim": partial(_size, "_0.shape"),
    "names": _names,
    "colnames": _names,
    "table": _table,
    "na.omit": _rows_with_all,
    "merge": _merge,
    "tapply": _averages,
}
