"""Brier score: the squared error of probabilities."""

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
class Brier(RowMetric):
    """The mean squared distance of the probabilities from what happened.

    probs (n, C), truth class index (n,)
        ``sum_k (p_k - 1[y = k])^2``, between 0 and 2, averaged over rows.
    probs (n, L), truth (n, L) in [0, 1], NaN = unknown
        ``(p - y)^2``, averaged over all known cells.
    probs (n, C), truth shares (n, C), with ``exclusive=True``
        ``sum_k (p_k - y_k)^2``, averaged over rows. Shapes cannot tell this from the
        form before.

    Source: Brier, "Verification of forecasts expressed in terms of probability", 1950.

    >>> Brier()(torch.tensor([[0.75, 0.25]]), torch.tensor([0]))  # 1/16 + 1/16
    0.125
    >>> Brier()(torch.tensor([[0.75]]), torch.tensor([[1.0]]))
    0.0625
    """

    exclusive: bool = False

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        if truth.ndim == 2 and not self.exclusive:
            p, y, known = _forms.cells(prediction, truth, self.name)
            _forms.check_cells(p, y, self.name, exclusive=False)
            squares, counted = ((p - y).square() * known).sum(1), known.sum(1)
        else:
            p, y = _forms.classes(prediction, truth, self.name)
            _forms.check_cells(p, y, self.name, exclusive=True)
            squares = (p - y).square().sum(1)
            counted = torch.ones_like(squares)
        return torch.stack([squares, counted], dim=1)

    def value(self, sums: Float64[Tensor, "*r 2"]) -> Float64[Tensor, "*r"]:
        total, counted = sums.unbind(-1)
        return ratio(total, counted)
