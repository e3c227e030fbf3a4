"""Methods of lists, dicts and strings, and of the containers of modules."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dovetail.doctor._attributes import item
from dovetail.doctor._frames import Frame
from dovetail.doctor._library import SELF_METHODS
from dovetail.doctor._values import UNKNOWN, Const, Items, Mapping, Value, number

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]


def list_method(
    run: "Interpreter",
    frame: Frame,
    value: Items,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """What a method of a list, or of a container of modules, gives."""
    from dovetail.doctor._calls import call

    items = value.items
    if name in SELF_METHODS:
        return value
    if name == "forward" and value.kind == "sequential":
        return call(run, frame, value, args, kwargs, node)
    if name in ("append", "add", "appendleft") and args:
        if items is not None and len(items) < 4000:
            run.write(value, "items", (*items, args[0]))
        return value if value.kind in ("sequential", "modulelist") else UNKNOWN
    if name == "add_module" and len(args) > 1:
        if items is not None:
            label = str(args[0].value) if isinstance(args[0], Const) else ""
            value.keys = (*value.keys, label) if len(value.keys) == len(items) else ()
            run.write(value, "items", (*items, args[1]))
        return UNKNOWN
    if name == "extend" and args:
        other = args[0]
        if isinstance(other, Items) and items is not None and other.items is not None:
            run.write(value, "items", items + other.items)
            value.repeated |= other.repeated
        else:
            run.write(value, "items", None)
        return value if value.kind in ("sequential", "modulelist") else UNKNOWN
    if name == "insert" and len(args) == 2:
        at = number(args[0])
        if items is not None and at is not None:
            changed = list(items)
            changed.insert(at, args[1])
            run.write(value, "items", tuple(changed))
        else:
            run.write(value, "items", None)
    if name == "pop":
        at = number(args[0]) if args else -1
        if items and at is not None and -len(items) <= at < len(items):
            changed = list(items)
            out = changed.pop(at)
            if not value.repeated:
                run.write(value, "items", tuple(changed))
            return out
        run.write(value, "items", None)
    if name in ("children", "modules"):
        return Items("list", items, value.node, value.source, value.repeated)
    if name in ("clear", "reverse", "sort", "remove"):
        run.write(value, "items", () if name == "clear" else None)
    if name == "copy":
        return Items(value.kind, items, value.node, value.source, value.repeated)
    return UNKNOWN


def dict_method(
    run: "Interpreter",
    frame: Frame,
    value: Mapping,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """What a method of a dict, or of a container of named modules, gives."""
    every = tuple(value.items.values())
    known = value.rest is None
    match name:
        case "get" | "pop" | "setdefault" if args:
            found = item(run, frame, value, args[0]) or UNKNOWN
            if found is UNKNOWN and isinstance(args[0], Const) and known:
                return args[1] if len(args) > 1 else Const(None)
            return found
        case "items":
            pairs = tuple(Items("tuple", (Const(k), v)) for k, v in value.items.items())
            return Items("list", pairs if known else None)
        case "values":
            return Items("list", every if known else None)
        case "keys":
            return Items(
                "list", tuple(Const(k) for k in value.items) if known else None
            )
        case "update":
            given: dict[Any, Value] = dict(kwargs)
            if args and isinstance(args[0], Mapping):
                given = {**args[0].items, **given}
            run.write(value, "items", {**value.items, **given})
        case "to" | "cuda" | "cpu" | "copy" | "train" | "eval":
            return value
    return UNKNOWN


def string_method(text: str, name: str, args: Sequence[Value]) -> Value:
    """What a method of a text gives."""
    if name in ("lower", "upper", "strip", "title", "capitalize") and not args:
        return Const(getattr(text, name)())
    if all(isinstance(a, Const) for a in args):
        values = [a.value for a in args if isinstance(a, Const)]
        if name in ("startswith", "endswith", "format", "replace", "split"):
            try:
                result = getattr(text, name)(*values)
            except (TypeError, ValueError, IndexError, KeyError):
                return UNKNOWN
            if isinstance(result, list):
                return Items("list", tuple(Const(r) for r in result))
            return Const(result)
    return UNKNOWN
