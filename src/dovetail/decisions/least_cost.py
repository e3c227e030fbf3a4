"""The class whose expected cost is least."""

import math
from dataclasses import dataclass
from typing import Any, ClassVar, final

import torch
from jaxtyping import Int64
from torch import Tensor

from dovetail._phrases import Said
from dovetail.decisions._base import Decision
from dovetail.decisions._check import check_probs
from dovetail.errors import ConfigError


@final
@dataclass(frozen=True, kw_only=True)
class LeastCost(Decision):
    """The class a with the least ``sum_k p_k costs[a][k]``; ties: the lowest index.

    ``costs[a][k]`` is what it costs to decide a where the truth is k: one row for
    each decision, one column for each class, in the task's order of classes. Any
    finite numbers; a gain is a negative cost.

    probs: (n, C). Gives the class index (n,).

    >>> rule = LeastCost(costs=((0, 10), (1, 0)))  # a missed 1 costs ten false alarms
    >>> rule(torch.tensor([[0.95, 0.05], [0.8, 0.2]])).tolist()  # 0.5 < 0.95; 2 > 0.8
    [0, 1]
    """

    costs: tuple[tuple[float, ...], ...]

    optimal_for: ClassVar[str] = Said(
        "the class with the least expected cost", "取期望代价最小的类别"
    )

    def __post_init__(self) -> None:
        object.__setattr__(self, "costs", _square(self.costs))

    def __call__(self, probs: Tensor) -> Int64[Tensor, " n"]:
        check_probs(probs, "LeastCost", columns=len(self.costs))
        costs = torch.tensor(self.costs, dtype=torch.float64, device=probs.device)
        return (probs.double() @ costs.T).argmin(dim=1)


def _square(costs: Any) -> tuple[tuple[float, ...], ...]:
    try:
        rows = tuple(tuple(float(cell) for cell in row) for row in costs)
    except (TypeError, ValueError):
        rows = ()
    lengths = {len(row) for row in rows}
    if lengths != {len(rows)} or not all(map(math.isfinite, sum(rows, ()))):
        raise ConfigError(
            f"LeastCost needs a square matrix of finite costs, got {costs!r}.",
            fix="give costs[a][k], the cost of deciding a where the truth is k",
        )
    return rows
