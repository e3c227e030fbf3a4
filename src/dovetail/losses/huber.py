"""Huber's loss: squared near zero, absolute far away."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Phrase, Said
from dovetail.losses import _parameters
from dovetail.losses._residual import Residual

_FORMULA = Phrase(
    "r^2 / 2 if |r| <= delta else delta (|r| - delta / 2), r = y - z, "
    "delta = {delta:g}",
    "|r| <= delta 时为 r^2 / 2，否则为 delta (|r| - delta / 2)，r = y - z，"
    "delta = {delta:g}",
)


@final
@dataclass(frozen=True, kw_only=True)
class Huber(Residual):
    """Squared error up to ``delta``, then linear; averaged over a row's outputs.

    ``r^2 / 2`` if ``|r| <= delta`` else ``delta (|r| - delta / 2)``, ``r = y - z``.

    raw: (n, D). target: (n, D), finite. For 95 % efficiency on normal errors delta is
    1.345 times the scale of the RESIDUALS (1.4826 times their median absolute value).
    Huber: Robust Estimation of a Location Parameter, 1964.

    >>> import torch
    >>> loss = Huber(delta=1)
    >>> loss(torch.zeros(2, 1), torch.tensor([[0.5], [3.0]]))  # 0.25 / 2; 3 - 1 / 2
    tensor([0.1250, 2.5000])
    """

    delta: float = 1.0

    estimates: ClassVar[str] = Said(
        "a value between mean and median", "介于均值与中位数之间的值"
    )

    def __post_init__(self) -> None:
        delta = _parameters.positive(self.delta, "delta", type(self).__name__)
        object.__setattr__(self, "delta", delta)

    @property
    def formula(self) -> str:
        return _FORMULA(delta=self.delta)

    def of(self, r: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        # One formula for both pieces, and no r^2 that could overflow in the unused one.
        near = r.clamp(-self.delta, self.delta)
        return near * (r - near / 2)
