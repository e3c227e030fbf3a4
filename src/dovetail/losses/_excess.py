"""``e^w - 1 - w``: what an exponential link costs beyond its tangent."""

import torch
from jaxtyping import Float
from torch import Tensor

# Up to here the series serves. Its first term left out, 2 w^(k-1) / (k+1)! relative to
# w^2 / 2, is then below half a unit in the last place.
SMALL = 0.25
TERMS = {torch.float32: 7, torch.float64: 13}


def exp_excess(w: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """``expm1(w) - w`` with full relative accuracy, in its gradient ``expm1(w)`` too.

    For small w the difference cancels, and autograd would make the gradient of expm1
    ``e^w - 1``, which rounds to 0; the series
    ``w^2 / 2 (1 + w / 3 (1 + w / 4 (1 + ...)))`` does neither.

    >>> exp_excess(torch.tensor([0.0, 1.0, -1.0]))  # e - 2 = 0.7183; 1 / e = 0.3679
    tensor([0.0000, 0.7183, 0.3679])
    """
    small = w.abs() < SMALL
    near = torch.where(small, w, 0.0)
    last = TERMS[w.dtype]
    series = 1 + near / last
    for k in range(last - 1, 2, -1):
        series = 1 + series * near / k
    # Each form sees only numbers it can take, so that no unused inf meets a 0.
    far = torch.where(small, 0.0, w)
    return torch.where(small, near * near / 2 * series, expm1(far) - far)


def expm1(w: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """``e^w - 1``, with the slope ``e^w`` also where that is far below 1.

    torch takes the slope of its own as value + 1, which rounds to 0 from w = -17 on.

    >>> w = torch.tensor([-20.0], requires_grad=True)
    >>> expm1(w).backward()
    >>> w.grad
    tensor([2.0612e-09])
    """
    low = w < -1
    # Below -1 the plain difference loses nothing; above, torch's slope does not.
    plain = torch.where(low, w, 0.0).exp() - 1
    return torch.where(low, plain, torch.expm1(torch.where(low, 0.0, w)))
