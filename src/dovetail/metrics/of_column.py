"""A metric of one column of several."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self, final

from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import DataError
from dovetail.metrics._base import RowMetric, View


@final
@dataclass(frozen=True, kw_only=True)
class OfColumn(RowMetric):
    """``metric`` of the column with the number ``column``, named after its ``label``.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> import torch
    >>> from dovetail.metrics import MAE
    >>> metric = OfColumn(metric=MAE(), column=1, label="price")
    >>> p, y = torch.tensor([[1.0, 300.0]]), torch.tensor([[2.0, 100.0]])
    >>> metric.name, metric(p, y)
    ('mae_price', 200.0)
    """

    metric: RowMetric
    column: int
    label: str

    takes: ClassVar[View] = "point"

    @property
    def name(self) -> str:
        return f"{self.metric.name}_{self.label}"

    @property
    def higher_is_better(self) -> bool:  # type: ignore[override]
        """As the metric itself; the one whose direction is not its class's."""
        return self.metric.higher_is_better

    def about(self, truth: Tensor) -> Self:
        return replace(self, metric=self.metric.about(self._only(truth)))

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        return self.metric.statistics(self._only(prediction), self._only(truth))

    def value(self, sums: Float64[Tensor, "*r s"]) -> Float64[Tensor, "*r"]:
        return self.metric.value(sums)

    def _only(self, cells: Tensor) -> Tensor:
        if cells.ndim != 2 or not 0 <= self.column < cells.shape[1]:
            raise DataError(
                f"{self.name} needs a column {self.column} in (n, D), got shape "
                f"{tuple(cells.shape)}.",
                fix="give prediction and truth of all target columns",
            )
        return cells[:, self.column : self.column + 1]
