"""Precision, recall and F1 over all cells of a multi-label decision."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._forms import labels
from dovetail.metrics._ratios import ratio

Sums = Float64[Tensor, "*r 3"]
Value = Float64[Tensor, "*r"]


@final
@dataclass(frozen=True, kw_only=True)
class MicroPrecision(RowMetric):
    """The share of true labels among those decided, over all rows: ``tp / decided``.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> MicroPrecision()(torch.tensor([[1, 1], [1, 1]]), torch.tensor([[1, 0], [1, 1]]))
    0.75
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 3"]:
        return _row_counts(prediction, truth, self.name)

    def value(self, sums: Sums) -> Value:
        tp, decided, _ = sums.unbind(-1)
        return ratio(tp, decided)


@final
@dataclass(frozen=True, kw_only=True)
class MicroRecall(RowMetric):
    """The share of the true labels that are found, over all rows: ``tp / true``.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> MicroRecall()(torch.tensor([[1, 0], [1, 1]]), torch.tensor([[1, 1], [1, 1]]))
    0.75
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 3"]:
        return _row_counts(prediction, truth, self.name)

    def value(self, sums: Sums) -> Value:
        tp, _, true = sums.unbind(-1)
        return ratio(tp, true)


@final
@dataclass(frozen=True, kw_only=True)
class MicroF1(RowMetric):
    """F1 over the cells of all rows: ``2 tp / (decided + true)``.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> MicroF1()(torch.tensor([[1, 1]]), torch.tensor([[1.0, 0.0]]))  # 2 / (2 + 1)
    0.6666666666666666
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 3"]:
        return _row_counts(prediction, truth, self.name)

    def value(self, sums: Sums) -> Value:
        tp, decided, true = sums.unbind(-1)
        return ratio(2 * tp, decided + true)


def _row_counts(prediction: Tensor, truth: Tensor, who: str) -> Float64[Tensor, "n 3"]:
    """Labels of each row that are right, decided and true."""
    decided, true, _ = labels(prediction, truth, who)
    return torch.stack([part.sum(1) for part in (decided * true, decided, true)], dim=1)
