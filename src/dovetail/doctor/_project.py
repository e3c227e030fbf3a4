"""All files of a project, and what the names in them mean.

How a rule uses it::

    def check(self, project):
        for source in project.sources:                    # every parsed file
            for call in project.calls(source):            # every ast.Call in it
                if project.qualname(source, call.func) == "torch.optim.Adam":
                    yield self.finding(source, call, "message", edits=..., safe=...)

``qualname`` sees through aliases, relative and star imports and re-exports inside the
project, and gives a library's own full name ("torch.nn.functional.softmax"). What
values are (which module, which loss, which tensor) is ``project.facts``: the events
that the interpreter of ``_interpret`` has seen. ``# dovetail: ignore`` is honoured by
``run.check``, not by rules.
"""

import ast
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, final

from dovetail.doctor._library import KNOWN, STAR_NAMES, canonical
from dovetail.doctor._source import Source, Unreadable, read
from dovetail.doctor._walk import children

if TYPE_CHECKING:
    from dovetail.doctor._facts import Facts

# Folders of tools and of installed code; a path given by the user is read all the same.
SKIPPED = {
    "__pycache__",
    "build",
    "node_modules",
    "site-packages",
    "venv",
    "virtualenv",
}


@final
@dataclass(eq=False)
class Definition:
    """A class or function of the project, and the file it stands in."""

    source: Source
    node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


@final
@dataclass(eq=False)
class Names:
    """What the top-level names and imports of one file stand for."""

    imports: dict[str, str] = field(default_factory=dict)  # name -> dotted, "" in front
    stars: list[str] = field(default_factory=list)
    defined: dict[str, ast.stmt] = field(default_factory=dict)  # last one wins


