"""Rows by time: the past trains, the future scores."""

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np

from dovetail.data._divide import Divider, Index


@final
class ByTime(Divider):
    """Consecutive parts in time; rows of equal time stay together where possible."""

    def __init__(self, strata: Index | None, time: Index) -> None:
        self.how = "by time"
        self.notes = {}
        self.strata = strata
        self.time = time

    def parts(self, rows: Index, shares: Sequence[float]) -> list[Index]:
        """The earliest rows first; borders at the changes of time nearest to the shares.

        Where no change of time would leave all parts a row, equal times are divided in
        the order of the rows, and a note says so.
        """
        order = rows[np.argsort(self.time[rows], kind="stable")]
        changes = np.flatnonzero(np.diff(self.time[order])) + 1
        n, borders = len(order), [0]
        for i, wanted in enumerate(np.cumsum(shares)[:-1] * n):
            # Borders still to come need a change of time each.
            later = len(shares) - 2 - i
            free = changes[(changes > borders[-1]) & (changes < n - later)]
            free = free[: len(free) - later] if len(free) > later else free
            if len(free) == 0:
                self.notes["too few distinct times: equal times were divided"] = None
                free = np.arange(borders[-1] + 1, n - later)
            borders.append(int(free[np.abs(free - wanted).argmin()]))
        parts = [np.sort(part) for part in np.split(order, borders[1:])]
        self._note_strata(parts[0])
        return parts

    def folds(self, count: int) -> Iterator[tuple[Index, Index]]:
        """Forward chaining: fold i learns from blocks 0 to i and is held to the next."""
        n = len(self.time)
        count = min(count, max(1, len(np.unique(self.time)) - 1))
        # The first block trains and tunes, so it has two rows at least.
        count = min(count, n - 2) if n > 2 else 1
        first = max(1 / (count + 1), 2 / n) if n > 2 else 1 / 2
        blocks = self.parts(np.arange(n), [first, *[(1 - first) / count] * count])
        for i in range(1, len(blocks)):
            yield np.sort(np.concatenate(blocks[:i])), blocks[i]

    def _note_strata(self, train: Index) -> None:
        if self.strata is None:
            return
        late = np.setdiff1d(self.strata, self.strata[train]).size
        if late:
            self.notes[f"strata found only after the training period: {late}"] = None
