"""Python's own functions, as far as models and losses pass through them."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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
    ModuleRef,
    Tensor,
    Union,
    Unknown,
    Value,
    join,
    number,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

FEW = 8  # classes of a file that getattr(file, name) may mean


def call_builtin(
    run: "Interpreter",
    frame: Frame,
    name: str,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """Call a builtin by its name."""
    first = args[0] if args else UNKNOWN
    match name:
        case "isinstance":
            return _isinstance(first, args[1] if len(args) > 1 else UNKNOWN)
        case "getattr":
            return _getattr(run, frame, args, node)
        case "setattr" if len(args) == 3:
            from dovetail.doctor._attributes import set_attribute

            if isinstance(args[1], Const) and isinstance(args[1].value, str):
                set_attribute(run, frame, first, args[1].value, args[2])
        case "hasattr" if len(args) == 2 and isinstance(args[1], Const):
            return _hasattr(first, args[1].value)
        case "callable":
            if isinstance(first, Func | ClassInfo | Layer | Lib | Instance):
                return Const(True)
        case "len":
            if isinstance(first, Items) and first.items is not None:
                return UNKNOWN if first.repeated else Const(len(first.items))
            if isinstance(first, Mapping) and first.rest is None:
                return Const(len(first.items))
        case "range":
            return _range(args)
        case "enumerate" | "zip" | "reversed" | "list" | "tuple" | "sorted" | "iter":
            return _iterated(run, frame, name, args, node)
        case "next":
            from dovetail.doctor._sequences import elements

            found = elements(run, frame, first, node)
            return found[0] if found else Unknown("", True)
        case "map" if len(args) >= 2:
            from dovetail.doctor._calls import call
            from dovetail.doctor._sequences import elements

            found = elements(run, frame, args[1], node)
            given = found[0] if found else Unknown("", True)
            result = call(run, frame, first, [given], {}, node)
            return Items("list", (result,), repeated=True)
        case "dict":
            if args and isinstance(first, Mapping):
                return Mapping("dict", {**first.items, **kwargs}, first.rest)
            return Mapping("dict", dict(kwargs), UNKNOWN if args else None)
        case "set":
            return Items("list", first.items if isinstance(first, Items) else None)
        case "round":
            from dovetail.doctor._tensors import operate

            if isinstance(first, Tensor | Union):
                return operate(run, frame, node, "round", first, [], {}) or UNKNOWN
        case "int" | "float" | "str" | "bool":
            return _converted(name, first)
        case "max" | "min" if len(args) > 1:
            values = [a.value for a in args if isinstance(a, Const)]
            if len(values) == len(args):
                try:
                    return Const(max(values) if name == "max" else min(values))
                except TypeError:
                    return UNKNOWN
        case "type" if len(args) == 1 and isinstance(first, Instance):
            return first.info
        case "globals" | "locals" | "vars":
            scope = frame.scope.globals() if name == "globals" else frame.scope
            return Mapping("dict", dict(scope.names), UNKNOWN)
        case "eval" if isinstance(first, Const) and isinstance(first.value, str):
            if first.value.isidentifier():
                return run.lookup(frame, first.value)
        case "__import__" if isinstance(first, Const) and isinstance(first.value, str):
            return Lib(first.value)
        case "sum":
            if isinstance(first, Items) and first.items:
                ops = {i.op for i in first.items if isinstance(i, Tensor)}
                if ops == {"loss"}:
                    return first.items[0]
            return Tensor() if isinstance(first, Tensor | Items) else UNKNOWN
    return UNKNOWN


def _isinstance(value: Value, kind: Value) -> Value:
    names = {k.name for k in _kinds(kind) if isinstance(k, Lib)}
    classes = [k for k in _kinds(kind) if isinstance(k, ClassInfo)]
    known = len(names) + len(classes) == len(_kinds(kind))
    if not known:
        return UNKNOWN
    match value:
        case Tensor(traits=traits):
            if "model" not in traits and value.op == "":
                return UNKNOWN
            return Const("torch.Tensor" in names)
        case Items(kind="tuple"):
            return Const(bool(names & {"builtins.tuple", "collections.abc.Sequence"}))
        case Items(kind="list"):
            return Const(bool(names & {"builtins.list", "collections.abc.Sequence"}))
        case Mapping(kind="dict"):
            return Const(bool(names & {"builtins.dict", "collections.OrderedDict"}))
        case Const(value=inner):
            return Const(f"builtins.{type(inner).__name__}" in names)
        case Layer(name=name) if name.startswith("torch.nn."):
            if not names or "torch.nn.Module" in names or name in names:
                return Const(name in names or "torch.nn.Module" in names)
        case Instance(info=info) if classes and not names:
            return Const(any(c in info.mro() for c in classes))
    return UNKNOWN


def _kinds(kind: Value) -> list[Value]:
    if isinstance(kind, Items) and kind.items is not None:
        return list(kind.items)
    return [kind]


def _getattr(
    run: "Interpreter", frame: Frame, args: Sequence[Value], node: ast.AST
) -> Value:
    from dovetail.doctor._attributes import get_attribute

    if len(args) < 2:
        return UNKNOWN
    holder, name = args[0], args[1]
    if isinstance(name, Const) and isinstance(name.value, str):
        found = get_attribute(run, frame, holder, name.value, node)
        if len(args) > 2 and isinstance(_hasattr(holder, name.value), Const):
            if _hasattr(holder, name.value) == Const(False):
                return args[2]
        return found
    if isinstance(name, Union):
        parts = [
            _getattr(run, frame, [holder, o, *args[2:]], node) for o in name.options
        ]
        return join(*parts)
    if isinstance(holder, ModuleRef):
        found_classes = [
            v
            for v in run.module(holder.source).names.values()
            if isinstance(v, ClassInfo) and v.is_module()
        ]
        if 0 < len(found_classes) <= FEW:
            return Union(tuple(found_classes), choice=True)
    if isinstance(holder, Lib) and holder.name == "torch.nn":
        default = _default_of_option(run, node)
        if default is not None:
            return get_attribute(run, frame, holder, default, node)
    return UNKNOWN


def _default_of_option(run: "Interpreter", node: ast.AST) -> str | None:
    """``getattr(nn, args.loss)``: what ``--loss`` is if the user says nothing."""
    match node:
        case ast.Call(args=[_, ast.Attribute(attr=wanted), *_]):
            pass
        case _:
            return None
    found = set()
    for source in run.project.sources:
        if "add_argument" not in source.text:
            continue
        for call in run.project.calls(source):
            if not (isinstance(call.func, ast.Attribute) and call.args):
                continue
            option = call.args[-1]
            if call.func.attr != "add_argument" or not isinstance(option, ast.Constant):
                continue
            if str(option.value).lstrip("-").replace("-", "_") == wanted:
                found |= {
                    k.value.value if isinstance(k.value, ast.Constant) else None
                    for k in call.keywords
                    if k.arg == "default"
                }
    default = found.pop() if len(found) == 1 else None
    return default if isinstance(default, str) else None


def _hasattr(value: Value, name: str) -> Value:
    if isinstance(value, Instance):
        if name in value.attrs or value.info.find(name) is not None:
            return Const(True)
        return UNKNOWN
    if isinstance(value, Mapping) and value.kind == "namespace" and value.rest is None:
        return Const(name in value.items)
    return UNKNOWN


def _range(args: Sequence[Value]) -> Value:
    numbers = [number(a) for a in args]
    if not numbers or any(n is None for n in numbers):
        return Items("list", (Unknown(),), repeated=True)
    values = range(*[n for n in numbers if n is not None])
    if len(values) > 64:
        return Items("list", (Unknown(),), repeated=True)
    return Items("list", tuple(Const(i) for i in values))


def _iterated(
    run: "Interpreter", frame: Frame, name: str, args: Sequence[Value], node: ast.AST
) -> Value:
    from dovetail.doctor._sequences import elements

    if not args:
        return Items("tuple" if name == "tuple" else "list", ())
    first = args[0]
    if name in ("list", "tuple", "sorted", "iter"):
        if isinstance(first, Items):
            kind = "tuple" if name == "tuple" else "list"
            return Items(kind, first.items, first.node, first.source, first.repeated)
        if isinstance(first, Mapping) and name != "iter":
            return Items("list", tuple(Const(k) for k in first.items))
        return first if name == "iter" else Items("list", None)
    if name == "reversed":
        if isinstance(first, Items) and first.items is not None:
            return Items("list", first.items[::-1], repeated=first.repeated)
        return Items("list", None)
    exact = all(
        isinstance(a, Items) and a.items is not None and not a.repeated for a in args
    )
    if exact:
        columns: list[Sequence[Value]] = [a.items or () for a in args]  # type: ignore[attr-defined]
        if name == "enumerate":
            columns.insert(0, [Const(i) for i in range(len(columns[0]))])
        rows = [Items("tuple", tuple(row)) for row in zip(*columns, strict=False)]
        return Items("list", tuple(rows))
    parts: list[Value] = []
    for arg in args if name == "zip" else args[:1]:
        found = elements(run, frame, arg, node)
        parts.append(join(*found) if found else Unknown("", True))
    if name == "enumerate":
        parts.insert(0, Unknown())
    return Items("list", (Items("tuple", tuple(parts)),), repeated=True)


def _converted(name: str, value: Value) -> Value:
    if isinstance(value, Const):
        work: Any = {"int": int, "float": float, "str": str, "bool": bool}[name]
        try:
            return Const(work(value.value))
        except (TypeError, ValueError):
            return UNKNOWN
    if isinstance(value, Tensor) and name in ("int", "float"):
        kind = "int" if name == "int" else "float"
        return Tensor(
            value.op, rank=0, dtype=kind, traits=frozenset({"detached", "item"})
        )
    return UNKNOWN
