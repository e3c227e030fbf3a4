"""Matthews' correlation coefficient."""

from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics._forms import check_index, one_hot
from dovetail.metrics._of_classes import OfClasses
from dovetail.metrics._ratios import ratio


@final
@dataclass(frozen=True, kw_only=True)
class MCC(OfClasses):
    """The correlation of decision and truth, from -1 to 1; 0 for a constant decision.

    With c right rows of n, and p_k, t_k rows of class k in decision and truth::

        (c n - sum p_k t_k) / sqrt((n^2 - sum p_k^2) (n^2 - sum t_k^2))

    decision: class index (n,). truth: class index (n,), both in 0..classes-1.
    Source: Gorodkin, "Comparing two K-category assignments by a K-category correlation
    coefficient", 2004.

    >>> MCC(classes=2)(torch.tensor([1, 0, 1, 0]), torch.tensor([0, 1, 0, 1]))
    -1.0
    """

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        check_index(prediction, truth, self.name, self.classes)
        right = (prediction == truth).double().unsqueeze(1)
        decided, true = (one_hot(index, self.classes) for index in (prediction, truth))
        return torch.cat([right, decided, true], dim=1)

    def value(self, sums: Float64[Tensor, "*r s"]) -> Float64[Tensor, "*r"]:
        right, decided, true = sums.tensor_split((1, 1 + self.classes), dim=-1)
        rows = true.sum(-1, keepdim=True)
        r, p, t = (ratio(part, rows) for part in (right, decided, true))
        together = r.squeeze(-1) - (p * t).sum(-1)
        spread_p, spread_t = ((s * (1 - s)).sum(-1) for s in (p, t))
        return ratio(together, (spread_p * spread_t).sqrt())
