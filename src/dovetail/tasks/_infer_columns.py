"""Which task several target columns are; ``infer_task`` holds the precedence."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy import ndarray

from dovetail._phrases import Phrase, Said
from dovetail.errors import TargetError
from dovetail.tasks._infer_text import as_numbers
from dovetail.tasks._labels import matrix, yes_no
from dovetail.tasks._reading import Column, Reading, reading
from dovetail.tasks.binary import Binary
from dovetail.tasks.multiclass import Multiclass
from dovetail.tasks.multilabel import MultiLabel
from dovetail.tasks.regression import Regression

_FLAGS = Phrase("{n} columns of 0 and 1", "{n} 列 0 和 1")
_ONE = Phrase("exactly one 1 in each of {n} rows", "{n} 行中每行恰好一个 1")
_SAME = Phrase("{n:g} ones in each row", "每行 {n:g} 个 1")
_ONES = Phrase("{low:g} to {high:g} ones in a row", "每行 {low:g} 到 {high:g} 个 1")
_UNKNOWN = Phrase("{n} of {total} cells unknown", "{total} 格中有 {n} 格未知")
_WORDS = Phrase("{n} columns of {no!r} and {yes!r}", "{n} 列 {no!r} 和 {yes!r}")
_NUMBERS = Phrase(
    "{n} columns of numbers, {low:g}..{high:g}", "{n} 列数值，{low:g}..{high:g}"
)
_SHARES = Said("each row sums to 1, as class shares do", "每行之和为 1，如同类别占比")
_LOST = Phrase(
    "{n} of {total} rows left out for missing cells",
    "{total} 行中有 {n} 行因缺失而略去",
)


def read_columns(table: pa.Table) -> Reading:
    """The reading of two or more target columns."""
    _refuse_empty(table)
    kinds = {name: _kind(column) for name, column in _named(table)}
    if set(kinds.values()) == {"number"}:
        cells = matrix(table)
        if np.isin(cells[~np.isnan(cells)], (0.0, 1.0)).all():
            return _read_flags(table, cells)
        return _read_numbers(table, cells)
    if set(kinds.values()) == {"text"} and yes_no(table):
        return _read_words(table)
    raise _mixed(kinds)


def _read_flags(table: pa.Table, cells: ndarray) -> Reading:
    some = ~np.isnan(cells).all(axis=1)
    table, cells = table.filter(pa.array(some)), cells[some]
    unknown = int(np.isnan(cells).sum())
    ones = np.nansum(cells, axis=1)
    facts = [_FLAGS(n=cells.shape[1])]
    lost = _lost(some)
    same = bool((ones == ones[0]).all()) and not unknown
    if same and ones[0] == 1:
        facts.append(_ONE(n=len(cells)))
        second = MultiLabel.from_targets(table)
        if cells.shape[1] == 2:
            pair = Binary.from_targets(table)
            return reading(pair, facts, 0.9, second, missing=lost)
        one_hot = Multiclass.from_targets(table)
        return reading(one_hot, facts, 0.9, second, missing=lost)
    unavailable = "LabelSequence"
    if same and ones[0] > 1:
        facts.append(_SAME(n=ones[0]))
        unavailable = "ExactlyK"
    else:
        facts.append(_ONES(low=ones.min(), high=ones.max()))
    if unknown:
        facts.append(_UNKNOWN(n=unknown, total=cells.size))
    task = MultiLabel.from_targets(table)
    return reading(task, facts, 0.95, unavailable=unavailable, missing=lost)


def _read_words(table: pa.Table) -> Reading:
    some = np.zeros(table.num_rows, dtype=bool)
    for column in table.columns:
        some |= pc.is_valid(column).to_numpy()
    task = MultiLabel.from_targets(table.filter(pa.array(some)))
    no, yes = task.words or ("", "")
    facts = [_WORDS(n=table.num_columns, no=no, yes=yes)]
    lost = _lost(some)
    return reading(task, facts, 0.9, unavailable="LabelSequence", missing=lost)


def _read_numbers(table: pa.Table, cells: ndarray) -> Reading:
    whole = ~np.isnan(cells).any(axis=1)
    if not whole.any():
        raise TargetError(
            f"No row has all {table.num_columns} targets: each lacks one or more.",
            fix="choose fewer target columns",
        )
    table, kept = table.filter(pa.array(whole)), cells[whole]
    facts = [_NUMBERS(n=kept.shape[1], low=kept.min(), high=kept.max())]
    task = Regression.from_targets(table)
    shares = (kept >= 0).all() and np.allclose(kept.sum(axis=1), 1.0, atol=1e-6)
    if shares and kept.shape[1] > 2:
        facts.append(_SHARES)
        second = Multiclass.from_targets(table)
        return reading(task, facts, 0.6, second, missing=_lost(whole))
    return reading(task, facts, 0.9, unavailable="Quantile", missing=_lost(whole))


def _kind(cells: pa.ChunkedArray) -> str:
    if pa.types.is_string(cells.type):
        return "number" if as_numbers(Column("", cells)) else "text"
    if pa.types.is_list(cells.type):
        return "lists"
    return "dates" if pa.types.is_timestamp(cells.type) else "number"


def _mixed(kinds: dict[str, str]) -> TargetError:
    groups: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        groups.setdefault(kind, []).append(name)
    said = "; ".join(
        f"{kind}: {', '.join(map(repr, names[:5]))}{', ...' if len(names) > 5 else ''}"
        for kind, names in groups.items()
    )
    if len(groups) > 1:
        what = f"The target columns are of different kinds ({said}): Mixed, which is"
    else:
        what = f"Several target columns of one kind ({said}) would be Mixed, which is"
    return TargetError(
        f"{what} not available in this version.",
        fix="fit one model for each target column, or turn text columns into numbers",
    )


def _refuse_empty(table: pa.Table) -> None:
    for name, column in _named(table):
        if column.null_count == len(column):
            raise TargetError(
                f"Target column {name!r} has no value: all {len(column)} cells are "
                "missing.",
                fix="leave this column out",
            )
    if all(map(_is_constant, table.columns)):
        raise TargetError(
            f"The {table.num_columns} target columns hold one distinct value each, so "
            "there is nothing to learn.",
            fix="choose columns that vary",
        )


def _is_constant(column: pa.ChunkedArray) -> bool:
    known = column.drop_null()
    if pa.types.is_list(column.type):  # pyarrow tells no distinct lists
        return len({tuple(cell) for cell in known.to_pylist()}) < 2
    return len(pc.unique(known)) < 2


def _named(table: pa.Table) -> list[tuple[str, pa.ChunkedArray]]:
    return list(zip(table.column_names, table.columns, strict=True))


def _lost(kept: ndarray) -> str:
    gone = int((~kept).sum())
    return _LOST(n=gone, total=len(kept)) if gone else ""
