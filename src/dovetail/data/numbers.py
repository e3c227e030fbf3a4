"""Numbers: robust scaling, smooth clipping, an indicator for what is missing.

    z = (x - median) * scale        scale = 1 / (q75 - q25)
    feature = z / sqrt(1 + (z / 3)^2), which lies in (-3, 3)

Half of the training rows lie within one unit, and no outlier leaves the range in which
a network is at ease. Where the quartiles coincide scale is 2 / (max - min), and 0 where
all values do. A missing cell is 0, the median; columns with missing cells in training
have a second feature, 1 where the cell is missing.

Reference: Holzmueller, Grinsztajn, Steinwart, "Better by Default: Strong Pre-Tuned MLPs
and Boosted Trees on Tabular Data" (RealMLP), 2024.
"""

from dataclasses import dataclass
from typing import ClassVar, Self, final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from dovetail._phrases import Phrase, Said
from dovetail.data import cells
from dovetail.data._column import INDICATOR, Numeric, Rows
from dovetail.data._place import Place
from dovetail.data._quantiles import quantiles

_FLOAT_MAX = float(np.finfo(np.float64).max)


_ALWAYS_0 = Said(
    "always 0: one value in the training rows", "恒为 0：训练行中只有一个值"
)
_SCALED = Phrase(
    "centre {center:.6g}, unit {unit:.6g}, clipped smoothly at 3",
    "中心 {center:.6g}，单位 {unit:.6g}，在 3 处平滑截断",
)


def robust_scale(values: NDArray[np.float64]) -> tuple[float, float]:
    """Center and scale of ``values`` without NaN; (0, 0) for no values at all.

    >>> robust_scale(np.array([0.0, 1.0, 2.0, 3.0, 4.0]))
    (2.0, 0.5)
    """
    if len(values) == 0:
        return 0.0, 0.0
    low, first, median, third, high = quantiles(values, (0, 0.25, 0.5, 0.75, 1))
    # Halved, so that the difference of huge values does not overflow.
    for half_range, width in ((third / 2 - first / 2, 1.0), (high / 2 - low / 2, 2.0)):
        if half_range > 0:
            with np.errstate(over="ignore"):  # a range below 1e-308
                return float(median), float(min(width / 2 / half_range, _FLOAT_MAX))
    return float(median), 0.0


def smooth_clip(
    values: NDArray[np.float64], center: float, scale: float
) -> NDArray[np.float32]:
    """Scaled and clipped to (-3, 3); NaN becomes 0.

    >>> smooth_clip(np.array([2.0, 6.0, np.nan]), 2.0, 1.0).round(3).tolist()
    [0.0, 2.4000000953674316, 0.0]
    """
    with np.errstate(over="ignore"):  # float64's ends; clipped in the next line
        z = (values - center) * scale
    np.clip(z, -1e100, 1e100, out=z)  # squares stay finite, and infinity is no NaN
    width = z / 3.0
    np.square(width, out=width)
    width += 1.0
    z /= np.sqrt(width, out=width)
    z[np.isnan(z)] = 0
    return z.astype(np.float32)


@final
@dataclass(frozen=True)
class Number(Numeric):
    """A column of numbers."""

    center: float
    scale: float
    low: float | None  # range in the training rows; None if all were missing
    high: float | None
    kind: ClassVar[str] = "number"

    @classmethod
    def fit(cls, column: pa.ChunkedArray, rows: Rows, name: str, reason: str) -> Self:
        """Learn median, scale and range from ``rows``; all cells must be numbers."""
        values = cells.floats(column, name)[rows]
        missing = np.isnan(values)
        present = values[~missing] if missing.any() else values
        center, scale = robust_scale(present)
        ends = (float(present.min()), float(present.max())) if len(present) else None
        low, high = ends or (None, None)
        return cls(name, reason, bool(missing.any()), center, scale, low, high)

    @property
    def values(self) -> tuple[str, ...]:
        """The one feature, named like the column."""
        return (self.name,)

    @property
    def encoding(self) -> str:
        """How its cells become features, in words."""
        if self.scale == 0:
            scaled = _ALWAYS_0
        else:
            scaled = _SCALED(center=self.center, unit=1 / self.scale)
        return INDICATOR(encoded=scaled) if self.may_be_missing else scaled

    def read(
        self, column: pa.ChunkedArray, place: Place
    ) -> tuple[list[NDArray[np.float32]], NDArray[np.bool_]]:
        """The cells, scaled and clipped."""
        values = cells.floats(column, self.name, place)
        return [smooth_clip(values, self.center, self.scale)], np.isnan(values)
