"""Columns to matrices, a block of rows at a time.

A matrix has a row's features side by side, for rows are sliced per batch; columns come
one below the other. Block by block both stand in the processor's cache, and what is
computed on the way takes little room. Text is looked up as a whole column.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dovetail.data import cells
from dovetail.data._column import Numeric
from dovetail.data._place import Place
from dovetail.data.categories import Category
from dovetail.errors import DataError

_ROWS = 1 << 15
_THREADS = 8  # each holds a few columns on the way

One = TypeVar("One")
Result = TypeVar("Result")


def in_threads(do: Callable[[One], Result], many: Sequence[One]) -> list[Result]:
    """``do`` for each of ``many``; of several errors the first one's is raised."""
    threads = min(pa.cpu_count(), len(many), _THREADS)
    if threads < 2:
        return [do(one) for one in many]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(do, many))


def encode(
    numbers: Sequence[Numeric],
    categories: Sequence[Category],
    table: pa.Table,
    place: Place,
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Numbers (n, f) and category indices (n, c) of every row.

    Raises:
        SchemaError: a cell does not fit; the first column with one is named.
        DataError: a number is infinite.
    """
    n = len(table)
    indices = np.empty((n, len(categories)), np.int64)
    values = np.empty((n, sum(len(column.features) for column in numbers)), np.float32)

    def whole(column: Numeric | Category) -> Any:
        return column.encode(table.column(column.name), place)

    # Whether text is read as times depends on all cells of the column.
    text = [c for c in numbers if not _by_cell(table.column(c.name).type)]
    looked_up = dict(zip(text, in_threads(whole, text), strict=True))

    def block(start: int) -> None:
        rows = slice(start, min(start + _ROWS, n))
        at = 0
        for column in numbers:
            if column in looked_up:
                features = [feature[rows] for feature in looked_up[column]]
            else:
                part = table.column(column.name).slice(start, _ROWS)
                features = column.encode(part)
            for feature in features:
                values[rows, at] = feature
                at += 1

    try:
        in_threads(block, range(0, n, _ROWS))
    except DataError:
        for column in numbers:  # column by column, for the first one's error
            whole(column)
        raise
    looked_up.clear()
    pa.default_memory_pool().release_unused()

    def place_index(i: int) -> None:
        indices[:, i] = whole(categories[i])

    in_threads(place_index, range(len(categories)))
    return values, indices


def _by_cell(kind: pa.DataType) -> bool:
    """May a cell be read without a look at its column?"""
    plain = cells.is_number(kind) or cells.is_time(kind) or pa.types.is_boolean(kind)
    return bool(plain or pa.types.is_null(kind))
