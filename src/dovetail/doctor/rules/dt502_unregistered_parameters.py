"""DT502 unregistered-parameters."""

import ast
import re
from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._index import index
from dovetail.doctor._parameters import has_parameters, is_learnt, result_of
from dovetail.doctor._project import Project
from dovetail.doctor._source import Source
from dovetail.doctor._values import UNKNOWN, Bound, Func, Items, options_of
from dovetail.doctor._walk import own_nodes
from dovetail.doctor._written import lines_of, written

_REGISTERS = r"ModuleList|ModuleDict|Sequential|ParameterList|ParameterDict"
_READERS = (
    *("enumerate", "getattr", "hasattr", "isinstance", "iter", "len", "list", "map"),
    *("next", "print", "range", "reversed", "sorted", "str", "sum", "tuple", "zip"),
)
Method = ast.FunctionDef | ast.AsyncFunctionDef


@final
class UnregisteredParameters(Rule):
    """A module keeps layers or tensors where PyTorch does not see them.

    Only what is assigned to an attribute as ``nn.Module`` or ``nn.Parameter`` is
    registered. Layers in a plain list or dict, a tensor with ``requires_grad=True``,
    a layer that is made inside ``forward`` are not: ``parameters()`` leaves them out,
    so the optimizer never moves them; ``to(device)`` leaves them where they are, and
    ``state_dict()`` does not save them. A layer made in ``forward`` is drawn anew for
    every batch.

    Not seen: layers that come from a function that cannot be read. Lists that are
    also handed to ``nn.ModuleList``, ``nn.Sequential``, ``add_module`` or another
    module, layers without parameters, frozen networks that are hidden on purpose in a
    list of one, and tensors given to the optimizer by name are right.
    """

    id = "unregistered-parameters"
    code = "DT502"
    severity = Severity.ERROR
    title = "Layers or tensors that parameters() does not find"
    title_zh = "parameters() 找不到的层或张量"
    seen = "SR"
    fix = (
        "use nn.ModuleList, nn.ModuleDict or nn.Parameter, and make layers in __init__"
    )
    bad = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = [nn.Linear(8, 8) for _ in range(3)]

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x
"""
    good = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return x
"""
    page_zh = """模块把层或张量放在了 PyTorch 看不到的地方。

    只有作为 ``nn.Module`` 或 ``nn.Parameter`` 赋给属性的东西才会被注册。普通列表或字典
    里的层、带 ``requires_grad=True`` 的张量、在 ``forward`` 里创建的层都不会：
    ``parameters()`` 不含它们，优化器从不移动它们；``to(device)`` 不搬动它们，
    ``state_dict()`` 也不保存它们。在 ``forward`` 里创建的层，每一批都重新随机初始化。

    看不到的：由读不到的函数得来的层。同时交给 ``nn.ModuleList``、``nn.Sequential``、
    ``add_module`` 或别的模块的列表、没有参数的层、有意藏在单元素列表里的冻结网络，以及
    按名字交给优化器的张量，都是对的。
    """

    def check(self, project: Project) -> Iterator[Finding]:
        for source in project.sources:
            if "nn" not in source.text:
                continue
            for node in index(project, source).classes:
                if project.is_module(source, node):
                    for place, what in _of_class(project, source, node):
                        yield self.finding(source, place, what)


def _of_class(
    project: Project, source: Source, node: ast.ClassDef
) -> Iterator[tuple[ast.AST, str]]:
    text = lines_of(source, node)
    if re.search(r"def (parameters|named_parameters|_apply|register)\b", text):
        return
    methods = [m for m in node.body if isinstance(m, Method)]
    for method in methods:
        if method.name == "forward":
            yield from _made_in_forward(project, method)
        else:
            yield from _in_containers(project, node, method, text)
        if method.name == "__init__":
            yield from _plain_tensors(project, source, method)


