"""Log-cosh error: squared near zero, absolute far away, smooth throughout."""

import math
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Said
from dovetail.links import log_sigmoid
from dovetail.losses._residual import Residual


@final
@dataclass(frozen=True, kw_only=True)
class LogCosh(Residual):
    """``log cosh(y - z)``, averaged over the outputs of a row.

    raw: (n, D). target: (n, D), finite. Computed as
    ``|r| + log(1 + e^(-2|r|)) - log 2``, near zero as ``log1p(2 sinh^2(r / 2))``.
    Green: Iteratively Reweighted Least Squares for Maximum Likelihood Estimation, 1984
    (the hyperbolic secant law).

    >>> import torch
    >>> LogCosh()(torch.zeros(2, 1), torch.tensor([[0.0], [1.0]]))  # log 1.5431
    tensor([0.0000, 0.4338])
    """

    estimates: ClassVar[str] = Said(
        "a value between mean and median", "介于均值与中位数之间的值"
    )
    formula: ClassVar[str] = "log cosh(y - z)"

    def of(self, r: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        small = r.abs() < 1
        # Each form sees only numbers it can take: sinh of a large one is infinite.
        half = torch.sinh(torch.where(small, r, 0.0) / 2)
        near = torch.log1p(2 * half.square())
        size = torch.where(small, 1.0, r).abs()
        far = size - log_sigmoid(2 * size) - math.log(2)
        return torch.where(small, near, far)
