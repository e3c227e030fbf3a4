"""What a yes/no decision gets right: precision, recall, specificity, F1.

From four counts: tp (yes, truly), fp (yes, wrongly), fn (a missed yes), tn.
Class 1 is the positive one; a ratio without rows to count is 0.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _overlap
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._forms import check_index

Counts = Float64[Tensor, "*r 4"]
Value = Float64[Tensor, "*r"]


@dataclass(frozen=True, kw_only=True)
class _OfYesNo(RowMetric):
    """A metric made from the four counts."""

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 4"]:
        """1 in the column tp, fp, fn or tn of each row."""
        check_index(prediction, truth, self.name, classes=2)
        yes, true = prediction.double(), truth.double()
        no, false = 1 - yes, 1 - true
        return torch.stack([yes * true, yes * false, no * true, no * false], dim=1)

    def value(self, sums: Counts) -> Value:
        return self.share(*sums.unbind(-1))

    @abstractmethod
    def share(self, tp: Tensor, fp: Tensor, fn: Tensor, tn: Tensor) -> Value:
        """The metric from the counts."""


@final
@dataclass(frozen=True, kw_only=True)
class Precision(_OfYesNo):
    """The share of positives among the rows decided positive: ``tp / (tp + fp)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> Precision()(torch.tensor([1, 1, 0]), torch.tensor([1, 0, 0]))
    0.5
    """

    def share(self, tp: Tensor, fp: Tensor, fn: Tensor, tn: Tensor) -> Value:
        return _overlap.precision(tp, tp + fp, tp + fn)


@final
@dataclass(frozen=True, kw_only=True)
class Recall(_OfYesNo):
    """The share of the positives that are found: ``tp / (tp + fn)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> Recall()(torch.tensor([1, 0, 0]), torch.tensor([1, 1, 0]))
    0.5
    """

    def share(self, tp: Tensor, fp: Tensor, fn: Tensor, tn: Tensor) -> Value:
        return _overlap.recall(tp, tp + fp, tp + fn)


@final
@dataclass(frozen=True, kw_only=True)
class Specificity(_OfYesNo):
    """The share of the negatives that are left alone: ``tn / (tn + fp)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> Specificity()(torch.tensor([1, 0, 0, 0]), torch.tensor([0, 0, 0, 0]))
    0.75
    """

    def share(self, tp: Tensor, fp: Tensor, fn: Tensor, tn: Tensor) -> Value:
        return _overlap.recall(tn, tn + fn, tn + fp)  # of the negative class


@final
@dataclass(frozen=True, kw_only=True)
class F1(_OfYesNo):
    """The harmonic mean of precision and recall: ``2 tp / (2 tp + fp + fn)``.

    decision: 0/1 (n,), integer. truth: 0/1 (n,), integer.

    >>> F1()(torch.tensor([1, 1, 0]), torch.tensor([1, 0, 1]))  # 2 / (2 + 1 + 1)
    0.5
    """

    def share(self, tp: Tensor, fp: Tensor, fn: Tensor, tn: Tensor) -> Value:
        return _overlap.f1(tp, tp + fp, tp + fn)
