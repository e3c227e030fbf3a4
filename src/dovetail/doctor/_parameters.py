"""Which networks have parameters, and which of them an optimizer holds."""

import ast
import re
from typing import TYPE_CHECKING, Final

from dovetail.doctor._index import index
from dovetail.doctor._modes import parts
from dovetail.doctor._roles import optimizer_of
from dovetail.doctor._source import Source
from dovetail.doctor._values import (
    Instance,
    Items,
    Layer,
    LibMethod,
    Tensor,
    Value,
    options_of,
)

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

_LEARNT: Final = re.compile(
    r"torch\.nn\.(Lazy)?(Linear|Bilinear|Conv(Transpose)?[123]d|Embedding(Bag)?|LSTM|GRU|"
    r"RNN|LSTMCell|GRUCell|RNNCell|MultiheadAttention|Transformer\w*|PReLU|BatchNorm[123]d|"
    r"LayerNorm|GroupNorm)$"
)
_WEIGHTS: Final = re.compile(
    r"torch\.nn\.(Lazy)?(Linear|Bilinear|Conv(Transpose)?[123]d|Embedding(Bag)?|LSTM|GRU|"
    r"RNN|LSTMCell|GRUCell|RNNCell|MultiheadAttention)$"
)


def is_learnt(value: Value | None, *, norms: bool = True) -> bool:
    """Is it one layer of torch with weights that are learnt?"""
    pattern = _LEARNT if norms else _WEIGHTS
    return isinstance(value, Layer) and bool(pattern.match(value.name))


def has_parameters(value: Value | None) -> bool:
    """Does a value hold parameters, as far as it can be seen?"""
    if isinstance(value, Tensor):
        return value.op == "parameter"
    if not isinstance(value, Instance | Items | Layer):
        return False
    if isinstance(value, Instance) and not value.info.is_module():
        return False
    if isinstance(value, Items) and value.kind not in ("sequential", "modulelist"):
        return False
    for part in parts(value):
        if is_learnt(part):
            return True
        if isinstance(part, Layer) and part.name.startswith("torchvision.models."):
            return True
        if isinstance(part, Instance) and any(
            isinstance(option, Tensor) and option.op == "parameter"
            for held in part.attrs.values()
            for option in options_of(held)
        ):
            return True
    return False


def result_of(project: "Project", node: ast.AST) -> Value | None:
    """What a call gives, if that is one thing."""
    if isinstance(node, ast.Call) and (fact := project.facts.calls.get(node)):
        options = options_of(fact.result)
        return options[0] if len(options) == 1 else None
    return None


def optimizers(project: "Project", source: Source) -> list[ast.Call]:
    """Calls that make an optimizer of torch."""
    if "param" not in source.text:
        return []
    known = index(project, source)
    if known.optimizers is None:
        known.optimizers = []
        for call in project.calls(source):
            made = result_of(project, call)
            if isinstance(made, Layer) and made.node is call and optimizer_of(made):
                known.optimizers.append(call)
    return known.optimizers


def given(call: ast.Call) -> ast.expr | None:
    """The parameters an optimizer is given."""
    if call.args:
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg == "params"), None)


def receivers(node: ast.expr | None) -> list[ast.expr] | None:
    """The networks whose ``parameters()`` are given, or None if something else is.

    ``a.parameters()``, lists, sums and chains of them, and groups as dicts.
    """
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="parameters"), args=[]):
            return [owner]
        case ast.Call(func=ast.Name(id="list" | "tuple" | "chain"), args=parts_):
            return _all(parts_)
        case ast.Call(func=ast.Attribute(attr="chain"), args=parts_):
            return _all(parts_)
        case ast.List(elts=parts_) | ast.Tuple(elts=parts_):
            return _all(parts_)
        case (
            ast.ListComp(generators=[ast.comprehension(iter=rows)])
            | ast.GeneratorExp(generators=[ast.comprehension(iter=rows)])
        ):
            return _named(rows)  # some of them: what the others are for is not said
        case ast.Starred(value=value):
            return receivers(value)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _all([left, right])
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "params":
                    return receivers(value)
    return None


def _named(rows: ast.expr) -> list[ast.expr] | None:
    """``p for n, p in net.named_parameters() if "bias" in n``: the network."""
    match rows:
        case ast.Call(
            func=ast.Attribute(value=owner, attr="named_parameters" | "parameters"),
            args=[],
        ):
            return [owner]
        case ast.Call(func=ast.Name(id="list"), args=[inner]):
            return _named(inner)
    return None


def _all(nodes: list[ast.expr]) -> list[ast.expr] | None:
    found: list[ast.expr] = []
    for node in nodes:
        inside = receivers(node)
        if inside is None:
            return None
        found += inside
    return found


def owners(project: "Project", node: ast.expr | None) -> list[Value] | None:
    """The networks themselves, or None if one of them is not known."""
    found: list[Value] = []
    if receivers(node) is None or node is None:
        return None
    for call in ast.walk(node):
        if (
            isinstance(call, ast.Call)
            and isinstance(call.func, ast.Attribute)
            and call.func.attr in ("parameters", "named_parameters")
        ):
            callee = project.facts.callee(call)
            options = () if callee is None else options_of(callee)
            if len(options) != 1 or not isinstance(options[0], LibMethod):
                return None
            owner = options[0].self
            if not isinstance(owner, Instance | Items | Layer):
                return None
            found.append(owner)
    return found
