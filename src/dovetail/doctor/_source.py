"""A file or a notebook as parsed source, with the way back to what the user sees.

A rule works on ``source.tree`` (the standard library's ``ast``) and reports a node by
``Rule.finding(source, node, message)``; lines of a notebook are put back into cells
there. Whatever cannot be read is ``Unreadable``: a note for stderr, never a crash.
"""

import ast
import io
import re
import tokenize
import warnings
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import final

from dovetail.doctor._notebook import read_notebook

# Longer code was written by a program, and nobody mends it by hand.
LONGEST = 2_000_000  # characters of code
LARGEST = 100_000_000  # bytes of a file; notebooks hold pictures
_LINE_END = re.compile(r"\r\n|\r|\n")
_IGNORE = re.compile(r"#\s*dovetail:\s*ignore(?:\[([^\]]*)\])?")


class Unreadable(Exception):  # noqa: N818
    """Why a file is left out, in one line."""


@final
@dataclass(frozen=True)
class Place:
    """Where a node stands as the user counts: lines, columns from 1, cells from 0."""

    path: str
    line: int
    column: int
    cell: int | None = None

    def __str__(self) -> str:
        where = "" if self.cell is None else f"cell {self.cell}:"
        return f"{self.path}:{where}{self.line}:{self.column}"


@final
@dataclass(eq=False, repr=False)
class Source:
    """One parsed file; ``lines`` and ``tree`` are of all cells of a notebook."""

    path: str  # as given, with forward slashes
    file: Path
    text: str
    tree: ast.Module
    lines: list[str]
    starts: list[int] = field(default_factory=list)  # first line of each code cell
    cells: list[int] = field(default_factory=list)  # its number among all cells
    notes: list[str] = field(default_factory=list)
    _ignored: dict[int, frozenset[str]] | None = None

    def place(self, node: ast.AST) -> Place:
        """Where a node begins."""
        return self.place_at(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))

    def place_at(self, lineno: int, col_offset: int = 0) -> Place:
        """Line and byte of the joined text (as ``ast`` counts), as the user does."""
        column = self.characters(lineno, col_offset) + 1
        if not self.starts:
            return Place(self.path, lineno, column)
        at = max(0, bisect_right(self.starts, lineno) - 1)
        return Place(self.path, lineno - self.starts[at] + 1, column, self.cells[at])

    def characters(self, lineno: int, col_offset: int) -> int:
        """``ast`` counts bytes of UTF-8; people and editors count characters."""
        if not 1 <= lineno <= len(self.lines):
            return col_offset
        line = self.lines[lineno - 1]
        if line.isascii():
            return col_offset
        return len(line.encode()[:col_offset].decode(errors="replace"))

    def segment(self, node: ast.AST) -> str:
        """The text of a node, as it is written.

        ``ast.get_source_segment`` goes through the whole file, in quadratic time where
        a line is very long.
        """
        first, start = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
        last = getattr(node, "end_lineno", None)
        end = getattr(node, "end_col_offset", 0)
        if not first or not last:
            return ast.unparse(node)
        lines = self.lines[first - 1 : last]
        lines[-1] = lines[-1][: self.characters(last, end)]
        lines[0] = lines[0][self.characters(first, start) :]
        return ("\r\n" if "\r\n" in self.text else "\n").join(lines)

    def ignores(self, lineno: int, names: Collection[str]) -> bool:
        """Does a line of the joined text silence a rule known by ``names``?

        ``# dovetail: ignore[DT101]``, ``ignore[softmax-wrong-dim]`` or ``ignore``.
        """
        if self._ignored is None:
            self._ignored = dict(self._comments())
        said = self._ignored.get(lineno)
        return said is not None and (not said or any(n.lower() in said for n in names))

    def _comments(self) -> Iterator[tuple[int, frozenset[str]]]:
        if "dovetail:" not in self.text:
            return
        for number, line in enumerate(self.lines, 1):
            if found := _IGNORE.search(line):
                names = (found[1] or "").split(",")
                yield number, frozenset(n.strip().lower() for n in names if n.strip())


def read(file: Path, path: str | None = None) -> Source:
    """Read and parse a ``.py`` or ``.ipynb`` file; raises Unreadable."""
    shown = path or file.as_posix()
    try:
        if file.stat().st_size > LARGEST:
            raise Unreadable(f"{shown}: larger than {LARGEST:,} bytes, left out")
        data = file.read_bytes()
    except OSError as error:
        raise Unreadable(f"{shown}: {error.strerror or error}") from None
    if file.suffix.lower() == ".ipynb":
        return _notebook(data, file, shown)
    text = _decoded(data, shown)
    return Source(shown, file, text, _parsed(text, shown), _LINE_END.split(text))


def parse(text: str, path: str = "<text>") -> Source:
    """Source from text, for tests and snippets; raises Unreadable."""
    return Source(path, Path(path), text, _parsed(text, path), _LINE_END.split(text))


def _notebook(data: bytes, file: Path, shown: str) -> Source:
    try:
        book = read_notebook(data)
    except ValueError as error:
        raise Unreadable(f"{shown}: {error}") from None
    notes: list[str] = []
    text = book.text()
    try:
        tree = _parsed(text, shown)
    except Unreadable:
        # One broken cell must not hide the others.
        for at, cell in enumerate(book.code):
            try:
                _parsed(cell, shown)
            except Unreadable:
                book.code[at] = "\n" * cell.count("\n")
                notes.append(
                    f"{shown}: cell {book.cells[at]} is not Python 3, left out"
                )
        text = book.text()
        tree = _parsed(text, shown)
    return Source(
        shown, file, text, tree, _LINE_END.split(text), book.starts(), book.cells, notes
    )


def _decoded(data: bytes, shown: str) -> str:
    """Text of a file, by its byte order mark or coding line (PEP 263)."""
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding)
    except (SyntaxError, UnicodeError, LookupError):
        raise Unreadable(
            f"{shown}: not text in the encoding it names (UTF-8 if none), left out"
        ) from None


def _parsed(text: str, shown: str) -> ast.Module:
    if len(text) > LONGEST:
        raise Unreadable(
            f"{shown}: {len(text):,} characters of code, surely generated, left out"
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in strings
            tree = compile(
                text,
                shown,
                "exec",
                ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT,
                dont_inherit=True,
            )
    except SyntaxError as error:
        python2 = "print" in str(error.msg) or _is_python2(text)
        kind = "Python 2" if python2 else "not Python 3"
        where = f", line {error.lineno}: {error.msg}" if error.lineno else ""
        raise Unreadable(f"{shown}: {kind}{where}; left out") from None
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        said = str(error) or type(error).__name__
        raise Unreadable(f"{shown}: cannot be parsed ({said}); left out") from None
    assert isinstance(tree, ast.Module)
    return tree


_PYTHON2 = re.compile(r"^\s*(print\s+[\"'\w]|except\s+\w+,\s*\w+:|exec\s+[\"'])", re.M)


def _is_python2(text: str) -> bool:
    return _PYTHON2.search(text) is not None
