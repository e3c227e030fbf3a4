"""Average precision: the area under the precision-recall curve, as a step function."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._base import RankMetric, View
from dovetail.metrics._curve import curve, over_columns
from dovetail.metrics._ratios import mean_over, ratio


@final
@dataclass(frozen=True, kw_only=True)
class AveragePrecision(RankMetric):
    """Precision at each threshold, weighted by the recall gained there.

    ``sum_t (R_t - R_(t-1)) P_t`` over thresholds from high to low, without
    interpolation.

    probs (n, 1), truth (n, 1)
        of the positive class.
    probs (n, L), truth (n, L), NaN = unknown
        the mean over the labels that have a positive (mAP).
    probs (n, C), truth class index (n,)
        each class against the rest, the mean over the classes that occur.

    0 where no column has a positive. A truth between 0 and 1 counts with that share as
    positive and with the rest as negative. Only the order counts, so any scores do.
    The value of a constant prediction is the share of positives, not 1/2.

    >>> p, y = torch.tensor([[0.1], [0.4], [0.35], [0.8]]), torch.tensor([[0, 0, 1, 1]])
    >>> AveragePrecision()(p, y.T.float())  # 1/2 * 1 + 1/2 * 2/3
    0.8333333333333333
    """

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = True

    def ranked(
        self, prediction: Tensor, truth: Tensor, weights: Float64[Tensor, "*r n"]
    ) -> Float64[Tensor, "*r"]:
        areas, some = over_columns(_area, prediction, truth, weights, self.name)
        return mean_over(areas, some)


def _area(scores: Tensor, truth: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    true, count = curve(scores, truth, weights)
    gained = true.diff(dim=-1, prepend=torch.zeros_like(true[..., :1]))
    total = true[..., -1]
    return ratio((gained * ratio(true, count)).sum(-1), total), total > 0
