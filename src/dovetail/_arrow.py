"""Any table or column of targets to ``pyarrow``, in few types.

    comes in                                                    leaves as
    every integer type that fits in 64 bits                     int64
    half, single and double floats, decimals, larger integers   float64, NaN is missing
    large, view and dictionary-encoded text, UTF-8 bytes        string
    dates, date-times of any unit; with a zone: in UTC          timestamp[us]
    booleans                                                    bool
    lists, large lists, sets (sorted) of any of these           list
    columns without any value                                   string, all missing

Data frames arrive through narwhals, which imports neither pandas nor Polars by itself.
"""

import datetime
import decimal
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dovetail.errors import DataError, TargetError

ACCEPTED = (
    "a pandas or Polars data frame, a pyarrow Table or RecordBatch, a dict of columns, "
    "a list of dicts, or a NumPy array or torch tensor with two axes"
)
_ACCEPTED_TARGETS = (
    "a list, a NumPy array or torch tensor with one or two axes, a pandas or Polars "
    "Series or data frame, a pyarrow array or table, or a dict of columns"
)
_ACCEPTED_CELLS = "numbers, text, yes/no, date-times or lists of labels"


def table(data: Any) -> pa.Table:
    """The rows of ``data`` with named columns, indexes and metadata dropped.

    Matrices get columns ``x0, x1, ...``; names that are no text become text.

    >>> table({"rooms": [3, None], 7: ["a", "b"]}).to_pydict()
    {'rooms': [3, None], '7': ['a', 'b']}
    """
    pairs = _pairs(data, matrix_name="x")
    if pairs is None:
        raise DataError(f"Got {_described(data)} as a table.", fix=f"give {ACCEPTED}")
    if not pairs:
        raise DataError("The table has no columns.", fix=f"give {ACCEPTED}")
    return _assembled(pairs)


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


