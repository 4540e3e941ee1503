"""Base R's functions of numbers and vectors -> numpy and scipy."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from functools import partial

from pymeta.port.syntax import Argument, Call, Constant, Function, Name, Node
from pymeta.port.translate.expressions import Rule, Translator, bound, literal_number, literal_text, matched
from pymeta.port.translate.values import Kind, Untranslatable, Value, build, call, constant, listed, together

__all__ = ["FUNCTIONS", "RULES", "loop_values"]

_ELEMENTWISE = {
    "exp": "np.exp",
    "sqrt": "np.sqrt",
    "abs": "np.abs",
    "log2": "np.log2",
    "log10": "np.log10",
    "log1p": "np.log1p",
    "expm1": "np.expm1",
    "sin": "np.sin",
    "cos": "np.cos",
    "tan": "np.tan",
    "asin": "np.arcsin",
    "acos": "np.arccos",
    "atan": "np.arctan",
    "tanh": "np.tanh",
    "atanh": "np.arctanh",
    "floor": "np.floor",
    "ceiling": "np.ceil",
    "plogis": "pm.transf_ilogit",
    "qlogis": "pm.transf_logit",
}
FUNCTIONS: Mapping[str, str] = {**_ELEMENTWISE, "log": "np.log", "mean": "np.mean", "sum": "np.sum", "median": "np.median"}
"""Functions that are passed on by name, as in ``transf=exp``."""

_SUMMARIES = {
    "sum": ("_0.sum()", "np.nansum(_0)"),
    "mean": ("_0.mean()", "np.nanmean(_0)"),
    "min": ("_0.min()", "np.nanmin(_0)"),
    "max": ("_0.max()", "np.nanmax(_0)"),
    "sd": ("_0.std(ddof=1)", "np.nanstd(_0, ddof=1)"),
    "var": ("_0.var(ddof=1)", "np.nanvar(_0, ddof=1)"),
    "prod": ("_0.prod()", "np.nanprod(_0)"),
    "median": ("np.median(_0)", "np.nanmedian(_0)"),
}
_DISTRIBUTIONS = {"norm": ("norm", ()), "t": ("t", ("df",)), "chisq": ("chi2", ("df",)), "f": ("f", ("df1", "df2"))}
_PARTS = {"p": ("cdf", "sf"), "q": ("ppf", "isf"), "d": ("pdf", "pdf")}


def _elementwise(function: str, t: Translator, node: Call) -> Value:
    if len(node.values) != 1:
        raise Untranslatable(f"`{node.name}` with several arguments")
    x = t.number(node.values[0])
    if x.kind not in (Kind.NUMBER, Kind.VECTOR, Kind.SERIES, Kind.MATRIX, Kind.UNKNOWN) or x.of == "text":
        raise Untranslatable(f"`{node.name}` of {x.kind.value}")
    return Value(call(function, x.node), x.kind, "number", single=x.single)


def _log(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "base")
    x = t.number(given["x"])
    if "base" not in given:
        return Value(call("np.log", x.node), x.kind, "number", single=x.single)
    return Value(build("np.log(_0) / np.log(_1)", x.node, t.number(given["base"]).node), x.kind, "number", single=x.single)


def _summary(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "na.rm")
    lenient = isinstance(given.get("na.rm"), Constant) and getattr(given["na.rm"], "value", None) is True
    x = t.value(given["x"])
    plain, skipping = _SUMMARIES[node.name]
    if x.kind is Kind.UNKNOWN:
        return Value(build(skipping if lenient else plain, build("np.asarray(_0)", x.node)), Kind.NUMBER, "number")
    if x.kind not in (Kind.VECTOR, Kind.SERIES, Kind.MATRIX, Kind.POSITIONS) or x.of == "text":
        raise Untranslatable(f"`{node.name}` of {x.kind.value}")
    x = x.array() if lenient else x.values()
    return Value(build(skipping if lenient else plain, x.node), Kind.NUMBER, "number")


def _combine(t: Translator, node: Call) -> Value:
    if not node.arguments:
        return Value(constant(None), Kind.NONE)
    parts = [t.value(argument.value) for argument in node.arguments]
    of = parts[0].of if len({part.of for part in parts}) == 1 else ""
    if any(part.kind in (Kind.MODEL, Kind.RESULT, Kind.FRAME, Kind.LIST, Kind.DICT, Kind.FUNCTION) for part in parts):
        raise Untranslatable(f"`c` of {next(part.kind.value for part in parts if not part.is_scalar)}")
    if len(parts) == 1 and not parts[0].is_scalar:
        return parts[0]
    if all(part.is_scalar for part in parts):
        if len({part.of for part in parts} - {"bool"}) > 1:
            raise Untranslatable("`c` of numbers and texts together")
        if all(argument.name for argument in node.arguments):
            named = ast.Dict([constant(a.name) for a in node.arguments], [part.node for part in parts])
            return Value(call("pd.Series", named), Kind.SERIES, of)
        return Value(listed([part.node for part in parts]), Kind.VECTOR, of, literal=True)
    return Value(call("np.hstack", listed([part.array().node for part in parts])), Kind.VECTOR, of)


def _range(t: Translator, node: Call) -> Value:
    first, last = (t.number(value) for value in node.values)
    return Value(call("np.arange", first.node, _next(last)), Kind.VECTOR, "number")


def _next(value: Value) -> ast.expr:
    """One more, since Python's ranges end before their end."""
    if isinstance(value.node, ast.Constant) and isinstance(value.node.value, int):
        return constant(value.node.value + 1)
    return build("_0 + 1", value.node)


