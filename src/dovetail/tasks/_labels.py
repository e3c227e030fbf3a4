"""Labels as the user wrote them to class numbers, without a Python step per row."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from jaxtyping import Int64
from numpy import ndarray
from torch import Tensor

from dovetail._names import suggest
from dovetail.errors import TargetError

SHOWN = 5  # how many offending values or rows an error names


def distinct(column: pa.ChunkedArray) -> tuple[Hashable, ...]:
    """The values of a column, missing ones left out, in sorted order.

    >>> distinct(pa.chunked_array([["b", None, "a", "b"]]))
    ('a', 'b')
    """
    values = pc.drop_null(pc.unique(column)).to_pylist()
    return tuple(sorted(values))


def spelling(label: Any) -> str:
    """One text for labels that mean the same: 3, 3.0 and "3" are one class.

    A column of whole numbers turns into floats or text between two files as soon as
    a cell is missing, so equality of types is too much to ask for.

    >>> spelling(3.0), spelling("3"), spelling(True), spelling("yes")
    ('3', '3', 'true', 'yes')
    """
    if isinstance(label, bool | np.bool_):
        return str(bool(label)).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    if isinstance(label, str) and label.lower() in ("true", "false"):
        return label.lower()
    return str(label)


def to_index(
    column: pa.ChunkedArray, classes: Sequence[Hashable], what: str = "class"
) -> Int64[Tensor, " n"]:
    """The number of each label in ``classes``; unseen or missing labels are refused.

    >>> to_index(pa.chunked_array([["fox", "cat"]]), ("cat", "dog", "fox")).tolist()
    [2, 0]
    """
    refuse_missing(column)
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    number = {spelling(label): i for i, label in enumerate(classes)}
    values = encoded.dictionary.to_pylist()
    lookup = np.array([number.get(spelling(v), -1) for v in values], dtype=np.int64)
    codes = encoded.indices.to_numpy(zero_copy_only=False)
    index = lookup[codes] if len(values) else np.zeros(0, dtype=np.int64)
    if (index < 0).any():
        _refuse_unseen(values, lookup, codes, classes, what)
    return torch.from_numpy(index)


def _refuse_unseen(
    values: list[Any],
    lookup: ndarray,
    codes: ndarray,
    classes: Sequence[Hashable],
    what: str,
) -> None:
    unseen = [v for v, i in zip(values, lookup, strict=True) if i < 0]
    row = int(np.flatnonzero(lookup[codes] < 0)[0])
    count = int((lookup[codes] < 0).sum())
    known = ", ".join(map(repr, classes[:20])) + (", ..." if len(classes) > 20 else "")
    named = ", ".join(map(repr, unseen[:SHOWN]))
    hint = suggest(str(unseen[0]), map(str, classes))
    raise TargetError(
        f"{len(unseen)} {what} label(s) not seen in training: {named} "
        f"({count} rows, the first is data row {row + 1}).{hint} Known: {known}.",
        fix="correct these labels, drop the rows, or fit again with them in the data",
    )


def refuse_missing(column: pa.ChunkedArray) -> None:
    """Raise where a target cell is missing; callers set such rows aside before."""
    if column.null_count:
        missing = np.flatnonzero(pc.is_null(column).to_numpy(zero_copy_only=False))
        rows = ", ".join(str(r + 1) for r in missing[:SHOWN])
        raise TargetError(
            f"{column.null_count} of {len(column)} targets are missing "
            f"(data rows {rows}{', ...' if len(missing) > SHOWN else ''}).",
            fix="drop these rows; task.known(values) tells which rows have a target",
        )


def label_array(labels: Sequence[Hashable]) -> pa.Array:
    """Labels as a pyarrow array; labels of several types become text."""
    try:
        return pa.array(list(labels))
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([str(label) for label in labels])


def take(labels: Sequence[Hashable], index: Tensor) -> pa.Array:
    """The labels with these numbers, as one column."""
    return label_array(labels).take(pa.array(index.reshape(-1).cpu().numpy()))


def matrix(table: pa.Table) -> ndarray:
    """Numeric columns as (n, m) float64, missing cells NaN; other types are refused."""
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_boolean(column.type):
            column = column.cast(pa.int8())
        if not (
            pa.types.is_integer(column.type)
            or pa.types.is_floating(column.type)
            or pa.types.is_null(column.type)
        ):
            raise TargetError(
                f"Target column {name!r} holds {column.type}, numbers were needed.",
                fix="choose a task for labels, or correct the column",
            )
        cells = column.cast(pa.float64()).to_numpy()
        columns.append(cells)
    return np.stack(columns, axis=1) if columns else np.zeros((table.num_rows, 0))
