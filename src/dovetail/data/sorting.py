"""A column as numbers that sort as its cells do, whatever carries them."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dovetail.data import cells


def sort_key(
    column: pa.ChunkedArray, kind: str = ""
) -> NDArray[np.float64] | NDArray[np.int64]:
    """(n,), by the value for numbers, truths and times, by the letters for labels.

    ``kind`` is that of the column in the schema; without it the cells' type tells. The
    key is one and the same for a column of a file, of pandas, Polars or Arrow: integers
    and floats, ``3`` and ``3.0`` are one number, 0 and -0 too; missing cells are one
    value.

    >>> sort_key(pa.chunked_array([["b", None, "a", "b"]]), "category")
    array([ 1, -1,  0,  1])
    >>> sort_key(pa.chunked_array([[2, 1]])), sort_key(pa.chunked_array([["2", "1"]]))
    (array([2., 1.]), array([1, 0]))
    """
    kind = kind or _kind_of(column)
    if kind == "number":
        return cells.floats(column, "") + 0.0  # -0.0 + 0.0 is 0.0
    if kind == "boolean":
        return cells.truths(column, "")
    if kind == "datetime":
        return cells.times_told(column, "")
    codes, names = cells.labels(column, "")
    ranks = np.empty(len(names) + 1, np.int64)
    ranks[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    ranks[-1] = -1  # the code of a missing cell
    return ranks[codes]


def _kind_of(column: pa.ChunkedArray) -> str:
    plain = cells.plain(column).type
    if cells.is_number(plain):
        return "number"
    return "datetime" if cells.is_time(plain) else "category"
