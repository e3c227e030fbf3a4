"""Dates and times: where on the line, where in the month, the week and the day.

    part         features                      used where it varies in training
    time         robustly scaled seconds       numbers.py says how
    month        sin, cos of month / 12        January is next to December
    day          day of month, from -1 to 1
    weekday      sin, cos of weekday / 7       Monday is 0
    hour         sin, cos of hour / 24         with minutes and seconds

All in UTC, so that a row means the same on every machine. A missing cell is 0 in every
part; columns with missing cells in training have an indicator.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import ClassVar, Self, final

import numpy as np
import pyarrow as pa
from jaxtyping import Int
from numpy.typing import NDArray

from dovetail._phrases import Said, joined
from dovetail.data import cells, day_first
from dovetail.data._column import INDICATOR, Numeric, Rows
from dovetail.data._place import Place
from dovetail.data.numbers import robust_scale, smooth_clip
from dovetail.errors import DataError, SchemaError

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND
_FEW = 10_000  # times; the table of a day's seconds costs as much as so many
_SPAN = 1024  # days

Floats = NDArray[np.float64]

_CYCLES = {"month": 12, "weekday": 7, "hour": 24}
_PARTS = {
    "time": Said("time", "时间"),
    "month": Said("month", "月"),
    "day": Said("day", "日"),
    "weekday": Said("weekday", "星期"),
    "hour": Said("hour", "小时"),
}
_NOTHING = Said("nothing: one value in the training rows", "无：训练行中只有一个值")


@final
@dataclass(frozen=True)
class Datetime(Numeric):
    """A column of dates or times; ``parts`` are those that vary in training."""

    parts: tuple[str, ...]
    center: float  # seconds since 1970
    scale: float
    begins: day_first.Order | None = None  # with the day or the month; None: ISO 8601
    kind: ClassVar[str] = "datetime"

    @classmethod
    def fit(cls, column: pa.ChunkedArray, rows: Rows, name: str, reason: str) -> Self:
        """Learn scale and varying parts from ``rows``."""
        begins = cells.order_of_days(column)
        micros = cells.times(column, name, order=begins)[rows]
        present = micros[micros != cells.NO_TIME]
        center, scale = robust_scale(present / _SECOND)
        days = _distinct(present // _DAY)
        parts = [part for part in _PARTS if _varies(present, days, part)]
        missing = len(present) < len(micros)
        return cls(name, reason, missing, tuple(parts), center, scale, begins)

    @property
    def values(self) -> tuple[str, ...]:
        """Names of the parts; two where a part is a cycle."""
        return tuple(
            f"{self.name} {part}{wave}"
            for part in self.parts
            for wave in ((" sin", " cos") if part in _CYCLES else ("",))
        )

    @property
    def encoding(self) -> str:
        """How its cells become features, in words."""
        named = joined([_PARTS[part] for part in self.parts], ", ", "、")
        parts = named or _NOTHING
        return INDICATOR(encoded=parts) if self.may_be_missing else parts

    def read(
        self, column: pa.ChunkedArray, place: Place
    ) -> tuple[list[NDArray[np.float32]], NDArray[np.bool_]]:
        """Each part of the cells."""
        micros = cells.times(column, self.name, place, self.begins)
        missing = micros == cells.NO_TIME
        micros = np.where(missing, 0, micros)
        features: list[NDArray[np.float32]] = []
        days = micros // _DAY
        for part in self.parts:
            if part == "time":
                seconds = micros / _SECOND
                features.append(smooth_clip(seconds, self.center, self.scale))
            elif part == "hour":
                features += _of_clock(micros - days * _DAY)
            else:
                features += _of_calendar(days, part)
        return features, missing


def times_of(
    column: pa.ChunkedArray,
    name: str,
    *,
    where: str = "",
    numbers: Int[np.ndarray, " n"] | None = None,
) -> NDArray[np.int64]:
    """Microseconds since 1970 in UTC, to order rows by: no cell may be missing.

    Reads dates, times and text (see ``cells.times``); a time without an offset is UTC.
    ``where`` and ``numbers`` (see ``Place``) name the row in an error.

    >>> times_of(pa.chunked_array([["1970-01-02", "1970-01-01 00:00:01"]]), "day")
    array([86400000000,     1000000])

    Raises:
        DataError: the first row whose cell is missing, or is no date or time.
    """
    place = Place(where, numbers)
    fix = f"order by a column of dates or times, and fill or correct {name!r} first"
    try:
        micros = cells.times_told(column, name, place)
    except SchemaError as error:
        raise DataError(error.message, fix=fix) from None
    missing = micros == cells.NO_TIME
    if missing.any():
        row = place.row(int(missing.argmax()))
        raise DataError(
            f"{place}column {name!r}, data row {row}: the cell is missing, where a "
            f"date or time is needed ({int(missing.sum())} rows in all).",
            fix=fix,
        )
    return micros


def _varies(micros: NDArray[np.int64], days: NDArray[np.int64], part: str) -> bool:
    """Does a part of ``micros``, which lie in these ``days``, have several values?"""
    if len(micros) == 0:
        return False
    if part == "time":
        return bool(micros.max() / _SECOND > micros.min() / _SECOND)
    if part == "hour":
        return bool(np.ptp(micros % _DAY) > 0)
    return bool(np.ptp(_day_part(days, part)) > 0)


def _cycle(values: Floats, period: int) -> list[NDArray[np.float32]]:
    angle = values * (2 * np.pi / period)
    return [wave(angle).astype(np.float32) for wave in (np.sin, np.cos)]


def _of_clock(micros: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    """The hour of times since midnight; a look at a table for whole seconds."""
    seconds = micros // _SECOND
    if len(micros) < _FEW or not np.array_equal(seconds * _SECOND, micros):
        return _hours(micros)
    return [wave[seconds] for wave in _clock()]


def _hours(micros: NDArray[np.int64]) -> list[NDArray[np.float32]]:
    return _cycle(micros / (3600 * _SECOND), 24)


@cache
def _clock() -> list[NDArray[np.float32]]:
    """The hour at each second of a day."""
    return _hours(np.arange(0, _DAY, _SECOND))


def _of_calendar(days: NDArray[np.int64], part: str) -> list[NDArray[np.float32]]:
    """The features of a part that depends on the day alone.

    Where days repeat they are worked out once for each day from the first to the last,
    rounded so that the next rows have the same ones.
    """
    if len(days) == 0 or np.ptp(days) >= len(days):
        return _day_features(days, part)
    first = int(days.min()) // _SPAN * _SPAN
    last = int(days.max()) // _SPAN * _SPAN + _SPAN
    place = days - first
    return [feature[place] for feature in _calendar(first, last, part)]


@lru_cache(maxsize=16)
def _calendar(first: int, last: int, part: str) -> list[NDArray[np.float32]]:
    """The features of each day from ``first`` on, before ``last``."""
    return _day_features(np.arange(first, last), part)


def _day_features(days: NDArray[np.int64], part: str) -> list[NDArray[np.float32]]:
    values = _day_part(days, part)
    if part == "day":
        return [((values - 16) / 15).astype(np.float32)]
    return _cycle(values, _CYCLES[part])


def _distinct(days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Each of ``days`` once, in order."""
    if len(days) == 0 or np.ptp(days) >= len(days):
        return np.unique(days)
    first, last = days.min(), days.max()
    seen = np.zeros(last - first + 1, np.bool_)
    seen[days - first] = True
    return np.asarray(np.flatnonzero(seen) + first, np.int64)


def _day_part(days: NDArray[np.int64], part: str) -> Floats:
    """Weekday, month or day of the month of each day since 1970, (n,)."""
    if part == "weekday":
        return ((days + 3) % 7).astype(np.float64)  # 1970-01-01 was a Thursday
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    if part == "month":
        return (months.astype(np.int64) % 12).astype(np.float64)
    return (days - months.astype("datetime64[D]").astype(np.int64) + 1).astype(
        np.float64
    )