def _columns(values: Any, names: Sequence[str] | None) -> pa.Table:
    pairs = _pairs(values, matrix_name="target")
    if pairs is None:
        name, cells = _named_series(values)
        if cells is None:
            raise TargetError(
                f"Got {_described(values)} as targets.", fix=f"give {_ACCEPTED_TARGETS}"
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
    matrix = _ndarray(data)
    if matrix is not None:
        if matrix.dtype.names:
            return [(name, matrix[name]) for name in matrix.dtype.names]
        if matrix.ndim != 2:
            return None
        return [(f"{matrix_name}{j}", matrix[:, j]) for j in range(matrix.shape[1])]
    frame = _narwhal(data)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        return [(column.name, column) for column in frame.iter_columns()]
    if frame is None and hasattr(data, "__arrow_c_stream__"):
        return _pairs(pa.table(data), matrix_name=matrix_name)
    return None


def _named_series(values: Any) -> tuple[str, Any]:
    """Name and cells of one column; cells are None where there is no such thing."""
    series = _narwhal(values)
    if isinstance(series, nw.Series):
        named = series.name is not None and str(series.name) != ""
        return (str(series.name) if named else "target"), series
    array = _ndarray(values)
    if array is not None:
        return "target", array if array.ndim == 1 else None
    one = isinstance(values, (pa.Array, pa.ChunkedArray)) or _is_list(values)
    return "target", values if one else None


def _assembled(pairs: Sequence[tuple[Any, Any]]) -> pa.Table:
    names = [str(name) for name, _ in pairs]
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise DataError(
            f"Column names appear more than once: {_quoted(twice)}.",
            fix="rename or drop the repeated columns",
        )
    arrays = [_column(name, p[1]) for name, p in zip(names, pairs, strict=True)]
    lengths = {name: len(array) for name, array in zip(names, arrays, strict=True)}
    if len(set(lengths.values())) > 1:
        sizes = ", ".join(f"{name!r} {size}" for name, size in lengths.items())
        raise DataError(
            f"The columns have different lengths: {sizes}.",
            fix="give every column one cell for each row",
        )
    return pa.table(arrays, names=names)


def _column(name: str, values: Any) -> pa.ChunkedArray:
    """One column of cells in any container, as one of the plain types."""
    if isinstance(values, pa.ChunkedArray):
        return plain(name, values)
    if isinstance(values, pa.Array):
        return plain(name, pa.chunked_array([values]))
    series = values if isinstance(values, nw.Series) else _narwhal(values)
    array = _ndarray(values)
    if isinstance(series, nw.Series):
        cells = _from_series(name, series)
    elif array is not None:
        if array.ndim != 1:
            raise DataError(
                f"Column {name!r} has shape {array.shape}; a column has one axis.",
                fix="give each column by itself, or the matrix alone",
            )
        cells = _from_numpy(name, array)
    elif _is_list(values):
        cells = _from_objects(name, list(values))
    else:
        raise DataError(
            f"Column {name!r} is {_described(values)}.",
            fix="give a list or an array with one cell for each row",
        )
    return plain(name, cells)


def _from_series(name: str, series: "nw.Series[Any]") -> pa.ChunkedArray:
    # Object columns are read cell by cell: Polars would hand over bare addresses.
    if series.dtype != nw.Object:
        try:
            cells = series.to_arrow()
        except (pa.ArrowException, TypeError, ValueError):
            pass  # pandas' sparse and mixed columns: the cells themselves will do
        else:
            whole = isinstance(cells, pa.ChunkedArray)
            return cells if whole else pa.chunked_array([cells])
    return _from_objects(name, series.to_list())


def _from_numpy(name: str, array: np.ndarray[Any, Any]) -> pa.ChunkedArray:
    if array.dtype.kind == "O":
        return _from_objects(name, array.tolist())
    if array.dtype.kind == "c":
        # The first three words are the ones scikit-learn's checks look for.
        raise DataError(
            f"Complex data not supported: column {name!r} holds {array.dtype}.",
            fix="give real and imaginary part as two columns",
        )
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    mask = np.ma.getmaskarray(array) if isinstance(array, np.ma.MaskedArray) else None
    try:
        cells = pa.array(np.ascontiguousarray(np.asarray(array)), mask=mask)
    except pa.ArrowException:
        raise _refused(name, str(array.dtype)) from None
    return pa.chunked_array([cells])


def _from_objects(name: str, values: list[Any]) -> pa.ChunkedArray:
    """Python objects; where they share no type, numbers become floats, others text."""
    try:
        cells = pa.array(values, from_pandas=True)
    except (pa.ArrowException, OverflowError, TypeError, ValueError):
        cells = None
    # Sets have no order yet, and pyarrow takes some booleans for numbers.
    lists = cells is not None and pa.types.is_list(cells.type)
    mixed = cells is not None and cells.type != pa.bool_() and bool in map(type, values)
    if cells is None or lists or mixed:
        cells = pa.array(_alike(name, values))
    return pa.chunked_array([cells])


_NUMBERS = (int, float, decimal.Decimal, np.integer, np.floating)
_TEXTUAL = (str, bool, np.bool_, datetime.date, datetime.datetime, np.datetime64)


def _alike(name: str, values: list[Any]) -> list[Any]:
    """The same cells in one type: lists of scalars, else floats, else text.

    >>> _alike("size", [1, "XL", None])
    ['1', 'XL', None]
    """
    present = [v for v in values if not _is_missing(v)]
    for value in present:
        if not (_is_list(value, sets=True) or isinstance(value, _NUMBERS + _TEXTUAL)):
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            raise _refused(name, kind.removeprefix("builtins."))
    lists = sum(_is_list(v, sets=True) for v in present)
    if 0 < lists < len(present):
        raise _refused(name, "lists in some rows and single values in others")
    if lists:
        rows = [None if _is_missing(v) else _members(v) for v in values]
        parts = iter(_alike(name, [part for row in rows if row for part in row]))
        return [row if row is None else [next(parts) for _ in row] for row in rows]
    types = {type(v) for v in present}
    if len(types) <= 1 and not types & {int}:
        return [None if _is_missing(v) else v for v in values]
    if all(isinstance(v, _NUMBERS) and not isinstance(v, bool) for v in present):
        whole = all(isinstance(v, (int, np.integer)) for v in present)
        if whole and all(-(2**63) <= int(v) < 2**63 for v in present):
            return [None if _is_missing(v) else int(v) for v in values]
        return [None if _is_missing(v) else float(v) for v in values]
    return [None if _is_missing(v) else str(v) for v in values]


def _members(cell: Any) -> list[Any]:
    if not isinstance(cell, (set, frozenset)):
        return list(cell)
    try:
        return sorted(cell)
    except TypeError:  # labels of several types have one order as text
        return sorted(cell, key=str)


def plain(name: str, cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """``cells`` as int64, float64, string, bool, timestamp[us] or a list of these."""
    types, kind = pa.types, cells.type
    if types.is_dictionary(kind):
        return plain(name, cells.cast(kind.value_type))
    if types.is_run_end_encoded(kind):
        decoded = [pc.run_end_decode(chunk) for chunk in cells.chunks]
        return plain(name, pa.chunked_array(decoded, kind.value_type))
    goal = _plain_type(kind)
    if goal is None:
        raise _refused(name, str(kind))
    try:
        if types.is_fixed_size_binary(kind):
            cells = cells.cast(pa.binary())
        if types.is_list_view(kind) or types.is_large_list_view(kind):
            # pyarrow's own cast gives lists with broken offsets.
            cells = pa.chunked_array([pa.array(cells.to_pylist(), goal)])
        # Nanoseconds are cut to microseconds; coarser units are checked for overflow.
        # Without its zone a date-time is left in UTC.
        fine = types.is_timestamp(kind) and kind.unit == "ns"
        cells = cells.cast(goal, safe=not fine)
    except pa.ArrowInvalid as error:
        if not types.is_uint64(kind):
            reason = f"{kind} that does not fit ({str(error).splitlines()[0]})"
            raise _refused(name, reason) from None
        cells = cells.cast(pa.float64(), safe=False)
    if types.is_float64(cells.type):
        nan = pc.is_nan(cells)
        if pc.any(nan).as_py():
            cells = pc.if_else(nan, pa.scalar(None, pa.float64()), cells)
    return cells


def _plain_type(kind: pa.DataType) -> pa.DataType | None:
    types = pa.types
    if types.is_integer(kind):
        return pa.int64()
    if types.is_floating(kind) or types.is_decimal(kind):
        return pa.float64()
    if types.is_boolean(kind):
        return pa.bool_()
    if types.is_date(kind) or types.is_timestamp(kind):
        return pa.timestamp("us")
    view = types.is_string_view(kind) or types.is_binary_view(kind)
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_null(kind)
    raw = types.is_binary(kind) or types.is_large_binary(kind)
    if view or text or raw or types.is_fixed_size_binary(kind):
        return pa.string()
    views = types.is_list_view(kind) or types.is_large_list_view(kind)
    lists = types.is_list(kind) or types.is_large_list(kind)
    if views or lists or types.is_fixed_size_list(kind):
        inner = kind.value_type
        inner = inner.value_type if types.is_dictionary(inner) else inner
        goal = _plain_type(inner)
        # One level only: a cell may hold labels, not a table of its own.
        return None if goal is None or types.is_list(goal) else pa.list_(goal)
    return None


def _narwhal(data: Any) -> Any:
    """``data`` under narwhals' interface, or None where narwhals does not know it."""
    if isinstance(data, (nw.DataFrame, nw.LazyFrame, nw.Series)):
        return data
    try:
        return nw.from_native(data, allow_series=True)
    except nw.exceptions.DuplicateError:
        twice = [str(n) for n, k in Counter(data.columns).items() if k > 1]
        raise DataError(
            f"Column names appear more than once: {_quoted(twice)}.",
            fix="rename or drop the repeated columns",
        ) from None
    except TypeError:
        return None


def _ndarray(data: Any) -> np.ndarray[Any, Any] | None:
    """NumPy arrays and torch tensors as NumPy; None for everything else."""
    torch = sys.modules.get("torch")  # never imported here: who holds a tensor has it
    if torch is not None and isinstance(data, torch.Tensor):
        if data.layout != torch.strided:
            raise DataError(
                f"Got a sparse torch tensor ({data.layout}).", fix="call .to_dense()"
            )
        data = data.detach().cpu().resolve_conj().resolve_neg()
        data = data.float() if data.dtype == torch.bfloat16 else data
        return np.asarray(data.numpy())
    if isinstance(data, np.ndarray):
        return data
    if type(data).__module__.startswith("scipy.sparse"):
        raise DataError(
            f"Sparse data not supported: got a {type(data).__name__} of {data.shape}.",
            fix=f"call .toarray(), or give {ACCEPTED}",
        )
    return None


def _is_list(value: Any, *, sets: bool = False) -> bool:
    if isinstance(value, np.ndarray):
        return value.ndim == 1
    return isinstance(value, (list, tuple, range)) or (
        sets and isinstance(value, (set, frozenset))
    )


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    numeric = isinstance(value, (float, np.floating, decimal.Decimal, np.datetime64))
    return numeric and bool(value != value)


def _described(data: Any) -> str:
    if isinstance(data, list) and not data:
        return "an empty list"
    shape = getattr(data, "shape", None)
    kind = f"{type(data).__module__}.{type(data).__qualname__}"
    kind = kind.removeprefix("builtins.")
    return f"{kind} of shape {tuple(shape)}" if isinstance(shape, tuple) else kind


def _refused(name: str, kind: str) -> DataError:
    return DataError(
        f"Column {name!r} holds {kind}; a column holds {_ACCEPTED_CELLS}.",
        fix="convert the column, or drop it",
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
