"""Absolute error."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Said
from dovetail.losses._constant import prepared, quantiles
from dovetail.losses._residual import Residual


@final
@dataclass(frozen=True, kw_only=True)
class Absolute(Residual):
    """Absolute error, averaged over the outputs of a row.

    ``mean_d |y_d - z_d|``. raw: (n, D). target: (n, D), finite.
    Boscovich: De litteraria expeditione per pontificiam ditionem, 1757.

    >>> import torch
    >>> Absolute()(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 2.0]]))
    tensor([1.])
    """

    estimates: ClassVar[str] = Said("the median", "中位数")
    formula: ClassVar[str] = "|y - z|"

    def of(self, r: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        return r.abs()

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The weighted median of each column."""
        y, w = prepared(self, target, head_size, weights)
        return torch.cat([quantiles(column, w, (0.5,)) for column in y.T])
