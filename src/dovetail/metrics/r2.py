"""The share of the variance that is explained."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import DataError
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._forms import cells
from dovetail.metrics._ratios import mean_over, ratio

# A spread this small beside the squares it is a difference of is rounding only.
ROUNDING = 1e-14


@final
@dataclass(frozen=True, kw_only=True)
class R2(RowMetric):
    """``1 - sum (y - p)^2 / sum (y - mean y)^2`` of each column, averaged.

    1 is perfect, 0 is what the mean gets. A column of one and the same value has 1
    where every prediction is right, else 0, as with scikit-learn.

    The spread is made from sums about ``center`` (one number for each column), since
    ``sum y^2 - n mean^2`` has no digits left for years or time stamps. ``about(truth)``
    puts it at the median, no further from the mean than one standard deviation; the
    call does so. Only statistics of one and the same center add up.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> p, y = torch.tensor([[1.0], [2.0], [2.0]]), torch.tensor([[1.0], [2.0], [3.0]])
    >>> R2()(p, y)  # 1 - 1 / 2
    0.5
    """

    center: tuple[float, ...] = ()

    takes: ClassVar[View] = "point"
    higher_is_better: ClassVar[bool] = True

    def about(self, truth: Tensor) -> Self:
        """A copy whose sums are taken about the median of each column of truth."""
        if self.center or truth.ndim != 2:
            return self
        # A median is one of the values, so a constant column has a spread of exactly 0.
        middle = truth.double().nanmedian(dim=0).values.nan_to_num()
        return replace(self, center=tuple(middle.tolist()))

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        p, y, known = cells(prediction, truth, self.name)
        center = torch.tensor(self.center or (0.0,), dtype=y.dtype, device=y.device)
        if len(center) not in (1, y.shape[1]):
            raise DataError(
                f"{self.name} has {len(center)} centers, the truth {y.shape[1]} "
                "columns.",
                fix="make the metric with r2.about(truth) of the same columns",
            )
        away = (y - center) * known
        parts = [(y - p).square() * known, away.square(), away, known]
        return torch.cat(parts, dim=1)

    def value(self, sums: Float64[Tensor, "*r s"]) -> Float64[Tensor, "*r"]:
        error, squares, away, rows = sums.tensor_split(4, dim=-1)
        spread = squares - ratio(away.square(), rows)
        constant = spread <= ROUNDING * squares
        perfect = (error == 0).to(sums.dtype)
        share = 1 - error / torch.where(constant, 1.0, spread)
        return mean_over(torch.where(constant, perfect, share), rows > 0)
