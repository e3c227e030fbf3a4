"""What every way of dividing rows is, and the plain one: by chance, by stratum.

    method   takes                gives
    parts    rows (m,), shares    a sorted index array for each share; the first trains
    folds    count, least         pairs (rest, held): each part held out once

Strata are cut by the largest remainder (Hamilton's method): each stratum gives its
share rounded down, and what is still due comes from the strata with the largest
fractions, so that a part has its exact size and no stratum is off by a row or more.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import final

import numpy as np
from numpy.typing import NDArray

from dovetail._phrases import Noun, Phrase, Said

Index = NDArray[np.int64]
Floats = NDArray[np.float64]


_AT_RANDOM = Said("at random", "随机划分")
_STRATIFIED = Said("at random, strata in proportion", "随机划分，各层按比例")
_STRATA = Noun("stratum", "strata", "个层")
_SMALL = Phrase(
    "{strata} of 1 or 2 rows: for training only", "{strata}只有 1 或 2 行：仅用于训练"
)
_NOT_KEPT = Said(
    "most rows are the only ones of their stratum: strata not kept",
    "大多数行独占一层：未按层划分",
)


class Divider(ABC):
    """A way of dividing n rows. It collects ``notes`` for the reader of the plan."""

    how: str  # ends the sentence "rows were divided ..."
    notes: dict[str, None]  # each once, in order

    @abstractmethod
    def parts(self, rows: Index, shares: Sequence[float]) -> list[Index]:
        """Divide ``rows`` into one part for each of ``shares``, which sum to 1."""

    @abstractmethod
    def folds(self, count: int, least: int) -> Iterator[tuple[Index, Index]]:
        """About ``count`` times: rows to learn from, rows held out.

        The rows to learn from can be divided into ``least`` parts.
        """


@final
class ByChance(Divider):
    """Rows at random; where ``strata`` are given, each keeps its proportion.

    A stratum of one or two rows trains only, and no stratum is held out wholly. Where
    most rows are in such strata, those of two may give one; where most rows are the
    only ones of their stratum, strata are not kept to, and a note says so.
    """

    def __init__(self, n: int, strata: Index | None, rng: np.random.Generator) -> None:
        self.how = _AT_RANDOM if strata is None else _STRATIFIED
        self.notes = {}
        self.strata = np.zeros(n, np.int64) if strata is None else _codes(strata)
        self.rng = rng
        alone = np.bincount(self.strata) <= 2
        if n > 2 and alone.any() and self._least(self.strata) == 3:
            self.notes[_SMALL(strata=_STRATA(int(alone.sum())))] = None

    def parts(self, rows: Index, shares: Sequence[float]) -> list[Index]:
        """Parts of exact size; strata are short of a row at most."""
        kept, held = self._cut(rows, 1 - shares[0], protect=True)
        parts, left = [kept], 1 - shares[0]
        for share in shares[1:-1]:
            held, part = self._cut(held, share / left, protect=False)
            parts.append(part)
            left -= share
        return [np.sort(part) for part in (*parts, held)]

    def folds(self, count: int, least: int) -> Iterator[tuple[Index, Index]]:
        """Deal the rows of each stratum round the folds, from where the last one ended.

        So folds differ by a row at most, in each stratum and altogether.
        """
        strata, giving = self.strata, self._least(self.strata)
        if not giving:
            strata, giving = np.zeros_like(strata), 1
        dealt = np.flatnonzero(np.bincount(strata)[strata] >= giving)
        if (
            len(strata) - -(-len(dealt) // count) < least
        ):  # the largest fold leaves less
            count = len(strata)
        order = self._shuffled(strata[dealt])
        fold = np.full(len(strata), -1)
        fold[dealt[order]] = np.arange(len(dealt)) % count
        for i in range(min(count, len(dealt))):
            yield np.flatnonzero(fold != i), np.flatnonzero(fold == i)

    def _cut(self, rows: Index, share: float, *, protect: bool) -> tuple[Index, Index]:
        """(kept, held), ``share`` of the rows held; ``protect``: no stratum wholly."""
        codes = _codes(self.strata[rows])
        least = self._least(codes) if protect else 1
        if not least:
            codes, least = np.zeros_like(codes), 2
        sizes = np.bincount(codes)
        giving = np.where(sizes >= least, sizes, 0)
        total = max(1, round(share * int(giving.sum())))
        # A share below a half leaves each of them a row: of two, one at most is due.
        quotas = _largest_remainder(share * giving, total, giving, self.rng)
        order = self._shuffled(codes)
        held = np.zeros(len(rows), bool)
        held[order] = _rank_within(codes[order]) < quotas[codes[order]]
        return rows[~held], rows[held]

    def _least(self, codes: Index) -> int:
        """Rows that a stratum needs in order to give any; 0: do not keep to strata."""
        sizes = np.bincount(codes)
        for least in (3, 2):
            if 2 * sizes[sizes >= least].sum() >= len(codes):
                return least
        self.notes[_NOT_KEPT] = None
        return 0

    def _shuffled(self, codes: Index) -> Index:
        """Positions in random order, those of one stratum side by side."""
        order = self.rng.permutation(len(codes))
        return np.asarray(order[np.argsort(codes[order], kind="stable")], np.int64)


def _codes(values: Index) -> Index:
    return np.asarray(np.unique(values, return_inverse=True)[1], np.int64)


def _largest_remainder(
    due: Floats, total: int, most: Index, rng: np.random.Generator
) -> Index:
    """Integers (s,) within one of ``due`` with sum ``total``, none above ``most``."""
    counts = np.minimum(np.floor(due + 1e-9).astype(np.int64), most)
    fractions = np.where(counts < most, due - counts, -1.0)
    lots = rng.permutation(len(due))  # equal fractions are drawn by lot
    ranked = lots[np.argsort(-fractions[lots], kind="stable")]
    ranked = ranked[fractions[ranked] > -1.0][: max(0, total - int(counts.sum()))]
    counts[ranked] += 1
    return counts


def _rank_within(codes: Index) -> Index:
    """Position of each row in its run of equal, sorted ``codes``."""
    if len(codes) == 0:
        return codes
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]]))
    lengths = np.diff(np.append(starts, len(codes)))
    return np.asarray(np.arange(len(codes)) - np.repeat(starts, lengths), np.int64)
