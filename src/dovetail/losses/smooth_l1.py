"""Smooth L1: Huber's loss divided by its own delta."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail.errors import ConfigError
from dovetail.links import precise
from dovetail.losses import _parameters
from dovetail.losses._base import Loss
from dovetail.losses._constant import best_constant
from dovetail.losses._residual import check_residual
from dovetail.losses.absolute import Absolute


@final
@dataclass(frozen=True, kw_only=True)
class SmoothL1(Loss):
    """Absolute error, rounded off within ``beta``; averaged over a row's outputs.

    With ``r = y - z``: ``r^2 / (2 beta)`` if ``|r| <= beta`` else ``|r| - beta / 2``.
    It is ``Huber(delta=beta) / beta``; at ``beta=0`` it is the absolute error.

    raw: (n, D). target: (n, D), finite.
    Girshick: Fast R-CNN, 2015.

    >>> import torch
    >>> loss = SmoothL1(beta=2)
    >>> loss(torch.zeros(2, 1), torch.tensor([[1.0], [3.0]]))  # 1 / 4; 3 - 1
    tensor([0.2500, 2.0000])
    """

    beta: float = 1.0

    estimates: ClassVar[str] = "a value between mean and median"
    formula: ClassVar[str] = (
        "r^2 / (2 beta) if |r| <= beta else |r| - beta / 2, r = y - z"
    )
    takes: ClassVar[str] = "numbers"

    def __post_init__(self) -> None:
        who = type(self).__name__
        beta = _parameters.real(self.beta, "beta", who)
        if not 0 <= beta < float("inf"):
            raise ConfigError(
                f"{who} needs beta >= 0 and finite, got {self.beta!r}.",
                fix="give beta=1.0, or beta=0.0 for the absolute error",
            )
        object.__setattr__(self, "beta", beta)

    def check(self, raw: Tensor, target: Tensor) -> None:
        check_residual(raw, target, type(self).__name__)

    def rows(
        self, raw: Float[Tensor, "n d"], target: Float[Tensor, "n d"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        r = z - target.to(z.dtype)
        if self.beta == 0:
            return r.abs().mean(dim=-1)
        near = r.clamp(-self.beta, self.beta)
        return (near / self.beta * (r - near / 2)).mean(dim=-1)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The median at ``beta=0``, otherwise found numerically."""
        if self.beta == 0:
            return Absolute().best_constant(target, head_size, weights)
        return best_constant(self, target, head_size, weights)
