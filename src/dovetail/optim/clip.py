"""Gradient clipping by the norm of all gradients of a network together."""

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
    _check(limit)
    grads = [p.grad for p in parameters if p.grad is not None]
    norm = get_total_norm(grads, foreach=True)
    scale = (limit / norm).clamp(max=1.0)
    for device in {g.device for g in grads}:
        torch._foreach_mul_([g for g in grads if g.device == device], scale.to(device))
    return norm


@torch.no_grad()
def clip_members(
    gradient: Float[Tensor, "m p"], limit: Float[Tensor, "m 1"] | float
) -> Float[Tensor, " m"]:
    """``clip_by_global_norm`` for each row of a flat buffer, one row a network.

    In place; gives the norms before. Rows do not touch each other: a gradient that is
    not finite spoils its own row alone. A tensor holds one limit for each row, and inf
    there leaves the row as it is.

    >>> gradient = torch.tensor([[3.0, 4.0], [0.3, 0.4]])
    >>> clip_members(gradient, limit=1.0), gradient
    (tensor([5.0000, 0.5000]), tensor([[0.6000, 0.8000],
            [0.3000, 0.4000]]))
    """
    if not isinstance(limit, Tensor):
        _check(limit)
    norms = torch.linalg.vector_norm(gradient, dim=1, keepdim=True)
    gradient.mul_((limit / norms).clamp(max=1.0))
    before: Tensor = norms.squeeze(1)
    return before


def _check(limit: float) -> None:
    if not (math.isfinite(limit) and limit > 0):
        raise ConfigError(
            f"The gradient norm limit is {limit!r}; needed: a finite number above 0.",
            fix="give a limit such as 1.0, or leave clipping off",
        )
