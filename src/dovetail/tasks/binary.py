"""Binary: each row is one of two classes, the positive one or not.

    stage          takes                  gives
    codec          labels (n,)            0/1, float (n, 1); soft targets in [0, 1] too
    head           features (n, d)        one logit (n, 1)
    loss           logit, target          one value per row (n,)
    inverse link   logit (n, 1)           P(positive) (n, 1)                  sigmoid
    decision rule  P(positive)            0/1 (n,)                            threshold
    metrics        probs, decision        the first one picks the best epoch

``head="softmax"`` gives the two-logit form: the same model (only the difference of
the logits matters), with class index (n,) as target and softmax as inverse link.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, final

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail import _arrow, decisions, losses, metrics
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks._base import Task, Views, precise
from dovetail.tasks._labels import distinct, matrix, refuse_missing, spelling, take
from dovetail.tasks._labels import to_index as labels_to_index
from dovetail.tasks._unweigh import unsmooth, unweigh

# Which of two labels is the positive one where the user does not say.
POSITIVE = ("true", "1", "yes", "y", "t")


@final
@dataclass(frozen=True, init=False)
class Binary(Task):
    """Decide whether a row is ``classes[1]``, the positive class.

    The positive class is the one declared (``positive=``), else true/1/yes, else the
    last in sorted order; never the rarer one.

    >>> task = Binary.from_targets(["ham", "spam", "ham"])
    >>> task.classes, task.head_size, task.encode(["spam"])
    (('ham', 'spam'), 1, tensor([[1.]]))
    """

    classes: tuple[Hashable, Hashable]
    outputs: Literal[1, 2]
    loss: losses.Loss
    decision: decisions.Decision
    bias: tuple[float, ...] | None = field(default=None, compare=False, repr=False)

    LOSSES = (losses.BinaryCrossEntropy,)
    DECISIONS = (decisions.Threshold, decisions.Argmax)
    PROBLEM: ClassVar[str] = "each row is one of two classes"
    LINK: ClassVar[str] = "sigmoid gives P(positive)"

    def __init__(
        self,
        classes: tuple[Hashable, Hashable] = (0, 1),
        head: Literal["logit", "softmax"] = "logit",
        *,
        loss: losses.Loss | None = None,
        decision: decisions.Decision | None = None,
    ) -> None:
        # Written out because ``head`` names the form here and is a method afterwards.
        if head not in ("logit", "softmax"):
            raise ConfigError(
                f"A binary head is 'logit' or 'softmax', got {head!r}.",
                fix="use head='logit' for one output, head='softmax' for two",
            )
        if len(set(map(spelling, classes))) != 2:
            raise TargetError(
                f"Binary needs two different classes, got {classes}.",
                fix="give classes=(negative, positive)",
            )
        two = head == "softmax"
        default = losses.SoftmaxCrossEntropy() if two else losses.BinaryCrossEntropy()
        object.__setattr__(self, "classes", tuple(classes))
        object.__setattr__(self, "outputs", 2 if two else 1)
        object.__setattr__(self, "loss", default)
        object.__setattr__(self, "decision", decision or decisions.Threshold())
        object.__setattr__(self, "bias", None)
        if loss is not None:
            object.__setattr__(self, "loss", self.with_loss(loss).loss)

    @property
    def fitting_losses(self) -> tuple[type[losses.Loss], ...]:
        return (losses.SoftmaxCrossEntropy,) if self.outputs == 2 else self.LOSSES

    @classmethod
    def discover(
        cls,
        values: Any,
        *,
        positive: Hashable | None = None,
        head: Literal["logit", "softmax"] = "logit",
    ) -> Self:
        """Two classes found in one column, or soft targets strictly inside [0, 1]."""
        table = _arrow.columns(values)
        if table.num_columns == 2 and _one_hot(matrix_or_none(table)):
            first, second = table.column_names
            return cls((first, second), head)
        if table.num_columns != 1:
            raise TargetError(
                f"Binary needs one target column, got {table.num_columns}: "
                f"{table.column_names[:10]}.",
                fix="use MultiLabel for several yes/no columns",
            )
        found = distinct(table.column(0))
        if pa.types.is_floating(table.column(0).type) and len(found) > 2:
            if not all(0 <= v <= 1 for v in found):  # type: ignore[operator]
                raise _not_two(found)
            return cls((0, 1), head)
        if len(found) != 2:
            raise _not_two(found)
        return cls(_ordered(found, positive), head)

    @property
    def columns(self) -> tuple[str, ...]:
        return ()

    def encode(self, values: Any) -> Tensor:
        table = _arrow.columns(values)
        if table.num_columns == 2:
            hot = matrix(table)
            if not _one_hot(hot):
                raise TargetError(
                    "Two target columns must be a one-hot or soft pair that sums to 1.",
                    fix="give one column, or use MultiLabel for two yes/no columns",
                )
            soft = torch.from_numpy(hot[:, 1].copy())
        else:
            column = table.column(0)
            refuse_missing(column)
            if _is_soft(column, self.classes):
                soft = torch.from_numpy(matrix(table)[:, 0].copy())
            else:
                soft = labels_to_index(column, self.classes).double()
        if self.outputs == 1:
            return soft.float().unsqueeze(1)
        if bool(((soft == 0) | (soft == 1)).all()):
            return soft.long()
        return torch.stack([1 - soft, soft], dim=1).float()

    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        return pa.table({name: take(self.classes, decided.long())})

    def strata(self, target: Tensor) -> ndarray:
        return (self._truth(target)[:, 0] > 0.5).long().numpy()

    @property
    def head_size(self) -> int:
        return self.outputs

    def inverse_link(self, raw: Tensor) -> Float[Tensor, "n k"]:
        logits = unweigh(precise(raw), self.loss)
        link = logits.sigmoid() if self.outputs == 1 else logits.softmax(dim=-1)
        return unsmooth(link, self.loss, classes=2)

    def positive(self, raw: Tensor) -> Float[Tensor, "n 1"]:
        """P(positive), whichever form the head has."""
        return self.inverse_link(raw)[:, -1:]

    def decide(self, raw: Tensor) -> Tensor:
        positive = self.positive(raw)
        if isinstance(self.decision, decisions.Threshold):
            return self.decision(positive)[:, 0]
        return self.decision(torch.cat([1 - positive, positive], dim=1))

    @property
    def metrics(self) -> tuple[metrics.Metric, ...]:
        return (
            metrics.LogLoss(),
            metrics.Accuracy(),
            metrics.AUROC(),
            metrics.AveragePrecision(),
            metrics.F1(),
            metrics.Precision(),
            metrics.Recall(),
            metrics.Specificity(),
            metrics.MCC(classes=2),
            metrics.Brier(),
            metrics.CalibrationError(),
        )

    def views(self, raw: Tensor, target: Tensor) -> Views:
        truth = self._truth(target)
        hard = (truth[:, 0] > 0.5).long()
        return {
            "probs": (self.positive(raw), truth),
            "decision": (self.decide(raw), hard),
        }

    def _truth(self, target: Tensor) -> Float[Tensor, "n 1"]:
        """P(positive) as the target says it, from any of the encoded forms."""
        if target.ndim == 1:
            return target.float().unsqueeze(1)
        return target[:, -1:].float()

    def proba_table(self, raw: Tensor, name: str = "target") -> pa.Table:
        positive = self.positive(raw)[:, 0].cpu().numpy()
        negative, yes = (f"{name}_{label}" for label in self.classes)
        return pa.table({negative: 1 - positive, yes: positive})


def _ordered(
    found: tuple[Hashable, ...], positive: Hashable | None
) -> tuple[Hashable, Hashable]:
    spelt = [spelling(label) for label in found]
    if positive is not None:
        if spelling(positive) not in spelt:
            raise TargetError(
                f"The positive label {positive!r} is not in the target: {found}.",
                fix=f"choose {found[0]!r} or {found[1]!r}",
            )
        chosen = spelt.index(spelling(positive))
    else:
        named = [i for i, s in enumerate(spelt) if s.casefold() in POSITIVE]
        chosen = named[0] if len(named) == 1 else 1
    return found[1 - chosen], found[chosen]


def _is_soft(column: pa.ChunkedArray, classes: tuple[Hashable, Hashable]) -> bool:
    """Fractions between the classes 0 and 1: probabilities rather than labels."""
    if not pa.types.is_floating(column.type) or set(map(spelling, classes)) != {
        "0",
        "1",
    }:
        return False
    cells = column.to_numpy()
    inside = bool(((cells >= 0) & (cells <= 1)).all())
    return inside and bool(((cells > 0) & (cells < 1)).any())


def _one_hot(cells: ndarray | None) -> bool:
    return (
        cells is not None
        and bool((cells >= 0).all())
        and np.allclose(cells.sum(axis=1), 1.0, atol=1e-6)
    )


def matrix_or_none(table: pa.Table) -> ndarray | None:
    """The columns as a matrix, or None where they are not numbers."""
    try:
        return matrix(table)
    except TargetError:
        return None


def _not_two(found: tuple[Hashable, ...]) -> TargetError:
    shown = ", ".join(map(repr, found[:5])) + (", ..." if len(found) > 5 else "")
    fix = "choose another target" if len(found) < 2 else "use Multiclass or Regression"
    return TargetError(
        f"Binary needs exactly two distinct values, got {len(found)}: {shown}.", fix=fix
    )
