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

import pyarrow as pa
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail import decisions, links, losses, metrics
from dovetail._phrases import Said
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks._base import Task, Views
from dovetail.tasks._columns import in_order, named, only, target_table
from dovetail.tasks._labels import (
    check_classes,
    class_shares,
    distinct,
    refuse_missing,
    take,
    to_index,
)
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
    PROBLEM: ClassVar[str] = Said(
        "each row has exactly one of several unordered classes",
        "每行恰好属于若干无序类别中的一个",
    )
    LINK: ClassVar[str] = Said("softmax gives P(class)", "经 softmax 得到各类别的概率")

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        check_classes(self.classes, "Multiclass")
        super().__post_init__()

    @classmethod
    def discover(cls, values: Any) -> Self:
        """Classes of one column of labels, or of one 0/1 (or soft) column for each."""
        table = target_table(values)
        if table.num_columns == 1:
            _, column = only(table, "Multiclass")
            return cls(distinct(column))
        class_shares(table)
        return cls(tuple(table.column_names), one_hot=True)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(map(str, self.classes)) if self.one_hot else ()

    def encode(self, values: Any) -> Tensor:
        table = target_table(values)
        if table.num_columns == 1:
            return to_index(*only(table, "Multiclass"), self.classes)
        if table.num_columns != len(self.classes):
            raise TargetError(
                f"{table.num_columns} columns of targets were given, {named(table)}; "
                f"one column of labels or {len(self.classes)} columns, one for each "
                "class, were needed.",
                fix="give the label column, or a one-hot or soft row for each sample",
            )
        table = in_order(table, [str(label) for label in self.classes])
        for name, column in zip(table.column_names, table.columns, strict=True):
            refuse_missing(name, column)
        shares = class_shares(table)
        if ((shares == 0) | (shares == 1)).all():
            return torch.from_numpy(shares.argmax(axis=1))
        return torch.from_numpy(shares).float()

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
        probs = unweigh(links.precise(raw), self.loss).softmax(dim=-1)
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
        return self._named(self.inverse_link(raw), self.classes, name)

    def _check_loss(self, loss: losses.Loss) -> None:
        weight = getattr(loss, "weight", None)
        if weight is not None and len(weight) != len(self.classes):
            raise ConfigError(
                f"The loss has {len(weight)} class weights, the target "
                f"{len(self.classes)} classes.",
                fix=f"give one weight for each class, in the order {self.classes}",
            )
