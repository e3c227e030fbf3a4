"""CORN: ranks as a chain of conditional yes/no questions."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float, Int
from torch import Tensor

from dovetail._phrases import Said
from dovetail._shapes import check_index, check_raw
from dovetail.links import log_sigmoid, precise
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared


@final
@dataclass(frozen=True, kw_only=True)
class CORN(Loss):
    """Cross-entropy of "above rank j, given at least rank j?", summed over j.

    ``sum_{j < y} log(1 + e^-z_j) + [y < K-1] log(1 + e^z_y)``: task j is asked only of
    rows with ``y >= j``, so ``sigmoid(z_j)`` is ``P(y > j | y >= j)``, and the sum is
    minus the log-likelihood of the rank.

    raw: (n, K-1) conditional logits. target: rank int64 (n,) in 0..K-1.
    ``links.corn_probs`` gives ``P(y = k)``.
    Shi, Cao, Raschka: Deep Neural Networks for Rank-Consistent Ordinal Regression Based
    on Conditional Probabilities, 2021.

    >>> import torch
    >>> CORN()(torch.zeros(3, 2), torch.tensor([0, 1, 2]))  # 1, 2 and 2 times log 2
    tensor([0.6931, 1.3863, 1.3863])
    """

    estimates: ClassVar[str] = "probability"
    formula: ClassVar[str] = Said(
        "sum over j <= y of -log sig(z_j) if y > j else -log sig(-z_j)",
        "对 j <= y 求和：y > j 时取 -log sig(z_j)，否则取 -log sig(-z_j)",
    )
    takes: ClassVar[str] = "one rank in each row"
    task: ClassVar[str] = "Ordinal"

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who)
        check_index(target, raw, who, classes=raw.shape[1] + 1)

    def rows(
        self, raw: Float[Tensor, "n j"], target: Int[Tensor, " n"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        task = torch.arange(z.shape[-1], device=z.device)
        y = target.unsqueeze(-1)
        answer = log_sigmoid(torch.where(y > task, z, -z))
        return -torch.where(y >= task, answer, 0.0).sum(dim=-1)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """``logit`` of ``(rows above j + 1) / (rows at least at j + 2)``."""
        y, w = prepared(self, target, head_size, weights)
        task = torch.arange(head_size, device=y.device)
        above = w @ (y.unsqueeze(1) > task).double()
        at = w @ (y.unsqueeze(1) == task).double()
        return (above + 1).log() - (at + 1).log()
