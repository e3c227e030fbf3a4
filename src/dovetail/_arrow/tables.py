"""Whole tables and targets: which columns there are, and what they are called."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
import pyarrow as pa

from dovetail._arrow.cells import column, half_a_character
from dovetail._arrow.containers import (
    ACCEPTED,
    described,
    handed_over,
    is_list,
    narwhal,
    ndarray,
    quoted,
)
from dovetail.errors import DataError, TargetError

_ACCEPTED_TARGETS = (
    "a list, a NumPy array or torch tensor with one or two axes, a pandas or Polars "
    "Series, array or data frame, a pyarrow array or table, or a dict of columns"
)


def table(data: Any) -> pa.Table:
    """The rows of ``data`` with named columns, indexes and metadata dropped.

    Matrices get columns ``x0, x1, ...``; names that are no text become text.

    >>> table({"rooms": [3, None], 7: ["a", "b"]}).to_pydict()
    {'rooms': [3, None], '7': ['a', 'b']}
    """
    pairs = _pairs(_as_rows(data), matrix_name="x")
    if pairs is None:
        raise DataError(f"Got {described(data)} as a table.", fix=f"give {ACCEPTED}")
    if not pairs:
        raise DataError("The table has no columns.", fix=f"give {ACCEPTED}")
    return _assembled(pairs)


def _as_rows(data: Any) -> Any:
    """A list of lists as columns ``x0, x1, ...``; anything else as it hands itself."""
    if not (isinstance(data, (list, tuple)) and data and all(map(is_list, data))):
        return handed_over(data)
    width = len(data[0])
    for row, cells in enumerate(data, 1):
        if len(cells) != width:
            raise DataError(
                f"Row {row} of the list has {len(cells)} values, row 1 has {width}.",
                fix="give every row as many values",
            )
    return {f"x{j}": [row[j] for row in data] for j in range(width)}


def columns(values: Any, names: str | Sequence[str] | None = None) -> pa.Table:
    """Target columns: one named ``target``, several ``target0, target1, ...``.

    A Series or data frame keeps its own names; ``names`` goes before both. Lists,
    tuples and sets as cells become a list column, sets in sorted order.

    >>> columns(["cat", "dog"]).to_pydict()
    {'target': ['cat', 'dog']}
    >>> columns([{"red", "blue"}, set()], "colours").to_pydict()
    {'colours': [['blue', 'red'], []]}
    """
    try:
        return _columns(values, [names] if isinstance(names, str) else names)
    except TargetError:
        raise
    except DataError as error:
        raise TargetError(error.message, fix=error.fix) from None


def _columns(given: Any, names: Sequence[str] | None) -> pa.Table:
    values = handed_over(given)
    pairs = _pairs(values, matrix_name="target")
    if pairs is None:
        name, cells = _named_series(values)
        if cells is None:
            raise TargetError(
                f"Got {described(given)} as targets.", fix=f"give {_ACCEPTED_TARGETS}"
            )
        pairs = [(name, cells)]
    if [name for name, _ in pairs] == ["target0"]:
        pairs = [("target", pairs[0][1])]
    if not pairs:
        raise TargetError("The targets have no columns.", fix="give one or more")
    if names is not None:
        if len(names) != len(pairs):
            raise TargetError(
                f"{len(names)} names were given for {len(pairs)} target column(s).",
                fix="give one name for each column",
            )
        pairs = [(name, cells) for name, (_, cells) in zip(names, pairs, strict=True)]
    return _assembled(pairs)


def _pairs(data: Any, *, matrix_name: str) -> list[tuple[Any, Any]] | None:
    """Name and cells of each column, or None where ``data`` is no table at all."""
    if isinstance(data, pa.RecordBatch):
        data = pa.Table.from_batches([data])
    if isinstance(data, pa.Table):
        return list(zip(data.column_names, data.columns, strict=True))
    if isinstance(data, Mapping):
        return list(data.items())
    if isinstance(data, list) and data and all(isinstance(r, Mapping) for r in data):
        # Not only the first row's keys: a key may first appear further down.
        keys = dict.fromkeys(key for row in data for key in row)
        return [(key, [row.get(key) for row in data]) for key in keys]
    matrix = ndarray(data)
    if matrix is not None:
        if matrix.dtype.names:
            return [(name, matrix[name]) for name in matrix.dtype.names]
        if matrix.ndim != 2:
            return None
        return [(f"{matrix_name}{j}", matrix[:, j]) for j in range(matrix.shape[1])]
    frame = narwhal(data)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        return [(column.name, column) for column in frame.iter_columns()]
    return None


def _named_series(values: Any) -> tuple[str, Any]:
    """Name and cells of one column; cells are None where there is no such thing."""
    series = narwhal(values)
    if isinstance(series, nw.Series):
        named = series.name is not None and str(series.name) != ""
        return (str(series.name) if named else "target"), series
    array = ndarray(values)
    if array is not None:
        return "target", array if array.ndim == 1 else None
    one = isinstance(values, (pa.Array, pa.ChunkedArray)) or is_list(values)
    return "target", values if one else None


def _assembled(pairs: Sequence[tuple[Any, Any]]) -> pa.Table:
    names = [str(name) for name, _ in pairs]
    for name in names:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise half_a_character("A column is named", name) from None
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"Column names appear more than once: {quoted(twice)}.",
            fix="rename or drop the repeated columns",
        )
    arrays = [column(name, p[1]) for name, p in zip(names, pairs, strict=True)]
    lengths = {name: len(array) for name, array in zip(names, arrays, strict=True)}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{name!r} {size}" for name, size in lengths.items())
        raise DataError(
            f"The columns have different lengths: {sizes}.",
            fix="give every column one cell for each row",
        )
    return pa.table(arrays, names=names)
