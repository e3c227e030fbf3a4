"""Definitions of functions and classes; what a decorator registers is found again."""

import ast
from typing import TYPE_CHECKING

from dovetail.doctor._frames import Frame
from dovetail.doctor._values import ClassInfo, Func, Scope, Value, options_of

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter


def define_function(
    run: "Interpreter", frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef
) -> None:
    """Bind a function that is defined here."""
    func = Func(node, frame.scope, frame.owner, defaults(run, frame, node.args))
    frame.scope.names[node.name] = func
    frame.nested.append(func)
    if frame.scope.is_module:
        run.functions.append(func)
        _registered(run, frame, node, func)


def _registered(
    run: "Interpreter",
    frame: Frame,
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
    made: ClassInfo | Func,
) -> None:
    """``@MODELS.register`` puts a class or function where a name finds it."""
    from dovetail.doctor._calls import call

    for decorator in node.decorator_list:
        at = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = at.attr if isinstance(at, ast.Attribute) else getattr(at, "id", "")
        if "regist" in name.lower():
            call(run, frame, run.eval(frame, decorator), [made], {}, decorator)


def defaults(
    run: "Interpreter", frame: Frame, args: ast.arguments
) -> tuple[tuple[str, Value], ...]:
    """Default values of parameters, evaluated where the function is defined."""
    given: list[tuple[str, Value]] = []
    positional = [*args.posonlyargs, *args.args]
    for arg, default in zip(
        positional[len(positional) - len(args.defaults) :],
        args.defaults,
        strict=True,
    ):
        given.append((arg.arg, run.eval(frame, default)))
    for arg, maybe in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        if maybe is not None:
            given.append((arg.arg, run.eval(frame, maybe)))
    return tuple(given)


def define_class(run: "Interpreter", frame: Frame, node: ast.ClassDef) -> None:
    """Bind a class; its body is executed."""
    bases = [run.eval(frame, base) for base in node.bases]
    info = ClassInfo(node, frame.scope, [o for b in bases for o in options_of(b)])
    frame.scope.names[node.name] = info
    body = Scope(frame.source, {}, frame.scope)
    inner = Frame(body, node, owner=info)
    run.block(inner, node.body)
    for name, value in body.names.items():
        if isinstance(value, Func) and value.owner is info:
            # Methods do not see the names of their class.
            value = Func(value.node, frame.scope, info, value.defaults)
        info.attrs[name] = value
    run.classes.append(info)
    _registered(run, frame, node, info)
