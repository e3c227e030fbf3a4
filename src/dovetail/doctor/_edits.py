"""Edits that mend a finding, as small as they can be: formatting is kept.

``safe`` means that nothing else reads what is taken away: no threshold, no second use.
"""

import ast
from typing import TYPE_CHECKING, TypedDict

from dovetail.doctor._base import Edit
from dovetail.doctor._facts import Operation
from dovetail.doctor._readers import parents_of, read_otherwise
from dovetail.doctor._source import Source
from dovetail.doctor._values import Tensor, options_of

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

_METHODS = ("softmax", "log_softmax", "sigmoid", "relu", "tanh")
_LEGACY = "dim=1"  # what the old rule takes for two or four axes


class Mending(TypedDict, total=False):
    """Arguments for ``Rule.finding``."""

    edits: tuple[Edit, ...]
    safe: bool


def replaced(source: Source, node: ast.AST, text: str) -> Edit:
    """Put text in the place of a node."""
    line = getattr(node, "lineno", 1)
    end = getattr(node, "end_lineno", line)
    first = source.place(node)
    last = source.place_at(end, getattr(node, "end_col_offset", 0))
    return Edit(first.line, first.column - 1, last.line, last.column - 1, text)


def without_activation(project: "Project", source: Source, tensor: Tensor) -> Mending:
    """Take an activation away: the call gives its operand, the item of a list goes."""
    node = tensor.node
    if not isinstance(node, ast.Call):
        return {}
    safe = (
        not _has_other_readers(project, tensor)
        and "#" not in source.segment(node)
        and not _is_given(source, node)
    )
    if (edit := _item_removed(source, node)) is not None:
        return {"edits": (edit,), "safe": safe}
    operand = _operand(node, tensor.op)
    if operand is None:
        return {}
    text = source.segment(operand)
    statement = _parent(source, node)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        name = source.segment(statement.targets[0])
        if name == text:  # x = softmax(x): nothing is left of it
            whole = _line_removed(source, statement)
            return {} if whole is None else {"edits": (whole,), "safe": safe}
        safe = safe and "prob" not in name.lower()  # a name that would be wrong
    if "\n" in text or not isinstance(
        operand, ast.Name | ast.Call | ast.Attribute | ast.Subscript
    ):
        text = f"({text})"
    return {"edits": (replaced(source, node, text),), "safe": safe}


def as_log_softmax(project: "Project", source: Source, tensor: Tensor) -> Mending:
    """softmax(...) becomes log_softmax(...): same arguments."""
    node = tensor.node
    if tensor.op != "softmax" or not isinstance(node, ast.Call):
        return {}
    safe = not _has_other_readers(project, tensor)
    match node.func:
        case ast.Attribute(attr="softmax", value=owner) if (
            source.segment(owner) != "self"
        ):
            where = _name_of(source, node.func, "softmax")
            if where is not None:
                return {"edits": (Edit(*where, "log_softmax"),), "safe": safe}
        case ast.Attribute(attr="Softmax"):
            where = _name_of(source, node.func, "Softmax")
            if where is not None:
                return {"edits": (Edit(*where, "LogSoftmax"),), "safe": safe}
    return {}


def as_fused_log(project: "Project", operation: Operation) -> Mending:
    """log(softmax(x, dim)) becomes log_softmax(x, dim), where both stand together."""
    node, source = operation.node, operation.source
    if not isinstance(node, ast.Call):
        return {}
    inner: ast.expr | None = None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "log":
        inner = node.args[0] if node.args else node.func.value
    if not isinstance(inner, ast.Call) or len(node.args) > 1 or node.keywords:
        return {}
    name = project.qualname(source, inner.func)
    text = source.segment(inner)
    func = source.segment(inner.func)
    if name == "torch.nn.functional.softmax" or (
        name is None
        and isinstance(inner.func, ast.Attribute)
        and inner.func.attr == "softmax"
        and source.segment(inner.func.value) != "self"
    ):
        if not func.endswith("softmax"):
            return {}
        fused = f"{func[: -len('softmax')]}log_softmax{text[len(func) :]}"
        return {"edits": (replaced(source, node, fused),), "safe": True}
    return {}


def with_dim(operation: Operation, dim: int) -> Mending:
    """Another number for dim; never without asking, since the outputs change."""
    node = operation.node
    if not isinstance(node, ast.Call):
        return {}
    for keyword in node.keywords:
        if keyword.arg == "dim":
            edit = replaced(operation.source, keyword.value, str(dim))
            return {"edits": (edit,), "safe": False}
    return {}


