"""Poisson loss: counts, from the log mean."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd import Function

from dovetail._phrases import Said
from dovetail._shapes import check_domain, check_raw, check_target, eager
from dovetail.links import precise
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared
from dovetail.losses._excess import exp_excess, expm1


@final
@dataclass(frozen=True, kw_only=True)
class Poisson(Loss):
    """Minus the Poisson log-likelihood of a count, from its log mean.

    ``e^z - y z + log Gamma(y + 1)``. For ``y >= 1``, where these terms are large and
    nearly cancel, ``y (expm1(w) - w) + [log Gamma(y + 1) - y log y + y]`` with
    ``w = z - log y``; the bracket by Stirling's series for large y.

    raw: log mean (n, 1). target: (n, 1), finite and >= 0. The mean is estimated well
    under overdispersion too.
    Nelder, Wedderburn: Generalized Linear Models, 1972.

    >>> import torch
    >>> Poisson()(torch.zeros(2, 1), torch.tensor([[0.0], [2.0]]))  # 1; 1 + log 2
    tensor([1.0000, 1.6931])
    """

    estimates: ClassVar[str] = Said("the mean", "均值")
    formula: ClassVar[str] = "exp(z) - y z + log Gamma(y + 1)"
    takes: ClassVar[str] = "one count >= 0 in each row"
    task: ClassVar[str] = "Count"

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who, outputs=1)
        check_target(target, raw, who)
        check_domain(target, who, low=0)

    def rows(
        self, raw: Float[Tensor, "n 1"], target: Float[Tensor, "n 1"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        y = target.to(z.dtype)
        if eager() and not y.requires_grad:
            cells: Tensor = _Cells.apply(z, y)  # type: ignore[no-untyped-call]
        else:
            cells = _cells(z, y)
        return cells.squeeze(-1)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The log of the weighted mean; half a count stands for none at all."""
        y, w = prepared(self, target, head_size, weights)
        total = w @ y
        return (torch.where(total > 0, total, 0.5) / w.sum()).log()


def _cells(z: Tensor, y: Tensor) -> Tensor:
    """The loss cell by cell, in the form that fits the size of the count."""
    large = y >= 1
    # Each form sees only numbers it can take, so that no unused inf meets a 0.
    base = torch.where(large, y, 1.0)
    w = torch.where(large, z, 0.0) - base.log()
    above = base * exp_excess(w) + _saturated(base)
    small = torch.where(large, 0.0, z)
    below = small.exp() - y * small + torch.lgamma(y + 1)
    return torch.where(large, above, below)


class _Cells(Function):
    """The same with the gradient ``e^z - y`` in closed form, a third of the time."""

    @staticmethod
    def forward(ctx: Any, z: Tensor, y: Tensor) -> Tensor:
        ctx.save_for_backward(z, y)
        return _cells(z, y)

    @staticmethod
    def backward(ctx: Any, *slopes: Tensor) -> tuple[Tensor, None]:
        z, y = ctx.saved_tensors
        base = torch.where(y >= 1, y, 1.0)
        # y expm1(z - log y) keeps a small difference of large numbers.
        large = base * expm1(z - base.log())
        return slopes[0] * torch.where(y >= 1, large, z.exp() - y), None


def _saturated(y: Float[Tensor, "..."]) -> Float[Tensor, "..."]:
    """``log Gamma(y + 1) - y log y + y`` for y >= 1: the loss at ``z = log y``.

    >>> _saturated(torch.tensor([[1.0]]))
    tensor([[1.]])
    """
    near = y.clamp(max=16.0)
    direct = torch.lgamma(near + 1) - near * near.log() + near
    far = y.clamp(min=16.0)
    inverse = far.reciprocal()
    square = inverse * inverse
    tail = inverse / 12 * (1 - square / 30 * (1 - square * 2 / 7 * (1 - 0.75 * square)))
    stirling = (far.log() + math.log(2 * math.pi)) / 2 + tail
    return torch.where(y < 16, direct, stirling)
