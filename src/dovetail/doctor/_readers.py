"""Who reads an activation's output, beside the loss that must not get it.

An activation is only taken away by itself where every place that reads its output goes
on without it: the loss, an argmax, a shape. Whatever else reads it (a threshold, a
print, an entropy, a file) was written for probabilities.
"""

import ast
from typing import TYPE_CHECKING, Final

from dovetail.doctor._source import Source
from dovetail.doctor._values import Bound, ClassInfo, Func, Instance, Tensor
from dovetail.doctor._walk import children

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

# Asks for no numbers, or for their order alone.
_HARMLESS: Final = {
    "argmax", "backward", "device", "dim", "dtype", "ndim", "ndimension", "numel",
    "requires_grad", "shape", "size", "retain_grad", "register_hook",
}  # fmt: skip
# Gives the same numbers; its own result is looked at in its turn.
_SAME: Final = {
    "clone", "contiguous", "cpu", "cuda", "detach", "double", "flatten", "float",
    "permute", "requires_grad_", "reshape", "squeeze", "to", "transpose", "unsqueeze",
    "view",
}  # fmt: skip
_ORDER: Final = frozenset({"torch.argmax", "torch.numel", "len", "isinstance"})
_ENTRY: Final = frozenset({"forward", "__call__", "__init__"})


def read_otherwise(project: "Project", tensor: Tensor) -> bool:
    """Is the output read by anything that needs it as it is?"""
    reads = project.facts.reads.get(tensor.node, {})
    return any(
        not _goes_on(project, source, node, reads)
        for node, source in reads.items()
        if node is not tensor.node or parents_of(source).get(node) is not None
    )


def _goes_on(
    project: "Project", source: Source, node: ast.AST, reads: dict[ast.AST, Source]
) -> bool:
    parents = parents_of(source)
    parent = parents.get(node)
    match parent:
        case ast.Expr():
            return True
        case ast.Assign(targets=targets):
            return all(isinstance(t, ast.Name | ast.Tuple) for t in targets)
        case ast.AnnAssign(target=ast.Name()) | ast.NamedExpr():
            return True
        case ast.Return():
            return _is_followed(source, parent, reads)
        case ast.Tuple() | ast.List() | ast.IfExp() | ast.keyword() | ast.Starred():
            return _goes_on(project, source, parent, reads)
        case ast.Subscript(value=value) if value is node:
            return parent in reads
        case ast.Attribute(attr=attr):
            if attr in _HARMLESS:
                return True
            call = parents.get(parent)
            if attr == "max":
                return call is not None and _takes_places(parents, call)
            return attr in _SAME and call in reads
        case ast.Call():
            return _is_given(project, source, parent, parents)
    return False


def _is_given(
    project: "Project",
    source: Source,
    call: ast.Call,
    parents: dict[ast.AST, ast.AST],
) -> bool:
    """May the callee have it without the activation?"""
    if any(use.node is call for use in project.facts.losses):
        return True
    callee = project.facts.callee(call)
    if isinstance(callee, Func | Bound | Instance | ClassInfo):
        return True  # it is entered, and what it reads is seen there
    name = project.qualname(source, call.func) or source.segment(call.func)
    return name in _ORDER or (name == "torch.max" and _takes_places(parents, call))


def _takes_places(parents: dict[ast.AST, ast.AST], call: ast.AST) -> bool:
    """Are only the positions of a max used: ``_, found = ...``, ``...[1]``?"""
    match parents.get(call):
        case ast.Assign(targets=[ast.Tuple(elts=[ast.Name(id=first), _])]):
            return first.startswith("_")
        case ast.Subscript(slice=ast.Constant(value=1)):
            return True
        case ast.Attribute(attr="indices"):
            return True
    return False


def _is_followed(
    source: Source, node: ast.Return, reads: dict[ast.AST, Source]
) -> bool:
    """Is what a function returns read in the project, or is it a network's own?"""
    parents = parents_of(source)
    around: ast.AST | None = node
    while around is not None and not isinstance(
        around, ast.FunctionDef | ast.AsyncFunctionDef
    ):
        around = parents.get(around)
    name = "" if around is None else around.name
    if name in _ENTRY or not name:
        return True
    called = (
        getattr(read.func, "attr", getattr(read.func, "id", ""))
        for read in reads
        if isinstance(read, ast.Call)
    )
    return name in called


def parents_of(source: Source) -> dict[ast.AST, ast.AST]:
    """Each node's parent; kept with the tree."""
    kept: dict[ast.AST, ast.AST] | None = source.tree.__dict__.get("_parents")
    if kept is None:
        kept = {}
        todo: list[ast.AST] = [source.tree]
        for node in todo:
            for child in children(node):
                kept[child] = node
                todo.append(child)
        source.tree.__dict__["_parents"] = kept
    return kept
