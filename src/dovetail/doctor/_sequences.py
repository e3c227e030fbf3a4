"""Lists, tuples and what loops run over."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dovetail.doctor._frames import Frame
from dovetail.doctor._values import (
    UNKNOWN,
    Const,
    Instance,
    Items,
    Layer,
    Mapping,
    Tensor,
    Union,
    Unknown,
    Value,
    join,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

UNROLLED = 10  # rounds of a loop over a known list


def elements(
    run: "Interpreter", frame: Frame, value: Value, node: ast.AST
) -> list[Value] | None:
    """What a loop meets, round by round; None if nothing is known of it."""
    from dovetail.doctor._data import batch_of

    match value:
        case Items(items=tuple() as items, repeated=False):
            return _shortened(items)
        case Items(items=tuple() as items):
            return list(items[:UNROLLED])
        case Mapping(items=items) if items:
            return _shortened([Const(k) for k in items])
        case Const(value=str() as text) if 0 < len(text) < 64:
            return _shortened([Const(c) for c in text])
        case Layer() | Instance():
            batch = batch_of(run, frame, value)
            return None if batch is None else [batch]
        case Union(options=options):
            parts = [elements(run, frame, option, node) for option in options]
            known = [p[0] for p in parts if p]
            return [join(*known)] if len(known) == len(parts) else None
        case Tensor(rank=int() as rank):
            from dataclasses import replace

            return [replace(value, rank=rank - 1 if rank > 1 else None)]
    return None


def _shortened(items: Sequence[Value]) -> list[Value]:
    """All rounds of a short loop, the first and the last of a long one."""
    if len(items) <= UNROLLED:
        return list(items)
    return [items[0], items[-1]]


def unpack(
    run: "Interpreter",
    frame: Frame,
    value: Value,
    count: int,
    targets: Sequence[ast.expr] = (),
) -> list[Value]:
    """A value taken apart into ``count`` values."""
    match value:
        case Items(items=tuple() as items, repeated=False):
            starred = [i for i, t in enumerate(targets) if isinstance(t, ast.Starred)]
            if starred and len(items) >= count - 1:
                at = starred[0]
                after = count - 1 - at
                middle = Items("list", items[at : len(items) - after])
                return [*items[:at], middle, *items[len(items) - after :]][:count]
            if len(items) == count:
                return list(items)
        case Items(items=tuple() as items) if items:
            return [join(*items)] * count
        case Union(options=options):
            parts = [
                unpack(run, frame, option, count, targets)
                for option in options
                if not (isinstance(option, Tensor) or option is UNKNOWN)
                or len(options) > 8
            ]
            # An option that cannot be taken apart is not the one meant here.
            if parts:
                return [join(*column) for column in zip(*parts, strict=True)]
        case Mapping(kind="output", items=items) if len(items) >= count:
            return list(items.values())[:count]
        case Unknown(data=data):
            return [Unknown("", data)] * count
        case Tensor(traits=traits) if "data" in traits:
            return [Unknown("", True)] * count
    return [UNKNOWN] * count


def last(items: tuple[Value, ...]) -> Value:
    """The last item, or Unknown."""
    return items[-1] if items else UNKNOWN
