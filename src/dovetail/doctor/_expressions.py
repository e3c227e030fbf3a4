"""Expressions: what a piece of code without statements comes to."""

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from dovetail.doctor._attributes import get_attribute, get_item
from dovetail.doctor._calls import evaluate_call
from dovetail.doctor._facts import Decision, LossUse
from dovetail.doctor._interpret import Frame, Interpreter
from dovetail.doctor._library import Loss
from dovetail.doctor._values import (
    NONE,
    UNKNOWN,
    ClassInfo,
    Const,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    Mapping,
    Scope,
    Tensor,
    Unknown,
    Value,
    join,
    options_of,
    truth,
)

SMALL: Final = 1e-2  # what is added to guard a logarithm
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARE: Final[dict[type[ast.cmpop], Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


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
    return _unary(node.op, run.eval(frame, node.operand))


def _conditional(run: Interpreter, frame: Frame, node: ast.IfExp) -> Value:
    decided = truth(run.eval(frame, node.test))
    if decided is None:
        body = run.eval(frame, node.body)
        return join(body, run.eval(frame, node.orelse))
    return run.eval(frame, node.body if decided else node.orelse)


def _lambda(run: Interpreter, frame: Frame, node: ast.Lambda) -> Value:
    return Func(node, frame.scope, None, run.defaults(frame, node.args))


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


def binary(
    run: Interpreter,
    frame: Frame,
    node: ast.AST,
    op: ast.operator,
    left: Value,
    right: Value,
) -> Value:
    """Arithmetic: on constants exactly, on tensors by what stays true of the space."""
    if isinstance(left, Const) and isinstance(right, Const):
        return _constant(op, left.value, right.value)
    if isinstance(left, Items) and isinstance(right, Items) and isinstance(op, ast.Add):
        if left.items is not None and right.items is not None:
            both = left.items + right.items
            repeated = left.repeated or right.repeated
            return Items(left.kind, both, left.node, left.source, repeated)
        return Items(left.kind, None)
    if isinstance(left, Items) and isinstance(op, ast.Mult):
        times = right.value if isinstance(right, Const) else None
        if isinstance(times, int) and left.items is not None and times < 64:
            return Items(left.kind, left.items * times, left.node, left.source)
        return Items(left.kind, left.items, left.node, left.source, True)
    if isinstance(op, ast.MatMult):
        return _matmul(frame, node, left, right)
    results = [
        _tensor_arithmetic(run, node, frame, op, one, other)
        for one in options_of(left)
        for other in options_of(right)
    ]
    return join(*results)


def _difference(
    run: Interpreter, node: ast.AST, frame: Frame, left: Tensor, right: Value
) -> None:
    """A loss by hand: prediction minus target, where shapes may broadcast."""
    if not isinstance(right, Tensor):
        return
    if ("model" in left.traits) != ("model" in right.traits):
        loss = Loss("other", "a difference")
        pair = (left, right) if "model" in left.traits else (right, left)
        run.note(LossUse(loss, *pair, node, frame.source))


def _tensor_arithmetic(
    run: Interpreter,
    node: ast.AST,
    frame: Frame,
    op: ast.operator,
    left: Value,
    right: Value,
) -> Value:
    if not isinstance(left, Tensor) and not isinstance(right, Tensor):
        return UNKNOWN
    if isinstance(op, ast.Sub) and isinstance(left, Tensor):
        _difference(run, node, frame, left, right)
    tensor = left if isinstance(left, Tensor) else right
    other = right if tensor is left else left
    assert isinstance(tensor, Tensor)
    if isinstance(other, Const) and isinstance(other.value, int | float):
        if isinstance(op, ast.Add | ast.Sub) and abs(other.value) <= SMALL:
            return tensor.having("guarded")
    if isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        # Scores stay scores, whatever they are shifted or scaled by.
        if tensor.op == "linear" and isinstance(op, ast.Div) and tensor is right:
            return Tensor(rank=tensor.rank)
        if tensor.op == "linear" and _keeps_scores(op, other):
            known = other if isinstance(other, Tensor) else None
            if known is not None and known.op == "linear":
                width = tensor.width if tensor.width == known.width else None
                return replace(tensor, width=width, rank=tensor.rank or known.rank)
            return tensor
        if isinstance(other, Tensor) and other.op == "linear":
            if _keeps_scores(op, tensor) and not isinstance(op, ast.Div):
                return replace(other, width=None)
        for one in (tensor, other):
            if isinstance(one, Tensor) and one.op in ("softmax", "mix"):
                origin = one.of if one.op == "mix" else one
                return Tensor("mix", node, frame.source, origin, rank=one.rank)
        both = [o for o in (tensor, other) if isinstance(o, Tensor)]
        losses = [one for one in both if one.op == "loss"]
        if losses:
            cut = all("detached" in loss.traits for loss in losses)
            kept = frozenset({"detached"}) if cut else frozenset()
            return Tensor("loss", node, frame.source, traits=kept)
    rank = None
    if isinstance(other, Const):
        rank = tensor.rank
    elif isinstance(other, Tensor):
        if other.rank is not None and tensor.rank is not None:
            rank = max(other.rank, tensor.rank)
    width = tensor.width if isinstance(other, Const) else None
    dtype = "float" if isinstance(op, ast.Div) else ""
    if isinstance(other, Tensor) and "float" in (tensor.dtype, other.dtype):
        dtype = "float"
    traits = tensor.traits & {"normal", "model"}
    if isinstance(other, Tensor):
        traits |= other.traits & {"model"}
    return Tensor(rank=rank, width=width, dtype=dtype, traits=traits)


def _keeps_scores(op: ast.operator, other: Value) -> bool:
    """Are scores still scores after this, of any size and sign?"""
    if isinstance(other, Tensor):
        return other.op in ("", "linear", "parameter", "sigmoid", "mask")
    return isinstance(other, Const | Unknown) or other is UNKNOWN


def _matmul(frame: Frame, node: ast.AST, left: Value, right: Value) -> Value:
    """A product with weights is a layer; of two activations it may be a cosine."""
    for one in (right, left):
        if isinstance(one, Tensor) and one.op == "parameter":
            width = one.width if one is right and (one.rank or 2) == 2 else None
            other = left if one is right else right
            rank = other.rank if isinstance(other, Tensor) else None
            return Tensor(
                "linear",
                node,
                frame.source,
                other,
                width=width,
                rank=rank,
                dtype="float",
                traits=frozenset({"model"}),
            )
    traits = frozenset[str]()
    for one in (left, right):
        if isinstance(one, Tensor):
            traits |= one.traits & {"model"}
    return Tensor(traits=traits, dtype="float")


def _constant(op: ast.operator, left: Any, right: Any) -> Value:
    numbers = isinstance(left, int | float) and isinstance(right, int | float)
    if isinstance(op, ast.Mod) and isinstance(left, str) and len(left) < 200:
        try:
            return Const(left % right)
        except (TypeError, ValueError, KeyError):
            return UNKNOWN
    if isinstance(op, ast.Pow) and numbers and abs(left) <= 64 and 0 <= right <= 16:
        return Const(left**right)
    if numbers or (
        isinstance(op, ast.Add) and isinstance(left, str) and isinstance(right, str)
    ):
        work = _ARITHMETIC.get(type(op))
        try:
            return UNKNOWN if work is None else Const(work(left, right))
        except (ArithmeticError, TypeError, ValueError):
            return UNKNOWN
    return UNKNOWN


def _unary(op: ast.unaryop, operand: Value) -> Value:
    if isinstance(op, ast.Not):
        decided = truth(operand)
        return UNKNOWN if decided is None else Const(not decided)
    if isinstance(operand, Const) and isinstance(operand.value, int | float):
        return Const(-operand.value if isinstance(op, ast.USub) else operand.value)
    if isinstance(operand, Tensor):
        if operand.op in ("linear", "loss"):
            return operand
        return Tensor(rank=operand.rank, dtype=operand.dtype, width=operand.width)
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


def _compare(run: Interpreter, frame: Frame, node: ast.Compare) -> Value:
    left = run.eval(frame, node.left)
    rights = [run.eval(frame, right) for right in node.comparators]
    if len(rights) != 1:
        return UNKNOWN
    right, op = rights[0], node.ops[0]
    if isinstance(op, ast.Is | ast.IsNot):
        same = _is(left, right)
        if same is None:
            return UNKNOWN
        return Const(same if isinstance(op, ast.Is) else not same)
    for one, other in ((left, right), (right, left)):
        for option in options_of(one):
            if isinstance(option, Tensor) and isinstance(other, Const):
                if isinstance(op, ast.Gt | ast.GtE | ast.Lt | ast.LtE):
                    threshold(run, frame, node, option, other.value)
    if isinstance(left, Const) and isinstance(right, Const):
        work = _COMPARE.get(type(op))
        try:
            return UNKNOWN if work is None else Const(work(left.value, right.value))
        except TypeError:
            return UNKNOWN
    if isinstance(left, Const) and isinstance(op, ast.In | ast.NotIn):
        if isinstance(right, Items) and right.items is not None:
            if all(isinstance(i, Const) for i in right.items) and not right.repeated:
                inside = any(i.value == left.value for i in right.items)  # type: ignore[attr-defined]
                return Const(inside == isinstance(op, ast.In))
        if isinstance(right, Mapping) and right.rest is None:
            return Const((left.value in right.items) == isinstance(op, ast.In))
    if isinstance(left, Const) and left.value is None and isinstance(op, ast.Eq):
        same = _is(right, left)
        return UNKNOWN if same is None else Const(same)
    for option in (*options_of(left), *options_of(right)):
        if isinstance(option, Tensor):
            return Tensor("mask", node, frame.source, rank=option.rank, dtype="bool")
    return UNKNOWN


def threshold(
    run: Interpreter, frame: Frame, node: ast.AST, value: Value, limit: Any
) -> None:
    """A tensor is compared with a number."""
    if isinstance(limit, int | float) and not isinstance(limit, bool):
        run.note(Decision("threshold", value, node, frame.source, float(limit)))


def _is(left: Value, right: Value) -> bool | None:
    if isinstance(left, Const) and isinstance(right, Const):
        return left.value is right.value or (
            left.value == right.value and type(left.value) is type(right.value)
        )
    for one, other in ((left, right), (right, left)):
        if isinstance(one, Const) and one.value is None:
            if isinstance(
                other,
                Tensor | Instance | Layer | Items | Mapping | ClassInfo | Func | Lib,
            ):
                return False
    return None


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
    ast.Compare: _compare,
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
