"""Softmax cross-entropy of a class index, fast and exact on both tails."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd import Function

from dovetail._shapes import eager
from dovetail.links import from_the_largest


def hard_rows(
    logits: Float[Tensor, "n c"], index: Int[Tensor, " n"]
) -> Float[Tensor, " n"]:
    """``log sum_k e^z_k - z_y`` and its gradient, both with full relative accuracy.

    The gradient at y is formed as ``-sum_{k != y} p_k``, never as ``p_y - 1``.

    >>> z = torch.tensor([[20.0, 0.0]], requires_grad=True)
    >>> hard_rows(z, torch.tensor([0])).backward()
    >>> z.grad  # e^-20 = 2.0612e-09, where float32 has 1 - p = 0
    tensor([[-2.0612e-09,  2.0612e-09]])
    """
    if eager():
        rows: Tensor = _HardRows.apply(logits, index)  # type: ignore[no-untyped-call]
        return rows
    return _composed(logits, index)


def _composed(logits: Tensor, index: Tensor) -> Tensor:
    """With a the largest logit, ``(z_a - z_y) + log1p(sum_{k != a} e^(z_k - z_a))``."""
    largest, gaps, others = from_the_largest(logits)
    column = index.unsqueeze(-1)
    # Where y is a the gap is 0; selecting the 0 also keeps +1 and -1 out of the
    # gradient, whose sum would drown 1 - p.
    gap = torch.where(largest == column, 0.0, gaps.gather(-1, column)).squeeze(-1)
    return torch.log1p(others) - gap


class _HardRows(Function):
    """The same with one exponential for value and gradient, in two matrices of memory.

    At 1000 classes on a CPU it takes a third of the time: there new memory is dear.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, index: Tensor) -> Tensor:
        column = index.unsqueeze(-1)
        shares = logits - logits.amax(dim=-1, keepdim=True)
        gap = shares.gather(-1, column)
        shares.exp_().scatter_(-1, column, 0.0)
        others = shares.sum(dim=-1, keepdim=True)
        ctx.save_for_backward(logits, index, shares, others, gap)
        # The sum over all classes is others + e^gap; 1 comes off without rounding,
        # because where it matters gap is 0 and the 1 is class y's own.
        return (torch.log1p(others + torch.expm1(gap)) - gap).squeeze(-1)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        logits, index, shares, others, gap = ctx.saved_tensors
        if torch.is_grad_enabled():  # for a second derivative
            with torch.enable_grad():
                rows = _composed(logits, index)
            (slope,) = torch.autograd.grad(rows, logits, slopes[0], create_graph=True)
            return slope, None
        scale = slopes[0].unsqueeze(-1) / (others + gap.exp())
        slope = shares * scale
        return slope.scatter_(-1, index.unsqueeze(-1), -others * scale), None
