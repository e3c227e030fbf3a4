"""Gradient clipping by the norm of all gradients together."""

import math
from collections.abc import Iterable

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils import get_total_norm

from dovetail.errors import ConfigError


@torch.no_grad()
def clip_by_global_norm(
    parameters: Iterable[Tensor], limit: float
) -> Float[Tensor, ""]:
    """Scale all gradients by min(1, limit / norm), in place; gives the norm before.

    The norm is over all gradients as one vector. It stays a tensor, so nothing waits
    for the device; one that is not finite is given back as it is, for the step's check
    to find.

    >>> w = torch.nn.Parameter(torch.zeros(2))
    >>> w.grad = torch.tensor([3.0, 4.0])
    >>> clip_by_global_norm([w], limit=1.0), w.grad
    (tensor(5.), tensor([0.6000, 0.8000]))
    """
    if not (math.isfinite(limit) and limit > 0):
        raise ConfigError(
            f"The gradient norm limit is {limit!r}; needed: a finite number above 0.",
            fix="give a limit such as 1.0, or leave clipping off",
        )
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = get_total_norm(grads, foreach=True)
    scale = (limit / norm).clamp(max=1.0)
    for device in {g.device for g in grads}:
        torch._foreach_mul_([g for g in grads if g.device == device], scale.to(device))
    return norm
