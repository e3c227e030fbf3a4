"""Which task a column of numbers is; ``infer_task`` holds the order of precedence.

Three words decide between whole numbers, and each is a statement about the data.

A **rating** fills a short range without gaps: it starts at 0 or 1, lies inside 0..10,
or is symmetric about 0, as -2..2 is.

A **count** starts at or near 0 and its right tail is longer than its left. Either its
small values are there and the lowest quarter of the range holds at least two rows in
five, since frequencies fall off with size; or its variance is near its mean, as that of
independent events is.

**Codes** are at most 50 values that come back (three rows each on average) and whose
size says nothing. Size says something where the values fill a range that starts away
from 0 (ages, years), or where neighbours are about as frequent as each other: the
frequencies of a quantity make a curve, those of codes jump up and down or are flat.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
import pyarrow as pa
from numpy import ndarray

from dovetail._phrases import Phrase, Said
from dovetail.tasks._base import Task
from dovetail.tasks._reading import Column, Reading, missing_cells, reading
from dovetail.tasks.count import Count
from dovetail.tasks.multiclass import Multiclass
from dovetail.tasks.ordinal import Ordinal
from dovetail.tasks.regression import Regression

RATINGS = 20  # most values of a rating
CODES = 50  # most values of codes
SCALE = 10  # ratings that start at neither 0 nor 1 lie inside 0..10
LIKERT = 5  # ... or inside -5..5, symmetric
IDENTIFIER_ROWS = 10  # fewer rows that increase are a small example, not a key
LARGEST_WHOLE = 2.0**53  # whole floats beyond are not exact


_FRACTIONS = Phrase(
    "numbers {low:g}..{high:g}, {kinds} distinct values",
    "数值 {low:g}..{high:g}，{kinds} 个不同的值",
)
_INSIDE = Phrase(
    "numbers {low:g}..{high:g}, {kinds} distinct values inside [0, 1]",
    "数值 {low:g}..{high:g}，[0, 1] 内 {kinds} 个不同的值",
)
_ORDERS = Phrase(
    "positive over {n:.1f} orders of magnitude", "均为正数，跨 {n:.1f} 个数量级"
)
_STEPS = Said("repeating, perhaps steps of a scale", "有重复，也许是量表的刻度")
_INTEGERS = Phrase("integers {low}..{high}", "整数 {low}..{high}")
_DISTINCT = Phrase("{n} distinct values", "{n} 个不同的值")
_FILLED = Phrase("{n} distinct values without gaps", "{n} 个不同的值，中间无空缺")
_FALLING = Said("right tail, small values frequent", "右侧拖尾，小的值居多")
_EVENTS = Said(
    "right tail, variance near the mean as events have",
    "右侧拖尾，方差接近均值，如同事件次数",
)
_SYMMETRIC = Said("symmetric about 0 like a rating", "关于 0 对称，如同评分")
_SCALED = Said("bounded like a rating inside 0..10", "像评分一样限于 0..10 之内")
_BOUNDED = Said("bounded like a rating", "像评分一样有界")
_EVEN = Said(
    "bounded like a rating, though equally frequent, as class numbers often are",
    "像评分一样有界，但各值次数相等，这又常见于类别编号",
)
_GAPS = Said("codes with gaps", "有空缺的编码")
_CODES = Said(
    "codes whose size says nothing about how often they occur",
    "编码的大小与出现次数无关",
)
_QUANTITY = Said(
    "a quantity rather than a rating, a count or codes", "是数量，而非评分、计数或编码"
)


def read_number(column: Column, labels: Column) -> Reading:
    """The reading of int64 or float64 cells with three or more distinct values.

    ``labels`` holds the same cells as the user wrote them, perhaps as text; classes
    keep that spelling.
    """
    cells = column.cells.to_numpy()
    if not np.isfinite(cells).all():
        row = int(np.flatnonzero(~np.isfinite(cells))[0])
        raise column.refused(
            f"has the value {cells[row]} in data row {column.row(row)}; finite numbers "
            "were needed",
            "correct the cell or drop the row",
        )
    if pa.types.is_integer(column.cells.type):
        return _Whole.of(column, labels).read()
    return _read_fractions(column, cells)


def whole(column: Column) -> Column:
    """Floats that are all whole numbers as integers, any other column as it is."""
    if not pa.types.is_floating(column.cells.type):
        return column
    cells = column.cells.to_numpy()
    # The comparison also refuses inf, for which the remainder would be NaN.
    if not (np.abs(cells) <= LARGEST_WHOLE).all() or (cells % 1).any():
        return column
    return column.with_cells(column.cells.cast(pa.int64()))


def _read_fractions(column: Column, cells: ndarray) -> Reading:
    low, high = cells.min(), cells.max()
    kinds = len(np.unique(cells))
    facts = [_FRACTIONS(low=low, high=high, kinds=kinds)]
    unavailable = "Quantile"
    confidence = 0.95
    if low >= 0 and high <= 1:
        facts = [_INSIDE(low=low, high=high, kinds=kinds)]
        unavailable, confidence = "Proportion", 0.6
    elif low > 0 and np.log10(high) - np.log10(low) > 2:
        orders = np.log10(high) - np.log10(low)
        facts.append(_ORDERS(n=orders))
        unavailable, confidence = "Positive", 0.85
    second = None
    if kinds <= RATINGS and len(cells) >= 3 * kinds:
        facts.append(_STEPS)
        second, confidence = column.task(Ordinal), min(confidence, 0.7)
    return reading(
        column.task(Regression),
        facts,
        confidence,
        second,
        unavailable=unavailable,
        missing=missing_cells(column),
    )


@final
@dataclass(frozen=True)
class _Whole:
    """Whole numbers, their distinct values and how often each occurs."""

    column: Column
    labels: Column
    cells: ndarray
    values: ndarray
    counts: ndarray

    @classmethod
    def of(cls, column: Column, labels: Column) -> "_Whole":
        cells = column.cells.to_numpy()
        values, counts = np.unique(cells, return_counts=True)
        return cls(column, labels, cells, values, counts)

    @property
    def low(self) -> int:
        return int(self.values[0])

    @property
    def high(self) -> int:
        return int(self.values[-1])

    @property
    def kinds(self) -> int:
        return len(self.values)

    @property
    def fill(self) -> float:
        """The share of the range that occurs; 1 means no gaps."""
        return self.kinds / (self.high - self.low + 1)

    def read(self) -> Reading:
        self._refuse_identifier()
        if self._is_rating():
            return self._as_rating()
        if self._falls_off():
            return self._read(Count, _FALLING, Regression)
        if self._scatters_like_events():
            return self._read(Count, _EVENTS, Regression, 0.7)
        if self._are_codes():
            return self._read(Multiclass, self._code_words(), Ordinal)
        return self._as_quantity()

    # -- identifiers ------------------------------------------------------------------

    def _refuse_identifier(self) -> None:
        rows = len(self.cells)
        if self.kinds < rows or rows < IDENTIFIER_ROWS:
            return
        increasing = bool((np.diff(self.cells) > 0).all())
        shuffled = self.fill == 1 and rows > RATINGS
        if increasing or shuffled:
            how = "increase" if increasing else f"are {self.low}..{self.high} shuffled"
            raise self.column.refused(
                f"holds {rows} whole numbers that are all different and {how}, as "
                f"{self.cells[0]}, {self.cells[1]}, {self.cells[2]}: an identifier",
                "choose another target, or --task regression if size has a meaning",
            )

    # -- ratings ----------------------------------------------------------------------

    def _is_rating(self) -> bool:
        if self.kinds > RATINGS or self.fill < 1:
            return False
        # A scale ends where it was made to end; the long thin end of more values
        # than a scale of 0..10 has is the tail of a count.
        if self.low in (0, 1):
            return self.kinds <= SCALE + 1 or not self._has_tail()
        return self._inside_scale() or self._symmetric()

    def _inside_scale(self) -> bool:
        return self.low >= 0 and self.high <= SCALE

    def _symmetric(self) -> bool:
        return -self.low == self.high <= LIKERT

    def _as_rating(self) -> Reading:
        if self._symmetric():
            return self._read(Ordinal, _SYMMETRIC, Multiclass)
        if self.low > 1:
            return self._read(Ordinal, _SCALED, Regression)
        even = bool((self.counts == self.counts[0]).all()) and self.counts[0] > 1
        words = _EVEN if even else _BOUNDED
        return self._read(Ordinal, words, Multiclass, 0.55 if even else 0.75)

    # -- counts -----------------------------------------------------------------------

    @property
    def _skew(self) -> float:
        centred = self.cells - self.cells.mean()
        return float((centred**3).mean() / self.cells.std() ** 3)

    def _has_tail(self) -> bool:
        middle = float(np.median(self.cells))
        return self._skew > 0.3 and self.high - middle >= 1.5 * (middle - self.low)

    def _falls_off(self) -> bool:
        if not 0 <= self.low <= 2 or self.kinds < 8 or not self._has_tail():
            return False
        if (self.values < self.low + 10).sum() < 8 and self.kinds >= 10:
            return False  # prices and incomes have no small values
        if self.values[4] != self.low + 4:
            return False
        quarter = self.low + (self.high - self.low) / 4
        return bool((self.cells <= quarter).mean() >= 0.4)

    def _scatters_like_events(self) -> bool:
        if not 0 <= self.low <= 3 or self.kinds < 8 or self._skew < 0.1:
            return False
        return bool(0.75 <= self.cells.var() / self.cells.mean() <= 1.5)

    # -- codes ------------------------------------------------------------------------

    def _are_codes(self) -> bool:
        if not 3 <= self.kinds <= CODES:
            return False
        if len(self.cells) < min(3.0, 1 + self.kinds / 5) * self.kinds:
            return False  # hardly a value comes back
        if self.kinds <= 5:
            return True
        away = self.fill >= 0.8 and self.low not in (0, 1)
        return not away and not self._smooth()

    def _smooth(self) -> bool:
        """Do the frequencies of neighbouring values go together?"""
        if self.kinds < 8:
            return False
        rank = self.counts.argsort(kind="stable").argsort(kind="stable").astype(float)
        for value in np.unique(self.counts):  # ties share their mean rank
            tied = self.counts == value
            rank[tied] = rank[tied].mean()
        rank -= rank.mean()
        scale = float((rank**2).sum())
        together = float((rank[1:] * rank[:-1]).sum()) / scale if scale else 0.0
        return bool(together > max(0.4, 1.8 / self.kinds**0.5))

    def _code_words(self) -> str:
        if self.fill < 1:
            return _GAPS
        return _CODES

    # -- quantities -------------------------------------------------------------------

    def _as_quantity(self) -> Reading:
        seconds: type[Task] | None = None
        unavailable = ""
        if self.low >= 0 and self.low <= SCALE:
            seconds = Count
        elif self.kinds <= CODES and len(self.cells) >= 3 * self.kinds:
            seconds = Ordinal
        elif self.low > 0 and self.high > 100 * self.low:
            unavailable = "Positive"
        else:
            unavailable = "Quantile"
        return self._read(Regression, _QUANTITY, seconds, 0.85, unavailable)

    # -- words and tasks --------------------------------------------------------------

    def _read(
        self,
        kind: type[Task],
        words: str,
        second: type[Task] | None,
        confidence: float = 0.8,
        unavailable: str = "",
    ) -> Reading:
        distinct = _FILLED if self.fill == 1 else _DISTINCT
        facts = [
            _INTEGERS(low=self.low, high=self.high),
            distinct(n=self.kinds),
            words,
        ]
        return reading(
            self._task(kind),
            facts,
            confidence,
            self._task(second) if second else None,
            unavailable=unavailable,
            missing=missing_cells(self.column),
        )

    def _task(self, kind: type[Task]) -> Task:
        """Classes keep the user's type and spelling, numbers are numbers."""
        text = pa.types.is_string(self.labels.cells.type)
        if kind is Ordinal and text:
            found = self.labels.cells.unique().to_pylist()
            return self.labels.task(kind, order=tuple(sorted(found, key=float)))
        classes = kind in (Multiclass, Ordinal)
        return (self.labels if classes else self.column).task(kind)
