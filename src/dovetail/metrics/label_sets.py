"""How far the decided set of labels is from the true one."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import View
from dovetail.metrics._forms import labels
from dovetail.metrics._of_rows import MeanOfRows


@final
@dataclass(frozen=True, kw_only=True)
class Hamming(MeanOfRows):
    """The share of wrong cells: ``mean 1[decision_ij != truth_ij]`` over known cells.

    With many labels of which few are true, deciding "none" is nearly always right
    cell by cell; compare with the baseline.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> Hamming()(torch.tensor([[1, 0], [1, 1]]), torch.tensor([[1, 0], [1, 0]]))
    0.25
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        decided, true, known = labels(prediction, truth, self.name)
        return torch.stack([(decided - true).abs().sum(1), known.sum(1)], dim=1)


@final
@dataclass(frozen=True, kw_only=True)
class SubsetAccuracy(MeanOfRows):
    """The share of rows whose whole set of labels is right, unknown cells aside.

    decision: 0/1 (n, L). truth: 0/1 (n, L), NaN = unknown.

    >>> SubsetAccuracy()(torch.tensor([[1, 0], [1, 1]]), torch.tensor([[1, 0], [1, 0]]))
    0.5
    """

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        decided, true, known = labels(prediction, truth, self.name)
        counted = known.amax(1)
        right = (decided == true).all(1).double() * counted
        return torch.stack([right, counted], dim=1)
