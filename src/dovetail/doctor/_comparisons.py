"""Comparisons: decided for constants; a tensor's threshold is kept as a decision."""

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from dovetail.doctor._facts import Decision
from dovetail.doctor._frames import Frame
from dovetail.doctor._values import (
    UNKNOWN,
    ClassInfo,
    Const,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    Mapping,
    Tensor,
    Value,
    options_of,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

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


def compare(run: "Interpreter", frame: Frame, node: ast.Compare) -> Value:
    """``a < b``, ``a is b``, ``a in b``; a chain of them is not followed."""
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
    run: "Interpreter", frame: Frame, node: ast.AST, value: Value, limit: Any
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
