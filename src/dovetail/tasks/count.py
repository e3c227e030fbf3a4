"""Count: each row has a whole number of events, 0, 1, 2, ...

stage          takes                  gives
codec          counts (n,)            float (n, 1)
head           features (n, d)        log mean (n, 1)
loss           log mean, count        one value per row (n,)              Poisson
inverse link   log mean (n, 1)        mean (n, 1)                         exp
decision rule  mean                   mean (n, 1)
metrics        numbers                the first one picks the best epoch
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail import _arrow, decisions, links, losses, metrics
from dovetail._phrases import Said
from dovetail.errors import TargetError
from dovetail.tasks._base import Task, Views
from dovetail.tasks._columns import only
from dovetail.tasks._labels import matrix
from dovetail.tasks._points import numbers, strata_of


@final
@dataclass(frozen=True)
class Count(Task):
    """Predict the mean number of events.

    >>> task = Count.from_targets([0, 1, 5])
    >>> task.encode([4]), round(task.bias[0], 4)  # log of the mean, log 2
    (tensor([[4.]]), 0.6931)
    """

    loss: losses.Loss = losses.Poisson()
    decision: decisions.Decision = decisions.Mean()
    bias: tuple[float, ...] | None = field(default=None, compare=False, repr=False)

    LOSSES = (losses.Poisson,)
    DECISIONS = (decisions.Mean,)
    PROBLEM: ClassVar[str] = Said(
        "each row has a number of events", "每行是一个事件次数"
    )
    LINK: ClassVar[str] = Said("exp gives the mean", "经 exp 得到均值")
    CLIP: ClassVar[float | None] = 1.0

    @classmethod
    def discover(cls, values: Any) -> Self:
        """One column of whole numbers >= 0."""
        table = _arrow.columns(values)
        only(table, "Count", "choose one column, or use Regression for several")
        _refuse_others(table, matrix(table))
        return cls()

    @property
    def columns(self) -> tuple[str, ...]:
        return ()

    def encode(self, values: Any) -> Float[Tensor, "n 1"]:
        table, cells = numbers(values, ())
        _refuse_others(table, cells)
        return torch.from_numpy(cells).float()

    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        return pa.table({name: decided.reshape(-1).double().cpu().numpy()})

    def strata(self, target: Tensor) -> ndarray:
        return strata_of(target.cpu().numpy())

    @property
    def head_size(self) -> int:
        return 1

    def inverse_link(self, raw: Tensor) -> Float[Tensor, "n 1"]:
        return links.precise(raw).exp()

    @property
    def metrics(self) -> tuple[metrics.Metric, ...]:
        return (
            metrics.PoissonDeviance(),
            metrics.RMSE(),
            metrics.MAE(),
            metrics.R2(),
        )

    def views(self, raw: Tensor, target: Tensor) -> Views:
        return {"point": (self.decide(raw).double(), target.double())}

    def proba_table(self, raw: Tensor, name: str = "target") -> None:
        return None


def _refuse_others(table: pa.Table, cells: ndarray) -> None:
    """Raise where a cell (n, 1) is no whole number >= 0; a missing one, NaN, passes."""
    column = cells[:, 0]
    whole = np.isfinite(column) & (np.floor(column) == column) & (column >= 0)
    wrong = np.flatnonzero(~(whole | np.isnan(column)))
    if len(wrong):
        raise TargetError(
            f"Target column {table.column_names[0]!r}, data row {wrong[0] + 1}: "
            f"{column[wrong[0]]:g} is not a count 0, 1, 2, ...",
            fix="use Regression for other numbers",
        )
