"""From what the user gave (paths, frames, arrays) to tables with the target apart."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from numpy import ndarray

from dovetail import _arrow
from dovetail._phrases import Phrase
from dovetail.data import Features, Read, Schema, read_table, select_columns
from dovetail.errors import ConfigError, DataError, SchemaError, TargetError, UsageError
from dovetail.estimator.options import Options, is_path
from dovetail.tasks import Task

_SAME_FILE = Phrase(
    "{role}= (--{role}) is the file that is learnt from: what it says of new rows is "
    "worth nothing",
    "{role}=（--{role}）就是用来学习的那个文件：由它无从得知新行上的表现",
)


@dataclass(frozen=True)
class Part:
    """Rows of one source: all columns, the target's apart, weights if asked for."""

    table: pa.Table
    target: pa.Table
    weights: torch.Tensor | None
    where: str  # the file's name, "" for the main data in memory
    numbers: ndarray  # the 1-based data row of each row, as the user counts them

    def __len__(self) -> int:
        return int(self.table.num_rows)

    @classmethod
    def whole(cls, table: pa.Table, target: pa.Table, where: str) -> "Part":
        """All rows of a source, as the user counts them."""
        return cls(table, target, None, where, np.arange(1, table.num_rows + 1))

    def count(self, rows: ndarray | None = None) -> int:
        """How many of the user's rows these are; a row may stand here several times."""
        return len(np.unique(self.numbers if rows is None else self.numbers[rows]))

    def take(self, rows: ndarray) -> "Part":
        """The rows with these numbers, counted from 0."""
        index = pa.array(rows)
        return Part(
            self.table.take(index),
            self.target.take(index),
            None if self.weights is None else self.weights[torch.from_numpy(rows)],
            self.where,
            self.numbers[rows],
        )

    def keep(self, mask: ndarray) -> "Part":
        """The rows where ``mask`` is true."""
        return self if mask.all() else self.take(np.flatnonzero(mask))

    def features(self, schema: Schema) -> Features:
        """The features of the rows; errors count rows as the user does."""
        return schema.transform(self.table, where=self.where, numbers=self.numbers)

    @contextmanager
    def located(self) -> Iterator[None]:
        """Let errors of a task name the file, and rows by their place in it.

        A task counts the targets in hand, from which missing ones are gone; the user
        counts the rows of the file.
        """
        try:
            yield
        except DataError as error:
            message = re.sub(r"data rows? \d+(, \d+)*", self._renumbered, error.message)
            if self.where and self.where not in message:
                message = f"{self.where}: {message}"
            raise type(error)(message, fix=error.fix) from error

    def _renumbered(self, found: re.Match[str]) -> str:
        def as_counted(row: re.Match[str]) -> str:
            at = int(row.group()) - 1
            return str(self.numbers[at]) if at < len(self.numbers) else row.group()

        return re.sub(r"\d+", as_counted, found.group())


