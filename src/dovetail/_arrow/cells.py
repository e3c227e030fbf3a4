"""One column of cells, in any container and of any type, in one of the plain types.

comes in                                                    leaves as
every integer type that fits in 64 bits                     int64
half, single and double floats, decimals, larger integers   float64, NaN is missing
large, view and dictionary-encoded text, UTF-8 bytes        string
dates, date-times of any unit; with a zone: in UTC          timestamp[us]
booleans                                                    bool
lists, large lists, sets (sorted) of any of these           list
columns without any value                                   string, all missing
"""

import datetime
import decimal
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dovetail._arrow.containers import (
    described,
    handed_over,
    is_list,
    narwhal,
    ndarray,
)
from dovetail.errors import DataError

_ACCEPTED_CELLS = "numbers, text, yes/no, date-times or lists of labels"


def column(name: str, given: Any) -> pa.ChunkedArray:
    """One column of cells in any container, as one of the plain types."""
    values = handed_over(given)
    if isinstance(values, pa.ChunkedArray):
        return plain(name, values)
    if isinstance(values, pa.Array):
        return plain(name, pa.chunked_array([values]))
    series = values if isinstance(values, nw.Series) else narwhal(values)
    array = ndarray(values)
    if isinstance(series, nw.Series):
        cells = _from_series(name, series)
    elif array is not None:
        if array.ndim != 1:
            raise DataError(
                f"Column {name!r} has shape {array.shape}; a column has one axis.",
                fix="give each column by itself, or the matrix alone",
            )
        cells = _from_numpy(name, array)
    elif is_list(values):
        cells = _from_objects(name, list(values))
    else:
        raise DataError(
            f"Column {name!r} is {described(given)}.",
            fix="give a list or an array with one cell for each row",
        )
    return plain(name, cells)


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
        try:
            cells = pa.array(_alike(name, values))
        except UnicodeEncodeError as error:
            raise half_a_character(f"Column {name!r} holds", error.object) from None
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
        if not (is_list(value, sets=True) or isinstance(value, _NUMBERS + _TEXTUAL)):
            kind = f"{type(value).__module__}.{type(value).__qualname__}"
            raise _refused(name, kind.removeprefix("builtins."))
    lists = sum(is_list(v, sets=True) for v in present)
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


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    numeric = isinstance(value, (float, np.floating, decimal.Decimal, np.datetime64))
    return numeric and bool(value != value)


def half_a_character(what: str, text: str) -> DataError:
    """The error for a lone surrogate, which JSON can write and UTF-8 cannot."""
    return DataError(
        f"{what} {text[:40]!r}, in which a character is cut in half.",
        fix="write the text again as UTF-8, characters beyond U+FFFF whole",
    )


def _refused(name: str, kind: str) -> DataError:
    return DataError(
        f"Column {name!r} holds {kind}; a column holds {_ACCEPTED_CELLS}.",
        fix="convert the column, or drop it",
    )
