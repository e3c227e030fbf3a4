"""Regression: each row has a number, or several.

    stage          takes                  gives
    codec          numbers (n,) or (n, D) standardised, float (n, D)
    head           features (n, d)        raw (n, D)
    loss           raw, target            one value per row (n,), mean over D
    inverse link   raw (n, D)             raw: the mean, or what the loss estimates
    decision rule  raw                    raw (n, D)
    metrics        numbers, in units      the first one picks the best epoch

Targets are standardised with mean and standard deviation of the training rows, so
that loss, learning rate and Huber's delta have one scale; ``decode`` maps back. Of
several columns the first metric is in units of those standard deviations, so that it
does not follow the column with the largest unit.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, final

import numpy as np
import pyarrow as pa
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail import decisions, links, losses, metrics
from dovetail._phrases import Phrase, Said
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks._base import Task, Views
from dovetail.tasks._columns import target_table
from dovetail.tasks._points import numbers, strata_of

_SEVERAL = Phrase("each row has {n} numbers", "每行有 {n} 个数值")

# Metrics sum squares of errors in float64, which ends at 1e-308 and 1e308; this leaves
# room for errors and numbers of rows of many orders of magnitude.
LEAST_SPREAD, MOST_SPREAD = 1e-140, 1e140

EACH_COLUMN = 50  # columns with metrics of their own


@final
@dataclass(frozen=True)
class Regression(Task):
    """Predict a number for each of ``columns`` (empty: one column, of any name).

    >>> task = Regression.from_targets([1.0, 3.0])
    >>> task.mean, task.scale, task.encode([3.0, 5.0]).tolist()
    ((2.0,), (1.0,), [[1.0], [3.0]])
    >>> task.decode(torch.tensor([[0.5]]))
    [2.5]
    """

    columns: tuple[str, ...] = ()
    mean: tuple[float, ...] = (0.0,)
    scale: tuple[float, ...] = (1.0,)
    loss: losses.Loss = losses.Squared()
    decision: decisions.Decision = decisions.Mean()
    bias: tuple[float, ...] | None = field(default=None, compare=False, repr=False)

    LOSSES = (
        losses.Squared,
        losses.Absolute,
        losses.Huber,
        losses.SmoothL1,
        losses.LogCosh,
        losses.Pinball,
    )
    DECISIONS = (decisions.Mean,)
    PROBLEM: ClassVar[str] = Said("each row has a number", "每行是一个数值")
    LINK: ClassVar[str] = Said(
        "identity; standardised units are mapped back", "恒等；由标准化单位换算回原单位"
    )

    def __post_init__(self) -> None:
        outputs = max(1, len(self.columns))
        for name in ("mean", "scale"):
            value = tuple(float(v) for v in getattr(self, name))
            if len(value) == 1:
                value *= outputs
            if len(value) != outputs:
                raise TargetError(
                    f"Regression has {outputs} target(s), but {len(value)} {name}s.",
                    fix=f"give one {name} for each target column",
                )
            object.__setattr__(self, name, value)
        if not all(0 < s < math.inf for s in self.scale):
            raise TargetError(
                f"Regression has scales {self.scale}; they are finite and > 0.",
                fix="learn the task from targets",
            )
        super().__post_init__()

    @classmethod
    def discover(cls, values: Any) -> Self:
        """One column of numbers or several; their names if there are several."""
        table = target_table(values)
        return cls(tuple(table.column_names) if table.num_columns > 1 else ())

    def _scaled(self, table: pa.Table) -> Self:
        table, cells = numbers(table, self.columns)
        if len(cells) == 0:
            raise TargetError("There is no target row to learn from.", fix="add rows")
        # In units of the largest cell first: squares of 1e200 would overflow.
        unit = np.abs(cells).max(axis=0)
        unit[unit == 0] = 1.0
        mean = (cells / unit).mean(axis=0) * unit
        scale = (cells / unit).std(axis=0) * unit
        # A constant column has no scale; any positive one maps it back exactly.
        scale[cells.min(axis=0) == cells.max(axis=0)] = 1.0
        fits = (scale >= LEAST_SPREAD) & (scale <= MOST_SPREAD)
        if not fits.all():
            column = int(np.flatnonzero(~fits)[0])
            raise _unsquarable(table.column_names[column], cells[:, column])
        return self._changed(mean=tuple(mean.tolist()), scale=tuple(scale.tolist()))

    def encode(
        self, values: Any, dtype: torch.dtype = torch.float32
    ) -> Float[Tensor, "n d"]:
        """Standardised in float64 first, so that large offsets lose nothing."""
        _, cells = numbers(values, self.columns)
        scaled = (cells - np.array(self.mean)) / np.array(self.scale)
        return torch.from_numpy(scaled).to(dtype)

    def truth(self, values: Any) -> Float[Tensor, "n d"]:
        return self.encode(values, torch.float64)

    def point(self, raw: Tensor) -> Float[Tensor, "n d"]:
        """Standardised values back in the target's own units, float64."""
        scale = torch.tensor(self.scale, dtype=torch.float64)
        mean = torch.tensor(self.mean, dtype=torch.float64)
        return raw.detach().cpu().double() * scale + mean

    def rescaled(self, raw: Tensor, to: Self) -> Tensor:
        mean = torch.tensor(to.mean, dtype=torch.float64)
        scale = torch.tensor(to.scale, dtype=torch.float64)
        return (self.point(raw) - mean) / scale

    def decode_table(self, decided: Tensor, name: str = "target") -> pa.Table:
        cells = self.point(decided.reshape(len(decided), -1)).numpy()
        names = self.columns or (name,)
        return pa.table({n: cells[:, j] for j, n in enumerate(names)})

    def strata(self, target: Tensor) -> ndarray:
        return strata_of(target.cpu().numpy())

    @property
    def head_size(self) -> int:
        return max(1, len(self.columns))

    def inverse_link(self, raw: Tensor) -> Float[Tensor, "n d"]:
        return links.precise(raw)

    @property
    def metrics(self) -> tuple[metrics.Metric, ...]:
        rmse, mae, r2 = metrics.RMSE(), metrics.MAE(), metrics.R2()
        if isinstance(self.loss, losses.Pinball):
            tau = self.loss.taus[0]
            own = metrics.Pinball(tau=tau), metrics.CoverageGap(tau=tau)
            return (*own, mae, rmse, r2)
        # The median is judged by the absolute error it minimises, not by squares.
        squares = isinstance(self.loss, losses.Squared)
        plain = (rmse, mae, r2) if squares else (mae, rmse, r2)
        if not self.columns:
            return plain
        relative = metrics.RelativeRMSE(scale=self.scale)
        first = () if squares else (metrics.RelativeMAE(scale=self.scale),)
        return *first, relative, *plain, *_of_each_column(self.columns[:EACH_COLUMN])

    @property
    def problem(self) -> str:
        if not self.columns:
            return self.PROBLEM
        return _SEVERAL(n=len(self.columns))

    def views(self, raw: Tensor, target: Tensor) -> Views:
        return {"point": (self.point(self.decide(raw)), self.point(target))}

    def proba_table(self, raw: Tensor, name: str = "target") -> None:
        return None

    def _check_loss(self, loss: losses.Loss) -> None:
        if isinstance(loss, losses.Pinball) and (
            len(loss.taus) != 1 or self.head_size != 1
        ):
            raise ConfigError(
                f"Pinball with levels {loss.taus} on {self.head_size} target(s): "
                "Regression predicts one number, so one level of one target fits.",
                fix="give one level, such as pinball(taus=[0.9])",
            )


def _of_each_column(columns: tuple[str, ...]) -> Iterator[metrics.Metric]:
    for number, label in enumerate(columns):
        for metric in (metrics.RMSE(), metrics.R2()):
            yield metrics.OfColumn(metric=metric, column=number, label=label)


def _unsquarable(name: str, cells: ndarray) -> TargetError:
    low, high = cells.min(), cells.max()
    unit = 10.0 ** math.floor(math.log10(np.abs(cells).max()))
    return TargetError(
        f"Target column {name!r} goes from {low:g} to {high:g}; squares of such "
        "differences leave the range of float64.",
        fix=f"rescale the column: divide it by {unit:g}",
    )