def _descending_refused(node: Call) -> None:
    first, last = (literal_number(value) for value in node.values)
    if first is not None and last is not None and last < first:
        raise Untranslatable("a range that falls")


def _colon(t: Translator, node: Call) -> Value:
    _descending_refused(node)
    return _range(t, node)


def _seq(t: Translator, node: Call) -> Value:
    given = bound(node, "from", "to", "by", "length.out", "along.with")
    if set(given) == {"from", "to", "length.out"}:
        ends = [t.number(given[name]).node for name in ("from", "to", "length.out")]
        return Value(call("np.linspace", *ends), Kind.VECTOR, "number")
    if set(given) == {"from", "to"}:
        return _colon(t, Call(Name(":"), (Argument("", given["from"]), Argument("", given["to"]))))
    if set(given) == {"from"}:
        return Value(call("np.arange", constant(1), _next(t.number(given["from"]))), Kind.VECTOR, "number")
    numbers = [literal_number(given.get(name)) for name in ("from", "to", "by")]
    if set(given) != {"from", "to", "by"} or any(number is None for number in numbers):
        raise Untranslatable("`seq` with these arguments")
    return _steps(*(number for number in numbers if number is not None))


def _steps(first: float, last: float, by: float) -> Value:
    if by == 0 or (last - first) / by < 0:
        raise Untranslatable("`seq` that goes nowhere")
    n = math.floor((last - first) / by + 1e-10)
    if all(isinstance(x, int) for x in (first, last, by)):
        stop = first + n * by + (1 if by > 0 else -1)
        return Value(call("np.arange", constant(first), constant(stop), constant(by)), Kind.VECTOR, "number")
    end = last if math.isclose(first + n * by, last) else first + n * by
    return Value(call("np.linspace", constant(first), constant(end), constant(n + 1)), Kind.VECTOR, "number")


def _seq_len(t: Translator, node: Call) -> Value:
    n = t.number(node.values[0])
    return Value(call("np.arange", constant(1), _next(n)), Kind.VECTOR, "number")


