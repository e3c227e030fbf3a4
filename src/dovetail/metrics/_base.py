"""What every metric is: additive statistics per row, and a value made from their sums.

    stage        takes                              gives
    statistics   prediction, truth                  (n, s) float64, one line per row
    value        sums of statistics (..., s)        (...): the metric
    call         prediction, truth, weights         float

Because statistics add up, one definition gives row weights, merging over batches and
processes, and bootstrap intervals (a resample is a weighted sum). Metrics that rank
rows (AUROC) cannot be written so; they are ``RankMetric`` and say so.

``takes`` says which view of the model a metric needs; no metric guesses:
    "probs"     probabilities: (n, L) of the positive label with truth (n, L), or
                (n, C) of each class with truth the class index (n,) or soft rows (n, C)
    "decision"  the decision: class index (n,) with index (n,); or (n, L) 0/1 with (n, L)
    "point"     point prediction (n, D) in the target's units with truth (n, D)
A NaN in a truth of shape (n, L) or (n, D) is an unknown cell: it does not count.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor

View = Literal["probs", "decision", "point"]


@dataclass(frozen=True, kw_only=True)
class Metric(ABC):
    """A number that compares predictions with the truth. Subclasses are final."""

    takes: ClassVar[View]
    higher_is_better: ClassVar[bool]

    @property
    def name(self) -> str:
        """The name on the command line and in JSON, such as ``log_loss``."""
        return _snake(type(self).__name__)

    @abstractmethod
    def __call__(
        self, prediction: Tensor, truth: Tensor, weights: Tensor | None = None
    ) -> float:
        """The metric over all rows; ``weights`` (n,) count a row more than once."""


@dataclass(frozen=True, kw_only=True)
class RowMetric(Metric):
    """A metric made from sums over rows."""

    @abstractmethod
    def statistics(self, prediction: Tensor, truth: Tensor) -> Tensor:
        """(n, s) float64; a metric of all rows needs only their (weighted) sum."""

    @abstractmethod
    def value(self, sums: Tensor) -> Tensor:
        """(..., s) -> (...); vectorised over leading axes for the bootstrap."""

    def __call__(
        self, prediction: Tensor, truth: Tensor, weights: Tensor | None = None
    ) -> float:
        rows = self.statistics(prediction, truth)
        sums = rows.sum(0) if weights is None else weights.to(rows) @ rows
        return float(self.value(sums))


@dataclass(frozen=True, kw_only=True)
class RankMetric(Metric):
    """A metric of the order of rows; it needs all of them at once."""

    @abstractmethod
    def ranked(self, prediction: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
        """A 0-d float64 tensor; ``weights`` (n,) float64, zero means absent."""

    def __call__(
        self, prediction: Tensor, truth: Tensor, weights: Tensor | None = None
    ) -> float:
        if weights is None:
            weights = torch.ones(len(truth), dtype=torch.float64, device=truth.device)
        return float(self.ranked(prediction, truth, weights.double()))


def _snake(name: str) -> str:
    """``LogLoss`` -> ``log_loss``; acronyms stay together: ``AUROC`` -> ``auroc``."""
    letters = []
    for i, c in enumerate(name):
        starts_word = c.isupper() and i > 0 and not name[i - 1].isupper()
        ends_acronym = (
            c.isupper() and 0 < i < len(name) - 1 and name[i + 1].islower()
            and name[i - 1].isupper()
        )  # fmt: skip
        letters.append(("_" if starts_word or ends_acronym else "") + c.lower())
    return "".join(letters)
