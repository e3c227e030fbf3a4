"""Readers: a file to float32 numbers (n, f) and int64 codes of categories (n, c).

Each is the plain way a user of that library would go, with every core it cares to use.
dovetail tells kinds, separator, encoding and quoting by itself, and learns quantiles
and categories; the others are told which columns hold dates.
"""

import importlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.reading.rows import TIMES

Tensors = tuple[Any, Any]


def dovetail(path: Path) -> Tensors:
    """File, table, schema, features; ``DOVETAIL_CACHE`` says whether from the cache."""
    from dovetail.data import Schema, read_table

    table = read_table(path).table
    features = Schema.fit(table, target=()).transform(table)
    return features.numbers, features.categories


def table_alone(path: Path) -> Tensors:
    """dovetail's table, without the tensors."""
    from dovetail.data import read_table

    return read_table(path).table, None


def pandas_c(path: Path) -> Tensors:
    """``read_csv`` with its C engine, text factorized."""
    return _of_pandas(path, engine="c")


def pandas_pyarrow(path: Path) -> Tensors:
    """``read_csv`` with pyarrow's parser."""
    return _of_pandas(path, engine="pyarrow")


def _of_pandas(path: Path, engine: Any) -> Tensors:
    import pandas as pd
    import torch

    frame = pd.read_csv(path, engine=engine, parse_dates=list(TIMES))
    numbers, codes = [], []
    for name in frame.columns:
        column = frame[name]
        if column.dtype.kind in "iufb":
            numbers.append(column.to_numpy(np.float32))
        elif column.dtype.kind == "M":
            numbers.append(column.astype("int64").to_numpy(np.float32))
        else:
            codes.append(pd.factorize(column)[0])
    return (
        torch.from_numpy(np.column_stack(numbers)),
        torch.from_numpy(np.column_stack(codes)),
    )


def polars(path: Path) -> Tensors:
    """``read_csv``, text as categories."""
    import polars as pl
    import torch

    frame = pl.read_csv(path, try_parse_dates=True, infer_schema_length=10_000)
    text = [n for n, kind in frame.schema.items() if kind == pl.String]
    numbers = frame.select(
        (pl.all() if not text else pl.exclude(text)).to_physical().cast(pl.Float32)
    ).to_numpy()
    codes = frame.select(
        pl.col(text).cast(pl.Categorical).to_physical().cast(pl.Int64)
    ).fill_null(-1)
    return torch.from_numpy(np.array(numbers)), torch.from_numpy(
        np.array(codes.to_numpy())
    )


def pyarrow(path: Path) -> Tensors:
    """``read_csv``, text encoded as dictionaries."""
    import pyarrow as pa
    import torch
    from pyarrow import csv

    table = csv.read_csv(path)
    numbers, codes = [], []
    for column in table.columns:
        if pa.types.is_string(column.type):
            coded = column.combine_chunks().dictionary_encode()
            codes.append(coded.indices.fill_null(-1).to_numpy().astype(np.int64))
        else:
            whole = column.cast(pa.timestamp("s")) if _is_time(column) else column
            whole = whole.cast(pa.int64()) if _is_time(column) else whole
            numbers.append(whole.to_numpy().astype(np.float32))
    return (
        torch.from_numpy(np.column_stack(numbers)),
        torch.from_numpy(np.column_stack(codes)),
    )


def _is_time(column: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_timestamp(column.type) or pa.types.is_date(column.type))


def duckdb(path: Path) -> Tensors:
    """``read_csv`` to NumPy arrays, text factorized by NumPy's ``unique``."""
    import duckdb as db
    import pandas as pd
    import torch

    arrays = db.read_csv(str(path)).fetchnumpy()
    numbers, codes = [], []
    for column in arrays.values():
        if column.dtype.kind == "M":
            column = column.astype("int64")
        if column.dtype.kind in "iufb":
            plain = np.asarray(column, np.float32)
            numbers.append(plain)
        else:
            codes.append(pd.factorize(np.ma.filled(column, None))[0])
    return (
        torch.from_numpy(np.column_stack(numbers)),
        torch.from_numpy(np.column_stack(codes)),
    )


def the_bytes(path: Path) -> Tensors:
    """The file's bytes alone: no reader can be faster."""
    return np.frombuffer(path.read_bytes(), np.uint8), None


READERS: dict[str, Callable[[Path], Tensors]] = {
    "pandas": pandas_c,
    "dovetail": dovetail,
    "dovetail-cached": dovetail,
    "dovetail-table": table_alone,
    "dovetail-table-cached": table_alone,
    "pandas-pyarrow": pandas_pyarrow,
    "polars": polars,
    "pyarrow": pyarrow,
    "duckdb": duckdb,
    "bytes": the_bytes,
}
# Imported before the clock starts, for everyone alike.
NEEDS = {
    "pandas": ("pandas", "torch"),
    "pandas-pyarrow": ("pandas", "pyarrow.csv", "torch"),
    "polars": ("polars", "torch"),
    "pyarrow": ("pyarrow.csv", "torch"),
    "duckdb": ("duckdb", "pandas", "torch"),
    "bytes": (),
}
OURS = ("dovetail.data", "pandas", "pyarrow.csv", "torch")


def load(name: str) -> Callable[[Path], Tensors]:
    """The reader, with what it needs imported.

    Raises:
        ModuleNotFoundError: a peer that is not installed.
    """
    for module in NEEDS.get(name, OURS):
        importlib.import_module(module)
    return READERS[name]


def threads() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))
