"""From what the user gave (paths, frames, arrays) to tables with the target apart."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from numpy import ndarray

from dovetail import _arrow
from dovetail.data import Read, read_table, select_columns
from dovetail.errors import DataError, SchemaError, TargetError, UsageError
from dovetail.estimator.config import Options
from dovetail.tasks import Task


@dataclass(frozen=True)
class Part:
    """Rows of one source: all columns, the target's apart, weights if asked for."""

    table: pa.Table
    target: pa.Table
    weights: torch.Tensor | None
    where: str  # the file's name, or "" for data in memory

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def take(self, rows: ndarray) -> "Part":
        """The rows with these numbers."""
        index = pa.array(rows)
        weights = None if self.weights is None else self.weights[torch.from_numpy(rows)]
        return Part(
            self.table.take(index), self.target.take(index), weights, self.where
        )

    def keep(self, mask: ndarray) -> "Part":
        """The rows where ``mask`` is true."""
        if mask.all():
            return self
        chosen = pa.array(mask)
        weights = None if self.weights is None else self.weights[torch.from_numpy(mask)]
        return Part(
            self.table.filter(chosen), self.target.filter(chosen), weights, self.where
        )


@dataclass(frozen=True)
class Given:
    """The data of a fit, before anything was chosen or learnt."""

    main: Part
    valid: Part | None
    test: Part | None
    aside: tuple[str, ...]  # columns that are no features: target, weight, group
    bad_rows: int
    notes: tuple[str, ...]

    @property
    def target_names(self) -> tuple[str, ...]:
        """The target columns' names."""
        return tuple(self.main.target.column_names)


def is_path(data: Any) -> bool:
    """Is this the name of a file rather than data?"""
    return isinstance(data, str | os.PathLike)


def read_any(data: Any, options: Options, known: Sequence[str] = ()) -> Read:
    """A path is read, anything else converted."""
    if not is_path(data):
        return Read(_arrow.table(data), (), 0)
    return read_table(
        Path(data),
        columns=options.columns,
        sep=options.sep,
        encoding=options.encoding,
        on_bad=options.on_bad,
        known_columns=known,
    )


def gather(data: Any, target: Any, options: Options) -> Given:
    """Read every source and set the target columns apart."""
    if target is None:
        raise UsageError(
            "No target was given.", fix="name the column to predict with target="
        )
    patterns = _patterns(target)
    read = read_any(data, options, known=patterns or ())
    if patterns is not None and not is_path(data) and _is_values(target, read.table):
        patterns = None
    where = Path(data).name if is_path(data) else ""
    names = (
        None if patterns is None else select_columns(patterns, read.table.column_names)
    )
    main = _part(read.table, names, target, options, where)
    notes = list(read.notes)
    bad = read.bad_rows
    others: list[Part | None] = []
    for role, other in (("valid", options.valid), ("test", options.test)):
        if other is None:
            others.append(None)
            continue
        other_data, other_target = other if isinstance(other, tuple) else (other, None)
        if names is None and other_target is None:
            raise UsageError(
                f"{role}= needs its targets too, as the main data's came apart.",
                fix=f"give {role}=(X, y)",
            )
        read = read_any(other_data, options, known=names or ())
        other_where = Path(other_data).name if is_path(other_data) else role
        _same_columns(main, read.table, names, other_where)
        others.append(_part(read.table, names, other_target, options, other_where))
        notes += read.notes
        bad += read.bad_rows
    aside = [*main.target.column_names]
    aside += [c for c in (options.weight, options.group) if c is not None]
    return Given(main, others[0], others[1], tuple(aside), bad, tuple(notes))


def set_aside_unknown(given: Given, task: Task) -> tuple[Given, int]:
    """Drop rows without a target; they are counted, and said."""
    known = task.known(given.main.target)
    missing = int((~known).sum())
    if not known.any():
        raise TargetError(
            f"Every target in {given.main.where or 'the data'} is missing.",
            fix="choose another target column",
        )
    parts = []
    for part in (given.valid, given.test):
        if part is not None:
            mask = task.known(part.target)
            missing += int((~mask).sum())
            part = part.keep(mask)
            if len(part) == 0:
                raise DataError(
                    f"{part.where} has no row with a target.", fix="add labelled rows"
                )
        parts.append(part)
    kept = Given(
        given.main.keep(known), parts[0], parts[1], given.aside,
        given.bad_rows, given.notes,
    )  # fmt: skip
    return kept, missing


def _patterns(target: Any) -> tuple[str, ...] | None:
    if isinstance(target, str):
        return (target,)
    is_names = isinstance(target, list | tuple) and all(
        isinstance(t, str) for t in target
    )
    return tuple(target) if is_names and len(target) else None


def _is_values(target: Any, table: pa.Table) -> bool:
    """A list of as many strings as rows, not all of them columns, is labels."""
    if isinstance(target, str) or len(target) != table.num_rows:
        return False
    return not all(t in table.column_names for t in target)


def _part(
    table: pa.Table,
    names: tuple[str, ...] | None,
    target: Any,
    options: Options,
    where: str,
) -> Part:
    if table.num_rows == 0:
        raise DataError(
            f"{where or 'The data'} has no rows.", fix="give data with rows"
        )
    if names is not None:
        return Part(table, table.select(list(names)), _weights(table, options), where)
    targets = _arrow.columns(target)
    if targets.num_rows != table.num_rows:
        raise TargetError(
            f"{table.num_rows} rows of features, but {targets.num_rows} targets.",
            fix="give one target for each row",
        )
    # Targets that came apart must not shadow a feature of the same name.
    taken = set(table.column_names)
    fresh = [n if n not in taken else f"{n}_target" for n in targets.column_names]
    return Part(table, targets.rename_columns(fresh), _weights(table, options), where)


def _same_columns(
    main: Part, table: pa.Table, names: tuple[str, ...] | None, where: str
) -> None:
    missing = [n for n in names or () if n not in table.column_names]
    if missing:
        raise SchemaError(
            f"{where} has no target column {missing[0]!r}; its columns: "
            f"{table.column_names[:20]}.",
            fix="both files need the same columns",
        )


def column_of(table: pa.Table, name: str, what: str) -> pa.ChunkedArray:
    """The column a flag such as ``--weight`` names; missing cells are refused."""
    (found,) = select_columns([name], table.column_names, what)
    column = table.column(found)
    if column.null_count:
        row = int(np.flatnonzero(pc.is_null(column).to_numpy(zero_copy_only=False))[0])
        raise DataError(
            f"The {what} column {found!r} is missing in data row {row + 1} "
            f"({column.null_count} rows in all).",
            fix="fill these cells or drop the rows",
        )
    return column


def _weights(table: pa.Table, options: Options) -> torch.Tensor | None:
    if options.weight is None:
        return None
    column = column_of(table, options.weight, "weight")
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise DataError(
            f"The weight column {options.weight!r} holds {column.type}.",
            fix="weights are numbers >= 0",
        )
    cells = column.cast(pa.float64()).to_numpy()
    wrong = np.flatnonzero(~(np.isfinite(cells) & (cells >= 0)))
    if len(wrong) or cells.sum() == 0:
        row = int(wrong[0]) if len(wrong) else 0
        raise DataError(
            f"The weight column {options.weight!r} has {cells[row]} in data row "
            f"{row + 1}; weights are finite, >= 0 and not all 0.",
            fix="correct the cell",
        )
    return torch.from_numpy(cells.copy())
