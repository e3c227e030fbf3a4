"""Squared error."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Said
from dovetail.losses._constant import prepared
from dovetail.losses._residual import Residual


@final
@dataclass(frozen=True, kw_only=True)
class Squared(Residual):
    """Squared error, averaged over the outputs of a row.

    ``mean_d (y_d - z_d)^2``. raw: (n, D). target: (n, D), finite.
    Legendre: Nouvelles methodes pour la determination des orbites des cometes, 1805.

    >>> import torch
    >>> Squared()(torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 2.0]]))  # (4 + 0) / 2
    tensor([2.])
    """

    estimates: ClassVar[str] = Said("the mean", "均值")
    formula: ClassVar[str] = "(y - z)^2"

    def of(self, r: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        return r.square()

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The weighted mean of each column."""
        y, w = prepared(self, target, head_size, weights)
        return (w / w.sum()) @ y
