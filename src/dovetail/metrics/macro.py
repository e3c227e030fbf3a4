"""Precision, recall and F1 of each class or label, averaged with equal say.

Two forms, told apart by shape:

    decision (n,)    truth (n,)    classes; one that occurs in neither is left out
    decision (n, L)  truth (n, L)  labels; one without a known cell is left out

A class without rows to count (0/0) has the value 0.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import DataError
from dovetail.metrics import _forms, _overlap
from dovetail.metrics._of_classes import OfClasses
from dovetail.metrics._ratios import mean_over

Sums = Float64[Tensor, "*r s"]
Value = Float64[Tensor, "*r"]


@dataclass(frozen=True, kw_only=True)
class _MeanOfClasses(OfClasses):
    """The mean of a value of each class or label that counts."""

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        """Four blocks, one column for each class: hits, decided, true, counted."""
        if truth.ndim == 2:
            decided, true, counted = _forms.labels(prediction, truth, self.name)
            if truth.shape[1] != self.classes:
                raise DataError(
                    f"{self.name} was made for {self.classes} labels, got "
                    f"{truth.shape[1]}.",
                    fix=f"give classes={truth.shape[1]}",
                )
        else:
            _forms.check_index(prediction, truth, self.name, self.classes)
            decided = _forms.one_hot(prediction, self.classes)
            true = _forms.one_hot(truth, self.classes)
            counted = torch.maximum(decided, true)
        return torch.cat([decided * true, decided, true, counted], dim=1)

    def value(self, sums: Sums) -> Value:
        hits, decided, true, counted = sums.tensor_split(4, dim=-1)
        return mean_over(self.share(hits, decided, true), counted > 0)

    @staticmethod
    @abstractmethod
    def share(hits: Tensor, decided: Tensor, true: Tensor) -> Tensor:
        """The value of each class from its counts of rows."""


@final
@dataclass(frozen=True, kw_only=True)
class MacroPrecision(_MeanOfClasses):
    """The mean over classes of ``tp_k / decided_k``.

    decision, truth: class index (n,), or 0/1 (n, L) where ``classes`` is L.

    >>> metric = MacroPrecision(classes=3)
    >>> metric(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 1, 1, 2]))  # 1/2, 1, 1
    0.8333333333333334
    """

    share = staticmethod(_overlap.precision)


@final
@dataclass(frozen=True, kw_only=True)
class MacroRecall(_MeanOfClasses):
    """The mean over classes of ``tp_k / true_k``.

    decision, truth: class index (n,), or 0/1 (n, L) where ``classes`` is L.

    >>> metric = MacroRecall(classes=3)
    >>> metric(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 1, 1, 2]))  # 1, 1/2, 1
    0.8333333333333334
    """

    share = staticmethod(_overlap.recall)


@final
@dataclass(frozen=True, kw_only=True)
class MacroF1(_MeanOfClasses):
    """The mean over classes of ``2 tp_k / (decided_k + true_k)``.

    decision, truth: class index (n,), or 0/1 (n, L) where ``classes`` is L.

    >>> metric = MacroF1(classes=3)  # of the classes 0 and 1; class 2 does not occur
    >>> metric(torch.tensor([0, 0, 0, 1]), torch.tensor([0, 1, 1, 1]))  # 2/4, 2/4
    0.5
    """

    share = staticmethod(_overlap.f1)
