"""Functions, classes and optimizers of each file, found in one walk."""

import ast
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, final
from weakref import WeakKeyDictionary

from dovetail.doctor._source import Source

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

Function = ast.FunctionDef | ast.AsyncFunctionDef


@final
@dataclass(eq=False)
class Index:
    """What stands in one file, at any depth."""

    functions: list[Function] = field(default_factory=list)
    classes: list[ast.ClassDef] = field(default_factory=list)
    assignments: list[ast.Assign] = field(default_factory=list)
    optimizers: list[ast.Call] | None = None


def index(project: "Project", source: Source) -> Index:
    """The index of a file, made once."""
    known = _MADE.setdefault(project, {})
    if source not in known:
        made = known[source] = Index()
        for node in project.statements(source):
            match node:
                case ast.FunctionDef() | ast.AsyncFunctionDef():
                    made.functions.append(node)
                case ast.ClassDef():
                    made.classes.append(node)
                case ast.Assign():
                    made.assignments.append(node)
    return known[source]


_MADE: "WeakKeyDictionary[Project, dict[Source, Index]]" = WeakKeyDictionary()
