"""On what ``backward`` is called, in the words of the program."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from dovetail.doctor._index import index
from dovetail.doctor._source import Source
from dovetail.doctor._values import Bound, Func, options_of
from dovetail.doctor._walk import own_nodes
from dovetail.doctor._written import written

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

Block = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


def blocks(project: "Project", source: Source) -> Iterator[Block]:
    """A file and the functions in it: names are followed inside one of them."""
    yield source.tree
    yield from index(project, source).functions


def loss_of(project: "Project", node: ast.Call) -> ast.expr | None:
    """The expression whose gradients a call asks for, or None.

    ``loss.backward()``, ``scaler.scale(loss).backward()``,
    ``accelerator.backward(loss)`` and a function of the project that does it to its
    parameter.
    """
    if isinstance(node.func, ast.Attribute):
        name, receiver = node.func.attr, node.func.value
        if name == "manual_backward" and node.args:
            return node.args[0]
        if name == "backward":
            if node.args and re.search(
                r"accelerat|fabric|engine|model|self$|strategy", written(receiver)
            ):
                return node.args[0]
            return _unscaled(receiver)
    return _through(project, node)


def _unscaled(receiver: ast.expr) -> ast.expr:
    match receiver:
        case ast.Call(func=ast.Attribute(attr="scale"), args=[loss]):
            return loss
    return receiver


def _through(project: "Project", node: ast.Call) -> ast.expr | None:
    """The argument on which a function of the project calls ``backward``."""
    callee = project.facts.callee(node)
    options = () if callee is None else options_of(callee)
    if len(options) != 1 or not isinstance(options[0], Func | Bound):
        return None
    option = options[0]
    func = option.func if isinstance(option, Bound) else option
    if isinstance(func.node, ast.Lambda):
        return None
    if "backward" not in func.scope.source.text:
        return None
    names = [a.arg for a in (*func.node.args.posonlyargs, *func.node.args.args)]
    if isinstance(option, Bound):
        names = names[1:]
    known = _ASKED.setdefault(project, {})
    if func.node not in known:
        known[func.node] = _asked(func.node)
    for name in known[func.node]:
        if name in names:
            at = names.index(name)
            if at < len(node.args):
                return node.args[at]
            for keyword in node.keywords:
                if keyword.arg == name:
                    return keyword.value
    return None


def _asked(function: ast.AST) -> list[str]:
    """Names on which a function calls ``backward``."""
    found = []
    for inner in own_nodes(function):
        match inner:
            case ast.Call(func=ast.Attribute(attr="backward", value=receiver)):
                loss = _unscaled(receiver)
                if isinstance(loss, ast.Name):
                    found.append(loss.id)
    return found


_ASKED: "WeakKeyDictionary[Project, dict[ast.AST, list[str]]]" = WeakKeyDictionary()
