"""From a raw target to a task, with the reason in words.

The first row that fits decides; the second reading is always named.

    the whole column                                             reading      second
    all missing, or one distinct value                           refused
    two distinct values of any kind                              Binary
    several 0/1 columns, exactly one 1 in each row               Multiclass   MultiLabel
    several 0/1 columns otherwise, lists, delimited text         MultiLabel
    text whose values repeat                                     Multiclass   Ordinal
        ... and carry a known order                              Ordinal      Multiclass
    text, nearly every value distinct                            refused
    whole numbers that fill a short range like a rating          Ordinal      Multiclass
    whole numbers that are codes                                 Multiclass   Ordinal
    whole numbers that are counts                                Count        Regression
    whole numbers, every row distinct and increasing             refused
    other numbers, in one column or several                      Regression

A reading whose task does not exist in this version falls to its second; ``unavailable``
names it.
What rating, count and codes mean stands in ``_infer_numbers.py``.
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dovetail import _arrow
from dovetail._phrases import Phrase, Said
from dovetail.errors import TargetError
from dovetail.tasks._base import Task
from dovetail.tasks._columns import target_table
from dovetail.tasks._infer_columns import read_columns
from dovetail.tasks._infer_numbers import read_number, whole
from dovetail.tasks._infer_text import as_numbers, read_dates, read_text
from dovetail.tasks._labels import shown
from dovetail.tasks._reading import Column, Reading, missing_cells, reading
from dovetail.tasks.binary import Binary
from dovetail.tasks.multilabel import MultiLabel
from dovetail.tasks.regression import Regression

__all__ = ["Reading", "infer_task"]

_PAIR = Phrase(
    "2 distinct values, {first} and {second}", "2 个不同的值：{first} 和 {second}"
)
_DECIMALS = Said("written as decimals", "写成小数")
_LISTS = Phrase(
    "lists, {sets} different sets of {labels} labels",
    "列表，{labels} 个标签组成 {sets} 种不同的标签集合",
)
_IN_A_ROW = Phrase("{low} to {high} in a row", "每行 {low} 到 {high} 个")


def infer_task(values: Any, name: str | None = None) -> Reading:
    """Read the whole target, one column or a frame of several, and say what it is.

    Missing cells do not count and are named in the reason. Raises ``TargetError``
    where no task can learn from the values. The task has learnt from them, as by
    ``from_targets``.

    >>> reading = infer_task([3, 5, 4, 7, 6, 5, 9, 8, 5], name="quality")
    >>> type(reading.task).__name__, reading.task.classes
    ('Ordinal', (3, 4, 5, 6, 7, 8, 9))
    >>> print(infer_task(["ham", "spam", "ham"]))
    2 distinct values, 'ham' and 'spam': Binary
    """
    table = target_table(_named(values, name))
    if table.num_rows == 0:
        raise TargetError("The target has no rows.", fix="give at least two values")
    if table.num_columns > 1:
        return read_columns(table)
    cells = table.column(0)
    numbers = np.flatnonzero(pc.is_valid(cells).to_numpy())
    known = cells.drop_null()
    column = Column(table.column_names[0], known, cells.null_count, numbers)
    if column.rows == 0:
        raise column.refused(
            f"has no value: all {column.missing} cells are missing",
            "choose another target column",
        )
    return _read_column(column)


def _named(values: Any, name: str | None) -> pa.Table:
    table = _arrow.columns(values)
    one = name is not None and table.num_columns == 1
    return table.rename_columns([name]) if one else table


def _read_column(column: Column) -> Reading:
    if pa.types.is_list(column.cells.type):
        return _read_lists(column)
    kinds = len(pc.unique(column.cells))
    if kinds == 1:
        raise _constant(column, column.cells[0].as_py())
    if kinds == 2:
        return _read_pair(column)
    if pa.types.is_timestamp(column.cells.type):
        return read_dates(column)
    numbers: Column | None = column
    if pa.types.is_string(column.cells.type):
        numbers = as_numbers(column)
    if numbers is None:
        return read_text(column)
    numbers = whole(numbers)
    written = column
    if (written_kinds := len(pc.unique(numbers.cells))) < kinds:
        # "1" and "1.0" are one number, so the text cannot name the classes.
        written = numbers
        if written_kinds <= 2:
            return _read_column(numbers)
    return read_number(numbers, written)


def _read_pair(column: Column) -> Reading:
    pair = sorted(pc.unique(column.cells).to_pylist())
    facts = [_PAIR(first=shown(pair[0]), second=shown(pair[1]))]
    plain = whole(column)
    second: Task | None = None
    unavailable = ""
    kind = column.cells.type
    if pa.types.is_floating(kind) and pair == [0.0, 1.0]:
        facts.append(_DECIMALS)
        unavailable = "Proportion"
        second = plain.task(Regression)
    elif (pa.types.is_integer(kind) or pa.types.is_floating(kind)) and pair != [0, 1]:
        second = plain.task(Regression)
    return reading(
        column.task(Binary),
        facts,
        0.9 if second else 0.98,
        second,
        unavailable=unavailable,
        missing=missing_cells(column),
    )


def _read_lists(column: Column) -> Reading:
    lengths = pc.list_value_length(column.cells)
    sets = {tuple(sorted(map(str, cell))) for cell in column.cells.to_pylist()}
    if len(sets) == 1:
        raise _constant(column, column.cells[0].as_py())
    task = column.task(MultiLabel)
    facts = [
        _LISTS(sets=len(sets), labels=task.head_size),
        _IN_A_ROW(low=pc.min(lengths).as_py(), high=pc.max(lengths).as_py()),
    ]
    return reading(
        task,
        facts,
        0.95,
        unavailable="LabelSequence",
        missing=missing_cells(column),
    )


def _constant(column: Column, value: Any) -> TargetError:
    missing = f" ({missing_cells(column)})" if column.missing else ""
    return column.refused(
        f"holds one distinct value, {shown(value)}, in all {column.rows} rows"
        f"{missing}: there is nothing to learn",
        "choose a target that varies",
    )
