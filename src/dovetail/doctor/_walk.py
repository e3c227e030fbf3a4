"""Walks through syntax trees: as ``ast.walk``, without the nodes that say nothing.

``ast`` makes a node for "load" and "store" and for each operator; most walks are for
statements, calls and names, and half the time would go on those.
"""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

_CLOSED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_KEPT: Final = (ast.Module, ast.FunctionDef, ast.AsyncFunctionDef)


def children(node: ast.AST) -> list[ast.AST]:
    """A node's children, without contexts and operators."""
    found: list[ast.AST] = []
    for name in node._fields:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [one for one in value if isinstance(one, ast.AST)]
        elif isinstance(value, ast.AST) and value._fields:
            found.append(value)
    return found


def every_node(root: ast.AST) -> Iterator[ast.AST]:
    """A node and all its descendants, the outer ones first."""
    todo = [root]
    for node in todo:
        yield node
        todo += children(node)


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
