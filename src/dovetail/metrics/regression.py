"""How far predicted numbers are from the true ones, in the target's units.

With several columns each metric is that of every column, averaged over the columns
that have a known cell.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import DataError
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._forms import cells
from dovetail.metrics._ratios import mean_over, ratio

Rows = Float64[Tensor, "n s"]
Sums = Float64[Tensor, "*r s"]
Value = Float64[Tensor, "*r"]


@final
@dataclass(frozen=True, kw_only=True)
class RMSE(RowMetric):
    """Root mean squared error: ``sqrt(mean (p - y)^2)`` of each column, averaged.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> RMSE()(torch.tensor([[3.0], [5.0]]), torch.tensor([[2.0], [-2.0]]))  # 1, 7
    5.0
    """

    takes: ClassVar[View] = "point"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Rows:
        p, y, known = cells(prediction, truth, self.name)
        return torch.cat([(p - y).square() * known, known], dim=1)

    def value(self, sums: Sums) -> Value:
        squares, rows = sums.tensor_split(2, dim=-1)
        return mean_over(ratio(squares, rows).sqrt(), rows > 0)


@final
@dataclass(frozen=True, kw_only=True)
class MAE(RowMetric):
    """Mean absolute error: ``mean |p - y|`` of each column, averaged.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> MAE()(torch.tensor([[3.0], [5.0]]), torch.tensor([[2.0], [8.0]]))
    2.0
    """

    takes: ClassVar[View] = "point"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Rows:
        p, y, known = cells(prediction, truth, self.name)
        return torch.cat([(p - y).abs() * known, known], dim=1)

    def value(self, sums: Sums) -> Value:
        distances, rows = sums.tensor_split(2, dim=-1)
        return mean_over(ratio(distances, rows), rows > 0)


@final
@dataclass(frozen=True, kw_only=True)
class PoissonDeviance(RowMetric):
    """Mean deviance of a count: ``mean 2 (y log(y / p) - y + p)``.

    point: mean (n, D), p > 0; a mean of 0, which an exp can round to, counts as the
    smallest normal float32, 1.2e-38. truth: (n, D), y >= 0, NaN = unknown.
    Source: McCullagh, Nelder, "Generalized linear models", 1989.

    >>> PoissonDeviance()(torch.tensor([[2.0]]), torch.tensor([[0.0]]))
    4.0
    """

    takes: ClassVar[View] = "point"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Rows:
        p, y, known = cells(prediction, truth, self.name)
        for what, values in (("means", p), ("counts", y)):
            if bool((values < 0).any()):
                raise DataError(
                    f"{self.name} needs {what} >= 0, got {float(values.min()):g}.",
                    fix="use rmse or mae for numbers that may be negative",
                )
        p = torch.where(p == 0, torch.finfo(torch.float32).tiny, p)
        deviance = 2 * (torch.xlogy(y, y / p) - y + p)
        return torch.cat([deviance * known, known], dim=1)

    def value(self, sums: Sums) -> Value:
        deviance, rows = sums.tensor_split(2, dim=-1)
        return mean_over(ratio(deviance, rows), rows > 0)
