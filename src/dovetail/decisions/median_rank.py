"""The median of an ordered class."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Int64
from torch import Tensor

from dovetail._phrases import Said
from dovetail.decisions._base import Decision
from dovetail.decisions._check import check_probs

# P(y <= j) is a sum of float32 probabilities. Where it is exactly one half on paper,
# rounding puts it on either side; a median must not depend on that.
TOLERANCE = 1e-6


@final
@dataclass(frozen=True, kw_only=True)
class MedianRank(Decision):
    """The smallest rank j with ``P(y <= j) >= 0.5``, up to rounding (1e-6).

    probs: (n, K), of each rank. Gives the rank (n,).

    >>> MedianRank()(torch.tensor([[0.4, 0.2, 0.4], [0.5, 0.0, 0.5]])).tolist()
    [1, 0]
    """

    optimal_for: ClassVar[str] = Said(
        "the median rank gives the least mean absolute error",
        "取中位等级，平均绝对误差最小",
    )

    def __call__(self, probs: Tensor) -> Int64[Tensor, " n"]:
        check_probs(probs, "MedianRank")
        reached = probs.double().cumsum(dim=1) >= 0.5 - TOLERANCE
        return reached.to(torch.int8).argmax(dim=1)  # the first that is reached
