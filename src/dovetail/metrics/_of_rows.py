"""What metrics share that are a mean over rows, or over the cells of all rows."""

from dataclasses import dataclass

from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import RowMetric
from dovetail.metrics._ratios import ratio


@dataclass(frozen=True, kw_only=True)
class MeanOfRows(RowMetric):
    """A mean; the statistics of a row are its share of the total, and its count."""

    def value(self, sums: Float64[Tensor, "*r 2"]) -> Float64[Tensor, "*r"]:
        total, count = sums.unbind(-1)
        return ratio(total, count)
