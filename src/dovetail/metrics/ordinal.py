"""How far a decided rank is from the true one."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import View
from dovetail.metrics._forms import check_index, one_hot
from dovetail.metrics._of_classes import OfClasses
from dovetail.metrics._of_rows import MeanOfRows
from dovetail.metrics._ratios import ratio


@final
@dataclass(frozen=True, kw_only=True)
class RankError(MeanOfRows):
    """The mean distance in ranks: ``mean |decision - truth|``; its name is ``mae``.

    decision: rank (n,). truth: rank (n,).

    >>> RankError()(torch.tensor([0, 3]), torch.tensor([2, 3]))
    1.0
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = False

    @property
    def name(self) -> str:
        return "mae"

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        return _distances(prediction, truth, self.name)


@final
@dataclass(frozen=True, kw_only=True)
class WithinOne(MeanOfRows):
    """The share of rows whose decision is the true rank or a neighbour of it.

    decision: rank (n,). truth: rank (n,).

    >>> WithinOne()(torch.tensor([0, 1, 4, 2]), torch.tensor([0, 2, 2, 2]))
    0.75
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        distance, rows = _distances(prediction, truth, self.name).unbind(1)
        return torch.stack([(distance <= 1).double(), rows], dim=1)


@final
@dataclass(frozen=True, kw_only=True)
class QuadraticKappa(OfClasses):
    """Agreement beyond chance, distances squared; its name is ``qwk``.

    With shares p_i, t_j of the ranks in decision and truth::

        1 - mean (decision - truth)^2 / sum_ij p_i t_j (i - j)^2

    1 is perfect, 0 is what independent decisions with the same shares get; 0 too where
    one and the same rank is everywhere.

    decision: rank (n,). truth: rank (n,), both in 0..classes-1.
    Source: Cohen, "Weighted kappa", 1968.

    >>> metric = QuadraticKappa(classes=3)
    >>> metric(torch.tensor([0, 2, 0, 2]), torch.tensor([0, 2, 2, 0]))  # 1 - 2 / 2
    0.0
    """

    @property
    def name(self) -> str:
        return "qwk"

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        check_index(prediction, truth, self.name, self.classes)
        squares = (prediction - truth).double().square().unsqueeze(1)
        decided, true = (one_hot(index, self.classes) for index in (prediction, truth))
        return torch.cat([squares, decided, true], dim=1)

    def value(self, sums: Float64[Tensor, "*r s"]) -> Float64[Tensor, "*r"]:
        squares, decided, true = sums.tensor_split((1, 1 + self.classes), dim=-1)
        ranks = torch.arange(self.classes, dtype=sums.dtype, device=sums.device)
        distances = (ranks[:, None] - ranks).square()
        rows = true.sum(-1)
        by_chance = ratio(((decided @ distances) * true).sum(-1), rows)
        return ratio(by_chance - squares.squeeze(-1), by_chance)


def _distances(prediction: Tensor, truth: Tensor, who: str) -> Float64[Tensor, "n 2"]:
    """The distance in ranks of each row, and 1."""
    check_index(prediction, truth, who)
    distance = (prediction - truth).abs().double()
    return torch.stack([distance, torch.ones_like(distance)], dim=1)
