"""A gradient that can be differentiated again."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor


def again(
    form: Callable[[Tensor], Tensor],
    raw: Float[Tensor, "..."],
    slope: Float[Tensor, "..."],
) -> Float[Tensor, "..."]:
    """``slope`` times the gradient of ``form`` at ``raw``, for one more derivative.

    A closed gradient is right where it is read, but what torch makes of it need not
    be: the slope of ``sigmoid`` is ``s (1 - s)`` there, which is 0 far out. So a second
    derivative comes from the composed form, whose parts keep their accuracy.

    >>> z = torch.tensor([2.0], requires_grad=True)
    >>> first = again(lambda z: z**3, z, torch.ones(1))
    >>> first, *torch.autograd.grad(first, z)  # 3 z^2 = 12; 6 z = 12
    (tensor([12.], grad_fn=<MulBackward0>), tensor([12.]))
    """
    with torch.enable_grad():
        value = form(raw)
    (gradient,) = torch.autograd.grad(value, raw, slope, create_graph=True)
    return gradient
