"""Precision, recall and F1 of each class or label, averaged with equal say.

Two forms, told apart by shape:

    decision (n,)    truth (n,)    classes; one that occurs in neither is left out
    decision (n, L)  truth (n, L)  labels; one without a known cell is left out

A class without rows to count (0/0) has the value 0.
"""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import DataError
from dovetail.metrics import _forms
from dovetail.metrics._base import RowMetric, View
from dovetail.metrics._choices import whole_number
from dovetail.metrics._ratios import mean_over, ratio

Sums = Float64[Tensor, "*r s"]
Value = Float64[Tensor, "*r"]


@final
@dataclass(frozen=True, kw_only=True)
class MacroPrecision(RowMetric):
    """The mean over classes of ``tp_k / decided_k``.

    decision, truth: class index (n,), or 0/1 (n, L) where ``classes`` is L.

    >>> metric = MacroPrecision(classes=3)
    >>> metric(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 1, 1, 2]))  # 1/2, 1, 1
    0.8333333333333334
    """

    classes: int

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.classes, "classes", type(self).__name__)

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        return _class_counts(prediction, truth, self.classes, self.name)

    def value(self, sums: Sums) -> Value:
        tp, decided, _, counted = sums.tensor_split(4, dim=-1)
        return mean_over(ratio(tp, decided), counted > 0)


@final
@dataclass(frozen=True, kw_only=True)
class MacroRecall(RowMetric):
    """The mean over classes of ``tp_k / true_k``.

    decision, truth: class index (n,), or 0/1 (n, L) where ``classes`` is L.

    >>> metric = MacroRecall(classes=3)
    >>> metric(torch.tensor([0, 0, 1, 2]), torch.tensor([0, 1, 1, 2]))  # 1, 1/2, 1
    0.8333333333333334
    """

    classes: int

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.classes, "classes", type(self).__name__)

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        return _class_counts(prediction, truth, self.classes, self.name)

    def value(self, sums: Sums) -> Value:
        tp, _, true, counted = sums.tensor_split(4, dim=-1)
        return mean_over(ratio(tp, true), counted > 0)


@final
@dataclass(frozen=True, kw_only=True)
class MacroF1(RowMetric):
    """The mean over classes of ``2 tp_k / (decided_k + true_k)``.

    decision, truth: class index (n,), or 0/1 (n, L) where ``classes`` is L.

    >>> metric = MacroF1(classes=3)  # of the classes 0 and 1; class 2 does not occur
    >>> metric(torch.tensor([0, 0, 0, 1]), torch.tensor([0, 1, 1, 1]))  # 2/4, 2/4
    0.5
    """

    classes: int

    takes: ClassVar[View] = "decision"
    higher_is_better: ClassVar[bool] = True

    def __post_init__(self) -> None:
        whole_number(self.classes, "classes", type(self).__name__)

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        return _class_counts(prediction, truth, self.classes, self.name)

    def value(self, sums: Sums) -> Value:
        tp, decided, true, counted = sums.tensor_split(4, dim=-1)
        return mean_over(ratio(2 * tp, decided + true), counted > 0)


def _class_counts(
    prediction: Tensor, truth: Tensor, classes: int, who: str
) -> Float64[Tensor, "n s"]:
    """Four blocks of columns, one column for each class: tp, decided, true, counted."""
    if truth.ndim == 2:
        decided, true, counted = _forms.labels(prediction, truth, who)
        if truth.shape[1] != classes:
            raise DataError(
                f"{who} was made for {classes} labels, got {truth.shape[1]}.",
                fix=f"give classes={truth.shape[1]}",
            )
    else:
        _forms.check_index(prediction, truth, who, classes)
        decided, true = (_forms.one_hot(i, classes) for i in (prediction, truth))
        counted = torch.maximum(decided, true)
    return torch.cat([decided * true, decided, true, counted], dim=1)
