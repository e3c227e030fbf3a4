"""Errors of several columns in each column's own unit, so that none drowns another."""

import math
from dataclasses import dataclass
from typing import final

import torch
from jaxtyping import Float64
from torch import Tensor

from dovetail.errors import ConfigError, DataError
from dovetail.metrics._columns import MeanOfColumns
from dovetail.metrics._forms import Columns


@dataclass(frozen=True, kw_only=True)
class _Relative(MeanOfColumns):
    """A mean over columns of an error divided by ``scale``, one for each column."""

    scale: tuple[float, ...]

    def __post_init__(self) -> None:
        scale = tuple(float(s) for s in self.scale)
        if not scale or not all(s > 0 and math.isfinite(s) for s in scale):
            raise ConfigError(
                f"{self.name} needs a positive scale for each column, got {scale}.",
                fix="give the columns' standard deviations in training, as task.scale",
            )
        object.__setattr__(self, "scale", scale)

    def statistics(self, prediction: Tensor, truth: Tensor) -> Float64[Tensor, "n s"]:
        if prediction.ndim == 2 and prediction.shape[1] != len(self.scale):
            raise DataError(
                f"{self.name} has {len(self.scale)} scales, the prediction "
                f"{prediction.shape[1]} columns.",
                fix="give one scale for each column",
            )
        return super().statistics(prediction, truth)

    def in_units(self, values: Tensor) -> Tensor:
        """Columns (..., D) divided by their scales."""
        scale = torch.tensor(self.scale, dtype=values.dtype, device=values.device)
        return values / scale


@final
@dataclass(frozen=True, kw_only=True)
class RelativeRMSE(_Relative):
    """The mean over columns of ``RMSE / scale``.

    ``scale`` is each column's standard deviation in training, so 1 is about what the
    mean gets, whatever the units. Where ``scale`` is the standard deviation of the
    score rows themselves this is the aRRMSE of Spyromitros-Xioufis, Tsoumakas, Groves,
    Vlahavas, "Multi-target regression via input space expansion", 2016.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> p, y = torch.tensor([[1.0, 300.0]]), torch.tensor([[2.0, 100.0]])
    >>> RelativeRMSE(scale=(2.0, 400.0))(p, y)  # 1/2 and 200/400
    0.5
    """

    def errors(self, p: Columns, y: Columns) -> Columns:
        return (p - y).square()

    def of_columns(self, means: Tensor) -> Tensor:
        return self.in_units(means.sqrt())


@final
@dataclass(frozen=True, kw_only=True)
class RelativeMAE(_Relative):
    """The mean over columns of ``MAE / scale``; for losses that estimate a median.

    ``scale`` is each column's standard deviation in training.

    point: (n, D). truth: (n, D), NaN = unknown.

    >>> p, y = torch.tensor([[1.0, 300.0]]), torch.tensor([[2.0, 100.0]])
    >>> RelativeMAE(scale=(2.0, 200.0))(p, y)  # 1/2 and 200/200
    0.75
    """

    def errors(self, p: Columns, y: Columns) -> Columns:
        return (p - y).abs()

    def of_columns(self, means: Tensor) -> Tensor:
        return self.in_units(means)
