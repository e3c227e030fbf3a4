"""Labels as the user wrote them to class numbers, without a Python step per row."""

import re
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

WHOLE_DECIMAL = re.compile(r"([+-]?\d+)\.0*")
SHOWN = 5  # how many offending values or rows an error names


def distinct(column: pa.ChunkedArray) -> tuple[Hashable, ...]:
    """The values of a column, missing ones left out, in sorted order.

    Date-times become text, so that a task with them as classes can be JSON.

    >>> distinct(pa.chunked_array([["b", None, "a", "b"]]))
    ('a', 'b')
    """
    values = sorted(pc.drop_null(pc.unique(column)).to_pylist())
    temporal = pa.types.is_temporal(column.type)
    return tuple(map(spelling, values) if temporal else values)


def spelling(label: Any) -> str:
    """One text for labels that mean the same: 3, 3.0, "3" and "3.0" are one class.

    A column of whole numbers turns into floats or text between two files as soon as
    a cell is missing, so equality of types is too much to ask for.

    >>> spelling(3.0), spelling("3.0"), spelling("3.1"), spelling(True), spelling("yes")
    ('3', '3', '3.1', 'true', 'yes')
    """
    if isinstance(label, bool | np.bool_):
        return str(bool(label)).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    if isinstance(label, str) and label.lower() in ("true", "false"):
        return label.lower()
    if isinstance(label, str) and (decimal := WHOLE_DECIMAL.fullmatch(label)):
        return decimal[1]
    return str(label)


def to_index(
    column: pa.ChunkedArray,
    classes: Sequence[Hashable],
    what: str = "class",
    rows: ndarray | None = None,
) -> Int64[Tensor, " n"]:
    """The number of each label in ``classes``; unseen or missing labels are refused.

    ``rows`` are the data rows that the cells belong to where a row has several.

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
        places = np.flatnonzero(index < 0)
        unseen = [v for v, i in zip(values, lookup, strict=True) if i < 0]
        _refuse_unseen(unseen, places if rows is None else rows[places], classes, what)
    return torch.from_numpy(index)


def _refuse_unseen(
    unseen: list[Any], rows: ndarray, classes: Sequence[Hashable], what: str
) -> None:
    known = ", ".join(map(repr, classes[:20])) + (", ..." if len(classes) > 20 else "")
    named = ", ".join(map(repr, unseen[:SHOWN]))
    hint = suggest(str(unseen[0]), map(str, classes))
    raise TargetError(
        f"{len(unseen)} {what} label(s) not seen in training: {named} "
        f"({len(np.unique(rows))} rows, the first is data row {rows[0] + 1}).{hint} "
        f"Known: {known}.",
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
    """Numeric columns as (n, m) float64, missing cells NaN; other types are refused.

    Text that is a number in every cell counts as numbers.
    """
    columns = [
        _numbers(name, column)
        for name, column in zip(table.column_names, table.columns, strict=True)
    ]
    return np.stack(columns, axis=1) if columns else np.zeros((table.num_rows, 0))


def _numbers(name: str, column: pa.ChunkedArray) -> ndarray:
    types = pa.types
    if types.is_boolean(column.type):
        column = column.cast(pa.int8())
    if types.is_string(column.type):
        text = pc.utf8_trim_whitespace(column)
        try:
            column = text.cast(pa.float64())
        except pa.ArrowInvalid:
            row, cell = _first_word(text)
            raise TargetError(
                f"Target column {name!r}, data row {row + 1}: {cell!r} is text, "
                "a number was needed.",
                fix="choose a task for labels, or correct the cell",
            ) from None
    numeric = types.is_integer(column.type) or types.is_floating(column.type)
    if not (numeric or types.is_null(column.type)):
        raise TargetError(
            f"Target column {name!r} holds {column.type}, numbers were needed.",
            fix="choose a task for labels, or correct the column",
        )
    return np.asarray(column.cast(pa.float64()))


def _first_word(text: pa.ChunkedArray) -> tuple[int, str]:
    """Row and cell of the first text that is no number."""
    for row, cell in enumerate(text.to_pylist()):
        try:
            float(cell if cell is not None else "nan")
        except ValueError:
            return row, cell
    return 0, str(text[0])


# -- yes and no as words --------------------------------------------------------------

# Pairs of words for absent and present.
YES_NO = (
    ("no", "yes"),
    ("n", "y"),
    ("false", "true"),
    ("f", "t"),
    ("off", "on"),
    ("absent", "present"),
    ("否", "是"),
)


def yes_no(table: pa.Table) -> tuple[str, str] | None:
    """The words for absent and present that all the text columns share, else None.

    >>> yes_no(pa.table({"fever": ["No", "Yes"], "cough": ["Yes", "Yes"]}))
    ('No', 'Yes')
    """
    if not all(pa.types.is_string(column.type) for column in table.columns):
        return None
    found = {word for column in table.columns for word in distinct(column)}
    by_word = {str(word).casefold(): str(word) for word in found}
    for no, yes in YES_NO:
        if len(found) == 2 and by_word.keys() == {no, yes}:
            return by_word[no], by_word[yes]
    return None


def flags(table: pa.Table, words: tuple[str, str]) -> ndarray:
    """Columns of two words as (n, m) float64 0/1, missing cells NaN.

    >>> flags(pa.table({"fever": ["no", None, "yes"]}), ("no", "yes")).tolist()
    [[0.0], [nan], [1.0]]
    """
    columns = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        try:
            index = to_index(pc.fill_null(column, words[0]), words, "yes/no")
        except TargetError as error:
            message = f"Target column {name!r}: {error.message}"
            raise TargetError(message, fix=error.fix) from None
        known = pc.is_valid(column).to_numpy()
        columns.append(np.where(known, index.numpy(), np.nan))
    return np.stack(columns, axis=1)
