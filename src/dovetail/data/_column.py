"""What every input column is: a frozen value that turns cells into features.

    stage      takes                                    gives
    fit        column, rows to learn from               the column's learnt value
    encode     column of any table                      float32 (n, f) or int64 (n,)
    to_json    -                                        a readable document, exact

Only ``rows`` are learnt from; ``encode`` never learns.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dovetail._phrases import Phrase
from dovetail.data._place import HERE, Place

# Which rows are learnt from: their numbers, or all of them.
Rows = NDArray[np.int64] | slice

INDICATOR = Phrase("{encoded}, indicator for missing", "{encoded}，另有缺失指示")


@dataclass(frozen=True)
class Column(ABC):
    """An input column with everything learnt about it."""

    name: str
    reason: str
    kind: ClassVar[str]

    @property
    @abstractmethod
    def encoding(self) -> str:
        """How its cells become features, in words."""

    def to_json(self) -> dict[str, Any]:
        """``{"name": "age", "kind": "number", "required": true, ...}``."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        tidy = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
        name = tidy.pop("name")
        return {"name": name, "kind": self.kind, "required": True, **tidy}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        """The inverse of ``to_json``; floats come back with the same bits."""
        names = {f.name for f in fields(cls)}
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v
            for k, v in document.items()
            if k in names
        }
        return cls(**values)


@dataclass(frozen=True)
class Numeric(Column):
    """A column whose features are numbers, one or several for each cell.

    Where training had missing cells a last feature is 1 where the cell is missing.
    """

    may_be_missing: bool

    @property
    @abstractmethod
    def values(self) -> tuple[str, ...]:
        """Names of the features that hold the cell's value."""

    @abstractmethod
    def read(
        self, column: pa.ChunkedArray, place: Place
    ) -> tuple[list[NDArray[np.float32]], NDArray[np.bool_]]:
        """A new array (n,) for each of ``values``, and which cells are missing."""

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the number features, in the order in which ``encode`` gives them."""
        missing = (f"{self.name} is missing",) if self.may_be_missing else ()
        return (*self.values, *missing)

    def encode(
        self, column: pa.ChunkedArray, place: Place = HERE
    ) -> list[NDArray[np.float32]]:
        """One float32 (n,) for each of ``features``; finite, missing cells are 0."""
        features, missing = self.read(column, place)
        for feature in features:
            feature[missing] = 0
        if self.may_be_missing:
            features.append(missing.astype(np.float32))
        return features