def _in_containers(
    project: Project, node: ast.ClassDef, method: Method, text: str
) -> Iterator[tuple[ast.AST, str]]:
    """``self.x = [nn.Linear(...), ...]``, and lists that are filled later."""
    local: dict[str, bool] = {}  # lists of this method -> do they hold layers?
    empty: dict[str, ast.stmt] = {}  # self.x = []
    for part in sorted(own_nodes(method), key=lambda n: getattr(n, "lineno", 0)):
        match part:
            case ast.Assign(targets=[target], value=value):
                name = written(target)
                kind = _container(project, value)
                if isinstance(value, ast.Name) and local.get(value.id):
                    kind = "" if _handed_over(method, value.id) else "layers"
                if not _own_attribute(target):
                    if kind is not None:
                        local[name] = kind == "layers"
                elif kind == "layers" and _counts(node, text, name, value):
                    yield part, _said(name)
                elif kind == "empty":
                    empty[name] = part
            case ast.Call(
                func=ast.Attribute(value=owner, attr="append" | "extend" | "insert"),
                args=[*_, value],
            ):
                name = written(owner)
                if not _adds_layer(project, method, value):
                    continue
                if name in local:
                    local[name] = True
                elif name in empty and _counts(node, text, name, value):
                    yield empty.pop(name), _said(name)
            case ast.AugAssign(target=target, value=value):
                name = written(target)
                if _container(project, value) == "layers":
                    if name in local:
                        local[name] = True
                    elif name in empty and _counts(node, text, name, value):
                        yield empty.pop(name), _said(name)
        if isinstance(part, ast.Assign) and isinstance(part.targets[0], ast.Subscript):
            name = written(part.targets[0].value)
            adds = name in empty and _adds_layer(project, method, part.value)
            if adds and _counts(node, text, name, part.value):
                yield empty.pop(name), _said(name)


def _said(name: str) -> str:
    return (
        f"{name} holds layers in a plain list or dict: parameters(), to() and "
        "state_dict() do not see them"
    )


def _own_attribute(target: ast.expr) -> bool:
    return (
        isinstance(target, ast.Attribute)
        and isinstance(target.value, ast.Name)
        and target.value.id == "self"
    )


def _container(project: Project, node: ast.expr) -> str | None:
    """ "layers" for a display of new layers, "empty" for an empty one, else None."""
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            if not parts:
                return "empty"
            return "layers" if any(_new(project, p) for p in parts) else "other"
        case ast.Dict(values=parts):
            if not parts:
                return "empty"
            return "layers" if any(_new(project, p) for p in parts) else "other"
        case ast.ListComp(elt=element) | ast.DictComp(value=element):
            return "layers" if _new(project, element) else "other"
        case ast.BinOp(left=left, right=right):
            kinds = {_container(project, left), _container(project, right)}
            return "layers" if "layers" in kinds else None
        case ast.Call(func=ast.Name(id="list" | "dict"), args=[]):
            return "empty"
        case ast.Call(func=func) if not isinstance(func, ast.Name) or (
            func.id not in ("list", "tuple", "sorted")
        ):
            # What a function of the project makes; a copy of a list that was handed
            # in may be registered by whoever made it.
            made = result_of(project, node)
            if isinstance(made, Items) and made.kind in ("list", "tuple"):
                held = [o for item in made.items or () for o in options_of(item)]
                shown = made.node
                several = not (isinstance(shown, ast.List) and len(shown.elts) == 1)
                layers = several and all(has_parameters(o) for o in held)
                return "layers" if held and layers else "other"
    return None


def _new(project: Project, node: ast.expr) -> bool:
    """Is something with parameters made here?"""
    return isinstance(node, ast.Call) and has_parameters(result_of(project, node))


def _adds_layer(project: Project, method: Method, node: ast.expr) -> bool:
    if isinstance(node, ast.Name):
        made = [
            part.value
            for part in own_nodes(method)
            if isinstance(part, ast.Assign)
            and any(written(t) == node.id for t in part.targets)
        ]
        used = sum(
            isinstance(part, ast.Name) and part.id == node.id
            for part in own_nodes(method)
        )
        # Also given to somebody else, such as add_module.
        return bool(made) and used == 2 and all(_new(project, m) for m in made)
    return _new(project, node) or _container(project, node) == "layers"


def _handed_over(method: Method, name: str) -> bool:
    """Is a local list also given to a call, which may register it?"""
    return any(
        isinstance(part, ast.Call)
        and any(
            isinstance(n, ast.Name) and n.id == name
            for argument in (*part.args, *(k.value for k in part.keywords))
            for n in ast.walk(argument)
        )
        for part in own_nodes(method)
    )


def _counts(node: ast.ClassDef, text: str, name: str, value: ast.expr) -> bool:
    """Is a list used by the class, and registered by nothing in it?"""
    if isinstance(value, ast.List | ast.Tuple) and len(value.elts) == 1:
        return False  # hidden on purpose
    if re.search(r"requires_grad(_\(False|\s*=\s*False)|\.parameters\(\)", text):
        return False
    if re.search(
        r"add_module|register_(module|parameter)|setattr\(self|__setattr__"
        r"|self\._(modules|parameters)\[",
        text,
    ):
        return False
    reads = 0
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and written(part) == name:
            reads += isinstance(part.ctx, ast.Load)
        if (
            isinstance(part, ast.Call)
            and re.search(_REGISTERS, written(part.func))
            and name in written(part)
        ):
            return False
        if isinstance(part, ast.Call) and written(part.func) not in _READERS:
            given = [*part.args, *(k.value for k in part.keywords)]
            if name in map(written, given):
                return False  # another module may register what is in it
        if isinstance(part, ast.Call) and written(part.func).startswith(name):
            reads -= written(part.func).endswith((".append", ".extend", ".insert"))
    return reads > 0


