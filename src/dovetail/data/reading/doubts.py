"""Columns of text that were perhaps meant as numbers: what to say of them.

One word among numbers makes a whole column text. Nothing is changed here; who reads
the note may mend the cell.
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_DECIMAL_COMMA = r"^[+-]?\d+,\d+$"
_UNIT = r"^[+-]?\d+([.,]\d+)?\s*[A-Za-z°µ²³/%$€£¥]{1,4}[0-9²³]?$"
# So many cells of the column must be numbers for the others to be a mistake.
_MOST = 0.8
_SAMPLE = 200


def doubt(cells: pa.ChunkedArray) -> str | None:
    """Why this text may be numbers; None where it does not look like them.

    >>> doubt(pa.chunked_array([["1", "2", "3", "4", "many", "6"]]))
    "text, since 1 of 6 cells are no numbers: 'many' (data row 5)"
    """
    head = [c for c in cells.slice(0, _SAMPLE).to_pylist() if c is not None]
    if not head:
        return None
    if _share(head, _NUMBER) >= _MOST / 2:
        return _some_words(cells)
    for pattern, what in (
        (_DECIMAL_COMMA, "write decimal commas as points"),
        (_UNIT, "write the numbers alone, the unit into the column's name"),
    ):
        if _share(head, pattern) == 1 and _all(cells, pattern):
            return f"text such as {head[0]!r}; if these are numbers, {what}"
    return None


def _share(cells: list[str], pattern: str) -> float:
    fits = re.compile(pattern, re.ASCII)
    return sum(fits.match(cell) is not None for cell in cells) / len(cells)


def _all(cells: pa.ChunkedArray, pattern: str) -> bool:
    return bool(pc.all(pc.match_substring_regex(cells, pattern)).as_py())


def _some_words(cells: pa.ChunkedArray) -> str | None:
    fits = pc.match_substring_regex(cells, _NUMBER)
    present = len(cells) - cells.null_count
    wrong = present - pc.sum(fits).as_py()
    if not 0 < wrong <= (1 - _MOST) * present:  # none: "007", codes
        return None
    row = pc.index(fits, False).as_py()
    return (
        f"text, since {wrong} of {present} cells are no numbers: "
        f"{cells[row].as_py()[:40]!r} (data row {row + 1})"
    )
