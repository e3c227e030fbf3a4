"""Arithmetic in place where a number is a float or one number for each member.

    weights, gradients, slots    (m, p)    m members, p of their weights
    coefficient c                a float for all members, or a tensor (m, 1)

A float goes into the kernel as a scalar, a tensor is broadcast over the columns. Both
come to the same value up to rounding; they are two branches because torch's ``alpha``
and ``value`` take scalars only, and a multiplication of its own is one more pass over
memory. No branch looks into a tensor, so all of it can be traced.
"""

from typing import TypeAlias

import torch
from torch import Tensor

Coefficient: TypeAlias = Tensor | float


def plus(x: Tensor, y: Tensor, c: Coefficient) -> Tensor:
    """x + c y as a new tensor; ``x`` itself where c is the float 0."""
    if isinstance(c, float):
        return x.add(y, alpha=c) if c else x
    return torch.addcmul(x, y, c)


def add_(x: Tensor, y: Tensor, c: Coefficient) -> None:
    """x <- x + c y."""
    if isinstance(c, float):
        x.add_(y, alpha=c)
    else:
        x.addcmul_(y, c)


def scale_(x: Tensor, c: Coefficient) -> None:
    """x <- c x; no pass over ``x`` where c is the float 1."""
    if not (isinstance(c, float) and c == 1.0):
        x.mul_(c)


def gather_(x: Tensor, y: Tensor, c: Coefficient) -> None:
    """x <- c x + y, in one pass: a momentum takes in a gradient."""
    if isinstance(c, float):
        torch.add(y, x, alpha=c, out=x)
    else:
        torch.addcmul(y, x, c, out=x)


def mean_square_(v: Tensor, g: Tensor, keep: Coefficient, share: Coefficient) -> None:
    """v <- keep v + share g^2, where keep + share = 1.

    Both are given, since 1 - keep in float32 has few right digits of a small share.
    """
    if isinstance(share, float):
        v.mul_(keep).addcmul_(g, g, value=share)
    else:
        v.lerp_(g.square(), share)


def add_ratio_(x: Tensor, a: Tensor, b: Tensor, c: Coefficient) -> None:
    """x <- x + c a / b; ``b`` may be overwritten, which saves a tensor."""
    if isinstance(c, float):
        x.addcdiv_(a, b, value=c)
    else:
        x.addcmul_(torch.div(a, b, out=b), c)
