"""The target columns a task is given: one, several, or a matrix in one list column."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dovetail import _arrow
from dovetail.errors import TargetError

NAMED = 10  # how many columns an error names


def target_table(values: Any) -> pa.Table:
    """Targets as named columns; lists of numbers that form a matrix become columns.

    Rows of one length from 2 on are a matrix where they hold fractions, or nothing but
    0, 1 and None. All other lists are sets of labels and stay.

    >>> target_table([[1, None], [0, 1]]).to_pydict()
    {'target0': [1, 0], 'target1': [None, 1]}
    >>> target_table([[1.5, 2.5], [3.5, 4.5]]).column_names
    ['target0', 'target1']
    >>> target_table([["red"], ["red", "blue"]]).column_names
    ['target']
    """
    table = _arrow.columns(values)
    if table.num_columns != 1 or not pa.types.is_list(table.column(0).type):
        return table
    matrix = _matrix(table.column_names[0], table.column(0))
    return table if matrix is None else matrix


def _matrix(name: str, lists: pa.ChunkedArray) -> pa.Table | None:
    kind = lists.type.value_type
    numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind)
    lengths = pc.unique(pc.list_value_length(lists).drop_null()).to_pylist()
    if not (numeric or pa.types.is_boolean(kind)) or len(lengths) != 1:
        return None
    plain = pa.int8() if pa.types.is_boolean(kind) else kind
    parts = pc.list_flatten(lists).cast(plain).cast(pa.float64(), safe=False)
    cells = np.asarray(parts.to_numpy())  # a missing cell is NaN
    known, width = cells[~np.isnan(cells)], lengths[0]
    fractions = bool((known % 1 != 0).any())
    if width < 2 or not (fractions or np.isin(known, (0.0, 1.0)).all()):
        return None
    whole = np.full((len(lists), width), np.nan)
    whole[pc.is_valid(lists).to_numpy()] = cells.reshape(-1, width)
    columns = [pa.array(column, from_pandas=True) for column in whole.T]
    if not fractions:
        columns = [column.cast(pa.int64()) for column in columns]
    return pa.table(columns, names=[f"{name}{j}" for j in range(width)])


def only(
    table: pa.Table, who: str, fix: str = "choose one column"
) -> tuple[str, pa.ChunkedArray]:
    """Name and cells of the one target column; several, and lists, are refused."""
    if table.num_columns != 1:
        raise TargetError(
            f"{who} needs one target column, got {table.num_columns}: {named(table)}.",
            fix=fix,
        )
    name, column = table.column_names[0], table.column(0)
    if pa.types.is_list(column.type):
        raise TargetError(
            f"Target column {name!r} holds lists; {who} needs one value in each row.",
            fix="use MultiLabel for sets of labels",
        )
    return name, column


def in_order(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    """The columns by name where these are their names, else as they stand."""
    if set(columns) == set(table.column_names):
        return table.select(list(columns))
    return table


def named(table: pa.Table) -> str:
    """Column names as an error lists them: ``'a', 'b', ...``."""
    names = ", ".join(map(repr, table.column_names[:NAMED]))
    return names + (", ..." if table.num_columns > NAMED else "")
