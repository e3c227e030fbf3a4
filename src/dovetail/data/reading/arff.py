"""ARFF, the format of Weka and Mulan: a header that declares each column, then rows.

Dense rows without quotation marks go through the same parser as CSV; rows with marks,
and sparse rows ``{2 5.5, 7 red}``, are taken apart one by one.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import final

import numpy as np
import pyarrow as pa

from dovetail.data.reading import quoting
from dovetail.data.reading.arff_types import QUOTED, Attribute, declared, unescaped
from dovetail.data.reading.rows import SKIP, Reading, lines, strings
from dovetail.errors import DataError

_CELL = re.compile(rf"\s*(?:{QUOTED}|([^,]*?))\s*(?:,|$)", re.DOTALL)
_SPARSE = re.compile(rf"\s*(\d+)\s+(?:{QUOTED}|([^,]*?))\s*(?:,|$)", re.DOTALL)


@final
@dataclass
class _Rows:
    """What the data section holds; ``lines`` are the line numbers of its rows."""

    cells: list[dict[int, str | None]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    wrong: list[int] = field(default_factory=list)


def read(
    name: str, text: bytes, *, skip: bool = False
) -> tuple[pa.Table, list[str], int]:
    r"""Table, notes and number of rows left out, from UTF-8 ``text``.

    A missing value is ``?``. A column that a sparse row leaves out is 0, or the first
    of its declared values.

    >>> head = b"@relation r\n@attribute x real\n@attribute y {0,1}\n@data\n"
    >>> read("t.arff", head + b"1.5,0\n?,1\n")[0].to_pydict()
    {'x': [1.5, None], 'y': [0, 1]}
    """
    attributes, start = _header(name, text)
    body = text[start:]
    if not re.search(rb"(?m)^[ \t]*[^\s%]", body):
        raise DataError(
            f"{name} has no rows behind @data.", fix="add rows, or fetch it again"
        )
    line = 1 + lines(text[:start])
    if any(mark in body for mark in (b"'", b'"', b"{", b"%", b"\\")):
        rows = _taken_apart(name, body, line, attributes, skip)
        wrong, notes = rows.wrong, []
        if wrong:
            notes = [f"{len(wrong)} row(s) left out, the first is line {wrong[0]}"]
        return _columns(name, attributes, rows), notes, len(wrong)
    sep = b"," if b"," in body or len(attributes) == 1 else b"\t"
    file = Reading(name, body, skip, sep=sep, line=line)
    file.text = quoting.without_padding(body, sep, quoted=False)
    keys = [str(i) for i in range(len(attributes))]
    cells = strings(file, keys, missing=("?", ""))

    def line_of(row: int) -> int:
        count = len(attributes)
        texts = enumerate(re.split(rb"\r\n|\r|\n", file.text), line)
        whole = [n for n, t in texts if t and t.count(sep) + 1 == count]
        return whole[row]

    arrays = [
        attribute.typed(column, _bad(name, attribute, line_of))
        for attribute, column in zip(attributes, cells.columns, strict=True)
    ]
    return pa.table(arrays, names=[a.name for a in attributes]), file.notes, file.bad


def _header(name: str, text: bytes) -> tuple[list[Attribute], int]:
    """Declared attributes, and where the data section starts."""
    attributes: list[Attribute] = []
    for number, match in enumerate(
        re.finditer(rb"([^\r\n]*)(?:\r\n|\r|\n|\Z)", text), 1
    ):
        line = match[1].decode().strip()
        word = line.partition(" ")[0].partition("\t")[0].lower()
        if word == "@data":
            break
        if word == "@attribute":
            attributes.append(declared(name, number, line))
        elif line and not line.startswith("%") and word != "@relation":
            raise DataError(
                f"{name}, line {number}: {line[:60]!r} stands in the header of an ARFF "
                f"file.",
                fix="a header has @relation, @attribute, comments with %, then @data",
            )
    else:
        raise DataError(
            f"{name} has no @data line.", fix="fetch it again, it may be cut short"
        )
    twice = [n for n, k in Counter(a.name for a in attributes).items() if k > 1]
    if twice or not attributes:
        what = f"declares {', '.join(map(repr, twice))} twice" if twice else "has no"
        raise DataError(
            f"{name} {what}{'' if twice else ' @attribute line'}.",
            fix="declare every column once, each under its own name",
        )
    return attributes, match.end()


def _taken_apart(
    name: str, body: bytes, line: int, attributes: Sequence[Attribute], skip: bool
) -> _Rows:
    rows = _Rows()
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", body.decode()), line):
        text = raw.strip()
        if not text or text.startswith("%"):
            continue
        try:
            if text.startswith("{"):
                row = dict(_sparse_cells(text, len(attributes)))
                _check_omitted(row, attributes)
            else:
                row = dict(enumerate(_dense_cells(text)))
                if len(row) != len(attributes):
                    raise ValueError(
                        f"{len(row)} values found, {len(attributes)} needed"
                    )
        except ValueError as error:
            if not skip:
                raise DataError(f"{name}, line {number}: {error}.", fix=SKIP) from None
            rows.wrong.append(number)
            continue
        rows.cells.append(row)
        rows.lines.append(number)
    if not rows.cells:
        raise DataError(f"{name} has no whole row.", fix="check the data section")
    return rows


def _dense_cells(text: str) -> Iterator[str | None]:
    if "'" not in text and '"' not in text:
        for cell in text.split(","):
            yield None if cell.strip() in ("?", "") else cell.strip()
        return
    at, more = 0, True
    while more:
        match = _CELL.match(text, at)
        if match is None or (match[3] or "").startswith(("'", '"')):
            raise ValueError(f"broken quotation marks at {text[at : at + 30]!r}")
        yield _value(match[1] if match[1] is not None else match[2], match[3])
        at, more = match.end(), match.group().endswith(",")


def _sparse_cells(text: str, count: int) -> Iterator[tuple[int, str | None]]:
    if not text.endswith("}"):
        raise ValueError("a sparse row needs a closing }")
    inner, at, seen = text[1:-1].strip(), 0, set()
    while at < len(inner):
        match = _SPARSE.match(inner, at)
        if match is None or (match[4] or "").startswith(("'", '"')):
            raise ValueError(f"index and value needed at {inner[at : at + 30]!r}")
        index = int(match[1])
        if index >= count or index in seen:
            what = "stands twice" if index in seen else f"is not below {count}"
            raise ValueError(f"index {index} {what}")
        seen.add(index)
        yield index, _value(match[2] if match[2] is not None else match[3], match[4])
        at = match.end()


def _value(quoted: str | None, bare: str | None) -> str | None:
    if quoted is not None:
        return unescaped(quoted)
    return None if bare in ("?", "", None) else bare


def _check_omitted(row: dict[int, str | None], attributes: Sequence[Attribute]) -> None:
    for index, attribute in enumerate(attributes):
        if attribute.omitted is None and index not in row:
            raise ValueError(
                f"a sparse row leaves out {attribute.name!r}, a {attribute.kind}, "
                f"which has no value that this could mean"
            )


def _columns(name: str, attributes: Sequence[Attribute], rows: _Rows) -> pa.Table:
    at: list[list[int]] = [[] for _ in attributes]
    values: list[list[str | None]] = [[] for _ in attributes]
    for i, row in enumerate(rows.cells):
        for j, value in row.items():
            at[j].append(i)
            values[j].append(value)
    arrays = []
    for j, attribute in enumerate(attributes):
        # One column at a time in full: a sparse file may have thousands of them.
        cells = np.full(len(rows.cells), attribute.omitted, dtype=object)
        cells[at[j]] = values[j]
        column = pa.chunked_array([pa.array(cells, pa.string())])
        bad = _bad(name, attribute, rows.lines.__getitem__)
        arrays.append(attribute.typed(column, bad))
    return pa.table(arrays, names=[a.name for a in attributes])


def _bad(
    name: str, attribute: Attribute, line_of: Callable[[int], int]
) -> Callable[[int, str], DataError]:
    """The error for one cell, by row and reason."""

    def bad(row: int, reason: str) -> DataError:
        return DataError(
            f"{name}, line {line_of(row)}, column {attribute.name!r}: {reason}",
            fix="repair the cell, or write ? where the value is missing",
        )

    return bad