def with_implicit_dim(source: Source, call: ast.Call, rank: int | None) -> Mending:
    """Say the axis that the old rule takes, where the rank is known to be 2 or 4."""
    end = source.place_at(call.end_lineno or 1, (call.end_col_offset or 1) - 1)
    text = source.segment(call)
    inside = text[:-1].rstrip()
    if inside.endswith(","):
        return {}
    comma = "" if inside.endswith("(") else ", "
    edit = Edit(end.line, end.column - 1, end.line, end.column - 1, comma + _LEGACY)
    return {"edits": (edit,), "safe": rank in (2, 4)}


def _operand(node: ast.Call, op: str) -> ast.expr | None:
    """What an activation is applied to, as it is written."""
    if isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        owner = node.func.value
        is_library = not node.args or (
            len(node.args) == 1 and isinstance(node.args[0], ast.Constant)
        )
        if op == node.func.attr and is_library and not isinstance(owner, ast.Constant):
            if not any(k.arg in ("input", None) for k in node.keywords):
                return owner  # x.softmax(dim=1)
    if node.args and not isinstance(node.args[0], ast.Starred | ast.Constant):
        return node.args[0]  # F.softmax(x, dim=1), self.softmax(x)
    return None


def _item_removed(source: Source, node: ast.Call) -> Edit | None:
    """nn.Softmax(dim=1) as an argument of nn.Sequential or in a list of layers."""
    parent = _parent(source, node)
    siblings: list[ast.expr] = []
    if isinstance(parent, ast.Call) and node in parent.args:
        name = source.segment(parent.func)
        if not name.endswith("Sequential"):
            return None
        siblings = parent.args
    elif isinstance(parent, ast.List | ast.Tuple):
        siblings = parent.elts
    if len(siblings) < 2 or siblings[-1] is not node:
        return None
    before = siblings[-2]
    start = source.place_at(before.end_lineno or 1, before.end_col_offset or 0)
    end = source.place_at(node.end_lineno or 1, node.end_col_offset or 0)
    if start.cell != end.cell:
        return None
    return Edit(start.line, start.column - 1, end.line, end.column - 1, "")


def _line_removed(source: Source, node: ast.stmt) -> Edit | None:
    """A statement that has its lines for itself, with its line end; not the last."""
    block = next(
        (
            body
            for owner in ast.walk(source.tree)
            for body in (getattr(owner, "body", None), getattr(owner, "orelse", None))
            if isinstance(body, list) and node in body
        ),
        [],
    )
    at = block.index(node) if node in block else -1
    if at < 0 or at + 1 == len(block):  # something has to follow in the block
        return None
    after = block[at + 1]
    alone = after.lineno > (node.end_lineno or node.lineno)
    first = source.place_at(node.lineno, node.col_offset)
    last = source.place_at(after.lineno, after.col_offset)
    if not alone or first.cell != last.cell or getattr(after, "decorator_list", None):
        return None
    if at and (block[at - 1].end_lineno or 0) >= node.lineno:
        return None
    end = source.place_at(node.end_lineno or node.lineno, node.end_col_offset or 0)
    return Edit(first.line, 0, end.line + 1, 0, "")


def _is_given(source: Source, node: ast.Call) -> bool:
    """Is the layer one that the caller of ``__init__`` chooses: ``self.act = act``?"""
    match node.func:
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return any(
                isinstance(found, ast.Assign)
                and isinstance(found.value, ast.Name)
                and any(
                    isinstance(t, ast.Attribute) and t.attr == name
                    for t in found.targets
                )
                for found in ast.walk(source.tree)
            )
    return False


def _parent(source: Source, node: ast.AST) -> ast.AST | None:
    return parents_of(source).get(node)


def _name_of(
    source: Source, node: ast.Attribute, name: str
) -> tuple[int, int, int, int] | None:
    line, end = node.end_lineno or 1, node.end_col_offset or 0
    last = source.place_at(line, end)
    first = source.place_at(line, end - len(name))
    return (first.line, first.column - 1, last.line, last.column - 1)


def _has_other_readers(project: "Project", tensor: Tensor) -> bool:
    """Is the output compared, rounded, or given to another kind of loss?"""
    for decision in project.facts.decisions:
        for option in options_of(decision.value):
            if isinstance(option, Tensor) and option.node is tensor.node:
                if decision.kind not in ("argmax", "topk"):
                    return True
    if read_otherwise(project, tensor):
        return True
    families = set()
    for use in project.facts.losses:
        for option in options_of(use.prediction):
            if isinstance(option, Tensor) and option.node is tensor.node:
                families.add(use.loss.family)
    return len(families) > 1
