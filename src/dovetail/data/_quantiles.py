"""Quantiles of many values without sorting them.

A sample brackets each quantile; only the values inside the bracket are looked at more
closely. The answer is ``numpy.quantile``'s, by its formula; of the two zeros it is
the positive one, whichever came first.
"""

from collections.abc import Sequence
from math import floor

import numpy as np
from numpy.typing import NDArray

_FEW = 50_000  # values; NumPy is as fast up to here
_SAMPLE = 5_000
_MARGIN = 150  # of the sample's ranks: 4 times what chance moves the median's

Floats = NDArray[np.float64]


def quantiles(values: Floats, shares: Sequence[float]) -> list[float]:
    """Quantiles of ``values`` without NaN, between neighbours by a straight line.

    >>> quantiles(np.array([3.0, 1.0, 2.0, 10.0]), (0, 0.5, 1))
    [1.0, 2.5, 10.0]
    """
    n = len(values)
    if n <= _FEW:
        return [float(q) + 0.0 for q in np.quantile(values, shares)]
    sample = np.sort(values[:: n // _SAMPLE])
    return [float(_quantile(values, share, sample)) + 0.0 for share in shares]


def _quantile(values: Floats, share: float, sample: Floats) -> np.float64:
    if share in (0, 1):
        return np.float64(values.max() if share else values.min())
    last = len(values) - 1
    below = floor(share * last)
    low, high = _neighbours(values, below, sample)
    way = share * last - below
    step = high - low
    # As NumPy does it: exact at both ends.
    return high - step * (1 - way) if way >= 0.5 else low + step * way


def _neighbours(
    values: Floats, rank: int, sample: Floats
) -> tuple[np.float64, np.float64]:
    """The values that have ``rank`` and one more below them."""
    at = rank * len(sample) // len(values)
    low = sample[max(at - _MARGIN, 0)]
    high = sample[min(at + _MARGIN, len(sample) - 1)]
    before = int(np.count_nonzero(values < low))
    if low == high:  # of numbers with few values: nothing is to be put in order
        behind = int(np.count_nonzero(values <= low))
        if before <= rank and rank + 1 < behind:
            return low, low
    inside = values[(values >= low) & (values <= high)]
    if before <= rank and rank + 1 < before + len(inside):
        values, rank = inside, rank - before
    ordered = np.sort(values)  # by vector instructions, where partition has none
    return ordered[rank], ordered[rank + 1]
