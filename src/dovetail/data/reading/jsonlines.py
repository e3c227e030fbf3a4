"""JSON to a table: one object in each line, or an array of objects.

pyarrow reads lines; where it cannot (values of several types under one key, rows longer
than its blocks, a mistake in a line) Python's parser does, which can say where.
"""

import json
from typing import Any

import pyarrow as pa
from pyarrow import json as arrow_json

from dovetail import _arrow
from dovetail.data.reading.from_text import date_time
from dovetail.errors import DataError

_FIX = "write one object {...} in each line, or an array [{...}, {...}] of objects"


def read(
    name: str, text: bytes, *, skip: bool = False
) -> tuple[pa.Table, list[str], int]:
    r"""Table, notes and number of lines left out, from UTF-8 ``text``.

    Text that holds ISO dates everywhere becomes date-times; other text stays text, also
    where it looks like a number: JSON has said what it is.

    >>> read("t.jsonl", b'{"a": 1, "b": "01"}\n{"a": null}\n')[0].to_pydict()
    {'a': [1, None], 'b': ['01', None]}
    """
    notes: list[str] = []
    bad = 0
    if text.lstrip().startswith(b"["):
        table = _table(name, _array(name, text))
    else:
        try:
            table = arrow_json.read_json(
                pa.BufferReader(text), arrow_json.ReadOptions(block_size=1 << 24)
            )
            table = _arrow.table(table) if table.num_columns else None
        except (pa.ArrowException, DataError):
            table = None
        if table is None:
            rows, wrong = _lines(name, text, skip)
            table, bad = _table(name, rows), len(wrong)
            if wrong:
                notes.append(
                    f"{bad} line(s) that hold no JSON object left out, the first is "
                    f"line {wrong[0]}"
                )
    return _with_dates(table), notes, bad


def _array(name: str, text: bytes) -> list[Any]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is no valid JSON: {error}.", fix=_FIX) from None
    for i, row in enumerate(rows, 1):
        if not isinstance(row, dict):
            raise DataError(
                f"{name}, item {i}: an object was needed, found {_kind(row)}.", fix=_FIX
            )
    return list(rows)


def _lines(name: str, text: bytes, skip: bool) -> tuple[list[Any], list[int]]:
    rows, wrong = [], []
    for number, line in enumerate(text.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            problem = None if isinstance(row, dict) else f"found {_kind(row)}"
        except (ValueError, RecursionError) as error:
            problem = str(error)
        if problem is None:
            rows.append(row)
        elif skip:
            wrong.append(number)
        else:
            raise DataError(
                f"{name}, line {number}: a JSON object was needed: {problem}.", fix=_FIX
            )
    return rows, wrong


def _table(name: str, rows: list[Any]) -> pa.Table:
    if not any(rows):
        raise DataError(f"{name} holds no rows with values.", fix=_FIX)
    if len(rows) == 1 and (key := _array_of_rows(rows[0])) is not None:
        raise DataError(
            f"{name} is one object, and its {key!r} holds the rows.",
            fix=f"save what stands under {key!r} as a file of its own",
        )
    try:
        return _arrow.table(rows)
    except DataError as error:
        raise DataError(f"{name}: {error.message}", fix=error.fix) from None


def _array_of_rows(row: dict[str, Any]) -> str | None:
    for key, value in row.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return key
    return None


def _with_dates(table: pa.Table) -> pa.Table:
    for i, column in enumerate(table.columns):
        if pa.types.is_string(column.type) and column.null_count < len(column):
            dates = date_time(column)
            if dates is not None:
                table = table.set_column(i, table.column_names[i], dates)
    return table


def _kind(value: Any) -> str:
    names = {list: "an array", str: "text", type(None): "null", bool: "true or false"}
    return names.get(type(value), "a number")
