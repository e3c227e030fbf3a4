"""Multiclass: each row has exactly one of C unordered classes, C >= 3.

    stage          takes                  gives
    codec          labels (n,)            index, int64 (n,); soft rows float (n, C)
    head           features (n, d)        logits (n, C)
    loss           logits, class index    one value per row (n,)
    inverse link   logits (n, C)          probs (n, C), rows sum to 1         softmax
    decision rule  probs (n, C)           class index (n,)                    argmax
    metrics        probs, decision        the first one picks the best epoch

Integers, strings, one-hot columns and soft rows are targets of one and the same task:
"sparse" and "categorical" cross-entropy are one loss here.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail import _arrow, decisions, losses, metrics
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks._base import Task, Views, precise
from dovetail.tasks._labels import distinct, matrix, spelling, take, to_index
from dovetail.tasks._unweigh import unsmooth, unweigh


@final
@dataclass(frozen=True)
class Multiclass(Task):
    """Choose one of ``classes``; their order is the order of logits and probs.

    ``one_hot`` says that the target stands in one 0/1 column for each class.

    >>> task = Multiclass.from_targets(["dog", "cat", "fox", "cat"])
    >>> task.head_size, task.encode(["fox", "cat"])
    (3, tensor([2, 0]))
    """

    classes: tuple[Hashable, ...]
    loss: losses.Loss = losses.SoftmaxCrossEntropy()
    decision: decisions.Decision = decisions.Argmax()
    one_hot: bool = False
    bias: tuple[float, ...] | None = field(default=None, compare=False, repr=False)

    LOSSES = (losses.SoftmaxCrossEntropy,)
    DECISIONS = (decisions.Argmax, decisions.LeastCost)
    PROBLEM: ClassVar[str] = "each row has exactly one of several unordered classes"
    LINK: ClassVar[str] = "softmax gives P(class)"

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        if len(set(map(spelling, self.classes))) < max(3, len(self.classes)):
            raise TargetError(
                f"Multiclass needs 3 or more different classes, got "
                f"{len(self.classes)}: {self.classes[:10]}.",
                fix="use Binary for a target with two classes",
            )
        self._check_loss(self.loss)

    @classmethod
    def discover(cls, values: Any) -> Self:
        """Classes of one column of labels, or of one 0/1 (or soft) column for each."""
        table = _arrow.columns(values)
        if table.num_columns == 1:
            return cls(distinct(table.column(0)))
        task = cls(tuple(table.column_names), one_hot=True)
        task.encode(table)
        return task

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(map(str, self.classes)) if self.one_hot else ()

    def encode(self, values: Any) -> Tensor:
        table = _arrow.columns(values)
        if table.num_columns == 1:
            return to_index(table.column(0), self.classes)
        if table.num_columns != len(self.classes):
            raise TargetError(
                f"Targets have {table.num_columns} columns; one column of labels or "
                f"{len(self.classes)} columns, one for each class, were needed.",
                fix="give the label column, or a one-hot or soft row for each sample",
            )
        return _rows_to_target(matrix(table))

    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        if not self.one_hot:
            return pa.table({name: take(self.classes, decided)})
        hot = torch.nn.functional.one_hot(decided, len(self.classes)).cpu().numpy()
        return pa.table({str(c): hot[:, k] for k, c in enumerate(self.classes)})

    def strata(self, target: Tensor) -> ndarray:
        return self._index(target).cpu().numpy()

    @property
    def head_size(self) -> int:
        return len(self.classes)

    def inverse_link(self, raw: Tensor) -> Float[Tensor, "n k"]:
        probs = unweigh(precise(raw), self.loss).softmax(dim=-1)
        return unsmooth(probs, self.loss, classes=self.head_size)

    @property
    def metrics(self) -> tuple[metrics.Metric, ...]:
        count = len(self.classes)
        return (
            metrics.LogLoss(exclusive=True),
            metrics.Accuracy(),
            metrics.BalancedAccuracy(classes=count),
            metrics.MacroF1(classes=count),
            metrics.MacroPrecision(classes=count),
            metrics.MacroRecall(classes=count),
            metrics.MCC(classes=count),
            *((metrics.TopK(k=5),) if count > 5 else ()),
            metrics.Brier(exclusive=True),
            metrics.CalibrationError(),
        )

    def views(self, raw: Tensor, target: Tensor) -> Views:
        return {
            "probs": (self.inverse_link(raw), target),
            "decision": (self.decide(raw), self._index(target)),
        }

    @staticmethod
    def _index(target: Tensor) -> Tensor:
        return target if target.ndim == 1 else target.argmax(dim=1)

    def proba_table(self, raw: Tensor, name: str = "target") -> pa.Table:
        probs = self.inverse_link(raw).cpu().numpy()
        if self.one_hot:
            names = [f"{label}_proba" for label in self.classes]
        else:
            names = [f"{name}_{label}" for label in self.classes]
        return pa.table({n: probs[:, k] for k, n in enumerate(names)})

    def _check_loss(self, loss: losses.Loss) -> None:
        weight = getattr(loss, "weight", None)
        if weight is not None and len(weight) != len(self.classes):
            raise ConfigError(
                f"The loss has {len(weight)} class weights, the target "
                f"{len(self.classes)} classes.",
                fix=f"give one weight for each class, in the order {self.classes}",
            )


def _rows_to_target(cells: ndarray) -> Tensor:
    """One-hot rows to class index; soft rows stay rows."""
    sums = cells.sum(axis=1)
    wrong = np.flatnonzero(~(np.isclose(sums, 1.0, atol=1e-6) & (cells >= 0).all(1)))
    if len(wrong):
        raise TargetError(
            f"Data row {wrong[0] + 1} has class shares {cells[wrong[0]].tolist()[:10]} "
            f"that sum to {sums[wrong[0]]:g}; every row must be >= 0 and sum to 1.",
            fix="use MultiLabel where a row may have several classes or none",
        )
    if ((cells == 0) | (cells == 1)).all():
        return torch.from_numpy(cells.argmax(axis=1))
    return torch.from_numpy(cells).float()
