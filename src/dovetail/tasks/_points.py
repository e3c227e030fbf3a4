"""What tasks with numbers as targets share: columns of numbers and their strata."""

from typing import Any

import numpy as np
import pyarrow as pa
from numpy import ndarray

from dovetail.errors import TargetError
from dovetail.tasks._columns import in_order, named, target_table
from dovetail.tasks._labels import matrix, refuse_missing

BINS = 10  # a split keeps the shares of each tenth of a numeric target


def numbers(values: Any, columns: tuple[str, ...]) -> tuple[pa.Table, ndarray]:
    """The target columns in the task's order, and their cells (n, D) as float64."""
    table = target_table(values)
    if columns:
        table = in_order(table, columns)
    needed = max(1, len(columns))
    if table.num_columns != needed:
        raise TargetError(
            f"{table.num_columns} target columns were given, {named(table)}; the task "
            f"has {needed}.",
            fix=f"give {columns or 'one column'}",
        )
    for name, column in zip(table.column_names, table.columns, strict=True):
        refuse_missing(name, column)
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
