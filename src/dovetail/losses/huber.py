"""Huber's loss: squared near zero, absolute far away."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail.links import precise
from dovetail.losses import _parameters
from dovetail.losses._base import Loss
from dovetail.losses._residual import check_residual


@final
@dataclass(frozen=True, kw_only=True)
class Huber(Loss):
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

    estimates: ClassVar[str] = "a value between mean and median"
    formula: ClassVar[str] = (
        "r^2 / 2 if |r| <= delta else delta (|r| - delta / 2), r = y - z"
    )
    takes: ClassVar[str] = "numbers"

    def __post_init__(self) -> None:
        delta = _parameters.positive(self.delta, "delta", type(self).__name__)
        object.__setattr__(self, "delta", delta)

    def check(self, raw: Tensor, target: Tensor) -> None:
        check_residual(raw, target, type(self).__name__)

    def rows(
        self, raw: Float[Tensor, "n d"], target: Float[Tensor, "n d"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        r = z - target.to(z.dtype)
        # One formula for both pieces, and no r^2 that could overflow in the unused one.
        near = r.clamp(-self.delta, self.delta)
        return (near * (r - near / 2)).mean(dim=-1)
