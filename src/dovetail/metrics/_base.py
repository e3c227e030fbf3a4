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
    "decision"  decision: class index (n,) with index (n,); or 0/1 (n, L) with (n, L)
    "point"     point prediction (n, D) in the target's units with truth (n, D)
A NaN in a truth of shape (n, L) or (n, D) is an unknown cell: it does not count.
A ratio 0/0 is 0, as with scikit-learn's ``zero_division=0``. Arithmetic is float64.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar, Literal, Self

import torch
from torch import Tensor

from dovetail._shapes import check_weights
from dovetail.errors import DataError

View = Literal["probs", "decision", "point"]

# Statistics are made for this many cells at once: 128 MB of float64.
CELLS = 16_000_000


@dataclass(frozen=True, kw_only=True)
class Metric(ABC):
    """A number that compares predictions with the truth. Subclasses are final."""

    takes: ClassVar[View]
    higher_is_better: ClassVar[bool]

    @property
    def name(self) -> str:
        """The name on the command line and in JSON, such as ``log_loss``."""
        return _snake(type(self).__name__)

    @property
    def best(self) -> float:
        """The value of a perfect prediction: 1 for scores, 0 for losses."""
        return 1.0 if self.higher_is_better else 0.0

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

    def about(self, truth: Tensor) -> Self:
        """The same metric, its sums taken about the middle of ``truth``.

        Only metrics whose sums would cancel (R2) differ. Statistics add up where
        they come from one and the same metric.
        """
        return self

    def batches(
        self, prediction: Tensor, truth: Tensor
    ) -> Iterator[tuple[slice, Tensor]]:
        """The statistics of all rows, so many rows at a time that memory holds."""
        size = self.statistics(prediction[:1], truth[:1]).shape[1]
        step = max(1, CELLS // size)
        for start in range(0, len(prediction), step):
            rows = slice(start, start + step)
            yield rows, self.statistics(prediction[rows], truth[rows])

    def __call__(
        self, prediction: Tensor, truth: Tensor, weights: Tensor | None = None
    ) -> float:
        check_rows(prediction, truth, weights, self.name)
        metric = self.about(truth)
        sums: Tensor | float = 0.0
        for rows, lines in metric.batches(prediction, truth):
            counted = (
                lines.sum(0) if weights is None else weights[rows].to(lines) @ lines
            )
            sums = sums + counted
        return float(metric.value(torch.as_tensor(sums)))


@dataclass(frozen=True, kw_only=True)
class RankMetric(Metric):
    """A metric of the order of rows; it needs all of them at once."""

    @abstractmethod
    def ranked(self, prediction: Tensor, truth: Tensor, weights: Tensor) -> Tensor:
        """Weights (..., n) float64, zero means absent -> the metric (...), float64.

        Rows are sorted once for all leading axes, which makes bootstraps cheap. The
        value is differentiable in the weights; intervals of many rows need that.
        """

    def __call__(
        self, prediction: Tensor, truth: Tensor, weights: Tensor | None = None
    ) -> float:
        check_rows(prediction, truth, weights, self.name)
        if weights is None:
            weights = torch.ones(len(truth))
        given = weights.to(truth.device, torch.float64)
        return float(self.ranked(prediction, truth, given))


def check_rows(
    prediction: Tensor, truth: Tensor, weights: Tensor | None, who: str
) -> None:
    """As many rows of prediction as of truth, at least one, and weights that fit."""
    if prediction.ndim == 0 or truth.ndim == 0 or len(prediction) != len(truth):
        raise DataError(
            f"{who} needs a prediction for each row of the truth, got shapes "
            f"{tuple(prediction.shape)} and {tuple(truth.shape)}.",
            fix="give prediction and truth of the same rows",
        )
    if len(truth) == 0:
        raise DataError(f"{who} needs at least one row.", fix="check the selection")
    if weights is not None:
        check_weights(weights, len(truth), who)


@cache
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
