"""Medians, spreads and ratios of interleaved measurements."""

import statistics
from collections.abc import Sequence
from typing import Any

DIGITS = 5


def digits(value: float) -> float:
    """So many digits as count.

    >>> digits(123456.789), digits(0.00123456789)
    (123460.0, 0.0012346)
    """
    return float(f"{value:.{DIGITS}g}")


def spread(values: Sequence[float]) -> dict[str, Any]:
    """Median, least and most of n values, and the values.

    >>> spread([3.0, 1.0, 2.0])
    {'median': 2.0, 'least': 1.0, 'most': 3.0, 'n': 3, 'values': [3.0, 1.0, 2.0]}
    """
    return {
        "median": digits(statistics.median(values)),
        "least": digits(min(values)),
        "most": digits(max(values)),
        "n": len(values),
        "values": [digits(v) for v in values],
    }


def ratio(values: Sequence[float], base: Sequence[float]) -> dict[str, Any]:
    """The spread of ``values / base`` round by round: a slow round is slow for both.

    >>> ratio([20.0, 9.0, 30.0], [10.0, 3.0, 10.0])["median"]
    3.0
    """
    return spread([v / b for v, b in zip(values, base, strict=True)])


def difference(values: Sequence[float], base: Sequence[float]) -> dict[str, Any]:
    """The spread of ``values - base`` round by round.

    >>> difference([2.0, 5.0], [1.5, 4.0])["median"]
    0.75
    """
    return spread([v - b for v, b in zip(values, base, strict=True)])


def turn(names: Sequence[str], round_: int) -> list[str]:
    """The order of a round: each peer comes first once, so none has one neighbour.

    >>> turn(["a", "b", "c"], 4)
    ['b', 'c', 'a']
    """
    start = round_ % len(names)
    return [*names[start:], *names[:start]]
