"""Softmax cross-entropy against shares of the classes, exact on both tails."""

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail.links import from_the_largest


def soft_rows(
    logits: Float[Tensor, "n c"], share: Float[Tensor, "n c"]
) -> Float[Tensor, " n"]:
    """``sum_k t_k (log sum_j e^z_j - z_k)`` for shares ``t_k >= 0``.

    A masked class (logit ``-inf``) with share 0 adds nothing.

    >>> soft_rows(torch.tensor([[0.0, 0.0, -torch.inf]]), torch.tensor([[1.0, 1, 0]]))
    tensor([1.3863])
    """
    largest, gaps, others = from_the_largest(logits)
    # The largest class has gap 0; without it gradients are differences p_k - t_k with
    # p_k <= 1/2, and 1 - p is never formed.
    rest = share.scatter(-1, largest, 0.0)
    # Selected, not multiplied: 0 times the infinite gap of a masked class.
    below = torch.where(rest == 0, 0.0, rest * gaps).sum(dim=-1)
    return share.sum(dim=-1) * torch.log1p(others) - below
