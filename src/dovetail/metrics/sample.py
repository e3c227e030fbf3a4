"""Precision, recall and F1 of each row's set of labels, averaged over rows.

A row without labels to count (0/0) has the value 0; one without a known cell is left
out.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _overlap
from dovetail.metrics._base import View
from dovetail.metrics._forms import labels
from dovetail.metrics._of_rows import MeanOfRows


@dataclass(frozen=True, kw_only=True)
class _OfRows(MeanOfRows):
    """The mean of a value of each row with a known cell."""

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        """The value of each row, and 1 where the row has a known cell."""
        decided, true, known = labels(prediction, truth, self.name)
        counted = known.amax(1)
        values = self.share((decided * true).sum(1), decided.sum(1), true.sum(1))
        return torch.stack([values * counted, counted], dim=1)

    @staticmethod
    @abstractmethod
    def share(hits: Tensor, decided: Tensor, true: Tensor) -> Tensor:
        """The value of each row from its counts of labels."""


@final
@dataclass(frozen=True, kw_only=True)
class SamplePrecision(_OfRows):
    """The share of right labels among those decided, row by row.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> decided, true = torch.tensor([[1, 1], [1, 0]]), torch.tensor([[1, 0], [1, 1]])
    >>> SamplePrecision()(decided, true)  # 1/2 and 1
    0.75
    """

    share = staticmethod(_overlap.precision)


@final
@dataclass(frozen=True, kw_only=True)
class SampleRecall(_OfRows):
    """The share of the true labels that are found, row by row.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> decided, true = torch.tensor([[1, 1], [1, 0]]), torch.tensor([[1, 0], [1, 1]])
    >>> SampleRecall()(decided, true)  # 1 and 1/2
    0.75
    """

    share = staticmethod(_overlap.recall)


@final
@dataclass(frozen=True, kw_only=True)
class SampleF1(_OfRows):
    """F1 of each row's set of labels: the mean of ``2 tp / (decided + true)``.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> decided, true = torch.tensor([[1, 1], [1, 0]]), torch.tensor([[1, 0], [1, 0]])
    >>> SampleF1()(decided, true)  # 2/3 and 1
    0.8333333333333333
    """

    share = staticmethod(_overlap.f1)
