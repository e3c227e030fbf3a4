"""What metrics of numbers share: a mean down each column, then over the columns."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._forms import Columns, cells
from dovetail.metrics._ratios import mean_over, ratio


@dataclass(frozen=True, kw_only=True)
class MeanOfColumns(RowMetric):
    """The mean error of each column, averaged over the columns with a known cell."""

    takes: ClassVar[View] = "point"
    higher_is_better: ClassVar[bool] = False

    @abstractmethod
    def errors(self, p: Columns, y: Columns) -> Columns:
        """The error of each cell, prediction ``p`` and truth ``y`` (n, D)."""

    def of_columns(self, means: Float64[Tensor, "*r d"]) -> Float64[Tensor, "*r d"]:
        """From each column's mean error to what is averaged over the columns."""
        return means

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        p, y, known = cells(prediction, truth, self.name)
        return torch.cat([self.errors(p, y) * known, known], dim=1)

    def value(self, sums: Float64[Tensor, "*r s"]) -> Float64[Tensor, "*r"]:
        errors, rows = sums.tensor_split(2, dim=-1)
        return mean_over(self.of_columns(ratio(errors, rows)), rows > 0)
