"""Ranked probability score."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _forms
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._ratios import ratio


@final
@dataclass(frozen=True, kw_only=True)
class RPS(RowMetric):
    """The mean over rows of ``sum_j (P(rank <= j) - 1[y <= j])^2``, in ranks.

    Proper, and aware of the order: for a certain prediction it is the distance
    ``|rank - y|``, so that it compares with the mean absolute error. It is not divided
    by the number of ranks.

    probs: (n, K), of each rank. truth: rank (n,), or shares (n, K).
    Source: Epstein, "A scoring system for probability forecasts of ranked categories",
    1969.

    >>> RPS()(torch.tensor([[0.5, 0.0, 0.5]]), torch.tensor([0]))  # 1/4 + 1/4 + 0
    0.5
    """

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        p, y = _forms.classes(prediction, truth, self.name)
        _forms.check_cells(p, y, self.name, exclusive=True)
        # The last rank is left out: both are 1 there, up to rounding.
        score = (p - y).cumsum(1)[:, :-1].square().sum(1)
        return torch.stack([score, torch.ones_like(score)], dim=1)

    def value(self, sums: Float64[Tensor, "*r 2"]) -> Float64[Tensor, "*r"]:
        total, rows = sums.unbind(-1)
        return ratio(total, rows)
