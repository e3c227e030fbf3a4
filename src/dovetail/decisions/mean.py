"""The mean as it is."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Said
from dovetail.decisions._base import Decision
from dovetail.decisions._check import check_probs


@final
@dataclass(frozen=True, kw_only=True)
class Mean(Decision):
    """What the network estimates, unchanged: the mean, if the loss estimates that.

    Takes and gives a point (n, D).

    >>> import torch
    >>> Mean()(torch.tensor([[2.5]])).tolist()
    [[2.5]]
    """

    optimal_for: ClassVar[str] = Said(
        "the mean gives the least squared error", "均值使平方误差最小"
    )

    def __call__(self, probs: Tensor) -> Float[Tensor, "n d"]:
        check_probs(probs, "Mean")
        return probs
