"""Absolute error."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail.links import precise
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared, quantiles
from dovetail.losses._residual import check_residual


@final
@dataclass(frozen=True, kw_only=True)
class Absolute(Loss):
    """Absolute error, averaged over the outputs of a row.

    ``mean_d |y_d - z_d|``. raw: (n, D). target: (n, D), finite.
    Boscovich: De litteraria expeditione per pontificiam ditionem, 1757.

    >>> import torch
    >>> Absolute()(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 2.0]]))
    tensor([1.])
    """

    estimates: ClassVar[str] = "the median"
    formula: ClassVar[str] = "|y - z|"
    takes: ClassVar[str] = "numbers"

    def check(self, raw: Tensor, target: Tensor) -> None:
        check_residual(raw, target, type(self).__name__)

    def rows(
        self, raw: Float[Tensor, "n d"], target: Float[Tensor, "n d"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        return (z - target.to(z.dtype)).abs().mean(dim=-1)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The weighted median of each column."""
        y, w = prepared(self, target, head_size, weights)
        return torch.cat([quantiles(column, w, (0.5,)) for column in y.T])
