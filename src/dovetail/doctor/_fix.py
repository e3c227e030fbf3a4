"""Edits made: as a diff to look at, or in the files, whole or not at all."""

import difflib
import json
import os
import secrets
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from dovetail.doctor._base import Edit, Finding
from dovetail.doctor._notebook import source_of


def mended(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits made; one that overlaps an earlier one is left out.

    >>> mended("a = f(x)\\n", [Edit(1, 4, 1, 8, "x")])
    'a = x\\n'
    """
    starts = [0]
    for line in _lines(text):
        starts.append(starts[-1] + len(line))
    end_of_last = len(text) + 1
    for edit in sorted(set(edits), reverse=True):
        start = starts[edit.line - 1] + edit.column
        end = starts[edit.end_line - 1] + edit.end_column
        if end <= end_of_last and start <= end:
            text = text[:start] + edit.text + text[end:]
            end_of_last = start
    return text


def _lines(text: str) -> list[str]:
    """Lines as Python counts them, with their ends."""
    lines: list[str] = []
    start = at = 0
    while at < len(text):
        if text[at] in "\r\n":
            at += 2 if text[at : at + 2] == "\r\n" else 1
            lines.append(text[start:at])
            start = at
        else:
            at += 1
    return [*lines, text[start:]]


def changes(
    findings: Sequence[Finding], *, unsafe: bool = False
) -> dict[str, tuple[str, str]]:
    """For each file with edits: its text before and after; safe ones unless asked."""
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.path and finding.edits and (finding.safe or unsafe):
            by_path.setdefault(finding.path, []).append(finding)
    changed: dict[str, tuple[str, str]] = {}
    for path, listed in by_path.items():
        raw = Path(path).read_bytes()
        before = raw.decode(_encoding(raw))
        if path.lower().endswith(".ipynb"):
            after = _in_cells(before, listed)
        else:
            after = mended(before, [e for f in listed for e in f.edits])
        if after != before:
            changed[path] = (before, after)
    return changed


def diff(changed: dict[str, tuple[str, str]]) -> str:
    """A unified diff of changed files."""
    parts: list[str] = []
    for path, (before, after) in changed.items():
        parts += difflib.unified_diff(
            before.splitlines(keepends=True),
            after.splitlines(keepends=True),
            f"a/{path}",
            f"b/{path}",
        )
    return "".join(p if p.endswith("\n") else f"{p}\n" for p in parts)


def write(changed: dict[str, tuple[str, str]]) -> None:
    """Write changed files, each by one rename; permissions are kept."""
    for path, (_, after) in changed.items():
        file = Path(os.path.realpath(path))
        encoding = _encoding(file.read_bytes())
        beside = file.with_name(f".{file.name[:80]}.{secrets.token_hex(4)}.tmp")
        try:
            beside.write_bytes(after.encode(encoding))
            beside.chmod(file.stat().st_mode & 0o777)
            beside.replace(file)
        finally:
            beside.unlink(missing_ok=True)


def _in_cells(text: str, findings: Iterable[Finding]) -> str:
    """A notebook with edits made inside its cells; as it was if it cannot be kept."""
    document: Any = json.loads(text)
    shape = _written_as(text, document)
    if shape is None:
        return text
    cells = document.get("cells") or []
    for number, listed in _by_cell(findings).items():
        if number >= len(cells):
            return text
        cell = cells[number]
        before = source_of(cell)
        after = mended(before, listed)
        kept = isinstance(cell.get("source"), list)
        cell["source"] = after.splitlines(keepends=True) if kept else after
    return _dumped(document, *shape)


def _by_cell(findings: Iterable[Finding]) -> dict[int, list[Edit]]:
    by_cell: dict[int, list[Edit]] = {}
    for finding in findings:
        if finding.cell is not None:
            by_cell.setdefault(finding.cell, []).extend(finding.edits)
    return by_cell


def _written_as(text: str, document: Any) -> tuple[int, bool, str] | None:
    """How a notebook was written, if writing it so gives the same text again."""
    for indent in (1, 2, 4):
        for ascii_ in (False, True):
            for end in ("\n", ""):
                if _dumped(document, indent, ascii_, end) == text:
                    return indent, ascii_, end
    return None


def _dumped(document: Any, indent: int, ascii_: bool, end: str) -> str:
    return json.dumps(document, indent=indent, ensure_ascii=ascii_) + end


def _encoding(data: bytes) -> str:
    import io
    import tokenize

    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except SyntaxError:
        return "utf-8"
