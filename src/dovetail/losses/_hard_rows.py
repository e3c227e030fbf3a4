"""Softmax cross-entropy of a class index, fast and exact on both tails."""

from typing import Any

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.autograd import Function

from dovetail._shapes import eager, values_readable
from dovetail.links import from_the_largest
from dovetail.losses._again import again

MASKED = float("-inf")


def hard_rows(
    logits: Float[Tensor, "n c"], index: Int[Tensor, " n"], smoothing: float = 0.0
) -> Float[Tensor, " n"]:
    """``log sum_k e^z_k - z_y`` and its gradient, both with full relative accuracy.

    The gradient at y is formed as ``-sum_{k != y} p_k``, never as ``p_y - 1``.
    ``smoothing`` e takes ``(1 - e) z_y + e mean_k z_k`` for ``z_y``, the mean over
    classes that are not masked.

    >>> z = torch.tensor([[20.0, 0.0]], requires_grad=True)
    >>> hard_rows(z, torch.tensor([0])).backward()
    >>> z.grad  # e^-20 = 2.0612e-09, where float32 has 1 - p = 0
    tensor([[-2.0612e-09,  2.0612e-09]])
    """
    if eager():
        rows: Tensor = _HardRows.apply(logits, index, smoothing)  # type: ignore[no-untyped-call]
        return rows
    return _composed(logits, index, smoothing)


def _composed(logits: Tensor, index: Tensor, smoothing: float = 0.0) -> Tensor:
    """With a the largest logit, ``(z_a - z_y) + log1p(sum_{k != a} e^(z_k - z_a))``."""
    largest, gaps, others = from_the_largest(logits)
    column = index.unsqueeze(-1)
    # Where y is a the gap is 0; selecting the 0 also keeps +1 and -1 out of the
    # gradient, whose sum would drown 1 - p.
    gap = torch.where(largest == column, 0.0, gaps.gather(-1, column)).squeeze(-1)
    if smoothing:
        unmasked = gaps > MASKED
        even = smoothing / unmasked.sum(dim=-1, dtype=gap.dtype)
        total = torch.where(unmasked, gaps, 0.0).sum(dim=-1)
        gap = (1 - smoothing) * gap + even * total
    return torch.log1p(others) - gap


class _HardRows(Function):
    """The same with one exponential for value and gradient, in two matrices of memory.

    At 1000 classes on a CPU it takes a third of the time: there new memory is dear.
    """

    @staticmethod
    def forward(ctx: Any, logits: Tensor, index: Tensor, smoothing: float) -> Tensor:
        column = index.unsqueeze(-1)
        shares = logits - logits.amax(dim=-1, keepdim=True)
        gap = shares.gather(-1, column)
        told, even, unmasked = gap, None, None
        if smoothing:
            total = shares.sum(dim=-1, keepdim=True)
            even = torch.full_like(total, smoothing / logits.shape[-1])
            # One sum for each row says whether any class is masked; few ever are.
            if not (values_readable(total) and bool((total > MASKED).all())):
                unmasked = logits > MASKED
                even = smoothing / unmasked.sum(dim=-1, keepdim=True, dtype=gap.dtype)
                total = torch.where(unmasked, shares, 0.0).sum(dim=-1, keepdim=True)
            told = (1 - smoothing) * gap + even * total
        shares.exp_().scatter_(-1, column, 0.0)
        others = shares.sum(dim=-1, keepdim=True)
        ctx.save_for_backward(logits, index, shares, others, gap, even, unmasked)
        ctx.smoothing = smoothing
        # The sum over all classes is others + e^gap; 1 comes off without rounding,
        # because where it matters gap is 0 and the 1 is class y's own.
        return (torch.log1p(others + torch.expm1(gap)) - told).squeeze(-1)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        logits, index, shares, others, gap, even, unmasked = ctx.saved_tensors
        if torch.is_grad_enabled():  # for a second derivative

            def form(z: Tensor) -> Tensor:
                return _composed(z, index, ctx.smoothing)

            return again(form, logits, slopes[0]), None, None
        column, given = index.unsqueeze(-1), slopes[0].unsqueeze(-1)
        scale = given / (others + gap.exp())
        slope, own = shares * scale, -others * scale
        if even is not None:
            # p_k - t_k; the target at y falls short of 1 by what the others have.
            own = own + (ctx.smoothing - even) * given
            each = even * given
            slope.sub_(each if unmasked is None else torch.where(unmasked, each, 0.0))
        return slope.scatter_(-1, column, own), None, None
