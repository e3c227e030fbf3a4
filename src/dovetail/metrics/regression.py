"""How far predicted numbers are from the true ones, in the target's units.

With several columns each metric is that of every column, averaged over the columns
that have a known cell.
"""

from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor

from dovetail.errors import DataError
from dovetail.metrics._columns import MeanOfColumns
from dovetail.metrics._forms import Columns


@final
@dataclass(frozen=True, kw_only=True)
class RMSE(MeanOfColumns):
    """Root mean squared error: ``sqrt(mean (p - y)^2)`` of each column, averaged.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> RMSE()(torch.tensor([[3.0], [5.0]]), torch.tensor([[2.0], [-2.0]]))  # 1, 7
    5.0
    """

    def errors(self, p: Columns, y: Columns) -> Columns:
        return (p - y).square()

    def of_columns(self, means: Tensor) -> Tensor:
        return means.sqrt()


@final
@dataclass(frozen=True, kw_only=True)
class MAE(MeanOfColumns):
    """Mean absolute error: ``mean |p - y|`` of each column, averaged.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> MAE()(torch.tensor([[3.0], [5.0]]), torch.tensor([[2.0], [8.0]]))
    2.0
    """

    def errors(self, p: Columns, y: Columns) -> Columns:
        return (p - y).abs()


@final
@dataclass(frozen=True, kw_only=True)
class PoissonDeviance(MeanOfColumns):
    """Mean deviance of a count: ``mean 2 (y log(y / p) - y + p)``.

    point: mean (n, D), p > 0; a mean of 0, which an exp can round to, counts as the
    smallest normal float32, 1.2e-38. truth: (n, D), y >= 0, NaN = unknown.
    Source: McCullagh, Nelder, "Generalized linear models", 1989.

    >>> PoissonDeviance()(torch.tensor([[2.0]]), torch.tensor([[0.0]]))
    4.0
    """

    def errors(self, p: Columns, y: Columns) -> Columns:
        for what, values in (("means", p), ("counts", y)):
            if bool((values < 0).any()):
                raise DataError(
                    f"{self.name} needs {what} >= 0, got {float(values.min()):g}.",
                    fix="use rmse or mae for numbers that may be negative",
                )
        p = torch.where(p == 0, torch.finfo(torch.float32).tiny, p)
        return 2 * (torch.xlogy(y, y / p) - y + p)
