"""Binary cross-entropy of cells, fast and exact on both tails."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function

from dovetail._shapes import eager
from dovetail.links import log_sigmoid
from dovetail.losses._again import again


def two_sided(
    logits: Float[Tensor, "n m"],
    positive: Float[Tensor, "n m"],
    negative: Float[Tensor, "n m"],
) -> Float[Tensor, "n m"]:
    """``positive log(1 + e^-z) + negative log(1 + e^z)``, cell by cell.

    Both weights are >= 0, one of them 0 for a hard target. Value and gradient,
    ``negative sig(z) - positive sig(-z)``, keep full relative accuracy; the usual
    ``(1 - y) z - log sig(z)`` rounds a small loss off against z.

    >>> z = torch.tensor([[20.0]], requires_grad=True)
    >>> two_sided(z, torch.ones(1, 1), torch.zeros(1, 1)).backward()
    >>> z.grad  # sig(-20)
    tensor([[-2.0612e-09]])
    """
    fixed = not (positive.requires_grad or negative.requires_grad)
    if eager() and fixed:
        cells: Tensor = _TwoSided.apply(logits, positive, negative)  # type: ignore[no-untyped-call]
        return cells
    return _composed(logits, positive, negative)


def _composed(logits: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    return -(positive * log_sigmoid(logits) + negative * log_sigmoid(-logits))


class _TwoSided(Function):
    """The same with one logarithm for both sides, and little new memory."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        ctx.save_for_backward(logits, positive, negative)
        # log(1 + e^z) = max(z, 0) + log1p(e^-|z|), and all terms are >= 0.
        cells = logits.abs().neg_().exp_().log1p_().mul_(positive + negative)
        cells.addcmul_(negative, logits.clamp(min=0))
        return cells.addcmul_(positive, logits.clamp(max=0), value=-1)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None, None]:
        logits, positive, negative = ctx.saved_tensors
        if torch.is_grad_enabled():  # for a second derivative

            def form(z: Tensor) -> Tensor:
                return _composed(z, positive, negative)

            return again(form, logits, slopes[0]), None, None
        up = negative * logits.sigmoid()
        down = positive * (-logits).sigmoid()
        return slopes[0] * (up - down), None, None
