"""What a predicted quantile is worth: its pinball loss, and how much lies below it."""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import ConfigError
from dovetail.metrics._columns import MeanOfColumns
from dovetail.metrics._forms import Columns


@final
@dataclass(frozen=True, kw_only=True)
class Pinball(MeanOfColumns):
    """Mean pinball loss: ``mean max(tau (y - p), (tau - 1) (y - p))``.

    The ``tau`` quantile has the least, as the mean has the least squared error; with
    tau 1/2 it is half the mean absolute error. Of several columns the average.

    point: (n, D). truth: (n, D), NaN = unknown.
    Source: Koenker, Bassett, "Regression quantiles", 1978.

    >>> p, y = torch.tensor([[3.0], [5.0]]), torch.tensor([[7.0], [1.0]])
    >>> Pinball(tau=0.75)(p, y)  # (0.75 * 4 + 0.25 * 4) / 2
    2.0
    """

    tau: float

    def __post_init__(self) -> None:
        if not 0 < self.tau < 1:
            raise ConfigError(
                f"Pinball needs a level tau inside (0, 1), got {self.tau!r}.",
                fix="give a level such as tau=0.9",
            )

    def errors(self, p: Columns, y: Columns) -> Columns:
        away = y - p
        return torch.maximum(self.tau * away, (self.tau - 1) * away)


@final
@dataclass(frozen=True, kw_only=True)
class CoverageGap(MeanOfColumns):
    """Distance of the share of truths below from the level: ``|mean 1[y <= p] - tau|``.

    A predicted ``tau`` quantile has a share ``tau`` of the truths at or below it; more
    is no better than less. Of several columns the average gap.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> y = torch.tensor([[1.0], [2.0], [3.0], [9.0]])
    >>> CoverageGap(tau=0.5)(torch.full((4, 1), 3.0), y)  # 3 of 4 lie below
    0.25
    """

    tau: float

    def errors(self, p: Columns, y: Columns) -> Tensor:
        return (y <= p).to(p.dtype)

    def of_columns(self, means: Float64[Tensor, "*r d"]) -> Float64[Tensor, "*r d"]:
        return (means - self.tau).abs()
