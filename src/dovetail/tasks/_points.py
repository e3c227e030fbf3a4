"""What tasks with numbers as targets share: columns of numbers and their strata."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy import ndarray

from dovetail import _arrow
from dovetail.errors import TargetError
from dovetail.tasks._labels import matrix, refuse_missing

BINS = 10  # a split keeps the shares of each tenth of a numeric target


def numbers(values: Any, columns: tuple[str, ...]) -> tuple[pa.Table, ndarray]:
    """The target columns in the task's order, and their cells (n, D) as float64."""
    table = _arrow.columns(values)
    if columns and set(columns) == set(table.column_names):
        table = table.select(list(columns))
    needed = max(1, len(columns))
    if table.num_columns != needed:
        raise TargetError(
            f"Targets have {table.num_columns} columns, the task {needed}.",
            fix=f"give {columns or 'one column'}",
        )
    for column in table.columns:
        refuse_missing(column)
    cells = matrix(table)
    if not np.isfinite(cells).all():
        row, place = np.argwhere(~np.isfinite(cells))[0]
        raise TargetError(
            f"Target column {table.column_names[place]!r}, data row {row + 1}: "
            f"{cells[row, place]}; a finite number was needed.",
            fix="correct the cell or drop the row",
        )
    return table, cells


def strata_of(cells: ndarray) -> ndarray:
    """Tenths of the first column; ties share a stratum."""
    first = cells[:, 0]
    edges = np.unique(np.quantile(first, np.linspace(0, 1, BINS + 1)[1:-1]))
    return np.searchsorted(edges, first, side="right")
