"""Binary: each row is one of two classes, the positive one or not.

    stage          takes                  gives
    codec          labels (n,)            0/1, float (n, 1); soft targets in [0, 1] too
    head           features (n, d)        one logit (n, 1)
    loss           logit, target          one value per row (n,)
    inverse link   logit (n, 1)           P(positive) (n, 1)                  sigmoid
    decision rule  P(positive)            0/1 (n,)                            threshold
    metrics        probs, decision        the first one picks the best epoch

Two 0/1 columns with exactly one 1 in each row are the same target written twice; the
second column is the positive class unless ``positive=`` names the first.

``head="softmax"`` gives the two-logit form: the same model (only the difference of
the logits matters), with class index (n,) as target and softmax as inverse link.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self, final

import pyarrow as pa
import torch
from jaxtyping import Float, Float64
from numpy import ndarray
from torch import Tensor

from dovetail import decisions, links, losses, metrics
from dovetail._phrases import Phrase, Said
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks._base import Task, Views
from dovetail.tasks._columns import in_order, only, target_table
from dovetail.tasks._labels import (
    class_shares,
    distinct,
    matrix,
    refuse_missing,
    spelling,
    take,
    to_index,
)
from dovetail.tasks._unweigh import unsmooth, unweigh

# Which of two labels is the positive one where the user does not say.
POSITIVE = ("true", "1", "yes", "y", "t")

_SEVERAL = "use MultiLabel for several yes/no columns"


_OPTIMAL = Phrase(
    "{yes} where P({yes}) > {threshold:g}; 0.5 gives the best accuracy, another "
    "threshold weighs false alarms against misses",
    "P({yes}) > {threshold:g} 时判为 {yes}；阈值 0.5 的准确率最高，其他阈值用于权衡误"
    "报与漏报",
)


@final
@dataclass(frozen=True, init=False)
class Binary(Task):
    """Decide whether a row is ``classes[1]``, the positive class.

    The positive class is the one declared (``positive=``), else true/1/yes, else the
    last in sorted order; never the rarer one. ``one_hot`` says that the target stands
    in two 0/1 columns, which the classes are named after.

    >>> task = Binary.from_targets(["ham", "spam", "ham"])
    >>> task.classes, task.head_size, task.encode(["spam"])
    (('ham', 'spam'), 1, tensor([[1.]]))
    """

    classes: tuple[Hashable, Hashable]
    outputs: Literal[1, 2]
    loss: losses.Loss
    decision: decisions.Decision
    one_hot: bool
    bias: tuple[float, ...] | None = field(default=None, compare=False, repr=False)

    LOSSES = (losses.BinaryCrossEntropy,)
    DECISIONS = (decisions.Threshold, decisions.Argmax)
    PROBLEM: ClassVar[str] = Said(
        "each row is one of two classes", "每行属于两个类别之一"
    )
    LINK: ClassVar[str] = Said("sigmoid gives P(positive)", "经 sigmoid 得到 P(正类)")

    def __init__(
        self,
        classes: tuple[Hashable, Hashable] = (0, 1),
        head: Literal["logit", "softmax"] = "logit",
        *,
        loss: losses.Loss | None = None,
        decision: decisions.Decision | None = None,
        one_hot: bool = False,
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
        object.__setattr__(self, "one_hot", one_hot)
        object.__setattr__(self, "bias", None)
        if loss is not None:
            object.__setattr__(self, "loss", self.with_loss(loss).loss)
        super().__post_init__()

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
        table = target_table(values)
        if table.num_columns == 2:
            class_shares(table)
            first, second = table.column_names
            chosen = second if positive is None else positive
            return cls(_ordered((first, second), chosen), head, one_hot=True)
        name, column = only(table, "Binary", _SEVERAL)
        found = distinct(column)
        if pa.types.is_floating(column.type) and len(found) > 2:
            if not all(0 <= v <= 1 for v in found):  # type: ignore[operator]
                raise _not_two(name, found)
            return cls((0, 1), head)
        if len(found) != 2:
            raise _not_two(name, found)
        return cls(_ordered(found, positive), head)

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(map(str, self.classes)) if self.one_hot else ()

    @classmethod
    def _made(cls, values: dict[str, Any]) -> Self:
        outputs, bias = values.pop("outputs"), values.pop("bias")
        if outputs not in (1, 2) or len(values["classes"]) != 2:
            raise cls._refused("has two classes and one output or two")
        return cls(head="softmax" if outputs == 2 else "logit", **values)._changed(
            bias=bias
        )

    def encode(self, values: Any) -> Tensor:
        soft = torch.from_numpy(self._shares(target_table(values)))
        if self.outputs == 1:
            return soft.float().unsqueeze(1)
        if bool(((soft == 0) | (soft == 1)).all()):
            return soft.long()
        return torch.stack([1 - soft, soft], dim=1).float()

    def _shares(self, table: pa.Table) -> Float64[ndarray, " n"]:
        """P(positive) of each row: 0 or 1, or a share between them."""
        if table.num_columns == 2:
            table = in_order(table, [str(label) for label in self.classes])
            for name, column in zip(table.column_names, table.columns, strict=True):
                refuse_missing(name, column)
            return class_shares(table)[:, 1].copy()
        name, column = only(table, "Binary", _SEVERAL)
        refuse_missing(name, column)
        if _is_soft(column, self.classes):
            return matrix(table)[:, 0].copy()
        return to_index(name, column, self.classes).double().numpy()

    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        if not self.one_hot:
            return pa.table({name: take(self.classes, decided.long())})
        yes = decided.reshape(-1).long().cpu().numpy()
        return pa.table(dict(zip(self.columns, (1 - yes, yes), strict=True)))

    def strata(self, target: Tensor) -> ndarray:
        return (self._truth(target)[:, 0] > 0.5).long().numpy()

    @property
    def head_size(self) -> int:
        return self.outputs

    def inverse_link(self, raw: Tensor) -> Float[Tensor, "n k"]:
        logits = unweigh(links.precise(raw), self.loss)
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
        positive = self.positive(raw)
        probs = torch.cat([1 - positive, positive], dim=1)
        return self._named(probs, self.classes, name)

    @property
    def optimal_for(self) -> str:
        if not isinstance(self.decision, decisions.Threshold):
            return super().optimal_for
        given = self.decision.threshold
        threshold = given[0] if isinstance(given, tuple) else given
        yes = self.classes[1]
        return _OPTIMAL(yes=yes, threshold=threshold)


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


def _not_two(name: str, found: tuple[Hashable, ...]) -> TargetError:
    shown = ", ".join(map(repr, found[:5])) + (", ..." if len(found) > 5 else "")
    fix = "choose another target" if len(found) < 2 else "use Multiclass or Regression"
    return TargetError(
        f"Target column {name!r}: Binary needs exactly two distinct values, got "
        f"{len(found)}: {shown}.",
        fix=fix,
    )
