"""Feature columns that determine the target: it stands in the table twice.

Looked for, in this order, for each target column:

    same         the column equals the target
    one to one   each value of the column has its own value of the target, in the
                 same or opposite order (numbers), or under other names (few values)
    determines   the column has few values, and each has always one value of the target
    sum          the sum or difference of two number columns equals the target (where
                 there are at most 2,000 of them)

A column is reported only if chance hardly explains it. Of the orders in which the
target's n values could stand, a share exp(-E) agrees with one given column:

    E = log(n! / (m_1! m_2! ...)),   m_c: rows with the target's c-th value

and a search over h hypotheses (columns, ways to name d values) has E - log h left,
must reach ``LEAST``. So a rare label that one column happens to follow is no
leak, nor are ten rows in which everything fits everything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import lgamma, log
from typing import final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dovetail._phrases import Phrase
from dovetail.data import cells

TOLERANCE = 1e-9  # relative; decimals written to a file are right to about 1e-16
LEAST = log(1000.0)
# "Few values": at most a tenth as many as rows, so that most are seen repeatedly.
FEW = 10
FIRST = 100
PROBES = 16
MOST_PAIRED = 2_000  # the time that pairs take grows with the square


_OF = Phrase("{name!r} {message}", "{name!r} {message}")
_EQUALS = Phrase("equals the target {target!r}", "等于目标 {target!r}")
_AFFINE = Phrase(
    "is the target {target!r} in another unit", "是换了单位的目标 {target!r}"
)
_ORDERS = Phrase(
    "orders the rows just as {target!r} does", "与 {target!r} 对各行的排序完全一致"
)
_RENAMED = Phrase(
    "is the target {target!r} under other names", "是换了名称的目标 {target!r}"
)
_EACH = Phrase(
    "has {n} values, each with one value of the target {target!r}",
    "有 {n} 个值，每个值只对应目标 {target!r} 的一个值",
)
_SUM = Phrase("{formula} = target {target!r}", "{formula} = 目标 {target!r}")

Floats = NDArray[np.float64]
Index = NDArray[np.int64]


@final
@dataclass(frozen=True)
class Leak:
    """Columns that give ``target`` away, and how, in words."""

    columns: tuple[str, ...]
    target: str
    message: str


def find_leaks(
    table: pa.Table,
    target: Sequence[str],
    columns: Sequence[str],
    rows: Index | None = None,
) -> tuple[Leak, ...]:
    """Which of ``columns``, or sums of two, determine a target column on ``rows``.

    >>> table = pa.table({"x": range(20), "double": range(0, 40, 2), "y": range(20)})
    >>> [leak.columns for leak in find_leaks(table, ["y"], ["x", "double"])]
    [('x',), ('double',)]
    """
    if rows is not None:
        table = table.take(pa.array(rows))
    features = {
        name: _Values(table.column(name), name)
        for name in columns
        if name not in target and _is_readable(table.column(name))
    }
    leaks: list[Leak] = []
    for name in target:
        if _is_readable(table.column(name)):
            leaks += _leaks_of(_Values(table.column(name), name), features)
    return tuple(leaks)


@final
class _Values:
    """One column: codes of its distinct values, and floats where it holds numbers."""

    def __init__(self, column: pa.ChunkedArray, name: str) -> None:
        column = cells.plain(column)
        self.name = name
        self.floats: Floats | None = None
        coded = column.combine_chunks().dictionary_encode()
        self.values = coded.dictionary
        self.codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(), np.int64)
        if cells.is_number(column.type) or pa.types.is_boolean(column.type):
            self.floats = cells.floats(column, name)
            self.codes = np.where(np.isnan(self.floats), -1, self.codes)
        elif cells.is_time(column.type):
            micros = cells.times(column, name)
            self.floats = np.where(micros == cells.NO_TIME, np.nan, micros)


def _is_readable(column: pa.ChunkedArray) -> bool:
    kind = cells.plain(column.slice(0, 0)).type
    plain = cells.is_text(kind) or cells.is_number(kind) or cells.is_time(kind)
    return bool(plain or pa.types.is_boolean(kind))


def _leaks_of(target: _Values, features: dict[str, _Values]) -> Iterator[Leak]:
    searched = log(max(1, len(features)))
    found = set()
    for name, feature in features.items():
        rows = _rows_of_both(feature.codes, target.codes)
        claim = None if rows is None else _alone(feature, target, rows)
        if (
            claim
            and _evidence(target.codes[rows]) - claim.hypotheses - searched >= LEAST
        ):
            found.add(name)
            yield Leak((name,), target.name, _OF(name=name, message=claim.message))
    rest = [feature for name, feature in features.items() if name not in found]
    yield from _sums(target, rest)


@final
@dataclass(frozen=True)
class _Claim:
    message: str
    hypotheses: float  # log of how many such claims could have been made


def _alone(feature: _Values, target: _Values, rows: Index | slice) -> _Claim | None:
    """How one column determines the target on ``rows``, or ``None``."""
    given, wanted = feature.codes[rows], target.codes[rows]
    if feature.floats is not None and target.floats is not None:
        x, y = feature.floats[rows], target.floats[rows]
        if _agree(x, y):
            return _Claim(_EQUALS(target=target.name), 0.0)
        if _is_affine(x, y):
            return _Claim(_AFFINE(target=target.name), log(2.0))
        # A few rows tell most columns apart without sorting all of them.
        if _is_monotone(x[:FIRST], y[:FIRST]) and _is_monotone(x, y):
            return _Claim(_ORDERS(target=target.name), log(2.0))
    partner = np.full(int(given.max()) + 1, -1)
    partner[given] = wanted
    if (partner[given] != wanted).any():
        return None
    seen = partner[partner >= 0]
    if len(seen) == len(given) and feature.floats is not None:
        return None  # every value once: it goes with one target, whatever that is
    d, k = len(seen), len(np.unique(seen))
    if d == k:
        names = feature.values.take(pa.array(np.flatnonzero(partner >= 0))).to_pylist()
        if names == target.values.take(pa.array(seen)).to_pylist():
            return _Claim(_EQUALS(target=target.name), 0.0)
        return _Claim(_RENAMED(target=target.name), lgamma(d + 1))
    if FEW * d > len(given):
        return None
    return _Claim(_EACH(n=d, target=target.name), d * log(k))


def _sums(target: _Values, features: Sequence[_Values]) -> Iterator[Leak]:
    """Pairs of number columns whose sum or difference is the target."""
    y = target.floats
    numbers = [f for f in features if f.floats is not None and len(f.values) > 1]
    if y is None or not 2 <= len(numbers) <= MOST_PAIRED:
        return
    known = np.flatnonzero(~np.isnan(y))
    if len(known) == 0:
        return
    # A few rows from the least to the greatest target rule out nearly every pair.
    spread = np.linspace(0, len(known) - 1, PROBES).astype(int)
    probes = known[np.argsort(y[known], kind="stable")[spread]]
    sample = np.stack([_floats(f)[probes] for f in numbers])
    aim = y[probes]
    # Of each pair's own size: beside a date in microseconds any other number is near.
    sizes = np.nanmax(np.abs(sample), axis=1, initial=float(np.abs(aim).max()))
    searched = log(3.0 * len(numbers) ** 2)
    for i, first in enumerate(numbers):
        a = _floats(first)
        tolerance = 1e-7 * np.maximum(sizes, sizes[i])[:, None]
        for sign, word in ((1, "+"), (-1, "-")):
            # Missing cells compare as false: such a pair is left to the whole column.
            far = np.abs(sample[i] + sign * sample - aim) > tolerance
            for j in np.flatnonzero(~far.any(axis=1)):
                if j == i or (sign == 1 and j < i):
                    continue
                b = _floats(numbers[j])
                rows = _rows_of_both(
                    np.minimum(first.codes, numbers[j].codes), target.codes
                )
                if rows is None or not _agree(a[rows] + sign * b[rows], y[rows]):
                    continue
                if _evidence(target.codes[rows]) - searched >= LEAST:
                    pair = (first.name, numbers[j].name)
                    formula = f"{pair[0]!r} {word} {pair[1]!r}"
                    said = _SUM(formula=formula, target=target.name)
                    yield Leak(pair, target.name, said)


def _floats(values: _Values) -> Floats:
    assert values.floats is not None
    return values.floats


def _rows_of_both(given: Index, wanted: Index) -> Index | slice | None:
    """Rows in which neither is missing; ``None`` if that is under half of the known."""
    known = wanted >= 0
    both = known & (given >= 0)
    if both.all():
        return slice(None)
    count = int(both.sum())
    return np.flatnonzero(both) if count and 2 * count >= known.sum() else None


def _evidence(codes: Index) -> float:
    """log(n! / (m_1! m_2! ...)) of the values in ``codes``; 0 for a constant."""
    counts = np.bincount(codes)
    repeated = counts[counts > 1].tolist()  # log(1!) is 0
    return lgamma(len(codes) + 1) - sum(lgamma(m + 1) for m in repeated)


def _agree(guess: Floats, y: Floats) -> bool:
    """Are they equal up to rounding: 1e-9 of the range, and of float64 itself?"""
    largest = max(np.abs(guess).max(), np.abs(y).max())
    bound = TOLERANCE * np.ptp(y) + 8 * np.finfo(np.float64).eps * largest
    return bool((np.abs(guess - y) <= bound).all())


def _is_affine(x: Floats, y: Floats) -> bool:
    low, high = x.argmin(), x.argmax()
    if x[low] == x[high] or y[low] == y[high]:
        return False
    slope = (y[high] - y[low]) / (x[high] - x[low])
    return _agree(slope * (x - x[low]) + y[low], y)


def _is_monotone(x: Floats, y: Floats) -> bool:
    """Do ``x`` and ``y`` rank the rows alike, or exactly opposite, ties included?"""
    order = np.argsort(x, kind="stable")
    rise, follows = np.sign(np.diff(x[order])), np.sign(np.diff(y[order]))
    return bool((rise == follows).all() or (rise == -follows).all())