def _seq_along(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    return Value(build("np.arange(1, len(_0) + 1)", x.node), Kind.VECTOR, "number")


def _rep(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "times", "each")
    x = t.value(given["x"])
    source = x.node if x.literal or x.is_scalar else x.values().node
    times = t.value(given["times"]) if "times" in given else None
    kind = Kind.VECTOR
    if times is not None and not times.is_scalar and times.kind is not Kind.UNKNOWN:
        return Value(call("np.repeat", source, times.node), kind, x.of)
    node_ = call("np.repeat", source, t.number(given["each"]).node) if "each" in given else source
    if times is not None:
        function = "np.repeat" if x.is_scalar else "np.tile"
        node_ = call(function, node_, times.node)
    return Value(node_, kind, x.of)


def _ifelse(t: Translator, node: Call) -> Value:
    given = bound(node, "test", "yes", "no")
    test, yes, no = (t.number(given[name]) for name in ("test", "yes", "no"))
    if test.is_scalar:
        return Value(ast.IfExp(test.node, yes.node, no.node), yes.kind, yes.of)
    return Value(call("np.where", test.node, yes.node, no.node), Kind.VECTOR, yes.of if yes.of == no.of else "")


def _logical(t: Translator, node: Call) -> Value:
    left, right = together(*(t.number(value) for value in node.values))
    if node.name in ("&&", "||") or (left.is_scalar and right.is_scalar):
        both: ast.boolop = ast.And() if node.name[0] == "&" else ast.Or()
        return Value(ast.BoolOp(both, [left.node, right.node]), Kind.BOOL, "bool")
    operator: ast.operator = ast.BitAnd() if node.name == "&" else ast.BitOr()
    kind = Kind.SERIES if Kind.SERIES in (left.kind, right.kind) else Kind.VECTOR
    return Value(ast.BinOp(left.node, operator, right.node), kind, "bool")


def _not(t: Translator, node: Call) -> Value:
    x = t.number(node.values[0])
    if x.of != "bool":
        raise Untranslatable("`!` of something else than truth values")
    operator: ast.unaryop = ast.Not() if x.is_scalar else ast.Invert()
    return Value(ast.UnaryOp(operator, x.node), x.kind, "bool")


def _parenthesis(t: Translator, node: Call) -> Value:
    return t.value(node.values[0])


def _same(t: Translator, node: Call) -> Value:
    """`c`, `as.vector` and the like of what is a plain vector already."""
    x = t.number(node.values[0])
    if len(node.values) > 1 or x.kind not in (Kind.VECTOR, Kind.NUMBER, Kind.TEXT, Kind.SERIES):
        raise Untranslatable(f"`{node.name}` of {x.kind.value}")
    return x


def _as_number(t: Translator, node: Call) -> Value:
    x = t.number(node.values[0])
    if x.of == "number" and x.kind in (Kind.VECTOR, Kind.SERIES, Kind.NUMBER):
        return x
    if x.of == "bool" and x.elementwise:
        return Value(build("_0.astype(int)", x.node), x.kind, "number")
    if x.kind is Kind.SERIES and x.of == "text":
        return Value(call("pd.to_numeric", x.node), Kind.SERIES, "number")
    raise Untranslatable(f"`{node.name}` of {x.kind.value} of {x.of or 'something'}")


def _is_missing(t: Translator, node: Call) -> Value:
    x = t.number(node.values[0])
    if x.kind is Kind.SERIES:
        return Value(build("_0.isna()", x.node), Kind.SERIES, "bool")
    return Value(call("pd.isna", x.node), Kind.BOOL if x.is_scalar else Kind.VECTOR, "bool")


def _within(t: Translator, node: Call) -> Value:
    left, right = (t.value(value) for value in node.values)
    if left.kind is Kind.SERIES:
        return Value(build("_0.isin(_1)", left.node, right.node), Kind.SERIES, "bool")
    if left.is_scalar:
        return Value(ast.Compare(left.node, [ast.In()], [right.node]), Kind.BOOL, "bool")
    return Value(call("np.isin", left.array().node, right.node), Kind.VECTOR, "bool")


def _round(t: Translator, node: Call) -> Value:
    given = matched(node, ("x", "digits"))
    x = t.number(given["x"])
    digits = [t.value(given["digits"]).node] if "digits" in given else []
    if x.kind is Kind.RESULT and hasattr(x.result, "frame"):
        return Value(ast.Call(build("_0.frame().round", x.node), digits, []), Kind.FRAME)
    if x.kind is Kind.FRAME:
        return Value(ast.Call(build("_0.round", x.node), digits, []), Kind.FRAME, columns=x.columns)
    if x.kind not in (Kind.NUMBER, Kind.VECTOR, Kind.SERIES, Kind.MATRIX, Kind.UNKNOWN):
        raise Untranslatable(f"`round` of {x.kind.value}")
    return Value(call("np.round", x.node, *digits), x.kind, "number", single=x.single)


def _length(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    if x.kind is Kind.FRAME:
        return Value(build("_0.shape[1]", x.node), Kind.NUMBER, "number")
    if x.is_scalar or x.kind in (Kind.MODEL, Kind.RESULT, Kind.MATRIX):
        raise Untranslatable(f"`length` of {x.kind.value}")
    return Value(call("len", x.node), Kind.NUMBER, "number")


def _which(t: Translator, node: Call) -> Value:
    x = t.number(node.values[0])
    return Value(call("np.flatnonzero", x.node), Kind.POSITIONS, "number")


def _which_extreme(t: Translator, node: Call) -> Value:
    function = "np.nanargmax" if node.name == "which.max" else "np.nanargmin"
    return Value(call(function, t.number(node.values[0]).values().node), Kind.POSITIONS, "number")


def _order(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "decreasing")
    if "decreasing" in given:
        raise Untranslatable("`order` that falls")
    x = t.number(given["x"])
    return Value(call("np.argsort", x.values().node, kind=constant("stable")), Kind.POSITIONS, "number")


def _sort(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "decreasing")
    x = t.number(given["x"])
    falling = isinstance(given.get("decreasing"), Constant) and getattr(given["decreasing"], "value", None) is True
    return Value(build("np.sort(_0)[::-1]" if falling else "np.sort(_0)", x.node), Kind.VECTOR, x.of)


def _through(template: str, kind: Kind | None, t: Translator, node: Call) -> Value:
    """A function of one vector."""
    if len(node.values) != 1:
        raise Untranslatable(f"`{node.name}` with several arguments")
    x = t.number(node.values[0])
    if not x.elementwise and x.kind is not Kind.UNKNOWN:
        raise Untranslatable(f"`{node.name}` of {x.kind.value}")
    return Value(build(template, x.values().node if kind is Kind.VECTOR else x.node), kind or x.kind, x.of)


def _any_all(t: Translator, node: Call) -> Value:
    x = t.number(node.values[0])
    return Value(call(f"np.{node.name}", x.node), Kind.BOOL, "bool")


def _quantile(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "probs", "na.rm")
    x = t.number(given["x"])
    probs = t.value(given["probs"]).node if "probs" in given else listed([constant(p) for p in (0, 0.25, 0.5, 0.75, 1)])
    return Value(call("np.nanquantile" if "na.rm" in given else "np.quantile", x.node, probs), Kind.VECTOR, "number")


def _distribution(part: str, family: str, t: Translator, node: Call) -> Value:
    scipy_name, parameters = _DISTRIBUTIONS[family]
    argument = "p" if part == "q" else "q"
    own = ("mean", "sd") if family == "norm" else parameters
    given = bound(node, argument, *own, "lower.tail")
    upper = isinstance(given.get("lower.tail"), Constant) and getattr(given["lower.tail"], "value", None) is False
    values = [t.number(given[name]) for name in (argument, *own) if name in given]
    function = f"stats.{scipy_name}.{_PARTS[part][int(upper)]}"
    if family == "norm" and "sd" in given and "mean" not in given:
        raise Untranslatable(f"`{node.name}` with sd and no mean")
    return Value(call(function, *(value.node for value in values)), values[0].kind, "number", single=values[0].single)


def _matrix(t: Translator, node: Call) -> Value:
    given = bound(node, "data", "nrow", "ncol", "byrow", "dimnames")
    x = t.number(given["data"])
    if "dimnames" in given or not x.elementwise:
        raise Untranslatable("`matrix` with names, or of one value")
    shape = [t.number(given[name]).node if name in given else constant(-1) for name in ("nrow", "ncol")]
    if "nrow" not in given and "ncol" not in given:
        shape[1] = constant(1)
    by_row = isinstance(given.get("byrow"), Constant) and getattr(given["byrow"], "value", None) is True
    order = {} if by_row or ("ncol" not in given and "nrow" not in given) else {"order": constant("F")}
    reshape = ast.Attribute(x.node, "reshape", ast.Load())
    return Value(ast.Call(reshape, shape, [ast.keyword(k, v) for k, v in order.items()]), Kind.MATRIX, "number")


def _bind(t: Translator, node: Call) -> Value:
    parts = [t.value(value) for value in node.values]
    if any(part.kind not in (Kind.NUMBER, Kind.VECTOR, Kind.SERIES) or part.of == "text" for part in parts):
        raise Untranslatable(f"`{node.name}` of {parts[0].kind.value}")
    names = [_column_name(argument) for argument in node.arguments]
    if node.name == "cbind" and all(names) and any(argument.name for argument in node.arguments):
        columns = {name: part.of for name, part in zip(names, parts, strict=True)}
        scalars = all(part.is_scalar for part in parts)
        nodes = [listed([part.node]) if scalars else part.node for part in parts]
        return Value(call("pd.DataFrame", ast.Dict([constant(n) for n in names], list(nodes))), Kind.FRAME, columns=columns)
    if node.name == "rbind" and all(part.literal for part in parts):
        return Value(call("np.array", listed([part.node for part in parts])), Kind.MATRIX, "number")
    nodes = [part.node for part in parts]
    if node.name == "rbind":
        return Value(call("np.vstack", listed(nodes)), Kind.MATRIX, "number")
    if all(part.is_scalar for part in parts):
        return Value(call("np.array", listed([listed(nodes)])), Kind.MATRIX, "number")
    if any(part.is_scalar for part in parts):
        return Value(build("np.column_stack(_0)", call("np.broadcast_arrays", *nodes)), Kind.MATRIX, "number")
    return Value(call("np.column_stack", listed(nodes)), Kind.MATRIX, "number")


def _column_name(argument: Argument) -> str:
    if argument.name:
        return argument.name
    return argument.value.text if isinstance(argument.value, Name) else ""


def _transpose(t: Translator, node: Call) -> Value:
    x = t.number(node.values[0])
    if x.kind not in (Kind.MATRIX, Kind.FRAME):
        raise Untranslatable(f"`t` of {x.kind.value}")
    return Value(build("_0.T", x.node), x.kind, "number")


def _diag(t: Translator, node: Call) -> Value:
    x = t.number(node.values[0])
    if x.kind not in (Kind.MATRIX, Kind.VECTOR, Kind.NUMBER) or len(node.values) > 1:
        raise Untranslatable(f"`diag` of {x.kind.value}")
    kind = Kind.VECTOR if x.kind is Kind.MATRIX else Kind.MATRIX
    return Value(call("np.eye" if x.kind is Kind.NUMBER else "np.diag", x.node), kind, "number")


def _solve(t: Translator, node: Call) -> Value:
    x = [t.number(value).node for value in node.values]
    return Value(call("np.linalg.inv" if len(x) == 1 else "np.linalg.solve", *x), Kind.MATRIX, "number")


def _list(t: Translator, node: Call) -> Value:
    parts = [t.value(value) for value in node.values]
    nodes = [part.node for part in parts]
    names = [argument.name for argument in node.arguments]
    if parts and all(names):
        return Value(
            ast.Dict([constant(name) for name in names], list(nodes)), Kind.DICT, parts=dict(zip(names, parts, strict=True))
        )
    if any(names):
        raise Untranslatable("a list of which some elements have names")
    return Value(listed(nodes), Kind.LIST, parts={"": parts[0]} if len({(p.kind, p.result) for p in parts}) == 1 else {})


def loop_values(t: Translator, node: Node) -> tuple[ast.expr, Value]:
    """What a loop goes over in Python, and what its variable is each time."""
    if isinstance(node, Call) and node.name in (":", "seq_len", "seq_along"):
        over = t.value(node)
        assert isinstance(over.node, ast.Call)
        if node.name == ":":
            return ast.Call(build("range"), over.node.args, []), Value(over.node, Kind.NUMBER, "number")
        return ast.Call(build("range"), over.node.args, []), Value(over.node, Kind.NUMBER, "number")
    over = t.value(node)
    if over.kind is Kind.LIST:
        return over.node, next(iter(over.parts.values()), Value(over.node))
    kinds = {"number": Kind.NUMBER, "text": Kind.TEXT, "bool": Kind.BOOL}
    if over.kind not in (Kind.VECTOR, Kind.SERIES, Kind.POSITIONS):
        raise Untranslatable(f"a loop over {over.kind.value}")
    over = over if over.literal else over.array()
    return over.node, Value(over.node, kinds.get(over.of, Kind.UNKNOWN), over.of)


def _apply(t: Translator, node: Call) -> Value:
    given = bound(node, "X", "FUN", "simplify", "USE.NAMES") if node.name == "sapply" else bound(node, "X", "FUN")
    over, element = loop_values(t, given["X"])
    function = given["FUN"]
    variable = function.parameters[0].name if isinstance(function, Function) and function.parameters else "x"
    name = t.scope.name(variable)
    element = Value(ast.Name(name, ast.Load()), element.kind, element.of, element.columns, element.result, element.single)
    with t.scope.local({variable: element}):
        if isinstance(function, Function):
            if len(function.parameters) != 1:
                raise Untranslatable(f"`{node.name}` with a function of several arguments")
            body = t.value(_single_expression(function.body))
        else:
            body = t.value(Call(function, (Argument("", Name(variable)),)))
    made = ast.ListComp(body.node, [ast.comprehension(ast.Name(name, ast.Store()), over, [], 0)])
    if node.name == "lapply":
        return Value(made, Kind.LIST, parts={"": body})
    if body.is_scalar or body.single:
        return Value(call("np.array", made), Kind.VECTOR, body.of)
    if body.kind is Kind.VECTOR:
        return Value(call("np.column_stack", made), Kind.MATRIX, body.of)
    raise Untranslatable(f"`sapply` that makes {body.kind.value} each time")


def _single_expression(body: Node) -> Node:
    if isinstance(body, Call) and body.name in ("{", "return") and len(body.values) == 1:
        return _single_expression(body.values[0])
    if isinstance(body, Call) and body.name in ("{", "<-", "for", "while"):
        raise Untranslatable("a function of several statements within an expression")
    return body


def _set(t: Translator, node: Call) -> Value:
    raise Untranslatable("a seed: R's random numbers are not Python's")


def _factor(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "levels", "labels")
    x = t.number(given["x"])
    categories = {"categories": t.value(given["levels"]).node} if "levels" in given else {}
    made = call("pd.Categorical", x.node, **categories)
    if "labels" in given:
        if "levels" not in given:
            raise Untranslatable("`factor` with labels and no levels")
        made = build("_0.rename_categories(_1)", made, t.value(given["labels"]).node)
    return (
        Value(call("pd.Series", made), Kind.SERIES, "factor")
        if x.kind is not Kind.SERIES
        else Value(made, Kind.VECTOR, "factor")
    )


def _relevel(t: Translator, node: Call) -> Value:
    given = bound(node, "x", "ref")
    x, ref = t.value(given["x"]), literal_text(given.get("ref"))
    if ref is None:
        raise Untranslatable("`relevel` without a literal ref")
    inner = node_values(given["x"])
    x = t.value(inner) if inner is not None else x
    source = x.node if x.of in ("text", "factor") else build("_0.astype(str)", x.node)
    made = build("pd.Categorical(_0, categories=[_1, *sorted(set(_0) - {_1})])", source, constant(ref))
    return Value(made, Kind.VECTOR, "factor")


def node_values(node: Node) -> Node | None:
    """What a plain ``factor(x)`` is made of."""
    return node.values[0] if isinstance(node, Call) and node.name == "factor" and len(node.values) == 1 else None


def _unlist(t: Translator, node: Call) -> Value:
    x = t.value(node.values[0])
    part = next(iter(x.parts.values()), None)
    if x.kind is not Kind.LIST or part is None or len(node.values) > 1:
        raise Untranslatable(f"`unlist` of {x.kind.value}")
    return Value(call("np.hstack", x.node), Kind.VECTOR, part.of)


RULES: dict[str, Rule] = {
    **{name: partial(_elementwise, function) for name, function in _ELEMENTWISE.items()},
    **dict.fromkeys(_SUMMARIES, _summary),
    **{part + family: partial(_distribution, part, family) for part in ("p", "q") for family in _DISTRIBUTIONS},
    "log": _log,
    "c": _combine,
    ":": _colon,
    "seq": _seq,
    "seq_len": _seq_len,
    "seq_along": _seq_along,
    "rep": _rep,
    "ifelse": _ifelse,
    "&": _logical,
    "|": _logical,
    "&&": _logical,
    "||": _logical,
    "!": _not,
    "(": _parenthesis,
    "as.vector": _same,
    "unname": _same,
    "as.numeric": _as_number,
    "as.integer": _as_number,
    "is.na": _is_missing,
    "%in%": _within,
    "round": _round,
    "length": _length,
    "which": _which,
    "which.max": _which_extreme,
    "which.min": _which_extreme,
    "order": _order,
    "sort": _sort,
    "rev": partial(_through, "_0[::-1]", Kind.VECTOR),
    "cumsum": partial(_through, "np.cumsum(_0)", Kind.VECTOR),
    "diff": partial(_through, "np.diff(_0)", Kind.VECTOR),
    "range": partial(_through, "np.array([_0.min(), _0.max()])", Kind.VECTOR),
    "unique": partial(_through, "pd.unique(_0)", Kind.VECTOR),
    "any": _any_all,
    "all": _any_all,
    "quantile": _quantile,
    "matrix": _matrix,
    "cbind": _bind,
    "rbind": _bind,
    "t": _transpose,
    "diag": _diag,
    "solve": _solve,
    "list": _list,
    "lapply": _apply,
    "sapply": _apply,
    "unlist": _unlist,
    "factor": _factor,
    "as.factor": _factor,
    "relevel": _relevel,
    "set.seed": _set,
}
