"""How long a vector is that a program writes down."""

import ast
import re
from typing import TYPE_CHECKING

from dovetail.doctor._source import Source
from dovetail.doctor._values import Const, Items
from dovetail.doctor._written import written

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

_SAME = {"to", "cuda", "cpu", "float", "double", "half", "clone", "detach"}
_MADE = re.compile(
    r"(torch|numpy)\.(tensor|as_tensor|Tensor|FloatTensor|DoubleTensor|array|asarray|"
    r"from_numpy|sqrt|log)|torch\.cuda\.FloatTensor"
)


def length_of(
    project: "Project", source: Source, node: ast.expr, depth: int = 0
) -> int | None:
    """The number of elements of a list or 1-D tensor, or None if it is not known."""
    if depth > 6:
        return None
    match node:
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            if any(
                isinstance(part, ast.Starred | ast.List | ast.Tuple) for part in parts
            ):
                return None
            return len(parts)
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() | ast.Add(), right=right):
            numbers = [p for p in (left, right) if not isinstance(p, ast.Constant)]
            if len(numbers) == 1 and isinstance(node.op, ast.Div | ast.Mult):
                if isinstance(numbers[0], ast.List):
                    return None
                return length_of(project, source, numbers[0], depth + 1)
            return None
        case ast.Call(func=ast.Attribute(value=owner, attr=name)) if name in _SAME:
            return length_of(project, source, owner, depth + 1)
        case ast.Call():
            return _of_call(project, source, node, depth)
        case ast.Name():
            return _of_name(project, source, node.id, depth)
        case ast.Attribute(value=ast.Name(id="self")):
            return _of_text(project, source, written(node), depth)
    return None


def _of_call(
    project: "Project", source: Source, node: ast.Call, depth: int
) -> int | None:
    name = project.qualname(source, node.func) or ""
    fact = project.facts.calls.get(node)
    first = fact.args[0] if fact is not None and fact.args else None
    if _MADE.fullmatch(name) and node.args:
        if isinstance(first, Items) and first.items is not None and not first.repeated:
            if any(isinstance(item, Items) for item in first.items):
                return None
            return len(first.items)
        return length_of(project, source, node.args[0], depth + 1)
    if name in ("torch.ones", "torch.zeros", "torch.full", "torch.rand", "numpy.ones"):
        if isinstance(first, Const) and isinstance(first.value, int):
            return first.value if len(node.args) == 1 or name == "torch.full" else None
        sizes = first.items if isinstance(first, Items) else None
        if sizes and len(sizes) == 1 and isinstance(sizes[0], Const):
            value = sizes[0].value
            return value if isinstance(value, int) else None
    return None


def _of_name(project: "Project", source: Source, name: str, depth: int) -> int | None:
    found = _of_text(project, source, name, depth)
    if found is not None:
        return found
    dotted = project.names(source).imports.get(name)
    if dotted and "." in dotted.lstrip("."):
        head, _, last = dotted.rpartition(".")
        module = project.imported(source, head or ".")
        if module is not None:
            return _of_text(project, module, last, depth)
    return None


def _of_text(project: "Project", source: Source, text: str, depth: int) -> int | None:
    """A name that is assigned once in a file."""
    stores = [
        n
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Name | ast.Attribute)
        and isinstance(n.ctx, ast.Store)
        and written(n) == text
    ]
    values = [
        n.value
        for n in ast.walk(source.tree)
        if isinstance(n, ast.Assign) and any(written(t) == text for t in n.targets)
    ]
    parameters = any(
        isinstance(n, ast.arg) and n.arg == text for n in ast.walk(source.tree)
    )
    if len(stores) != 1 or len(values) != 1 or parameters:
        return None
    # ``w = w.cuda()`` would be a second store.
    return length_of(project, source, values[0], depth + 1)
