"""Area under the ROC curve."""

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
class AUROC(RankMetric):
    """The probability that a positive row scores above a negative one, ties half.

    probs (n, 1), truth (n, 1)
        of the positive class.
    probs (n, L), truth (n, L), NaN = unknown
        the mean over the labels that have both positives and negatives.
    probs (n, C), truth class index (n,)
        each class against the rest, the mean over the classes that occur and are not
        all there is.

    NaN where no column has both: then there is no pair to order. A truth between 0
    and 1 counts with that share as positive and with the rest as negative. Only the
    order counts, so any scores do.
    Source: Hanley, McNeil, "The meaning and use of the area under a receiver operating
    characteristic (ROC) curve", 1982.

    >>> p, y = torch.tensor([[0.1], [0.4], [0.35], [0.8]]), torch.tensor([[0, 0, 1, 1]])
    >>> AUROC()(p, y.T.float())  # three of four pairs
    0.75
    """

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = True

    def ranked(
        self, prediction: Tensor, truth: Tensor, weights: Float64[Tensor, "*r n"]
    ) -> Float64[Tensor, "*r"]:
        areas, some = over_columns(_area, prediction, truth, weights, self.name)
        return torch.where(some.any(-1), mean_over(areas, some), torch.nan)


def _area(scores: Tensor, truth: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    true, count = curve(scores, truth, weights)
    false = count - true
    start = torch.zeros_like(true[..., :1])
    area = torch.trapezoid(torch.cat([start, true], -1), torch.cat([start, false], -1))
    pairs = true[..., -1] * false[..., -1]
    return ratio(area, pairs), pairs > 0
