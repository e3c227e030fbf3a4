"""Calls: functions and classes of the project are entered, a library's are known."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dovetail.doctor._facts import CallFact
from dovetail.doctor._frames import Frame
from dovetail.doctor._guesses import is_label
from dovetail.doctor._library import loss_class
from dovetail.doctor._values import (
    NONE,
    UNKNOWN,
    Bound,
    ClassInfo,
    Func,
    Function,
    Instance,
    Items,
    Layer,
    Lib,
    LibMethod,
    Mapping,
    Partial,
    Scope,
    Tensor,
    Union,
    Unknown,
    Value,
    each,
    join,
    key,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]
DEEPEST = 24  # calls inside calls
MANY = 40  # objects of one class that are told apart


def evaluate_call(run: "Interpreter", frame: Frame, node: ast.Call) -> Value:
    """A call as it is written."""
    from dovetail.doctor._attributes import Super

    if isinstance(node.func, ast.Name) and node.func.id == "super":
        if frame.self_value is not None and frame.owner is not None:
            return Super(frame.self_value, frame.owner)
        return UNKNOWN
    callee = run.eval(frame, node.func)
    args: list[Value] = []
    for arg in node.args:
        value = run.eval(frame, arg)
        if not isinstance(arg, ast.Starred):
            args.append(value)
        elif isinstance(value, Items) and value.items is not None:
            args += value.items
        else:
            args += [UNKNOWN] * 4 if len(node.args) == 1 else [UNKNOWN]
    kwargs: Kwargs = {}
    for keyword in node.keywords:
        value = run.eval(frame, keyword.value)
        if keyword.arg is not None:
            kwargs[keyword.arg] = value
        elif isinstance(value, Mapping):
            kwargs.update({k: v for k, v in value.items.items() if isinstance(k, str)})
        else:
            kwargs["**"] = UNKNOWN
    result = call(run, frame, callee, args, kwargs, node)
    run.facts.calls[node] = CallFact(callee, tuple(args), result)
    return result


def call(
    run: "Interpreter",
    frame: Frame,
    callee: Value,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """What calling a value gives."""
    match callee:
        case Union():
            tied = run.tied
            run.tied = (run.choices > 0 or frame.chosen) and _several_losses(callee)
            try:
                return each(
                    callee,
                    lambda option: call(run, frame, option, args, kwargs, node),
                    but_none=True,
                )
            finally:
                run.tied = tied
        case Func():
            return enter(run, callee, None, args, kwargs, node)
        case Bound(func=func, self=self_value):
            return enter(run, func, self_value, args, kwargs, node)
        case ClassInfo():
            return instantiate(run, frame, callee, args, kwargs, node)
        case Instance():
            return call_instance(run, frame, callee, args, kwargs, node)
        case Layer():
            from dovetail.doctor._frameworks import call_library_object

            return call_library_object(run, frame, callee, args, kwargs, node)
        case Items(kind="sequential"):
            from dovetail.doctor._layers import run_sequence

            return run_sequence(run, frame, callee, args, kwargs, node)
        case Partial(func=func, args=before, kwargs=named):
            both = {**dict(named), **kwargs}
            return call(run, frame, func, [*before, *args], both, node)
        case Lib():
            from dovetail.doctor._functions import call_function

            return call_function(run, frame, callee.name, args, kwargs, node)
        case LibMethod():
            from dovetail.doctor._functions import call_method

            return call_method(run, frame, callee.self, callee.name, args, kwargs, node)
    return UNKNOWN


def _several_losses(value: Union) -> bool:
    """Is it one of losses of several kinds, and not known which?"""
    kinds = set()
    for option in value.options:
        if isinstance(option, Layer) and (loss := loss_class(option.name)) is not None:
            kinds.add(loss.family)
        elif option != NONE:
            kinds.add("other")
    return len(kinds) > 1


def call_instance(
    run: "Interpreter",
    frame: Frame,
    instance: Instance,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """``model(x)``: its forward, its __call__, or that of a library's base."""
    for name in ("__call__", "forward"):
        found = instance.info.find(name)
        if isinstance(found, Func):
            result = enter(run, found, instance, args, kwargs, node)
            return _of_model(result) if instance.info.is_module() else result
    from dovetail.doctor._frameworks import call_library_object
    from dovetail.doctor._layers import run_sequence

    match instance.layer:
        case Layer() as layer:
            return call_library_object(run, frame, layer, args, kwargs, node)
        case Items() as items:
            return run_sequence(run, frame, items, args, kwargs, node)
    return UNKNOWN


def _of_model(value: Value) -> Value:
    """Mark tensors as outputs of a network."""
    match value:
        case Tensor():
            return value if "model" in value.traits else value.having("model")
        case Unknown():
            return Tensor(traits=frozenset({"model"}))
        case Union(options=options):
            return replace(value, options=tuple(_of_model(o) for o in options))
    return value