def _plain_tensors(
    project: Project, source: Source, method: Method
) -> Iterator[tuple[ast.AST, str]]:
    """``self.scale = torch.ones(3, requires_grad=True)``."""
    for part in own_nodes(method):
        match part:
            case ast.Assign(targets=[target], value=ast.Call() as call):
                if not _own_attribute(target) or not _asks(project, source, call):
                    continue
                attribute = target.attr  # type: ignore[attr-defined]
                if _given_to_optimizer(project, attribute):
                    continue
                yield (
                    part,
                    f"self.{attribute} is a tensor, not an nn.Parameter: parameters(), "
                    "to() and state_dict() do not see it",
                )


def _asks(project: Project, source: Source, call: ast.Call) -> bool:
    """Does a call make a leaf tensor that asks for gradients?"""
    if isinstance(call.func, ast.Attribute) and call.func.attr == "requires_grad_":
        inner = call.func.value
        name = (
            project.qualname(source, inner.func)
            if isinstance(inner, ast.Call)
            else None
        )
        return bool(name) and _makes_tensor(str(name)) and not call.args
    name = project.qualname(source, call.func) or ""
    return (_makes_tensor(name) or name == "torch.autograd.Variable") and any(
        k.arg == "requires_grad"
        and isinstance(k.value, ast.Constant)
        and k.value.value is True
        for k in call.keywords
    )


def _makes_tensor(name: str) -> bool:
    return bool(
        re.fullmatch(
            r"torch\.(tensor|ones|zeros|randn?|empty|full|eye|linspace|arange|FloatTensor)",
            name,
        )
    )


def _given_to_optimizer(project: Project, attribute: str) -> bool:
    """Does any call of an optimizer, or list of parameters, name it?"""
    for source in project.sources:
        if f".{attribute}" not in source.text:
            continue
        for call in project.calls(source):
            name = written(call.func)
            if re.search(r"optim|Adam|SGD|RMSprop|param|grad", name):
                for argument in (*call.args, *(k.value for k in call.keywords)):
                    for part in ast.walk(argument):
                        if isinstance(part, ast.Attribute) and part.attr == attribute:
                            return True
    return False


def _is_made_by(project: Project, call: ast.Call, made: object) -> bool:
    """Does a call make this layer, itself or in a function that it calls?

    ``getattr(self, name)`` and a method that looks one up only give it back.
    """
    place = getattr(made, "node", None)
    if place is None or place is call:
        return place is call
    for option in options_of(project.facts.callee(call) or UNKNOWN):
        func = option.func if isinstance(option, Bound) else option
        if isinstance(func, Func) and any(n is place for n in own_nodes(func.node)):
            return True
    return False


def _made_in_forward(project: Project, method: Method) -> Iterator[tuple[ast.AST, str]]:
    """A layer that is made anew for every batch."""
    body = list(own_nodes(method))
    kept = {
        id(part.value)
        for part in body
        if isinstance(part, ast.Assign)
        and any(isinstance(t, ast.Attribute | ast.Subscript) for t in part.targets)
    }
    called = {id(part.func) for part in body if isinstance(part, ast.Call)}
    for part in body:
        if not isinstance(part, ast.Call) or id(part) in kept:
            continue
        made = result_of(project, part)
        if not is_learnt(made, norms=False) or not _is_made_by(project, part, made):
            continue
        if any(k.arg == "_weight" for k in part.keywords):
            continue
        named = [
            t.id
            for a in body
            if isinstance(a, ast.Assign) and a.value is part
            for t in a.targets
            if isinstance(t, ast.Name)
        ]
        if id(part) not in called and not _only_called(body, named):
            continue
        yield (
            part,
            "a layer made in forward() is drawn anew for every batch, and no optimizer "
            "holds it",
        )


def _only_called(body: list[ast.AST], names: list[str]) -> bool:
    """Is a local layer called, and never changed or kept?"""
    if len(names) != 1:
        return False
    calls = {
        id(part.func)
        for part in body
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)
    }
    moved = {
        id(part.value)
        for part in body
        if isinstance(part, ast.Attribute) and part.attr in ("to", "cuda")
    }
    loads = [
        part
        for part in body
        if isinstance(part, ast.Name)
        and part.id == names[0]
        and isinstance(part.ctx, ast.Load)
    ]
    return bool(loads) and all(id(part) in calls | moved for part in loads)
