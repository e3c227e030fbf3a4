"""Walks through syntax trees: as ``ast.walk``, without the nodes that say nothing.

``ast`` makes a node for "load" and "store" and for each operator; most walks are for
statements, calls and names, and half the time would go on those.
"""

import ast
from collections.abc import Sequence
from typing import Final

_CLOSED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_KEPT: Final = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)


# Fields that hold words and numbers, or nodes that say nothing.
_WORDS: Final = frozenset(
    (
        "arg",
        "asname",
        "attr",
        "conversion",
        "ctx",
        "id",
        "kind",
        "level",
        "module",
        "op",
        "ops",
        "simple",
        "type_comment",
    )
)
_FIELDS: Final[dict[type[ast.AST], tuple[str, ...]]] = {
    ast.Constant: (),
    ast.Name: (),
    ast.alias: (),
}


def children(node: ast.AST) -> list[ast.AST]:
    """A node's children, without contexts and operators."""
    kind = type(node)
    if (fields := _FIELDS.get(kind)) is None:
        fields = tuple(name for name in kind._fields if name not in _WORDS)
        _FIELDS[kind] = fields
    found: list[ast.AST] = []
    for name in fields:
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            found.append(value)
        elif value and isinstance(value, list):
            if isinstance(value[0], str):  # names that are global
                continue
            found += [one for one in value if one is not None]
    return found


def own_nodes(root: ast.AST) -> Sequence[ast.AST]:
    """A node's descendants without those of functions and classes in it.

    Those of a function are kept with it: many rules ask for them.
    """
    kept: Sequence[ast.AST] | None = root.__dict__.get("_own_nodes")
    if kept is not None:
        return kept
    found: list[ast.AST] = []
    todo = children(root)
    while todo:
        node = todo.pop()
        found.append(node)
        if not isinstance(node, _CLOSED):
            todo += children(node)
    if isinstance(root, _KEPT):
        root.__dict__["_own_nodes"] = found
    return found