@dataclass(frozen=True)
class Given:
    """The data of a fit, before anything was chosen or learnt."""

    main: Part
    valid: Part | None
    test: Part | None
    weight: str | None
    group: str | None
    time: str | None
    bad_rows: int
    notes: tuple[str, ...]
    weightless: int = 0  # rows left out, since their weight is 0

    @property
    def target_names(self) -> tuple[str, ...]:
        """The target columns' names."""
        return tuple(self.main.target.column_names)

    @property
    def aside(self) -> tuple[str, ...]:
        """Columns that are no features; the time of a row may well be one."""
        return (*self.target_names, *(c for c in (self.weight, self.group) if c))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The main data first, then the files that tune and score, if any."""
        return tuple(p for p in (self.main, self.valid, self.test) if p is not None)


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
    columns = read.table.column_names
    where = Path(data).name if is_path(data) else ""
    with _with_notes(where, read):
        names = None if patterns is None else select_columns(patterns, columns)
        roles = {
            role: _one_column(getattr(options, role), columns, role)
            for role in ("weight", "group", "time")
            if role != "weight" or _is_name(options.weight)
        }
    table, weight = read.table, roles.get("weight")
    told = weight
    if not _is_name(options.weight):  # a weight for each row of the main data
        table, told = _with_weights(table, options.weight)
    main = _part(table, names, target, told, where)
    notes, bad = list(read.notes), read.bad_rows
    others: dict[str, Part | None] = {"valid": None, "test": None}
    for role in others:
        other = getattr(options, role)
        if other is None:
            continue
        if isinstance(other, tuple) and len(other) != 2:
            raise UsageError(
                f"{role}= is a tuple of {len(other)}.", fix=f"give {role}=(X, y)"
            )
        other_data, other_target = other if isinstance(other, tuple) else (other, None)
        if names is None and other_target is None:
            raise UsageError(
                f"{role}= needs its targets too, as the main data's came apart.",
                fix=f"give {role}=(X, y)",
            )
        read = read_any(other_data, options, known=names or ())
        other_where = Path(other_data).name if is_path(other_data) else role
        if _same_file(data, other_data):
            notes.append(_SAME_FILE(role=role))
        _has_targets(read.table, names, other_where)
        others[role] = _part(read.table, names, other_target, weight, other_where)
        notes += read.notes
        bad += read.bad_rows
    return Given(
        main,
        others["valid"],
        others["test"],
        told,
        roles["group"],
        roles["time"],
        bad,
        tuple(dict.fromkeys(notes)),  # of several files: each once
    )


@contextmanager
def _with_notes(where: str, read: Read) -> Iterator[None]:
    """A column that is not found may be due to how the file was read: say both."""
    try:
        yield
    except SchemaError as error:
        place = f"{where}: " if where else ""
        notes = f" In reading it: {'; '.join(read.notes)}." if read.notes else ""
        raise SchemaError(f"{place}{error.message}{notes}", fix=error.fix) from None


def set_aside_unknown(given: Given, task: Task) -> tuple[Given, int]:
    """Drop rows without a target; they are counted, and said."""
    missing = 0

    def kept(part: Part) -> Part:
        nonlocal missing
        with part.located():
            known = task.known(part.target)
        missing += len(np.unique(part.numbers[~known]))
        if not known.any():
            raise TargetError(
                f"Every target in {part.where or 'the data'} is missing.",
                fix="add rows with a target, or choose another target column",
            )
        return part.keep(known)

    changed = replace(
        given,
        main=kept(given.main),
        valid=None if given.valid is None else kept(given.valid),
        test=None if given.test is None else kept(given.test),
    )
    return changed, missing


def column_of(part: Part, name: str, what: str) -> pa.ChunkedArray:
    """The column of weights, groups or times; missing cells are refused."""
    column = part.table.column(name)
    if column.null_count:
        row = int(np.flatnonzero(pc.is_null(column).to_numpy(zero_copy_only=False))[0])
        raise DataError(
            f"The {what} column {name!r} is missing in data row {part.numbers[row]} "
            f"({column.null_count} rows in all).",
            fix="fill these cells or drop the rows",
        )
    return column


def weights_of(part: Part, name: str) -> torch.Tensor:
    """Row weights as float64: finite, >= 0, not all 0."""
    column = column_of(part, name, "weight")
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        raise DataError(
            f"The weight column {name!r} holds {_held(column.type)}.",
            fix="weights are numbers >= 0",
        )
    cells = column.cast(pa.float64()).to_numpy()
    wrong = np.flatnonzero(~(np.isfinite(cells) & (cells >= 0)))
    if len(wrong):
        row = int(wrong[0])
        raise DataError(
            f"The weight column {name!r} has {cells[row]:g} in data row "
            f"{part.numbers[row]}; weights are finite, >= 0 and not all 0.",
            fix="correct the cell",
        )
    if not cells.any():
        raise DataError(
            f"The weight column {name!r} is 0 in all {len(cells)} rows: no row counts.",
            fix="name another weight column, or leave the weights out",
        )
    return torch.from_numpy(cells.copy())


def _held(kind: pa.DataType) -> str:
    return "text" if pa.types.is_string(kind) else str(kind)


def _is_name(weight: Any) -> bool:
    return weight is None or isinstance(weight, str)


def _with_weights(table: pa.Table, weights: Any) -> tuple[pa.Table, str]:
    """The table with a column of these weights, and its name."""
    try:
        column = _arrow.columns(weights, "weight").column(0)
    except TargetError:
        raise ConfigError(
            f"weight is a {type(weights).__name__}.",
            fix="name a column, or give one number for each row",
        ) from None
    if len(column) != table.num_rows:
        raise DataError(
            f"{table.num_rows} rows, but {len(column)} weights.",
            fix="give one weight for each row",
        )
    name = "weight"
    while name in table.column_names:
        name += "_"
    return table.append_column(name, column), name


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


def _same_file(one: Any, other: Any) -> bool:
    if not (is_path(one) and is_path(other)):
        return False
    return Path(one).resolve() == Path(other).resolve()


def _one_column(name: str | None, columns: list[str], role: str) -> str | None:
    if name is None:
        return None
    found = select_columns([name], columns, role)
    if len(found) > 1:
        raise ConfigError(
            f"{role}: {name!r} means {len(found)} columns: {', '.join(found[:5])}.",
            fix="name one column",
        )
    return found[0]


def _part(
    table: pa.Table,
    names: tuple[str, ...] | None,
    target: Any,
    weight: str | None,
    where: str,
) -> Part:
    if table.num_rows == 0:
        raise DataError(
            f"{where or 'The data'} has no rows.", fix="give data with rows"
        )
    targets = apart(table, target) if names is None else table.select(list(names))
    part = Part.whole(table, targets, where)
    if weight is None:
        return part
    _has_targets(table, (weight,), where, what="weight")
    return replace(part, weights=weights_of(part, weight))


def apart(table: pa.Table, target: Any) -> pa.Table:
    """Targets given beside the features; no feature is shadowed by their names."""
    targets = _arrow.columns(target)
    if targets.num_rows != table.num_rows:
        raise TargetError(
            f"{table.num_rows} rows of features, but {targets.num_rows} targets.",
            fix="give one target for each row",
        )
    taken = set(table.column_names)
    fresh = [n if n not in taken else f"{n}_target" for n in targets.column_names]
    return targets.rename_columns(fresh)


def _has_targets(
    table: pa.Table, names: tuple[str, ...] | None, where: str, what: str = "target"
) -> None:
    missing = [n for n in names or () if n not in table.column_names]
    if missing:
        raise SchemaError(
            f"{where} has no {what} column {missing[0]!r}; its columns: "
            f"{', '.join(table.column_names[:20])}.",
            fix="both files need the same columns",
        )
