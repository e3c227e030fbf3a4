"""Yes or no: -1 for no, 1 for yes, 0 for missing."""

from dataclasses import dataclass
from typing import ClassVar, Self, final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dovetail._phrases import Said
from dovetail.data import cells
from dovetail.data._column import Numeric, Rows
from dovetail.data._place import Place

_SIGNS = Said("-1 for no, 1 for yes", "否为 -1，是为 1")
_OR_MISSING = Said(
    "-1 for no, 1 for yes, 0 and an indicator for missing",
    "否为 -1，是为 1，缺失为 0 并另有缺失指示",
)


@final
@dataclass(frozen=True)
class Boolean(Numeric):
    """A column of truth values, of 0 and 1, or of words such as yes and no."""

    kind: ClassVar[str] = "boolean"

    @classmethod
    def fit(cls, column: cells.Column, rows: Rows, name: str, reason: str) -> Self:
        """Learn from ``rows`` whether cells may be missing."""
        return cls(name, reason, bool(np.isnan(cells.truths(column, name)[rows]).any()))

    @property
    def values(self) -> tuple[str, ...]:
        """The one feature, named like the column."""
        return (self.name,)

    @property
    def encoding(self) -> str:
        """How its cells become features, in words."""
        return _OR_MISSING if self.may_be_missing else _SIGNS

    def read(
        self, column: pa.ChunkedArray, place: Place
    ) -> tuple[list[NDArray[np.float32]], NDArray[np.bool_]]:
        """The cells as signs."""
        values = cells.truths(column, self.name, place)
        return [(2.0 * values - 1.0).astype(np.float32)], np.isnan(values)
