"""Attributes and items: read, and set where an object can change."""

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, final

from dovetail.doctor._frames import Frame
from dovetail.doctor._imports import from_module
from dovetail.doctor._library import KNOWN, canonical
from dovetail.doctor._values import (
    NONE,
    UNKNOWN,
    Bound,
    ClassInfo,
    Const,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    LibMethod,
    Mapping,
    ModuleRef,
    Tensor,
    Union,
    Unknown,
    Value,
    each,
    join,
    number,
    options_of,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

# Wrappers that hold a model and call it.
WRAPPERS = ("DataParallel", "DistributedDataParallel", "FullyShardedDataParallel")


@final
@dataclass(frozen=True)
class Super(Value):
    """``super()`` in a method of ``owner``."""

    self: Value
    owner: ClassInfo


def get_attribute(
    run: "Interpreter", frame: Frame, value: Value, name: str, node: ast.AST
) -> Value:
    """``value.name``."""
    match value:
        case Lib():
            return _of_library(run, frame, value, name)
        case ModuleRef(source=source):
            found = run.module(source).names.get(name)
            if found is not None:
                return found
            folder = source.file.name == "__init__.py"
            below = run.project.relative(source, 1, name) if folder else None
            return ModuleRef(below) if below is not None else Unknown(name)
        case Instance():
            return _of_instance(run, frame, value, name, node)
        case ClassInfo():
            if (found := value.find(name)) is not None:
                return _bound_class(value, found)
            return Const(value.node.name) if name == "__name__" else UNKNOWN
        case Super(self=self_value, owner=owner):
            return _of_super(self_value, owner, name)
        case Layer():
            return _of_layer(value, name)
        case Items():
            if name in value.attrs:
                return value.attrs[name]
            if name in value.keys and value.items is not None:
                return value.items[value.keys.index(name)]
            if name == "training":
                return Const(True)
            return LibMethod(value, name)
        case Mapping():
            if name in value.attrs:
                return value.attrs[name]
            if value.kind in ("namespace", "output", "moduledict"):
                if name in value.items:
                    return value.items[name]
            return LibMethod(value, name)
        case Tensor():
            return _of_tensor(value, name)
        case Union():
            return each(
                value,
                lambda option: get_attribute(run, frame, option, name, node),
                but_none=True,
            )
        case Bound() | Func() if name == "forward":
            return value
        case Unknown() if name in ("data",):
            return value
        case Unknown() | LibMethod() if name == "values" and _is_column(node):
            return Tensor("data", rank=1)
        case Unknown(data=data) if name.lstrip("_").isidentifier() and data:
            return LibMethod(value, name)
    return LibMethod(value, name)


def _is_column(node: ast.AST) -> bool:
    """``frame["price"].values``: one column of a table."""
    match node:
        case ast.Attribute(value=ast.Subscript(slice=ast.Constant(value=str()))):
            return True
    return False


def _of_library(run: "Interpreter", frame: Frame, value: Lib, name: str) -> Value:
    dotted = f"{value.name}.{name}"
    if dotted.partition(".")[0] not in KNOWN and not dotted.startswith("builtins."):
        head = run.project.imported(frame.source, value.name)
        if head is not None:
            return from_module(run, frame, value.name, head, name)
        below = run.project.imported(frame.source, dotted)
        if below is not None:
            run.module(below)
            return ModuleRef(below)
    return Lib(canonical(dotted))


def _of_instance(
    run: "Interpreter", frame: Frame, value: Instance, name: str, node: ast.AST
) -> Value:
    from dovetail.doctor._calls import call

    if name in value.attrs:
        return value.attrs[name]
    if name == "training" and value.info.is_module():
        return Const(True)
    if name == "__class__":
        return value.info
    found = value.info.find(name)
    if found is None:
        if value.layer is not None:
            return get_attribute(run, frame, value.layer, name, node)
        return LibMethod(value, name)
    if isinstance(found, Func):
        decorators = _decorators(found.node)
        if decorators & {"property", "cached_property", "getter"}:
            return call(run, frame, Bound(found, value), [], {}, node)
        if "staticmethod" in decorators:
            return found
        if "classmethod" in decorators:
            return Bound(found, value.info)
        return Bound(found, value) if found.owner is not None else found
    return found


def _bound_class(info: ClassInfo, found: Value) -> Value:
    if isinstance(found, Func) and "classmethod" in _decorators(found.node):
        return Bound(found, info)
    return found


def _decorators(node: ast.AST) -> set[str]:
    names = set()
    for decorator in getattr(node, "decorator_list", ()):
        at = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(at.attr if isinstance(at, ast.Attribute) else getattr(at, "id", ""))
    return names


def _of_super(self_value: Value, owner: ClassInfo, name: str) -> Value:
    line = self_value.info.mro() if isinstance(self_value, Instance) else owner.mro()
    after = line[line.index(owner) + 1 :] if owner in line else owner.mro()[1:]
    for info in after:
        if isinstance(found := info.attrs.get(name), Func):
            return Bound(found, self_value)
    return LibMethod(Super(self_value, owner), name)


def _of_layer(value: Layer, name: str) -> Value:
    if name in value.attrs:
        return value.attrs[name]
    short = value.name.rpartition(".")[2]
    if short in WRAPPERS and name == "module":
        return value.args[0] if value.args else UNKNOWN
    if name == "out_features":
        return value.argument(1, "out_features") or UNKNOWN
    if name == "in_features" and short == "Linear":
        return value.argument(0, "in_features") or UNKNOWN
    if name == "training":
        return Const(True)
    if name in ("weight", "bias") and value.name.startswith("torch.nn."):
        return Tensor("parameter", traits=frozenset({"model"}))
    if name == "dataset":
        return value.argument(0, "dataset") or UNKNOWN
    return LibMethod(value, name)


def _of_tensor(value: Tensor, name: str) -> Value:
    if name == "data":
        return value.having("detached")
    if name in ("T", "mT"):
        return replace(value, width=None) if value.op in ("", "linear") else Tensor()
    if name in ("values", "array") and "detached" in value.traits:
        return value
    if name == "ndim" and value.rank is not None:
        return Const(value.rank)
    return LibMethod(value, name)


def set_attribute(
    run: "Interpreter", frame: Frame, holder: Value, name: str, value: Value
) -> None:
    """``holder.name = value``."""
    for one in options_of(holder):
        if not isinstance(one, Instance | Layer | Items | Mapping):
            continue
        old = one.attrs.get(name)
        joins = isinstance(holder, Union) or (frame.rooted and one is frame.self_value)
        if old is not None and joins and old != NONE:
            run.write(one, name, join(old, value))
        elif isinstance(one, Items) and name in one.keys and one.items is not None:
            at = one.keys.index(name)
            items = (*one.items[:at], value, *one.items[at + 1 :])
            run.write(one, "items", items)
        else:
            run.write(one, name, value)


def get_item(
    run: "Interpreter", frame: Frame, holder: Value, index: ast.expr, node: ast.AST
) -> Value:
    """``holder[index]``; the index is not yet evaluated."""
    from dovetail.doctor._tensor_shapes import indexed

    if isinstance(holder, Union):
        found = [
            get_item(run, frame, option, index, node)
            for option in holder.options
            if option != NONE
        ]
        return join(*found) if found else UNKNOWN
    if isinstance(index, ast.Slice):
        low = _bound(run, frame, index.lower)
        high = _bound(run, frame, index.upper)
        step = _bound(run, frame, index.step)
        if isinstance(holder, Items) and holder.items is not None:
            return _sliced(holder, low, high, step)
        if isinstance(holder, Const) and isinstance(holder.value, str):
            return UNKNOWN
    elif not isinstance(index, ast.Tuple):
        at = run.eval(frame, index)
        items = [item(run, frame, holder, o) for o in options_of(at)]
        if items[0] is not None:
            return join(*(UNKNOWN if i is None else i for i in items))
    if isinstance(holder, Tensor):
        return indexed(run, frame, holder, index)
    if isinstance(holder, Unknown):
        if holder.data and isinstance(index, ast.Constant):
            word = index.value if isinstance(index.value, str) else ""
            return Unknown(word, True)
        return Unknown(holder.name, holder.data) if holder.data else UNKNOWN
    return UNKNOWN


def _of_rest(holder: Mapping, name: object) -> Value:
    """What a written key gives, of what was put in under keys that are not known.

    Objects are things of their own: one of several classes is not any of them, and
    what has been given under one name is not given under another.
    """
    options = options_of(holder.rest) if holder.rest is not None else ()
    kinds = {o.info for o in options if isinstance(o, Instance)}
    if kinds:
        if holder.asked is None:
            holder.asked = name
        if len(kinds) > 1 or holder.asked != name:
            return UNKNOWN
    return holder.rest or UNKNOWN


def item(run: "Interpreter", frame: Frame, holder: Value, at: Value) -> Value | None:
    """``holder[at]`` of a list or dict; None where the holder is neither."""
    from dovetail.doctor._calls import call

    where = number(at)
    match holder:
        case Items(items=tuple() as items) if items:
            if where is not None and not holder.repeated:
                inside = -len(items) <= where < len(items)
                return items[where] if inside else UNKNOWN
            return join(*items)
        case Items():
            return UNKNOWN
        case Mapping(items=items):
            if isinstance(at, Const):
                found = items.get(at.value) if _hashable(at.value) else None
                if found is not None:
                    return found
                if holder.kind == "output" and where is not None:
                    every = list(items.values())
                    return (
                        every[where] if -len(every) <= where < len(every) else UNKNOWN
                    )
                return _of_rest(holder, at.value)
            every = [*items.values(), *([holder.rest] if holder.rest else [])]
            if not every:
                return UNKNOWN
            joined = join(*every)
            # Looked up by a name that the user gives: each is a thing of its own.
            return replace(joined, choice=True) if isinstance(joined, Union) else joined
        case Instance():
            found = holder.info.find("__getitem__")
            if isinstance(found, Func):
                return call(
                    run, frame, Bound(found, holder), [at], {}, holder.info.node
                )
            if holder.layer is not None:
                return item(run, frame, holder.layer, at)
            return UNKNOWN
        case Layer():
            return holder.attrs.get(f"[{_shown(at)}]", UNKNOWN)
        case LibMethod(self=Layer() as layer, name=name):
            return Unknown(f"{name}[{_shown(at)}]") if layer else UNKNOWN
    return None


def set_item(
    run: "Interpreter", frame: Frame, holder: Value, at: Value, value: Value
) -> None:
    """``holder[at] = value``."""
    for one in options_of(holder):
        match one:
            case Mapping(items=items):
                if isinstance(at, Const) and _hashable(at.value):
                    run.write(one, "items", {**items, at.value: value})
                elif one.rest is None:
                    one.rest = value
                    one.version += 1
            case Items(items=tuple() as items):
                where = number(at)
                if where is not None and -len(items) <= where < len(items):
                    where %= len(items)
                    changed = (*items[:where], value, *items[where + 1 :])
                    run.write(one, "items", changed)
                elif not isinstance(at, Const):
                    run.write(one, "items", None)
            case LibMethod(self=Layer() as layer, name=name):
                # model.classifier[6] = nn.Linear(...): the head of a library's model.
                run.write(layer, f"{name}[{_shown(at)}]", value)


def _bound(run: "Interpreter", frame: Frame, node: ast.expr | None) -> Any:
    if node is None:
        return None
    value = run.eval(frame, node)
    return value.value if isinstance(value, Const) else UNKNOWN


def _sliced(holder: Items, low: Any, high: Any, step: Any) -> Value:
    items = holder.items
    if items is None or any(b is UNKNOWN for b in (low, high, step)):
        return Items(holder.kind, None)
    try:
        part = items[low:high:step]
    except (TypeError, ValueError):
        return Items(holder.kind, None)
    if holder.repeated:
        part = items
    return Items(holder.kind, part, holder.node, holder.source, holder.repeated)


def _hashable(value: Any) -> bool:
    return isinstance(value, str | int | float | bool | type(None))


def _shown(at: Value) -> str:
    return str(at.value) if isinstance(at, Const) else "?"
