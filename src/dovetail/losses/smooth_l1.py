"""Smooth L1: Huber's loss divided by its own delta."""

from dataclasses import dataclass
from typing import final

from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Phrase, Said
from dovetail.errors import ConfigError
from dovetail.losses import _parameters
from dovetail.losses._constant import best_constant
from dovetail.losses._residual import Residual
from dovetail.losses.absolute import Absolute

_BETWEEN = Said("a value between mean and median", "介于均值与中位数之间的值")
_FORMULA = Phrase(
    "r^2 / (2 beta) if |r| <= beta else |r| - beta / 2, r = y - z, beta = {beta:g}",
    "|r| <= beta 时为 r^2 / (2 beta)，否则为 |r| - beta / 2，r = y - z，beta = "
    "{beta:g}",
)


@final
@dataclass(frozen=True, kw_only=True)
class SmoothL1(Residual):
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

    def __post_init__(self) -> None:
        who = type(self).__name__
        beta = _parameters.real(self.beta, "beta", who)
        if not 0 <= beta < float("inf"):
            raise ConfigError(
                f"{who} needs beta >= 0 and finite, got {self.beta!r}.",
                fix="give beta=1.0, or beta=0.0 for the absolute error",
            )
        object.__setattr__(self, "beta", beta)

    @property
    def estimates(self) -> str:
        return _BETWEEN if self.beta else Absolute.estimates

    @property
    def formula(self) -> str:
        if not self.beta:
            return Absolute.formula
        return _FORMULA(beta=self.beta)

    def of(self, r: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        if self.beta == 0:
            return r.abs()
        near = r.clamp(-self.beta, self.beta)
        return near / self.beta * (r - near / 2)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The median at ``beta=0``, otherwise found numerically."""
        if self.beta == 0:
            return Absolute().best_constant(target, head_size, weights)
        return best_constant(self, target, head_size, weights)
