"""Precision, recall and F1 from what decision and truth have in common.

Of rows, cells or labels alike: ``hits`` are in both, ``decided`` in the decision,
``true`` in the truth. Each is a tensor of counts of one shape; 0/0 is 0.
"""

from torch import Tensor

from dovetail.metrics._ratios import ratio


def precision(hits: Tensor, decided: Tensor, true: Tensor) -> Tensor:
    """``hits / decided``: how much of the decision is right."""
    return ratio(hits, decided)


def recall(hits: Tensor, decided: Tensor, true: Tensor) -> Tensor:
    """``hits / true``: how much of the truth is found."""
    return ratio(hits, true)


def f1(hits: Tensor, decided: Tensor, true: Tensor) -> Tensor:
    """``2 hits / (decided + true)``: the harmonic mean of the two."""
    return ratio(2 * hits, decided + true)
