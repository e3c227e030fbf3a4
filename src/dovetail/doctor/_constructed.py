"""Objects of a library's classes: layers, containers of them, parameters."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dovetail.doctor._frames import Frame
from dovetail.doctor._library import loss_class
from dovetail.doctor._values import (
    UNKNOWN,
    Const,
    Items,
    Layer,
    Mapping,
    Tensor,
    Unknown,
    Value,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]


def construct(
    run: "Interpreter",
    frame: Frame,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """Make an object of a class of a library."""
    short = name.rpartition(".")[2]
    if name == "torch.nn.Sequential":
        return _sequential(frame, args, node)
    if name == "torch.nn.ModuleList":
        given = args[0] if args else Items("list", ())
        items = given.items if isinstance(given, Items) else None
        repeated = isinstance(given, Items) and given.repeated
        return Items("modulelist", items, node, frame.source, repeated)
    if name == "torch.nn.ModuleDict":
        given = args[0] if args else Mapping("dict", {})
        if isinstance(given, Mapping):
            return Mapping("moduledict", dict(given.items), given.rest)
        return Mapping("moduledict", {}, UNKNOWN)
    if name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
        given = args[0] if args else UNKNOWN
        rank = given.rank if isinstance(given, Tensor) else None
        width = given.width if isinstance(given, Tensor) else None
        return Tensor("parameter", rank=rank, width=width)
    if name in ("types.SimpleNamespace", "argparse.Namespace"):
        return Mapping("namespace", dict(kwargs))
    if name == "collections.OrderedDict" and not args:
        return Mapping("dict", dict(kwargs))
    if name in ("collections.OrderedDict", "easydict.EasyDict"):
        return _ordered(args[0])
    is_class = short[:1].isupper()  # by how people write names
    if is_class or name == "dataclasses.field" or loss_class(name) is not None:
        return Layer(name, tuple(args), dict(kwargs), node, frame.source)
    return Unknown()


def _sequential(frame: Frame, args: Sequence[Value], node: ast.AST) -> Value:
    if len(args) == 1 and isinstance(args[0], Mapping):
        given = args[0]
        keys = tuple(str(k) for k in given.items)
        items: tuple[Value, ...] | None = tuple(given.items.values())
        if given.rest is not None:
            items = None
        return Items("sequential", items, node, frame.source, keys=keys)
    if len(args) == 1 and isinstance(args[0], Items) and args[0].kind == "list":
        return Items("sequential", args[0].items, node, frame.source)
    return Items("sequential", tuple(args), node, frame.source)


def _ordered(given: Value) -> Value:
    """OrderedDict([...pairs...])."""
    if isinstance(given, Mapping):
        return given
    items: dict[Any, Value] = {}
    if isinstance(given, Items) and given.items is not None and not given.repeated:
        for pair in given.items:
            if not (isinstance(pair, Items) and pair.items and len(pair.items) == 2):
                return Mapping("dict", {}, UNKNOWN)
            name = pair.items[0]
            items[name.value if isinstance(name, Const) else len(items)] = pair.items[1]
        return Mapping("dict", items)
    return Mapping("dict", {}, UNKNOWN)
