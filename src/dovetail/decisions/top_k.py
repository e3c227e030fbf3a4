"""A fixed number of labels for each row."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Int64
from torch import Tensor

from dovetail._phrases import Said
from dovetail.decisions._base import Decision
from dovetail.decisions._check import check_probs
from dovetail.errors import ConfigError


@final
@dataclass(frozen=True, kw_only=True)
class TopK(Decision):
    """The k most probable labels of each row; of equal ones the lowest index.

    probs: (n, L) with L >= k. Gives 0/1 (n, L), int64, k ones in each row.

    >>> TopK(k=2)(torch.tensor([[0.1, 0.7, 0.3], [0.2, 0.2, 0.2]])).tolist()
    [[0, 1, 1], [1, 1, 0]]
    """

    k: int

    optimal_for: ClassVar[str] = Said(
        "the k most probable labels give the best precision and recall at k",
        "取概率最大的 k 个标签，前 k 个的精确率与召回率最高",
    )

    def __post_init__(self) -> None:
        if isinstance(self.k, bool) or not isinstance(self.k, int) or self.k < 1:
            raise ConfigError(
                f"TopK needs a whole number k >= 1, got {self.k!r}.",
                fix="give the number of labels, such as k=3",
            )

    def __call__(self, probs: Tensor) -> Int64[Tensor, "n l"]:
        check_probs(probs, "TopK")
        if probs.shape[1] < self.k:
            raise ConfigError(
                f"TopK chooses {self.k} labels, but there are {probs.shape[1]}.",
                fix=f"give k of at most {probs.shape[1]}",
            )
        # topk leaves open which of equal values it takes; a stable sort does not.
        order = probs.argsort(dim=1, descending=True, stable=True)
        chosen = torch.zeros(probs.shape, dtype=torch.int64, device=probs.device)
        return chosen.scatter_(1, order[:, : self.k], 1)
