"""Cross-entropy on logits, exact on both tails: the forms that the losses share.

Values and gradients keep full relative accuracy because each is a sum of terms of one
sign. ``log_softmax`` followed by a gather does not: its value is 0 in float32 when the
right class leads by 17, and its gradient at that class is ``p - 1``, which is 0 too.
"""

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn.functional import logsigmoid

from dovetail.links import from_the_largest


def two_sided(
    logits: Float[Tensor, "n m"],
    positive: Float[Tensor, "n m"],
    negative: Float[Tensor, "n m"],
) -> Float[Tensor, "n m"]:
    """``positive sp(-z) + negative sp(z)`` with ``sp(x) = log(1 + e^x)``, cell by cell.

    Both weights are >= 0. With u = z towards the larger weight and m the smaller one it
    equals ``(positive + negative) sp(-u) + m u``: one logarithm, nothing that cancels,
    and for a hard target (m = 0) just ``sp(-u)``.
    """
    minor = torch.minimum(positive, negative)
    u = torch.where(positive >= negative, logits, -logits)
    # Selected, not multiplied: with m = 0 an infinite logit must not give 0 * inf.
    slope = torch.where(minor == 0, 0.0, minor * u)
    return slope - (positive + negative) * logsigmoid(u)


def hard_rows(
    logits: Float[Tensor, "n c"], index: Int[Tensor, " n"]
) -> Float[Tensor, " n"]:
    """``log sum_k e^z_k - z_y``; with a the largest logit,
    ``(z_a - z_y) + log1p(sum_{k != a} e^(z_k - z_a))``.
    """
    largest, gaps, others = from_the_largest(logits)
    column = index.unsqueeze(-1)
    # Where y is a the gap is 0; selecting the 0 also keeps +1 and -1 out of the
    # gradient, whose sum would drown 1 - p.
    gap = torch.where(largest == column, 0.0, gaps.gather(-1, column)).squeeze(-1)
    return torch.log1p(others) - gap


def soft_rows(
    logits: Float[Tensor, "n c"], share: Float[Tensor, "n c"]
) -> Float[Tensor, " n"]:
    """``sum_k t_k (log sum_j e^z_j - z_k)`` for shares ``t_k >= 0``.

    A masked class (logit ``-inf``) with share 0 adds nothing.
    """
    largest, gaps, others = from_the_largest(logits)
    # The largest class has gap 0; without it gradients are differences p_k - t_k of
    # which at most the larger has size 1/2, and 1 - p is never formed.
    rest = share.scatter(-1, largest, 0.0)
    below = torch.where(rest == 0, 0.0, rest * gaps).sum(dim=-1)
    return share.sum(dim=-1) * torch.log1p(others) - below
