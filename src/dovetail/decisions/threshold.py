"""Yes where the probability is greater than a threshold."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
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
class Threshold(Decision):
    """1 where ``p > threshold``, else 0; a probability equal to the threshold is 0.

    ``threshold`` is one number in [0, 1], or a tuple with one for each label. With
    calibrated probabilities and costs of the two mistakes the best threshold is
    ``cost of a false alarm / (cost of a false alarm + cost of a miss)``.

    probs: (n, L). Gives 0/1 of the same shape, int64.

    >>> probs = torch.tensor([[0.5, 0.6], [0.9, 0.1]])
    >>> Threshold()(probs).tolist(), Threshold(threshold=(0.4, 0.7))(probs).tolist()
    ([[0, 1], [1, 0]], [[1, 0], [1, 0]])
    """

    threshold: float | tuple[float, ...] = 0.5

    optimal_for: ClassVar[str] = Said(
        "p > 0.5 gives the best accuracy of each yes/no; another threshold weighs "
        "false alarms against misses",
        "p > 0.5 使每个是/否判断的准确率最高；其他阈值用于权衡误报与漏报",
    )

    def __post_init__(self) -> None:
        given: Any = self.threshold
        if isinstance(given, Sequence) and not isinstance(given, str) and given:
            value: Any = tuple(map(_share, given))
        else:
            value = _share(given)
        object.__setattr__(self, "threshold", value)

    def __call__(self, probs: Tensor) -> Int64[Tensor, "n l"]:
        if not isinstance(self.threshold, tuple):
            check_probs(probs, "Threshold")
            return (probs > self.threshold).long()
        check_probs(probs, "Threshold", columns=len(self.threshold))
        levels = torch.tensor(self.threshold, dtype=probs.dtype, device=probs.device)
        return (probs > levels).long()


def _share(value: Any) -> float:
    number = float(value) if isinstance(value, Real) else math.nan
    if isinstance(value, bool) or not 0 <= number <= 1:
        raise ConfigError(
            f"Threshold needs numbers in [0, 1], got {value!r}.",
            fix="give a probability such as threshold=0.3, or one for each label",
        )
    return number
