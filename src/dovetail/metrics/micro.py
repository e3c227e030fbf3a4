"""Precision, recall and F1 over all cells of a multi-label decision."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _overlap
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._forms import labels

Sums = Float64[Tensor, "*r 3"]
Value = Float64[Tensor, "*r"]


@dataclass(frozen=True, kw_only=True)
class _OfCells(RowMetric):
    """A metric made from counts of cells: right, decided and true."""

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 3"]:
        """Labels of each row that are right, decided and true."""
        decided, true, _ = labels(prediction, truth, self.name)
        parts = (decided * true, decided, true)
        return torch.stack([part.sum(1) for part in parts], dim=1)

    def value(self, sums: Sums) -> Value:
        return self.share(*sums.unbind(-1))

    @staticmethod
    @abstractmethod
    def share(hits: Tensor, decided: Tensor, true: Tensor) -> Tensor:
        """The metric from the counts."""


@final
@dataclass(frozen=True, kw_only=True)
class MicroPrecision(_OfCells):
    """The share of true labels among those decided, over all rows: ``tp / decided``.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> MicroPrecision()(torch.tensor([[1, 1], [1, 1]]), torch.tensor([[1, 0], [1, 1]]))
    0.75
    """

    share = staticmethod(_overlap.precision)


@final
@dataclass(frozen=True, kw_only=True)
class MicroRecall(_OfCells):
    """The share of the true labels that are found, over all rows: ``tp / true``.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> MicroRecall()(torch.tensor([[1, 0], [1, 1]]), torch.tensor([[1, 1], [1, 1]]))
    0.75
    """

    share = staticmethod(_overlap.recall)


@final
@dataclass(frozen=True, kw_only=True)
class MicroF1(_OfCells):
    """F1 over the cells of all rows: ``2 tp / (decided + true)``.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> MicroF1()(torch.tensor([[1, 1]]), torch.tensor([[1.0, 0.0]]))  # 2 / (2 + 1)
    0.6666666666666666
    """

    share = staticmethod(_overlap.f1)
