"""What a yes/no decision gets right: precision, recall, specificity, F1.

From four counts: tp (yes, truly), fp (yes, wrongly), fn (a missed yes), tn.
Class 1 is the positive one; a ratio without rows to count is 0.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._forms import check_index
from dovetail.metrics._ratios import ratio

Counts = Float64[Tensor, "*r 4"]
Value = Float64[Tensor, "*r"]


@final
@dataclass(frozen=True, kw_only=True)
class Precision(RowMetric):
    """The share of positives among the rows decided positive: ``tp / (tp + fp)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> Precision()(torch.tensor([1, 1, 0]), torch.tensor([1, 0, 0]))
    0.5
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 4"]:
        return _four_counts(prediction, truth, self.name)

    def value(self, sums: Counts) -> Value:
        tp, fp, _, _ = sums.unbind(-1)
        return ratio(tp, tp + fp)


@final
@dataclass(frozen=True, kw_only=True)
class Recall(RowMetric):
    """The share of the positives that are found: ``tp / (tp + fn)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> Recall()(torch.tensor([1, 0, 0]), torch.tensor([1, 1, 0]))
    0.5
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 4"]:
        return _four_counts(prediction, truth, self.name)

    def value(self, sums: Counts) -> Value:
        tp, _, fn, _ = sums.unbind(-1)
        return ratio(tp, tp + fn)


@final
@dataclass(frozen=True, kw_only=True)
class Specificity(RowMetric):
    """The share of the negatives that are left alone: ``tn / (tn + fp)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> Specificity()(torch.tensor([1, 0, 0, 0]), torch.tensor([0, 0, 0, 0]))
    0.75
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 4"]:
        return _four_counts(prediction, truth, self.name)

    def value(self, sums: Counts) -> Value:
        _, fp, _, tn = sums.unbind(-1)
        return ratio(tn, tn + fp)


@final
@dataclass(frozen=True, kw_only=True)
class F1(RowMetric):
    """The harmonic mean of precision and recall: ``2 tp / (2 tp + fp + fn)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> F1()(torch.tensor([1, 1, 0]), torch.tensor([1, 0, 1]))  # 2 / (2 + 1 + 1)
    0.5
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 4"]:
        return _four_counts(prediction, truth, self.name)

    def value(self, sums: Counts) -> Value:
        tp, fp, fn, _ = sums.unbind(-1)
        return ratio(2 * tp, 2 * tp + fp + fn)


def _four_counts(prediction: Tensor, truth: Tensor, who: str) -> Float64[Tensor, "n 4"]:
    """1 in the column tp, fp, fn or tn of each row."""
    check_index(prediction, truth, who, classes=2)
    yes, true = prediction.double(), truth.double()
    return torch.stack(
        [yes * true, yes * (1 - true), (1 - yes) * true, (1 - yes) * (1 - true)], dim=1
    )
