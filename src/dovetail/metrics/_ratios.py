"""Ratios of sums: 0/0 is 0, and what cannot be counted is left out of a mean."""

import torch
from torch import Tensor


def ratio(part: Tensor, whole: Tensor) -> Tensor:
    """``part / whole``, 0 where ``whole`` is 0.

    >>> ratio(torch.tensor([1.0, 0.0]), torch.tensor([4.0, 0.0])).tolist()
    [0.25, 0.0]
    """
    empty = whole == 0
    return torch.where(empty, 0.0, part / torch.where(empty, 1.0, whole))


def mean_over(values: Tensor, counted: Tensor) -> Tensor:
    """Mean over the last axis of the values where ``counted``; 0 if there are none.

    >>> mean_over(torch.tensor([1.0, 3.0, 9.0]), torch.tensor([True, True, False]))
    tensor(2.)
    """
    kept = torch.where(counted, values, 0.0)
    return ratio(kept.sum(-1), counted.sum(-1).to(values.dtype))
