"""``e^w - 1 - w``: what an exponential link costs beyond its tangent."""

from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function

from dovetail._shapes import eager

# Up to here the series serves; its first term left out, 2 w^12 / 14! relative to
# w^2 / 2, is then below 1e-17.
SMALL = 0.25


def exp_excess(w: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """``expm1(w) - w`` with full relative accuracy, in its gradient ``expm1(w)`` too.

    For small w the difference cancels, and autograd would make the gradient of expm1
    ``e^w - 1``, which rounds to 0; the series
    ``w^2 / 2 (1 + w / 3 (1 + w / 4 (1 + ...)))`` does neither.

    >>> exp_excess(torch.tensor([0.0, 1.0, -1.0]))  # e - 2 = 0.7183; 1 / e = 0.3679
    tensor([0.0000, 0.7183, 0.3679])
    """
    if eager():
        excess: Tensor = _Excess.apply(w)  # type: ignore[no-untyped-call]
        return excess
    return _composed(w)


def _composed(w: Tensor) -> Tensor:
    small = w.abs() < SMALL
    near = torch.where(small, w, 0.0)
    series = torch.ones_like(near)
    for k in range(13, 2, -1):
        series = 1 + series * near / k
    far = torch.where(small, 0.0, w)
    return torch.where(small, near * near / 2 * series, torch.expm1(far) - far)


class _Excess(Function):
    """The same with the gradient in closed form: no series to go back through."""

    @staticmethod
    def forward(ctx: Any, w: Tensor) -> Tensor:
        ctx.save_for_backward(w)
        return _composed(w)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> Tensor:
        (w,) = ctx.saved_tensors
        return slopes[0] * torch.expm1(w)
