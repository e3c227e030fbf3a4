"""Yes or no: -1 for no, 1 for yes, 0 for missing."""

from dataclasses import dataclass
from typing import ClassVar, Self, final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dovetail.data import cells
from dovetail.data._column import Numeric


@final
@dataclass(frozen=True)
class Boolean(Numeric):
    """A column of truth values, of 0 and 1, or of words such as yes and no."""

    may_be_missing: bool
    kind: ClassVar[str] = "boolean"

    @classmethod
    def fit(
        cls, column: pa.ChunkedArray, rows: NDArray[np.int64], name: str, reason: str
    ) -> Self:
        """Learn from ``rows`` whether cells may be missing."""
        return cls(name, reason, bool(np.isnan(cells.truths(column, name)[rows]).any()))

    @property
    def features(self) -> tuple[str, ...]:
        """Names of its number features."""
        missing = (f"{self.name} is missing",) if self.may_be_missing else ()
        return (self.name, *missing)

    @property
    def encoding(self) -> str:
        """How its cells become features, in words."""
        missing = ", 0 and an indicator for missing" if self.may_be_missing else ""
        return f"-1 for no, 1 for yes{missing}"

    def encode(
        self, column: pa.ChunkedArray, where: str = ""
    ) -> list[NDArray[np.float32]]:
        """One float32 (n,) for each of ``features``."""
        values = cells.truths(column, self.name, where)
        missing = np.isnan(values)
        signs = np.where(missing, 0.0, 2.0 * values - 1.0).astype(np.float32)
        return [signs, missing.astype(np.float32)] if self.may_be_missing else [signs]
