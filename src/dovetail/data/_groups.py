"""Rows by group: rows that belong together (a patient, a household) stay together."""

from collections.abc import Iterator, Sequence
from typing import final

import numpy as np

from dovetail._phrases import Said
from dovetail.data._divide import Divider, Floats, Index
from dovetail.errors import DataError

_BY_GROUP = Said("by group", "按组划分")
_STRATIFIED = Said("by group, strata near proportion", "按组划分，各层接近比例")
_COINCIDE = Said(
    "groups and strata coincide: strata not kept", "组与层重合：未按层划分"
)


@final
class ByGroup(Divider):
    """Whole groups, so that parts and their strata come near to what is due.

    Every stratum is found among the training rows. Where that would leave a part empty
    (as when each group is a stratum of its own) strata are not kept; a note says so.
    """

    def __init__(
        self, n: int, strata: Index | None, group: Index, rng: np.random.Generator
    ) -> None:
        self.how = _BY_GROUP if strata is None else _STRATIFIED
        self.notes = {}
        self.strata = np.zeros(n, np.int64) if strata is None else strata
        self.group = group
        self.rng = rng

    def parts(self, rows: Index, shares: Sequence[float]) -> list[Index]:
        """Parts of whole groups, sizes near the shares, none empty."""
        groups = len(np.unique(self.group[rows]))
        if groups < len(shares):
            raise _too_few_groups(groups, len(shares))
        part = self._place(rows, np.asarray(shares), home=0)
        return [rows[part == i] for i in range(len(shares))]

    def folds(self, count: int, least: int) -> Iterator[tuple[Index, Index]]:
        """Folds of whole groups; a group is held out in one of them at most."""
        groups = len(np.unique(self.group))
        if groups <= least:
            raise _too_few_groups(groups, least + 1)
        # In three folds or more, each fold leaves the groups of two others.
        count = min(max(count, least + 1), groups)
        fold = self._place(
            np.arange(len(self.group)), np.full(count, 1 / count), home=-1
        )
        for i in range(count):
            yield np.flatnonzero(fold != i), np.flatnonzero(fold == i)

    def _place(self, rows: Index, shares: Floats, *, home: int) -> Index:
        group = np.unique(self.group[rows], return_inverse=True)[1]
        strata = np.unique(self.strata[rows], return_inverse=True)[1]
        part = _release(
            _place(strata, group, shares, self.rng), strata, group, home=home
        )
        if len(np.unique(part[part >= 0])) == len(shares):
            return part
        self.notes[_COINCIDE] = None
        return _place(np.zeros_like(strata), group, shares, self.rng)


def _place(
    strata: Index, group: Index, shares: Floats, rng: np.random.Generator
) -> Index:
    """Part (n,) of each row: the largest group first, each to where it is due most.

    Due are, for each stratum, its rows times the share, less what was placed already;
    a group weighs these by its own rows of the stratum over all rows of it.
    """
    sizes = np.bincount(group)
    total = np.bincount(strata)
    due = np.outer(total, shares)  # (strata, parts)
    # Rows of each group side by side, so that a group is one slice.
    inside = strata[np.argsort(group, kind="stable")]
    ends = np.cumsum(sizes)
    turn = rng.permutation(len(sizes))
    turn = turn[np.argsort(-sizes[turn], kind="stable")]
    part = np.empty(len(sizes), np.int64)
    filled = np.zeros(len(shares), np.int64)
    for done, g in enumerate(turn):
        found, counts = np.unique(
            inside[ends[g] - sizes[g] : ends[g]], return_counts=True
        )
        gain = (counts / total[found]) @ due[found]
        if (filled == 0).sum() >= len(sizes) - done:  # a group for each empty part
            gain = np.where(filled == 0, gain, -np.inf)
        part[g] = gain.argmax()
        filled[part[g]] += 1
        due[found, part[g]] -= counts
    return part[group]


def _release(part: Index, strata: Index, group: Index, *, home: int) -> Index:
    """``part`` with small groups moved to ``home``, so that no stratum is held wholly.

    With ``home=0``, the training part, every stratum gets a group there. With
    ``home=-1`` a stratum that lies in one fold only gets a group that is in none.
    """
    part = part.copy()
    sizes = np.bincount(group)
    for stratum in range(int(strata.max()) + 1):
        inside = np.flatnonzero(strata == stratum)
        found = part[inside]
        held = (found != home).all() if home == 0 else (found == found[0]).all()
        if held and (found >= 0).all():
            members = np.unique(group[inside])
            part[group == members[sizes[members].argmin()]] = home
    return part


def _too_few_groups(found: int, needed: int) -> DataError:
    return DataError(
        f"The rows form {found} group{'s' * (found != 1)}; dividing them takes "
        f"{needed} or more.",
        fix="name another group column, or give files with --valid and --test",
    )
