"""Is the true class among the k most probable ones?"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.metrics import _forms
from dovetail.metrics._base import View
from dovetail.metrics._choices import whole_number
from dovetail.metrics._of_rows import MeanOfRows


@final
@dataclass(frozen=True, kw_only=True)
class TopK(MeanOfRows):
    """The share of rows whose true class is among the k most probable.

    Of equal probabilities the lowest index comes first, so that k=1 is the accuracy of
    the argmax. With shares as truth, the share that the k classes hold. Only the order
    counts, so any scores do.

    probs: (n, C). truth: class index (n,), or shares (n, C).

    >>> metric = TopK(k=2)
    >>> metric.name, metric(torch.tensor([[0.1, 0.6, 0.3]]), torch.tensor([2]))
    ('top2_accuracy', 1.0)
    """

    k: int

    takes: ClassVar[View] = "probs"
    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.k, "k", type(self).__name__)

    @property
    def name(self) -> str:
        return f"top{self.k}_accuracy"

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n 2"]:
        p, y = _forms.classes(prediction, truth, self.name)
        first = p.argsort(dim=1, descending=True, stable=True)[:, : self.k]
        held = y.gather(1, first).sum(1)
        return torch.stack([held, torch.ones_like(held)], dim=1)
