"""Imports: files of the project are run, a library's names are kept."""

import ast
from typing import TYPE_CHECKING

from dovetail.doctor._frames import Frame
from dovetail.doctor._library import STAR_NAMES, canonical
from dovetail.doctor._source import Source
from dovetail.doctor._values import Lib, ModuleRef, Unknown, Value

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter


def run_import(
    run: "Interpreter", frame: Frame, node: ast.Import | ast.ImportFrom
) -> None:
    """Bind what an import statement brings in; its files are run first."""
    names = frame.scope.names
    if isinstance(node, ast.Import):
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            names[bound] = _imported(run, frame, alias.name if alias.asname else bound)
            if not alias.asname and "." in alias.name:
                _imported(run, frame, alias.name)
        return
    head = "." * node.level + (node.module or "")
    module = run.project.imported(frame.source, head)
    for alias in node.names:
        if alias.name == "*":
            _import_star(run, frame, head, module)
            continue
        names[alias.asname or alias.name] = from_module(
            run, frame, head, module, alias.name
        )


def from_module(
    run: "Interpreter", frame: Frame, head: str, module: Source | None, name: str
) -> Value:
    """``from head import name``."""
    if module is not None:
        found = run.module(module).names.get(name)
        if found is not None:
            return found
    dot = "" if head.endswith(".") else "."
    below = run.project.imported(frame.source, f"{head}{dot}{name}")
    if below is not None:
        run.module(below)
        return ModuleRef(below)
    if module is not None:
        return Unknown(name)
    return Lib(canonical(f"{head}{dot}{name}"))


def _imported(run: "Interpreter", frame: Frame, dotted: str) -> Value:
    module = run.project.imported(frame.source, dotted)
    if module is not None:
        run.module(module)
        return ModuleRef(module)
    return Lib(dotted)


def _import_star(
    run: "Interpreter", frame: Frame, head: str, module: Source | None
) -> None:
    if module is not None:
        found = run.module(module).names
        frame.scope.names.update(
            {n: v for n, v in found.items() if not n.startswith("_")}
        )
    for name, dotted in STAR_NAMES.get(head, {}).items():
        frame.scope.names[name] = Lib(dotted)