def enter(
    run: "Interpreter",
    func: Func,
    self_value: Value | None,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
    *,
    rooted: bool = False,
) -> Value:
    """Execute a function of the project with these arguments."""
    if len(run.stack) >= DEEPEST or run.stack.count(func.node) >= 2:
        return UNKNOWN
    names = bind(func, self_value, args, kwargs, rooted=rooted)
    memo = (
        id(func.node),
        id(func.scope),
        rooted,
        tuple((n, key(v)) for n, v in names.items()),
    )
    if memo in run.memo and not rooted:
        return run.memo[memo]
    scope = Scope(func.scope.source, names, func.scope)
    inner = Frame(scope, func.node, self_value, func.owner, rooted=rooted)
    run.entered.add(func.node)
    if self_value is not None:
        run.entered_on.add((func.node, id(self_value)))
    run.stack.append(func.node)
    try:
        result = _execute(run, inner, func.node)
    finally:
        run.stack.pop()
    if not _has_changed(self_value, memo):
        run.memo[memo] = result
    return result


def _execute(run: "Interpreter", inner: Frame, node: Function) -> Value:
    if isinstance(node, ast.Lambda):
        return run.eval(inner, node.body)
    run.block(inner, node.body)
    for nested in inner.nested:
        # A closure given to somebody we cannot follow, such as optimizer.step.
        if nested.node not in run.entered and len(run.stack) < 12:
            enter(run, nested, None, [], {}, nested.node)
    if inner.yields:
        return Items("list", (join(*inner.yields),), node, inner.source, True)
    result = join(*inner.returns) if inner.returns else NONE
    if node.name == "forward":
        run.facts.returned.append((result, node, inner.source))
    return result


def _has_changed(self_value: Value | None, memo: Any) -> bool:
    """Has the object changed while its method ran? Then the call is not remembered."""
    return self_value is not None and ("self", key(self_value)) not in memo[3]


def bind(
    func: Func,
    self_value: Value | None,
    args: Sequence[Value],
    kwargs: Kwargs,
    *,
    rooted: bool = False,
) -> dict[str, Value]:
    """Arguments by the names of parameters; what is not given has its default."""
    spec = func.node.args
    names: dict[str, Value] = {}
    positional = [a.arg for a in (*spec.posonlyargs, *spec.args)]
    given = [self_value, *args] if self_value is not None else list(args)
    for name, value in zip(positional, given, strict=False):
        assert value is not None
        names[name] = value
    if spec.vararg is not None:
        rest = tuple(v for v in given[len(positional) :] if v is not None)
        unknown = not given[len(positional) :] and "**" in kwargs
        names[spec.vararg.arg] = Items("tuple", None if unknown else rest)
    every = {*positional, *(a.arg for a in spec.kwonlyargs)}
    others: dict[Any, Value] = {}
    for name, value in kwargs.items():
        if name in every:
            names[name] = value
        elif name != "**":
            others[name] = value
    if spec.kwarg is not None:
        rest_of = UNKNOWN if "**" in kwargs else None
        names[spec.kwarg.arg] = Mapping("dict", others, rest_of)
    for name, value in func.defaults:
        if name not in names:
            open_ = "**" in kwargs or (rooted and value == NONE and is_label(name))
            names[name] = Unknown(name) if open_ else value
    for name in every:
        if name not in names:
            names[name] = Unknown(name)
    return names


def instantiate(
    run: "Interpreter",
    frame: Frame,
    info: ClassInfo,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """Make an object of a class of the project."""
    from dovetail.doctor._constructed import construct

    if info.is_a("Enum", "IntEnum", "StrEnum"):
        return UNKNOWN
    # What is made in one place from the same things is one object, unless it is a
    # network: those change afterwards (model.fc = ...).
    site = (id(info), id(node), *(key(a) for a in args))
    site += tuple((n, key(v)) for n, v in kwargs.items())
    if (same := run.made.get(site)) is not None:
        if not info.is_module() or run.made_of[info] > MANY:
            return same
    made = Instance(info, node, frame.source)
    run.made[site] = made
    run.made_of[info] += 1
    run.instances.append(made)
    for name, value in fields(run, frame, info, args, kwargs, node).items():
        made.attrs[name] = value
    found = info.find("__init__")
    if isinstance(found, Func):
        enter(run, found, made, args, kwargs, node)
    else:
        for base in info.library_bases():
            if base not in ("torch.nn.Module", "builtins.object", "abc.ABC"):
                layer = construct(run, frame, base, args, kwargs, node)
                if isinstance(layer, Layer | Items):
                    made.layer = layer
                break
    if isinstance(post := info.find("__post_init__"), Func):
        enter(run, post, made, [], {}, node)
    return made


def fields(
    run: "Interpreter",
    frame: Frame,
    info: ClassInfo,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> dict[str, Value]:
    """Values of the fields of a dataclass, NamedTuple or settings class."""
    if info.find("__init__") is not None:
        return {}
    names: list[str] = []
    for one in reversed(info.mro()):
        for statement in one.node.body:
            if isinstance(statement, ast.AnnAssign):
                if isinstance(statement.target, ast.Name):
                    names.append(statement.target.id)
    if not names:
        return {}
    values: dict[str, Value] = {}
    for name, value in zip(names, args, strict=False):
        values[name] = value
    for name in names:
        if name in kwargs:
            values[name] = kwargs[name]
        elif name not in values:
            default = info.find(name)
            values[name] = Unknown(name) if default is None else default
            if isinstance(default, Layer) and default.name == "dataclasses.field":
                values[name] = _field(run, frame, default, node)
    return values


def _field(run: "Interpreter", frame: Frame, default: Layer, node: ast.AST) -> Value:
    if "default" in default.kwargs:
        return default.kwargs["default"]
    if "default_factory" in default.kwargs:
        return call(run, frame, default.kwargs["default_factory"], [], {}, node)
    return UNKNOWN
