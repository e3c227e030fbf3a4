"""Rows that stand in a table more than once."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa


def repeated_rows(table: pa.Table, columns: Sequence[str]) -> int:
    """Rows that repeat an earlier row in all of ``columns``; missing equals missing.

    >>> table = pa.table({"a": [1, 2, 1, 1], "b": ["x", "y", "x", "z"]})
    >>> repeated_rows(table, ["a", "b"])
    1
    """
    keys = [_key(table.column(name)) for name in columns]
    if not keys or len(table) == 0:
        return max(0, len(table) - 1)
    names = [str(i) for i in range(len(keys))]
    distinct = pa.table(keys, names=names).group_by(names, use_threads=True)
    return len(table) - int(distinct.aggregate([]).num_rows)


def _key(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column that Arrow can group by, with the same equalities."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_nested(kind):  # Arrow groups by plain values only
        codes: dict[str, int] = {}
        cells = column.to_pylist()
        numbers = [codes.setdefault(repr(cell), len(codes)) for cell in cells]
        return pa.chunked_array([np.asarray(numbers, np.int64)])
    return column
