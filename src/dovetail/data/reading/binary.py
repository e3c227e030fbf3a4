"""Formats that carry their own types: Parquet, Feather/Arrow and ``.npz``."""

import io
import re
import zipfile
import zlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dovetail import _arrow
from dovetail.errors import DataError

_AGAIN = "fetch or write it again"
_UNREADABLE = (pa.ArrowException, OSError, UnicodeDecodeError)  # a name, at the last


def parquet(name: str, raw: bytes) -> tuple[pa.Table, list[str]]:
    """Table and notes from the bytes of a Parquet file."""
    try:
        table = pq.ParquetFile(pa.BufferReader(raw)).read()
        table.validate(full=True)
    except _UNREADABLE as error:
        raise _damaged(name, "Parquet", error) from None
    return _plain(name, table)


def arrow(name: str, raw: bytes) -> tuple[pa.Table, list[str]]:
    """Table and notes from the bytes of an Arrow file or stream (Feather version 2)."""
    source = pa.BufferReader(raw)
    try:
        if raw.startswith(b"ARROW1"):
            table = pa.ipc.open_file(source).read_all()
        else:
            table = pa.ipc.open_stream(source).read_all()
        # Nothing in the format keeps offsets from pointing behind their buffers.
        table.validate(full=True)
    except _UNREADABLE as error:
        raise _damaged(name, "Arrow", error) from None
    return _plain(name, table)


def npz(name: str, raw: bytes) -> pa.Table:
    """Table from the arrays of an ``.npz`` file, none of which may need a pickle.

    An array with one axis is a column under its own name. One with two axes, named
    ``X``, is columns ``X0, X1, ...``; NumPy's own name ``arr_0`` gives ``x0, x1, ...``.
    """
    try:
        with np.load(io.BytesIO(raw), allow_pickle=False) as arrays:
            found = {key: _array(name, arrays, key) for key in arrays.files}
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        raise _damaged(name, "npz", error) from None
    columns: dict[str, np.ndarray] = {}
    for key, array in found.items():
        if array.ndim == 1:
            parts = {key: array}
        elif array.ndim == 2:
            stem = "x" if key == "arr_0" else key
            parts = {f"{stem}{j}": array[:, j] for j in range(array.shape[1])}
        else:
            raise DataError(
                f"{name}: array {key!r} has shape {array.shape}; columns need one axis "
                f"and matrices two.",
                fix="save a matrix with one row for each row of the table",
            )
        if twice := columns.keys() & parts.keys():
            raise DataError(
                f"{name}: two arrays give a column {sorted(twice)[0]!r}.",
                fix="save one of them under another name",
            )
        columns |= parts
    if len({len(array) for array in found.values()}) > 1:
        shapes = ", ".join(f"{key!r} {array.shape}" for key, array in found.items())
        raise DataError(
            f"{name}: the arrays have different numbers of rows: {shapes}.",
            fix="save arrays of one table only, with the same number of rows",
        )
    try:
        return _arrow.table(columns)
    except DataError as error:
        raise DataError(f"{name}: {error.message}", fix=error.fix) from None


def _array(name: str, arrays: "np.lib.npyio.NpzFile", key: str) -> np.ndarray:
    try:
        array = arrays[key]
    except ValueError as error:
        if "allow_pickle" not in str(error):
            raise
        raise DataError(
            f"{name}: array {key!r} holds Python objects, that is, a pickle.",
            fix="save numbers or text: convert it with .astype(float) or .astype(str)",
        ) from None
    if not isinstance(array, np.ndarray):
        raise DataError(f"{name}: {key!r} is no array.", fix="save it with numpy.savez")
    return array


def _plain(name: str, table: pa.Table) -> tuple[pa.Table, list[str]]:
    # pandas stores its row labels as columns of these names.
    index = [c for c in table.column_names if re.fullmatch(r"__index_level_\d+__", c)]
    notes = [f"the row labels of pandas were left out ({', '.join(index)})"]
    try:
        return _arrow.table(table.drop_columns(index)), notes if index else []
    except DataError as error:
        raise DataError(f"{name}: {error.message}", fix=error.fix) from None


def _damaged(name: str, kind: str, error: Exception) -> DataError:
    reason = (str(error).splitlines() or [type(error).__name__])[0]
    return DataError(
        f"{name} is no readable {kind} file: {reason.rstrip('.')}.", fix=_AGAIN
    )
