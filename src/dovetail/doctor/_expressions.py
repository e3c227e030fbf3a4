"""Expressions: what a piece of code without statements comes to."""

import ast
from collections.abc import Callable
from typing import Any, Final

from dovetail.doctor._arithmetic import binary, unary
from dovetail.doctor._attributes import get_attribute, get_item
from dovetail.doctor._calls import evaluate_call
from dovetail.doctor._comparisons import compare
from dovetail.doctor._definitions import defaults
from dovetail.doctor._frames import Frame
from dovetail.doctor._interpret import Interpreter
from dovetail.doctor._values import (
    NONE,
    UNKNOWN,
    Const,
    Func,
    Items,
    Mapping,
    Scope,
    Unknown,
    Value,
    join,
    truth,
)


def _name(run: Interpreter, frame: Frame, node: ast.Name) -> Value:
    return run.lookup(frame, node.id)


def _constant_of(run: Interpreter, frame: Frame, node: ast.Constant) -> Value:
    return Const(node.value)


def _attribute(run: Interpreter, frame: Frame, node: ast.Attribute) -> Value:
    return get_attribute(run, frame, run.eval(frame, node.value), node.attr, node)


def _subscript(run: Interpreter, frame: Frame, node: ast.Subscript) -> Value:
    return get_item(run, frame, run.eval(frame, node.value), node.slice, node)


def _binary(run: Interpreter, frame: Frame, node: ast.BinOp) -> Value:
    left = run.eval(frame, node.left)
    return binary(run, frame, node, node.op, left, run.eval(frame, node.right))


def _unary_of(run: Interpreter, frame: Frame, node: ast.UnaryOp) -> Value:
    return unary(node.op, run.eval(frame, node.operand))


def _conditional(run: Interpreter, frame: Frame, node: ast.IfExp) -> Value:
    decided = truth(run.eval(frame, node.test))
    if decided is None:
        body = run.eval(frame, node.body)
        return join(body, run.eval(frame, node.orelse))
    return run.eval(frame, node.body if decided else node.orelse)


def _lambda(run: Interpreter, frame: Frame, node: ast.Lambda) -> Value:
    return Func(node, frame.scope, None, defaults(run, frame, node.args))


def _walrus(run: Interpreter, frame: Frame, node: ast.NamedExpr) -> Value:
    result = run.eval(frame, node.value)
    run.assign(frame, node.target, result)
    return result


def _dict_comprehension(run: Interpreter, frame: Frame, node: ast.DictComp) -> Value:
    inner = _inside(run, frame)
    _bind(run, inner, node.generators)
    run.eval(inner, node.key)
    return Mapping("dict", {}, run.eval(inner, node.value))


def _inner(run: Interpreter, frame: Frame, node: ast.Await | ast.Starred) -> Value:
    return run.eval(frame, node.value)


def _yield(run: Interpreter, frame: Frame, node: ast.Yield) -> Value:
    frame.yields.append(NONE if node.value is None else run.eval(frame, node.value))
    return UNKNOWN


def _yield_from(run: Interpreter, frame: Frame, node: ast.YieldFrom) -> Value:
    run.eval(frame, node.value)
    return UNKNOWN


def _bool(run: Interpreter, frame: Frame, node: ast.BoolOp) -> Value:
    """``a or b``: as far as it is decided; both where it is not."""
    stops, values = isinstance(node.op, ast.Or), node.values
    open_: list[Value] = []
    for part in values:
        value = run.eval(frame, part)
        decided = truth(value)
        if decided is None:
            open_.append(value)
        elif decided is stops:
            return join(*open_, value) if open_ else value
        else:
            last = value
            if part is values[-1]:
                return join(*open_, last) if open_ else last
    return join(*open_) if open_ else UNKNOWN


def _display(
    run: Interpreter, frame: Frame, node: ast.Tuple | ast.List | ast.Set
) -> Value:
    parts = node.elts
    kind = "tuple" if isinstance(node, ast.Tuple) else "list"
    items: list[Value] = []
    known, repeated = True, False
    for part in parts:
        value = run.eval(frame, part)
        if not isinstance(part, ast.Starred):
            items.append(value)
        elif isinstance(value, Items) and value.items is not None:
            items += value.items
            repeated |= value.repeated
        else:
            known = False
    if len(items) > 4000:
        known = False
    return Items(kind, tuple(items) if known else None, node, frame.source, repeated)


def _dict(run: Interpreter, frame: Frame, node: ast.Dict) -> Value:
    items: dict[Any, Value] = {}
    rest: Value | None = None
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = run.eval(frame, value_node)
        if key_node is None:
            if isinstance(value, Mapping):
                items.update(value.items)
                rest = value.rest if rest is None else rest
            else:
                rest = UNKNOWN
            continue
        key = run.eval(frame, key_node)
        if isinstance(key, Const) and isinstance(key.value, str | int | float):
            items[key.value] = value
        else:
            rest = value if rest is None else join(rest, value)
    return Mapping("dict", items, rest)


def _inside(run: Interpreter, frame: Frame) -> Frame:
    scope = Scope(frame.source, {}, frame.scope)
    return Frame(scope, frame.node, frame.self_value, frame.owner, frame.returns)


def _bind(
    run: Interpreter, frame: Frame, generators: list[ast.comprehension]
) -> list[Value] | None:
    """Bind the targets of a comprehension once; the elements if all are known."""
    from dovetail.doctor._sequences import elements

    rounds: list[Value] | None = None
    for generator in generators:
        rounds = elements(run, frame, run.eval(frame, generator.iter), generator)
        first = rounds[0] if rounds else Unknown("", True)
        run.assign(frame, generator.target, first, data=not rounds)
        for test in generator.ifs:
            run.eval(frame, test)
        if generator.ifs:
            rounds = None
    return rounds if len(generators) == 1 else None


def _comprehension(
    run: Interpreter,
    frame: Frame,
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp,
) -> Value:
    generators, element = node.generators, node.elt
    inner = _inside(run, frame)
    rounds = _bind(run, inner, generators)
    if rounds is None:
        value = run.eval(inner, element)
        return Items("list", (value,), node, frame.source, True)
    items = []
    for value in rounds:
        run.assign(inner, generators[0].target, value, data=True)
        items.append(run.eval(inner, element))
    return Items("list", tuple(items), node, frame.source)


def _formatted(run: Interpreter, frame: Frame, node: ast.JoinedStr) -> Value:
    parts: list[str] = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            value = run.eval(frame, part.value)
            if not isinstance(value, Const) or part.format_spec is not None:
                return UNKNOWN
            parts.append(str(value.value))
        elif isinstance(part, ast.Constant):
            parts.append(str(part.value))
    return Const("".join(parts))


BY_KIND: Final[dict[type[ast.AST], Callable[..., Value]]] = {
    ast.Name: _name,
    ast.Constant: _constant_of,
    ast.Attribute: _attribute,
    ast.Call: evaluate_call,
    ast.Subscript: _subscript,
    ast.Tuple: _display,
    ast.List: _display,
    ast.Set: _display,
    ast.Dict: _dict,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary_of,
    ast.BoolOp: _bool,
    ast.Compare: compare,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.NamedExpr: _walrus,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.Await: _inner,
    ast.Starred: _inner,
    ast.JoinedStr: _formatted,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}
