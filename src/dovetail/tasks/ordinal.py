"""Ordinal: each row has one of K ordered classes (ranks).

    stage          takes                  gives
    codec          labels (n,)            rank, int64 (n,)
    head           features (n, d)        K - 1 conditional logits (n, K - 1)
    loss           logits, rank           one value per row (n,)              CORN
    inverse link   logits (n, K - 1)      P(rank) (n, K), rows sum to 1
    decision rule  P(rank)                rank (n,)                           median
    metrics        decision, probs        the first one picks the best epoch

Logit j is P(y > j | y >= j), so P(y > j) is a product and never increases with j.
Source: Shi, Cao, Raschka, "Deep neural networks for rank-consistent ordinal regression
based on conditional probabilities", 2021.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import pyarrow as pa
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail import _arrow, decisions, links, losses, metrics
from dovetail._phrases import Said
from dovetail.errors import TargetError
from dovetail.tasks._base import Task, Views
from dovetail.tasks._columns import only
from dovetail.tasks._labels import check_classes, distinct, take, to_index
from dovetail.tasks._orders import order_of


@final
@dataclass(frozen=True)
class Ordinal(Task):
    """Choose one of ``classes``, given from least to greatest.

    >>> task = Ordinal.from_targets(["low", "high", "medium", "low"])
    >>> task.classes, task.head_size, task.encode(["high"])
    (('low', 'medium', 'high'), 2, tensor([2]))
    """

    classes: tuple[Hashable, ...]
    loss: losses.Loss = losses.CORN()
    decision: decisions.Decision = decisions.MedianRank()
    bias: tuple[float, ...] | None = field(default=None, compare=False, repr=False)

    LOSSES = (losses.CORN,)
    DECISIONS = (decisions.MedianRank, decisions.Argmax, decisions.LeastCost)
    PROBLEM: ClassVar[str] = Said(
        "each row has one of several ordered classes", "每行属于若干有序类别中的一个"
    )
    LINK: ClassVar[str] = Said(
        "products of sigmoids give P(y > j), differences P(class)",
        "sigmoid 连乘得到 P(y > j)，相邻之差即各类别的概率",
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "classes", tuple(self.classes))
        check_classes(self.classes, "Ordinal")
        super().__post_init__()

    @classmethod
    def discover(cls, values: Any, *, order: tuple[Hashable, ...] = ()) -> Self:
        """Ranks of one column: ``order``, a known order of words, or numeric order."""
        name, column = only(_arrow.columns(values), "Ordinal")
        found = distinct(column)
        if order:
            return cls(order)
        if pa.types.is_string(column.type):
            known = order_of(found)
            if known is None:
                raise TargetError(
                    f"Target column {name!r}: the order of {found[:10]} is not known.",
                    fix="give order=(least, ..., greatest), or use Multiclass",
                )
            return cls(known)
        return cls(found)

    @property
    def columns(self) -> tuple[str, ...]:
        return ()

    def encode(self, values: Any) -> Tensor:
        name, column = only(_arrow.columns(values), "Ordinal")
        return to_index(name, column, self.classes, "rank")

    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        return pa.table({name: take(self.classes, decided)})

    def strata(self, target: Tensor) -> ndarray:
        return target.cpu().numpy()

    @property
    def head_size(self) -> int:
        return len(self.classes) - 1

    def inverse_link(self, raw: Tensor) -> Float[Tensor, "n c"]:
        return links.corn_probs(links.precise(raw))

    @property
    def metrics(self) -> tuple[metrics.Metric, ...]:
        return (
            metrics.RankError(),
            metrics.Accuracy(),
            metrics.WithinOne(),
            metrics.QuadraticKappa(classes=len(self.classes)),
            metrics.RPS(),
            metrics.LogLoss(),
        )

    def views(self, raw: Tensor, target: Tensor) -> Views:
        probs = self.inverse_link(raw)
        return {"probs": (probs, target), "decision": (self.decision(probs), target)}

    def proba_table(self, raw: Tensor, name: str = "target") -> pa.Table:
        return self._named(self.inverse_link(raw), self.classes, name)
