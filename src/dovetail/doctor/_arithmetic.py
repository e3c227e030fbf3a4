"""Arithmetic: exact on constants; of tensors, what stays true of the space."""

import ast
import operator
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from dovetail.doctor._facts import LossUse
from dovetail.doctor._frames import Frame
from dovetail.doctor._library import Loss
from dovetail.doctor._values import (
    UNKNOWN,
    Const,
    Items,
    Tensor,
    Unknown,
    Value,
    join,
    options_of,
    truth,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

SMALL: Final = 1e-2  # what is added to guard a logarithm
_ARITHMETIC: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}


def binary(
    run: "Interpreter",
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
    run: "Interpreter", node: ast.AST, frame: Frame, left: Tensor, right: Value
) -> None:
    """A loss by hand: prediction minus target, where shapes may broadcast."""
    if not isinstance(right, Tensor):
        return
    if ("model" in left.traits) != ("model" in right.traits):
        loss = Loss("other", "a difference")
        pair = (left, right) if "model" in left.traits else (right, left)
        run.note(LossUse(loss, *pair, node, frame.source))


def _tensor_arithmetic(
    run: "Interpreter",
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


def unary(op: ast.unaryop, operand: Value) -> Value:
    """``-x``, ``+x``, ``~x``, ``not x``."""
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
