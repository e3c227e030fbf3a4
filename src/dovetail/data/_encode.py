"""Columns to matrices, a block of rows at a time.

A matrix has a row's features side by side, for rows are sliced per batch; columns come
one below the other. Block by block both stand in the processor's cache, and what is
computed on the way takes little room. Text that is read as numbers or times is looked
at as a whole column first.
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dovetail.data import cells
from dovetail.data._column import Numeric
from dovetail.data._place import Place
from dovetail.data.booleans import Boolean
from dovetail.data.categories import Category
from dovetail.errors import DataError

_ROWS = 1 << 14
_LOOKED_UP = 1 << 17  # rows; each time the labels are put into a table anew
_APART = 16  # floats between columns: at powers of two they would share cache lines
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
    width = sum(len(column.features) for column in numbers)
    indices = np.empty((n, len(categories)), np.int64)
    values = np.empty((n, width), np.float32)
    room = threading.local()

    # Whether text is read as times depends on all cells of the column.
    text = [i for i, c in enumerate(numbers) if not _by_cell(c, table.column(c.name))]
    whole = in_threads(lambda i: _encoded(numbers[i], table, place), text)
    looked_up = dict(zip(text, whole, strict=True))
    del whole

    def block(rows: slice) -> None:
        if not hasattr(room, "below"):
            room.below = np.empty((width, _ROWS + _APART), np.float32)
        below = room.below[:, : rows.stop - rows.start]
        at = 0
        for i, column in enumerate(numbers):
            if i in looked_up:
                features = [feature[rows] for feature in looked_up[i]]
            else:
                features = column.encode(_part(table, column, rows))
            for feature in features:
                below[at] = feature
                at += 1
        values[rows] = below.T

    try:
        in_threads(block, _slices(n, _ROWS))
    except DataError:
        for column in numbers:  # column by column, for the first one's error
            _encoded(column, table, place)
        raise
    looked_up.clear()
    pa.default_memory_pool().release_unused()

    def place_index(job: tuple[int, slice]) -> None:
        i, rows = job
        # Only what is looked up as a whole can fail, so that the place is right.
        indices[rows, i] = categories[i].encode(
            _part(table, categories[i], rows), place
        )

    jobs = []
    for i, category in enumerate(categories):
        plain = category.by_cell(table.column(category.name).type)
        jobs += [(i, rows) for rows in _slices(n, _LOOKED_UP if plain else n)]
    in_threads(place_index, jobs)
    return values, indices


def _slices(n: int, size: int) -> list[slice]:
    return [slice(at, min(at + size, n)) for at in range(0, n, max(size, 1))]


def _encoded(column: Numeric | Category, table: pa.Table, place: Place) -> Any:
    return column.encode(table.column(column.name), place)


def _part(table: pa.Table, column: Numeric | Category, rows: slice) -> Any:
    return table.column(column.name).slice(rows.start, rows.stop - rows.start)


def _by_cell(column: Numeric, cells_: pa.ChunkedArray) -> bool:
    """May a cell be read without a look at its column?"""
    kind = cells_.type
    plain = cells.is_number(kind) or cells.is_time(kind) or pa.types.is_boolean(kind)
    words = isinstance(column, Boolean) and cells.is_text(kind)
    return bool(plain or words or pa.types.is_null(kind))
