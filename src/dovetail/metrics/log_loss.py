"""Log loss: the mean negative log-probability of what happened."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _forms
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._ratios import ratio


@final
@dataclass(frozen=True, kw_only=True)
class LogLoss(RowMetric):
    """The mean over rows of ``-log P(truth)``, in nats.

    probs (n, C), truth class index (n,)
        ``-log p_y``.
    probs (n, L), truth (n, L) in [0, 1], NaN = unknown
        each cell a yes/no of its own, ``-y log p - (1 - y) log(1 - p)``, averaged over
        the known cells of the row; a row without one is left out.
    probs (n, C), truth shares (n, C), with ``exclusive=True``
        the classes exclude each other and a row of the truth sums to 1:
        ``-sum_k y_k log p_k``. Shapes cannot tell this from the form before.

    A probability of 0 or 1 is no evidence of certainty, only the end of the number
    format: p is clipped to [eps, 1 - eps] with the eps of its dtype, as scikit-learn
    does, so one wrong certain row costs 15.9 (float32) or 36.0 (float64), not infinity.

    >>> probs = torch.tensor([[0.5, 0.5], [0.25, 0.75]]).double()
    >>> LogLoss()(probs, torch.tensor([0, 0]))  # (log 2 + log 4) / 2
    1.0397207708399179
    """

    exclusive: bool = False

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = False

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        eps = torch.finfo(prediction.dtype).eps if prediction.is_floating_point() else 0
        if truth.ndim == 2 and not self.exclusive:
            p, y, known = _forms.cells(prediction, truth, self.name)
            _forms.check_cells(p, y, self.name, exclusive=False)
            p = p.clamp(eps, 1 - eps)
            cells = -(torch.xlogy(y, p) + torch.xlogy(1 - y, 1 - p)) * known
            counted = known.amax(1)
            loss = ratio(cells.sum(1), known.sum(1))
        else:
            p, y = _forms.classes(prediction, truth, self.name)
            _forms.check_cells(p, y, self.name, exclusive=True)
            loss = -torch.xlogy(y, p.clamp(eps, 1 - eps)).sum(1)
            counted = torch.ones_like(loss)
        return torch.stack([loss, counted], dim=1)

    def value(self, sums: Float64[Tensor, "*r 2"]) -> Float64[Tensor, "*r"]:
        total, rows = sums.unbind(-1)
        return ratio(total, rows)
