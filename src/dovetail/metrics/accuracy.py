"""The share of right classes, over rows or over classes."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import View
from dovetail.metrics._forms import check_index, one_hot
from dovetail.metrics._of_classes import OfClasses
from dovetail.metrics._of_rows import MeanOfRows
from dovetail.metrics._ratios import mean_over, ratio


@final
@dataclass(frozen=True, kw_only=True)
class Accuracy(MeanOfRows):
    """The share of rows whose class is right: ``mean 1[decision = truth]``.

    decision: class index (n,). truth: class index (n,).

    >>> Accuracy()(torch.tensor([0, 1, 2, 2]), torch.tensor([0, 1, 2, 0]))
    0.75
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        check_index(prediction, truth, self.name)
        right = (prediction == truth).double()
        return torch.stack([right, torch.ones_like(right)], dim=1)


@final
@dataclass(frozen=True, kw_only=True)
class BalancedAccuracy(OfClasses):
    """Accuracy within each class, averaged over the classes that occur in the truth.

    decision: class index (n,). truth: class index (n,), both in 0..classes-1.
    Source: Brodersen, Ong, Stephan, Buhmann, "The balanced accuracy and its posterior
    distribution", 2010.

    >>> metric = BalancedAccuracy(classes=2)
    >>> metric(torch.tensor([0, 0, 0, 1]), torch.tensor([0, 0, 1, 1]))  # (1 + 1/2) / 2
    0.75
    """

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        check_index(prediction, truth, self.name, self.classes)
        true = one_hot(truth, self.classes)
        right = true * (prediction == truth).double().unsqueeze(1)
        return torch.cat([right, true], dim=1)

    def value(self, sums: Float64[Tensor, "*r s"]) -> Float64[Tensor, "*r"]:
        right, true = sums.tensor_split(2, dim=-1)
        return mean_over(ratio(right, true), true > 0)
