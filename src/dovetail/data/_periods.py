"""Rows by time: the past trains, the future scores."""

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np

from dovetail._phrases import Phrase, Said
from dovetail.data._divide import Divider, Index

_BY_TIME = Said("by time", "按时间划分")
_FEW_TIMES = Said(
    "too few distinct times: equal times were divided",
    "不同的时刻太少：相同时刻的行被分开",
)
_LATE = Phrase(
    "strata found only after the training period: {n}", "训练时段之后才出现的层：{n}"
)


@final
class ByTime(Divider):
    """Consecutive parts in time; rows of equal time stay together where possible."""

    def __init__(self, strata: Index | None, time: Index) -> None:
        self.how = _BY_TIME
        self.notes = {}
        self.strata = strata
        self.time = time

    def parts(self, rows: Index, shares: Sequence[float]) -> list[Index]:
        """The earliest rows first; borders at the changes of time nearest to shares.

        Where no change of time would leave all parts a row, equal times are divided in
        the order of the rows, and a note says so.
        """
        return self._divided(rows, shares, least=1)

    def folds(self, count: int, least: int) -> Iterator[tuple[Index, Index]]:
        """Forward chaining: learn from blocks 0 to i, hold out the next one."""
        n = len(self.time)
        distinct = len(np.unique(self.time))
        count = max(1, min(count, distinct - least, n - least))
        first = max(1 / (count + 1), least / n)
        shares = [first, *[(1 - first) / count] * count]
        blocks = self._divided(np.arange(n), shares, least=least)
        for i in range(1, len(blocks)):
            yield np.sort(np.concatenate(blocks[:i])), blocks[i]

    def _divided(
        self, rows: Index, shares: Sequence[float], *, least: int
    ) -> list[Index]:
        """``parts``, the first of which has ``least`` distinct times, or rows."""
        order = rows[np.argsort(self.time[rows], kind="stable")]
        changes = np.flatnonzero(np.diff(self.time[order])) + 1
        n, borders = len(order), [0]
        for i, wanted in enumerate(np.cumsum(shares)[:-1] * n):
            later = len(shares) - 2 - i  # borders still to come
            skip = least - 1 if i == 0 else 0
            free = changes[changes > borders[-1]]
            free = free[skip : max(skip, len(free) - later)]
            if len(free) == 0:
                self.notes[_FEW_TIMES] = None
                free = np.arange(borders[-1] + 1 + skip, n - later)
            borders.append(int(free[np.abs(free - wanted).argmin()]))
        parts = [np.sort(part) for part in np.split(order, borders[1:])]
        self._note_strata(parts[0])
        return parts

    def _note_strata(self, train: Index) -> None:
        if self.strata is None:
            return
        late = np.setdiff1d(self.strata, self.strata[train]).size
        if late:
            self.notes[_LATE(n=late)] = None