@final
class Project:
    """Parsed sources, module names, imports; see the module's docstring."""

    def __init__(self, sources: Iterable[Source], notes: Iterable[str] = ()) -> None:
        self.sources: list[Source] = list(sources)
        self.notes: list[str] = list(notes)
        for source in self.sources:
            self.notes += source.notes
        self._names: dict[Source, Names] = {}
        self._calls: dict[Source, list[ast.Call]] = {}
        self._imports: dict[Source, list[ast.Import | ast.ImportFrom]] = {}
        self._others: dict[Source, list[ast.AST]] = {}
        # What was asked before.
        self._imported: dict[tuple[Source, str], Source | None] = {}
        self._resolved: dict[tuple[Source, str], Definition | str | None] = {}
        self._stars: dict[Source, list[Source | str]] = {}
        # Where a first part of a dotted name is found: folder -> file or package.
        self._folders: dict[str, list[PurePosixPath]] = {}
        self._files: dict[PurePosixPath, Source] = {}
        for source in self.sources:
            self._place(source)

    @classmethod
    def read(cls, paths: Iterable[str | Path]) -> "Project":
        """Read files and folders; what cannot be read becomes a note."""
        sources, notes, seen = [], [], set()
        for file, shown in _files(paths):
            real = os.path.realpath(file)
            if real in seen:
                continue
            seen.add(real)
            try:
                sources.append(read(file, shown))
            except Unreadable as why:
                notes.append(str(why))
        return cls(sources, notes)

    @cached_property
    def facts(self) -> "Facts":
        """Every use of a loss and every decision, found by interpreting the project."""
        from dovetail.doctor._run_project import interpret

        return interpret(self)

    def statements(self, source: Source) -> list[ast.AST]:
        """Every definition and assignment in a file, at any depth, outer ones first."""
        if source not in self._others:
            self._walk(source)
        return self._others[source]

    def calls(self, source: Source) -> list[ast.Call]:
        """Every call in a file, in no order."""
        if source not in self._calls:
            self._walk(source)
        return self._calls[source]

    def _walk(self, source: Source) -> None:
        """Go through a file once, for all that rules ask for."""
        calls: list[ast.Call] = []
        imports: list[ast.Import | ast.ImportFrom] = []
        others: list[ast.AST] = []
        todo: list[ast.AST] = [source.tree]
        for node in todo:
            if isinstance(node, ast.Call):
                calls.append(node)
            elif isinstance(node, ast.stmt):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    imports.append(node)
                    continue
                if isinstance(node, (*_DEFINITIONS, ast.Assign)):
                    others.append(node)
            todo += children(node)
        self._calls[source], self._imports[source] = calls, imports
        self._others[source] = others

    def names(self, source: Source) -> Names:
        """Imports (of every scope) and top-level definitions of a file."""
        if source not in self._names:
            self._names[source] = self._read_names(source)
        return self._names[source]

    def module(self, dotted: str, seen_from: Source) -> Source | None:
        """The file of the project that ``import dotted`` in another file means.

        The nearest one: first beside the file, then in folders above it, then
        anywhere. None for a library or a folder without ``__init__.py``.
        """
        parts = dotted.split(".")
        here = _pure(seen_from).parent
        for folder in sorted(
            self._folders.get(parts[0], ()), key=lambda f: _distance(here, f)
        ):
            base = folder.joinpath(*parts)
            for file in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
                if (found := self._files.get(file)) and found is not seen_from:
                    return found
        return None

    def qualname(self, source: Source, node: ast.AST) -> str | None:
        """The full dotted name of a name or attribute, or None.

        ``nn.Softmax`` is "torch.nn.Softmax" after ``import torch.nn as nn``; a name of
        the project is "path.py:Name". Names rebound inside functions are not followed.
        """
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        first = self.resolve(source, node.id)
        if first is None:
            return None
        found: Definition | str = first
        for part in reversed(parts):
            if isinstance(found, Definition):
                return None
            found = self._attribute(source, f"{found}.{part}")
        if isinstance(found, Definition):
            return f"{found.source.path}:{found.node.name}"
        return canonical(found)

    def definition(self, source: Source, node: ast.AST) -> Definition | None:
        """The project's class or function that a name or attribute means, or None."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        found = self.resolve(source, node.id)
        for part in reversed(parts):
            if not isinstance(found, str):
                return None
            found = self._attribute(source, f"{found}.{part}")
        return found if isinstance(found, Definition) else None

    def resolve(
        self, source: Source, name: str, depth: int = 0
    ) -> "Definition | str | None":
        """What a top-level name of a file means: a definition, or a dotted name."""
        asked = (source, name)
        if asked in self._resolved:
            return self._resolved[asked]
        if depth > 12:
            return None
        found: Definition | str | None = None
        for at in self._behind(source):
            if isinstance(at, str):
                found = STAR_NAMES[at].get(name)
            else:
                names = self.names(at)
                node = names.defined.get(name)
                if isinstance(node, _DEFINITIONS):
                    found = Definition(at, node)
                elif node is not None and name not in names.imports:
                    if at is source:
                        break
                elif dotted := names.imports.get(name):
                    found = self._attribute(at, dotted, depth + 1)
            if found is not None:
                break
        if depth == 0:  # deeper down the chain of imports may have been cut short
            self._resolved[asked] = found
        return found

    def _behind(self, source: Source) -> "list[Source | str]":
        """Where a name may come from: the file, then all that ``import *`` brings.

        Each once: packages whose files import each other so have no end otherwise.
        """
        if source not in self._stars:
            seen: dict[Source | str, None] = {}
            todo: list[Source | str] = [source]
            while todo:
                at = todo.pop()
                if at in seen:
                    continue
                seen[at] = None
                if isinstance(at, Source):
                    for star in reversed(self.names(at).stars):
                        module = self.imported(at, star)
                        if module is not None:
                            todo.append(module)
                        if star in STAR_NAMES:
                            todo.append(star)
            self._stars[source] = list(seen)
        return self._stars[source]

    def imported(self, source: Source, dotted: str) -> Source | None:
        """The file that an imported name means; leading dots are a relative import."""
        asked = (source, dotted)
        if asked not in self._imported:
            name = dotted.lstrip(".")
            if level := len(dotted) - len(name):
                found = self.relative(source, level, name or None)
            elif name.partition(".")[0] in KNOWN:
                found = None
            else:
                found = self.module(name, source)
            self._imported[asked] = found
        return self._imported[asked]

    def relative(self, source: Source, level: int, module: str | None) -> Source | None:
        """The file that ``from ..module import`` means."""
        folder = _pure(source).parent
        for _ in range(level - 1):
            folder = folder.parent
        base = folder.joinpath(*(module.split(".") if module else ()))
        if module and (found := self._files.get(base.with_name(f"{base.name}.py"))):
            return found
        return self._files.get(base / "__init__.py")

    def bases(self, source: Source, node: ast.ClassDef) -> Iterator[Definition | str]:
        """The bases of a class, its own first: definitions, or names of a library."""
        seen = {node}
        todo = [(source, node)]
        while todo:
            at, current = todo.pop(0)
            for base in current.bases:
                if (found := self.definition(at, base)) is not None:
                    if isinstance(found.node, ast.ClassDef) and found.node not in seen:
                        seen.add(found.node)
                        todo.append((found.source, found.node))
                        yield found
                elif (name := self.qualname(at, base)) is not None:
                    yield name

    def is_module(self, source: Source, node: ast.ClassDef) -> bool:
        """Is a class an nn.Module, by any of its bases?"""
        return any(
            isinstance(base, str)
            and (base.startswith("torch.nn.") or base.endswith("LightningModule"))
            for base in self.bases(source, node)
        )

    def _attribute(
        self, source: Source, dotted: str, depth: int = 0
    ) -> "Definition | str":
        """A dotted name followed into the project, or as it is."""
        if depth > 12:
            return dotted
        dots = dotted[: len(dotted) - len(dotted.lstrip("."))]
        head, _, name = dotted.lstrip(".").rpartition(".")
        module = self.imported(source, dots + head) if dots or head else None
        if module is None:
            return dotted
        found = self.resolve(module, name, depth + 1)
        return dotted if found is None else found

    def _read_names(self, source: Source) -> Names:
        names = Names()
        if source not in self._imports:
            self._walk(source)
        for node in self._imports[source]:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname:
                        names.imports[alias.asname] = alias.name
                    else:
                        first = alias.name.partition(".")[0]
                        names.imports[first] = first
            else:
                head = "." * node.level + (node.module or "")
                for alias in node.names:
                    if alias.name == "*":
                        names.stars.append(head)
                        continue
                    dot = "" if head.endswith(".") else "."
                    names.imports[alias.asname or alias.name] = head + dot + alias.name
        for statement in _top_level(source.tree.body):
            match statement:
                case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                    names.defined[statement.name] = statement
                case ast.Assign(targets=[ast.Name(id=name)]):
                    names.defined[name] = statement
        return names

    def _place(self, source: Source) -> None:
        path = _pure(source)
        self._files[path] = source
        if path.suffix != ".py":
            return
        if path.name != "__init__.py":
            self._folders.setdefault(path.stem, []).append(path.parent)
        folder = path.parent
        while folder.name and folder.name.isidentifier():
            known = self._folders.setdefault(folder.name, [])
            if folder.parent in known:
                break
            known.append(folder.parent)
            folder = folder.parent


def _top_level(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements of a module, also those under if, try and with."""
    for statement in body:
        yield statement
        for block in ("body", "orelse", "finalbody"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                yield from _top_level(getattr(statement, block, ()))


def _pure(source: Source) -> PurePosixPath:
    return PurePosixPath(os.path.abspath(source.file).replace(os.sep, "/"))


def _distance(here: PurePosixPath, folder: PurePosixPath) -> tuple[int, int, str]:
    """Beside the file first, then above it, then the fewest steps away."""
    a, b = here.parts, folder.parts
    common = 0
    for one, other in zip(a, b, strict=False):
        if one != other:
            break
        common += 1
    return (len(b) - common, len(a) - common, str(folder))


def _files(paths: Iterable[str | Path]) -> Iterator[tuple[Path, str]]:
    """Every file to read, with the path to show; folders in the order of names."""
    for given in paths:
        path = Path(given)
        if not path.is_dir():
            yield path, path.as_posix()
            continue
        for folder, folders, files in os.walk(path):
            folders[:] = sorted(
                name
                for name in folders
                if not name.startswith(".")
                and name not in SKIPPED
                and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
            )
            for name in sorted(files):
                if name.endswith((".py", ".ipynb")) and not name.startswith("."):
                    file = Path(folder, name)
                    yield file, file.as_posix()
