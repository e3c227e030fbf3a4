"""The most probable class."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Int64
from torch import Tensor

from dovetail._phrases import Said
from dovetail.decisions._base import Decision
from dovetail.decisions._check import check_probs


@final
@dataclass(frozen=True, kw_only=True)
class Argmax(Decision):
    """The class with the greatest probability; of equal ones the lowest index.

    probs: (n, C). Gives the class index (n,).

    >>> import torch
    >>> Argmax()(torch.tensor([[0.2, 0.5, 0.3], [0.4, 0.2, 0.4]])).tolist()
    [1, 0]
    """

    optimal_for: ClassVar[str] = Said(
        "the most probable class gives the best accuracy",
        "取概率最大的类别，准确率最高",
    )

    def __call__(self, probs: Tensor) -> Int64[Tensor, " n"]:
        check_probs(probs, "Argmax")
        return probs.argmax(dim=1)  # torch promises the first of equal ones
