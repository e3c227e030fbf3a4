"""Expected calibration error."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _forms
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._choices import whole_number
from dovetail.metrics._ratios import ratio


@final
@dataclass(frozen=True, kw_only=True)
class CalibrationError(RowMetric):
    """How far stated probabilities are from the shares that come true (ECE).

    Probabilities are put into ``bins`` of equal width, [0, 1/bins) and so on; with the
    rows of bin b, ``sum_b (n_b / n) |share that came true - mean probability|``.

    probs (n, 1), truth (n, 1) in [0, 1]
        the probability is P(y = 1).
    probs (n, C), truth class index (n,) or shares (n, C)
        the probability is that of the most probable class (its confidence), and it
        comes true where that class is right.

    With few rows the value is biased upwards: chance alone moves every bin.
    Source: Guo, Pleiss, Sun, Weinberger, "On calibration of modern neural networks",
    2017.

    >>> p, y = torch.tensor([[0.75], [0.75]]), torch.tensor([[1.0], [0.0]])
    >>> CalibrationError()(p, y)  # one bin: |1/2 - 3/4|
    0.25
    """

    bins: int = 15

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = False

    def __post_init__(self) -> None:
        whole_number(self.bins, "bins", type(self).__name__)

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        p, y = _forms.classes(prediction, truth, self.name)
        _forms.check_cells(p, y, self.name, exclusive=p.shape[1] > 1)
        best = p.argmax(dim=1, keepdim=True)
        stated, came_true = p.gather(1, best), y.gather(1, best)
        edges = torch.linspace(0, 1, self.bins + 1, dtype=p.dtype, device=p.device)
        # Inner edges only: 1 belongs to the last bin.
        place = torch.bucketize(stated[:, 0].contiguous(), edges[1:-1], right=True)
        bins = _forms.one_hot(place, self.bins)
        return torch.cat([bins, bins * stated, bins * came_true], dim=1)

    def value(self, sums: Float64[Tensor, "*r s"]) -> Float64[Tensor, "*r"]:
        rows, stated, came_true = sums.tensor_split(3, dim=-1)
        return ratio((came_true - stated).abs().sum(-1), rows.sum(-1))
