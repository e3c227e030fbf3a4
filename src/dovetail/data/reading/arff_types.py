"""Attributes of an ARFF file: what the header declares, and cells in that type.

declared            becomes
numeric, real       int64 where every value is an integer, else float64
integer             the same
{0, 1}              int64 where every declared value is an integer
{yes, no}           string; a value that is not declared is an error
string              string
date "format"       timestamp[us]
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, final

import pyarrow as pa
import pyarrow.compute as pc

from dovetail._names import suggest
from dovetail.data.reading.from_text import date_time, number
from dovetail.errors import DataError

# 'it\'s', "a b" or a bare word; two groups for what stands inside either marks.
QUOTED = r"""'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)\""""
_DECLARED = re.compile(
    rf"@attribute\s+(?:{QUOTED}|([^\s{{]+))\s*(.*?)\s*$", re.IGNORECASE | re.DOTALL
)
_WORD = re.compile(rf"\s*(?:{QUOTED}|([^,]*?))\s*(?:,|$)", re.DOTALL)
_INTEGER = re.compile(r"-?(0|[1-9]\d{0,17})")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
# Java's letters, in which ARFF writes formats, and strptime's.
_JAVA = {
    "yyyy": "%Y",
    "yy": "%y",
    "MM": "%m",
    "dd": "%d",
    "HH": "%H",
    "mm": "%M",
    "ss": "%S",
}


@final
@dataclass(frozen=True)
class Attribute:
    """One declared column; ``labels`` are a nominal one's values, in order."""

    name: str
    kind: str  # "number", "nominal", "string" or "date"
    labels: tuple[str, ...] = ()
    format: str = ""

    @property
    def omitted(self) -> str | None:
        """What a sparse row means by leaving this column out; None: nothing defined."""
        if self.kind == "nominal":
            return self.labels[0]
        return "0" if self.kind == "number" else None

    def typed(self, cells: pa.ChunkedArray, bad: Callable[[int, str], Any]) -> Any:
        """``cells`` in the declared type; ``bad(row, reason)`` gives the error."""
        if self.kind == "string":
            return cells
        if self.kind == "nominal":
            return self._nominal(cells, bad)
        if self.kind == "date":
            return self._date(cells, bad)
        numbers = number(cells)
        if numbers is not None:
            return numbers
        try:  # declared as numbers: "007" is one too, and so is no value at all
            return cells.cast(pa.float64())
        except pa.ArrowInvalid:
            raise _first_bad(cells, float, bad, "is no number") from None

    def _nominal(self, cells: Any, bad: Callable[[int, str], Any]) -> Any:
        known = pc.is_in(cells, pa.array([*self.labels, None], pa.string()))
        if not pc.all(known).as_py():
            row = pc.index(known, False).as_py()
            value = cells[row].as_py()
            hint = suggest(value, self.labels)
            raise bad(row, f"{value!r} is none of the declared values.{hint}")
        if all(_INTEGER.fullmatch(label) for label in self.labels):
            return cells.cast(pa.int64())
        return cells

    def _date(self, cells: Any, bad: Callable[[int, str], Any]) -> Any:
        if self.format.startswith("yyyy-MM-dd"):
            dates = date_time(cells)
            if dates is not None:
                return dates
        pattern = _strptime(self.format)
        try:
            return pc.strptime(cells, format=pattern, unit="us")
        except pa.ArrowInvalid:

            def parse(value: str) -> datetime:
                return datetime.strptime(value, pattern)

            raise _first_bad(
                cells, parse, bad, f"is no date of the form {self.format}"
            ) from None


def declared(name: str, number: int, line: str) -> Attribute:
    """The attribute that an ``@attribute`` line declares.

    >>> declared("t.arff", 1, "@ATTRIBUTE 'size in m' REAL").kind
    'number'
    >>> declared("t.arff", 2, "@attribute sort {small, 'very large'}").labels
    ('small', 'very large')
    """
    found = _DECLARED.match(line)
    if found is None or not found[4]:
        raise DataError(
            f"{name}, line {number}: cannot read the declaration {line[:60]!r}.",
            fix="write it as: @attribute name type",
        )
    quoted = found[2] if found[1] is None else found[1]
    title = found[3] if quoted is None else unescaped(quoted)
    if not title.strip():
        raise DataError(
            f"{name}, line {number}: an attribute has no name.",
            fix="write it as: @attribute name type",
        )
    kind = found[4]
    if kind.startswith("{"):
        if not kind.endswith("}") or not (labels := words(kind[1:-1])):
            raise DataError(
                f"{name}, line {number}: attribute {title!r} declares no closed list "
                f"of values.",
                fix="write them as {a, b, c}, in one line",
            )
        return Attribute(title, "nominal", tuple(labels))
    word, _, rest = kind.partition(" ")
    if word.lower() in ("numeric", "real", "integer"):
        return Attribute(title, "number")
    if word.lower() == "string":
        return Attribute(title, "string")
    if word.lower() == "date":
        form = (words(rest) or [""])[0] or "yyyy-MM-dd'T'HH:mm:ss"
        if not _strptime(form) and not form.startswith("yyyy-MM-dd"):
            raise DataError(
                f"{name}, line {number}: attribute {title!r} has the date format "
                f"{form!r}.",
                fix=f"use the letters {', '.join(_JAVA)} only, each once",
            )
        return Attribute(title, "date", format=form)
    raise DataError(
        f"{name}, line {number}: attribute {title!r} has the type {kind[:40]!r}.",
        fix="declare it numeric, string, date or {a, b, c}",
    )


def words(text: str) -> list[str]:
    """The comma-separated values of ``text``, out of their quotation marks.

    >>> words(r"a, 'b, c', 'it\\'s'")
    ['a', 'b, c', "it's"]
    """
    found, at = [], 0
    while at < len(text):
        match = _WORD.match(text, at)
        if match is None:
            break
        bare = match[3]
        found.append(unescaped(match[1] or match[2] or "") if bare is None else bare)
        at = match.end()
    return found


def unescaped(text: str) -> str:
    r"""``text`` with its backslash escapes resolved.

    >>> unescaped(r"it\'s\n")
    "it's\n"
    """
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), text)


def _strptime(java: str) -> str:
    """Java's date format as strptime's; empty where it has letters that we do not know,
    or one of them twice."""
    parts = re.findall(r"'([^']*)'|([a-zA-Z])(\2*)|([^a-zA-Z'])", java)
    found = []
    for literal, letter, more, mark in parts:
        if letter and (letter + more not in _JAVA or _JAVA[letter + more] in found):
            return ""
        plain = (literal or mark).replace("%", "%%")
        found.append(_JAVA[letter + more] if letter else plain)
    return "".join(found)


def _first_bad(
    cells: Any, parse: Callable[[str], Any], bad: Callable[[int, str], Any], what: str
) -> Any:
    for row, value in enumerate(cells.to_pylist()):
        try:
            if value is not None:
                parse(value)
        except ValueError:
            return bad(row, f"{value!r} {what}.")
    return bad(0, f"a value {what}.")
