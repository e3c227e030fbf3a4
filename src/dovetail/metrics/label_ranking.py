"""How well the probabilities of a row order its labels."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import DataError
from dovetail.metrics._base import View
from dovetail.metrics._choices import whole_number
from dovetail.metrics._forms import Columns, cells
from dovetail.metrics._of_rows import MeanOfRows
from dovetail.metrics._ratios import ratio


@final
@dataclass(frozen=True, kw_only=True)
class RankingLoss(MeanOfRows):
    """The share of pairs (true label, other label) in the wrong order, row by row.

    A pair with equal probabilities is wrong; a row with no pair, because all its
    labels are true or none, has the value 0. Only the order counts, so any scores do.

    probs: (n, L). truth: 0/1 (n, L), NaN = unknown; a share counts as true above 0.5.
    Source: Tsoumakas, Katakis, Vlahavas, "Mining multi-label data", 2010.

    >>> RankingLoss()(torch.tensor([[0.5, 0.9, 0.1]]), torch.tensor([[1.0, 0.0, 0.0]]))
    0.5
    """

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        p, true, known = _ordered(prediction, truth, self.name)
        other = known - true
        p = p.contiguous()  # searchsorted warns of anything else
        ascending, order = p.sort(dim=1)
        # For each label, how many true labels have no greater probability.
        below = true.gather(1, order).cumsum(1)
        last = torch.searchsorted(ascending, p, right=True) - 1
        wrong = (other * below.gather(1, last)).sum(1)
        counted = known.amax(1)
        loss = ratio(wrong, true.sum(1) * other.sum(1))
        return torch.stack([loss * counted, counted], dim=1)


@final
@dataclass(frozen=True, kw_only=True)
class PrecisionAt(MeanOfRows):
    """The share of true labels among the k most probable of each row.

    Of equal probabilities the lowest index comes first. Labels of unknown truth are
    passed over; a row with fewer than k known labels is judged by those it has.

    probs: (n, L) with L >= k. truth: 0/1 (n, L), NaN = unknown; a share counts as
    true above 0.5.

    >>> probs = torch.tensor([[0.5, 0.9, 0.1]])
    >>> PrecisionAt(k=2)(probs, torch.tensor([[1.0, 0.0, 0.0]]))
    0.5
    """

    k: int

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.k, "k", type(self).__name__)

    @property
    def name(self) -> str:
        return f"precision_at_{self.k}"

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        p, true, known = _ordered(prediction, truth, self.name)
        if p.shape[1] < self.k:
            raise DataError(
                f"{self.name} needs {self.k} labels or more, got {p.shape[1]}.",
                fix=f"choose k of at most {p.shape[1]}",
            )
        p = p.masked_fill(known == 0, -torch.inf)  # behind every known label
        first = p.argsort(dim=1, descending=True, stable=True)[:, : self.k]
        hits, chosen = (part.gather(1, first).sum(1) for part in (true, known))
        counted = known.amax(1)
        return torch.stack([ratio(hits, chosen), counted], dim=1)


def _ordered(
    prediction: Tensor, truth: Tensor, who: str
) -> tuple[Columns, Columns, Columns]:
    p, share, known = cells(prediction, truth, who)
    return p, (share > 0.5).double(), known
