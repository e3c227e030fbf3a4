"""Labels as the user wrote them to class numbers, without a Python step per row."""

import re
from collections.abc import Hashable, Sequence
from datetime import datetime
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
from dovetail.tasks._columns import NAMED, named

WHOLE_DECIMAL = re.compile(r"([+-]?\d+)\.0*")
MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00:00")
SHOWN = 5  # how many offending values or rows an error names
LONGEST = 40  # characters of a cell that a reason or an error repeats


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
    a cell is missing, so equality of types is too much to ask for. A date has no time
    of day unless it says one.

    >>> spelling(3.0), spelling("3.0"), spelling("3.1"), spelling(True), spelling("yes")
    ('3', '3', '3.1', 'true', 'yes')
    >>> spelling(datetime(2021, 1, 1)), spelling(datetime(2021, 1, 1, 12, 30))
    ('2021-01-01', '2021-01-01 12:30:00')
    """
    if isinstance(label, bool | np.bool_):
        return str(bool(label)).lower()
    if isinstance(label, float) and label.is_integer():
        return str(int(label))
    if isinstance(label, str) and label.lower() in ("true", "false"):
        return label.lower()
    text = str(label)
    if isinstance(label, str) and (decimal := WHOLE_DECIMAL.fullmatch(text)):
        return decimal[1]
    if isinstance(label, str | datetime) and (date := MIDNIGHT.fullmatch(text)):
        return date[1]
    return text


def shown(value: Any) -> str:
    """A cell as messages repeat it: text quoted, and cut where it is long.

    >>> shown("spam"), shown(2.5), shown(datetime(2021, 1, 1))
    ("'spam'", '2.5', '2021-01-01')
    """
    text = spelling(value) if isinstance(value, datetime) else repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 4] + "..." + text[-1]


def to_index(
    name: str,
    column: pa.ChunkedArray,
    classes: Sequence[Hashable],
    what: str = "class",
    rows: ndarray | None = None,
) -> Int64[Tensor, " n"]:
    """The number of each label in ``classes``; unseen or missing labels are refused.

    ``name`` is the target column's; ``rows`` are the data rows that the cells belong to
    where a row has several.

    >>> found = pa.chunked_array([["fox", "cat"]])
    >>> to_index("animal", found, ("cat", "dog", "fox")).tolist()
    [2, 0]
    """
    refuse_missing(name, column)
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
        places = places if rows is None else rows[places]
        raise _unseen(name, unseen, places, classes, what)
    return torch.from_numpy(index)


def _unseen(
    name: str, unseen: list[Any], rows: ndarray, classes: Sequence[Hashable], what: str
) -> TargetError:
    known = ", ".join(map(repr, classes[:20])) + (", ..." if len(classes) > 20 else "")
    found = ", ".join(map(shown, unseen[:SHOWN]))
    hint = suggest(spelling(unseen[0]), map(spelling, classes))
    return TargetError(
        f"Target column {name!r}: {len(unseen)} {what} label(s) not seen in training: "
        f"{found} "
        f"({len(np.unique(rows))} rows, the first is data row {rows[0] + 1}).{hint} "
        f"Known: {known}.",
        fix="correct these labels, drop the rows, or fit again with them in the data",
    )


def check_classes(classes: Sequence[Hashable], who: str) -> None:
    """At least three classes, no two of one spelling."""
    if len(set(map(spelling, classes))) < max(3, len(classes)):
        raise TargetError(
            f"{who} needs 3 or more different classes, got {len(classes)}: "
            f"{tuple(classes[:10])}.",
            fix="use Binary for a target with two classes",
        )


def refuse_missing(name: str, column: pa.ChunkedArray) -> None:
    """Raise where a target cell is missing; callers set such rows aside before."""
    if column.null_count:
        missing = np.flatnonzero(pc.is_null(column).to_numpy(zero_copy_only=False))
        rows = ", ".join(str(r + 1) for r in missing[:SHOWN])
        raise TargetError(
            f"Target column {name!r}: {column.null_count} of {len(column)} targets are "
            f"missing (data rows {rows}{', ...' if len(missing) > SHOWN else ''}).",
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


def class_shares(table: pa.Table) -> ndarray:
    """One-hot or soft rows as (n, C); each is >= 0 and sums to 1, or has a gap (NaN).

    >>> class_shares(pa.table({"cat": [1, 0, None], "dog": [0, 1, 1]}))[:2].tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    cells = matrix(table)
    sums = cells.sum(axis=1)
    fits = np.isclose(sums, 1.0, atol=1e-6) & (cells >= 0).all(axis=1)
    wrong = np.flatnonzero(~(fits | np.isnan(sums)))
    if len(wrong):
        raise TargetError(
            f"Target columns {named(table)}: data row {wrong[0] + 1} has class shares "
            f"{cells[wrong[0]].tolist()[:NAMED]} that sum to {sums[wrong[0]]:g}; every "
            "row must be >= 0 and sum to 1.",
            fix="use MultiLabel where a row may have several classes or none",
        )
    return cells


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
        index = to_index(name, pc.fill_null(column, words[0]), words, "yes/no")
        known = pc.is_valid(column).to_numpy()
        columns.append(np.where(known, index.numpy(), np.nan))
    return np.stack(columns, axis=1)
