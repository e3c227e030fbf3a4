"""Feature columns to tensors, with everything learnt from the training rows.

    stage        takes                          gives
    fit          table, training rows           Schema (frozen, JSON in and out)
    transform    any table with these columns   Features: numbers (n, f) float32,
                                                categories (n, c) int64

Columns are found by name: their order is free and further columns are ignored. Kinds
are read from the whole table (``kinds.py``); medians, quantiles, ranges and categories
from the training rows only.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, final

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float, Int
from numpy.typing import NDArray
from torch import Tensor

from dovetail._names import suggest
from dovetail._phrases import Phrase, Said
from dovetail.data import cells
from dovetail.data._column import Column, Numeric, Rows
from dovetail.data._encode import encode, in_threads
from dovetail.data._place import Place
from dovetail.data.booleans import Boolean
from dovetail.data.categories import Category
from dovetail.data.dates import Datetime
from dovetail.data.kinds import USED, Kind, impose_kind, infer_kind
from dovetail.data.numbers import Number
from dovetail.data.targets import select_columns
from dovetail.errors import ConfigError, DataError, FolderError, SchemaError

_COLUMNS: dict[str, type[Number | Boolean | Datetime | Category]] = {
    cls.kind: cls for cls in (Number, Boolean, Datetime, Category)
}


_DROPPED = Said("dropped as asked", "按要求去掉")
_NOT_USED = Said("not used", "不使用")
_TEXT = Phrase(
    "text: {reason}; text columns are not used by the table model",
    "文本：{reason}；表格模型不使用文本列",
)
_ASIDE = {
    "identifier": Phrase("identifier: {reason}", "标识符：{reason}"),
    "constant": Phrase("constant: {reason}", "常量：{reason}"),
    "list": Phrase("list: {reason}", "列表：{reason}"),
}


@final
@dataclass(frozen=True, eq=False)
class Features:
    """The features of n rows: f numbers and c category indices for each."""

    numbers: Float[Tensor, "n f"]
    categories: Int[Tensor, "n c"]

    def __len__(self) -> int:
        return len(self.numbers)

    def take(self, index: Int[Tensor, " m"] | NDArray[np.int64]) -> "Features":
        """The rows at ``index``, in its order."""
        rows = torch.as_tensor(index)
        return Features(self.numbers[rows], self.categories[rows])


@final
@dataclass(frozen=True)
class Schema:
    """The input columns of a model, and what was learnt about them.

    >>> table = pa.table({"x": [1.0, 2.0, 3.0], "colour": ["red", "blue", "red"]})
    >>> schema = Schema.fit(table, target=())
    >>> schema.number_names, schema.cardinalities
    (('x',), (3,))
    >>> schema.transform(table).categories.flatten().tolist()  # blue: seen once
    [2, 0, 2]
    """

    inputs: tuple[Column, ...]
    set_aside: tuple[tuple[str, str], ...]  # name, reason
    trained_on: int  # rows

    @classmethod
    def fit(
        cls,
        table: pa.Table,
        *,
        target: Sequence[str],
        drop: Sequence[str] = (),
        kinds: Mapping[str, str] | None = None,
        rows: NDArray[np.int64] | None = None,
        where: str = "",
        numbers: Int[np.ndarray, " n"] | None = None,
    ) -> Self:
        """Learn the columns of ``table`` but ``target`` and ``drop`` from ``rows``.

        ``target`` and ``drop`` may hold globs and ranges; ``kinds`` maps column names
        to the kind they are to have; ``rows`` are the training rows (default: all);
        ``where`` and ``numbers`` name rows in errors, as in ``transform``.

        Raises:
            SchemaError: an unknown column, or a cell that is not of its column's kind.
            ConfigError: a column that is both target and dropped, an unknown kind, or
                a kind for a column that is no input.
            DataError: an infinite number, or no column is left to learn from.
        """
        names = tuple(table.column_names)
        _check_unique(names, "")
        targets = select_columns(target, names)
        dropped = select_columns(drop, names, what="drop")
        _check_dropped(dropped, targets)
        place = _place(table, where, numbers)
        chosen = _check_kinds(kinds or {}, names, targets, dropped)
        learnt = slice(None) if rows is None else np.asarray(rows, np.int64)

        def learn(name: str) -> Column | str:
            if name in dropped:
                return _DROPPED
            return _learn(table.column(name), name, chosen.get(name), learnt, place)

        others = [name for name in names if name not in targets]
        found = dict(zip(others, in_threads(learn, others), strict=True))
        pa.default_memory_pool().release_unused()
        inputs = [one for one in found.values() if isinstance(one, Column)]
        aside = [(name, why) for name, why in found.items() if isinstance(why, str)]
        if not inputs:
            raise DataError(
                f"No input column is left to learn from. {_listed(aside)}.",
                fix="add columns, or give one a kind that is used (--kind COL=number)",
            )
        count = len(table) if rows is None else len(rows)
        return cls(tuple(inputs), tuple(aside), count)

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that ``transform`` needs."""
        return tuple(column.name for column in self.inputs)

    @property
    def numbers(self) -> tuple[Numeric, ...]:
        """The columns that become numbers."""
        return tuple(c for c in self.inputs if isinstance(c, Numeric))

    @property
    def categories(self) -> tuple[Category, ...]:
        """The columns that become category indices."""
        return tuple(c for c in self.inputs if isinstance(c, Category))

    @property
    def number_names(self) -> tuple[str, ...]:
        """Names of the f number features, in the order of ``Features.numbers``."""
        return tuple(name for column in self.numbers for name in column.features)

    @property
    def category_names(self) -> tuple[str, ...]:
        """Names of the c category features, in the order of ``Features.categories``."""
        return tuple(column.name for column in self.categories)

    @property
    def cardinalities(self) -> tuple[int, ...]:
        """For each category feature the number of its indices."""
        return tuple(column.cardinality for column in self.categories)

    def transform(
        self,
        table: pa.Table,
        *,
        where: str = "",
        numbers: Int[np.ndarray, " n"] | None = None,
    ) -> Features:
        """The features of every row.

        ``where`` (a file's name) leads error messages. They count data rows from 1; a
        table from which rows were left out has their ``numbers`` in the user's data.

        Raises:
            SchemaError: columns are missing (all are named), or a cell does not fit.
            DataError: a number is infinite.
        """
        self._check_columns(tuple(table.column_names), where)
        place = _place(table, where, numbers)
        values, indices = encode(self.numbers, self.categories, table, place)
        return Features(torch.from_numpy(values), torch.from_numpy(indices))

    def describe(self) -> list[tuple[str, str, str, str]]:
        """For each column: name, kind, why it is of this kind, how it is encoded."""
        used = [(c.name, c.kind, c.reason, c.encoding) for c in self.inputs]
        aside = [
            (name, "set aside", reason, _NOT_USED) for name, reason in self.set_aside
        ]
        return used + aside

    def to_json(self) -> dict[str, Any]:
        """A readable document; ``from_json`` gives an equal schema, bit for bit."""
        return {
            "inputs": [column.to_json() for column in self.inputs],
            "set_aside": [{"name": n, "reason": r} for n, r in self.set_aside],
            "trained_on": self.trained_on,
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` gave."""
        inputs = []
        for entry in document["inputs"]:
            if entry["kind"] not in _COLUMNS:
                raise FolderError(
                    f"Input {entry['name']!r} is of kind {entry['kind']!r}, "
                    f"which this version does not know.",
                    fix="update dovetail",
                )
            inputs.append(_COLUMNS[entry["kind"]].from_json(entry))
        aside = tuple((e["name"], e["reason"]) for e in document["set_aside"])
        return cls(tuple(inputs), aside, document["trained_on"])

    def _check_columns(self, names: tuple[str, ...], where: str) -> None:
        absent = [name for name in self.columns if name not in names]
        place = f"{where}: " if where else ""
        if absent:
            others = [name for name in names if name not in self.columns]
            hints = [f"{name!r}{_nearest(name, others)}" for name in absent]
            count = "1 column is" if len(absent) == 1 else f"{len(absent)} columns are"
            raise SchemaError(
                f"{place}{count} missing: {', '.join(hints)}.",
                fix="name the columns as in the training data; their order is free",
            )
        _check_unique([name for name in names if name in self.columns], where)


def _learn(
    column: pa.ChunkedArray, name: str, asked: str | None, rows: Rows, place: Place
) -> Column | str:
    """What a column is and holds, or why it is set aside."""
    if asked is not None:
        found, words = impose_kind(column, name, asked, place), None
    else:
        words = cells.words(column) if cells.is_text(column.type) else None
        found = infer_kind(column, name, place, words)
    if found.kind == "category" and words is not None:
        return Category.fit(words, rows, name, found.reason)
    if found.kind == "boolean" and words is not None:
        return Boolean.fit(words, rows, name, found.reason)
    if found.kind in USED:
        return _COLUMNS[found.kind].fit(column, rows, name, found.reason)
    return _why_aside(found)


def _nearest(name: str, others: Sequence[str]) -> str:
    near = suggest(name, others)
    return (
        f" (the table has {near.removeprefix(' Did you mean ')[:-1]})" if near else ""
    )


def _why_aside(found: Kind) -> str:
    if found.kind == "text":
        return _TEXT(reason=found.reason)
    return _ASIDE[found.kind](reason=found.reason)


def _listed(aside: Sequence[tuple[str, str]]) -> str:
    if not aside:
        return "The table has no columns besides the target"
    return "Set aside: " + "; ".join(f"{name!r} ({reason})" for name, reason in aside)


def _check_unique(names: Sequence[str], where: str) -> None:
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        place = f"{where}: " if where else ""
        raise SchemaError(
            f"{place}several columns are named {', '.join(map(repr, twice))}.",
            fix="rename or remove all but one",
        )


def _check_dropped(dropped: Sequence[str], targets: Sequence[str]) -> None:
    if both := [name for name in dropped if name in targets]:
        raise ConfigError(
            f"Column {both[0]!r} is to be dropped, yet it is a target, or gives the "
            "weight or group of each row.",
            fix="take it out of --drop (drop=): such a column is no input anyway",
        )


def _place(table: pa.Table, where: str, numbers: Int[np.ndarray, " n"] | None) -> Place:
    if numbers is not None and len(numbers) != len(table):
        raise DataError(
            f"{len(numbers)} row numbers were given for {len(table)} rows.",
            fix="give the number of each row",
        )
    return Place(where, numbers)


def _check_kinds(
    kinds: Mapping[str, str],
    names: Sequence[str],
    targets: Sequence[str],
    dropped: Sequence[str],
) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for pattern, kind in kinds.items():
        found = select_columns([pattern], names, what="kind")
        chosen.update(dict.fromkeys(found, kind))
    for role, taken in (("a target", targets), ("dropped", dropped)):
        if both := [name for name in chosen if name in taken]:
            raise ConfigError(
                f"Column {both[0]!r} is {role}, yet has the kind {chosen[both[0]]!r}.",
                fix="give kinds to input columns; the task says how targets are read",
            )
    return chosen
