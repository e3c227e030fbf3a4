"""How often each class is decided where each class is true."""

import torch
from jaxtyping import Int64
from torch import Tensor

from dovetail.metrics._forms import check_index


def confusion(
    predicted: Tensor, truth: Tensor, classes: int
) -> Int64[Tensor, "{classes} {classes}"]:
    """Counts (K, K): row = true class, column = decided class.

    predicted, truth: class index (n,), in 0..classes-1.

    >>> confusion(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    check_index(predicted, truth, "confusion", classes)
    cell = truth.long() * classes + predicted.long()
    return torch.bincount(cell, minlength=classes**2).reshape(classes, classes)
