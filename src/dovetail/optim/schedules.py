"""Learning-rate schedules: pure functions from the step to a factor.

    factor = schedule(step, total)        step = 0 ... total - 1
    lr of the step = factor * initial_lr  of each parameter group

A schedule is a frozen value without state, so a resumed run needs only the step. The
factor is at most 1: ``lr`` always means the largest learning rate of the run.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, Final, final

from dovetail.errors import ConfigError
from dovetail.optim._checks import checked


@dataclass(frozen=True, kw_only=True)
class Schedule(ABC):
    """A curve of factors in [0, 1]. Subclasses are final, frozen and keyword-only."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = checked(type(self).__name__, field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    @abstractmethod
    def factor(self, step: int, total: int) -> float:
        """The factor; ``0 <= step`` and ``1 <= total`` hold."""

    def __call__(self, step: int, total: int) -> float:
        """The factor for ``step`` of ``total``; steps are counted from 0.

        From ``step = total`` on it stays where the curve ended.
        """
        if total < 1 or step < 0:
            raise ConfigError(
                f"A schedule needs step >= 0 and total >= 1, got {step} of {total}.",
                fix="count steps from 0, and give the number of steps of the whole run",
            )
        return self.factor(min(step, total), total)

    def to_json(self) -> dict[str, Any]:
        """``{"name": "WarmupCosine", "warmup": 0.05}``."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"name": type(self).__name__, **values}


def _ramp(step: int, total: int, warmup: float) -> tuple[float | None, int]:
    """The factor while warming up (else None), and the number of warm-up steps.

    Step s of w has (s + 1) / (w + 1): the first step already moves, and step w, the
    first after the ramp, continues it with 1. The last step of a run is never ramp.
    """
    length = min(round(warmup * total), total - 1)
    return ((step + 1) / (length + 1) if step < length else None), length


def _cosine(progress: float) -> float:
    """From 1 to 0 along half a cosine while ``progress`` goes from 0 to 1."""
    return 0.5 * (1 + math.cos(math.pi * progress))


@final
@dataclass(frozen=True, kw_only=True)
class WarmupCosine(Schedule):
    """Linear warm-up over the first part of the run, then half a cosine to 0.

    With w = warmup * total:  (s + 1) / (w + 1) for s < w,  then
    (1 + cos(pi (s - w) / (total - w))) / 2.

    Loshchilov, Hutter, "SGDR: Stochastic gradient descent with warm restarts", 2017
    (without the restarts).

    >>> schedule = WarmupCosine(warmup=0.2)
    >>> [round(schedule(s, 5), 3) for s in range(6)]
    [0.5, 1.0, 0.854, 0.5, 0.146, 0.0]
    """

    warmup: float = 0.05

    def factor(self, step: int, total: int) -> float:
        """See the class."""
        ramp, length = _ramp(step, total, self.warmup)
        return _cosine((step - length) / (total - length)) if ramp is None else ramp


@final
@dataclass(frozen=True, kw_only=True)
class Constant(Schedule):
    """1 for the whole run, after a linear warm-up where one is asked for.

    The one to take where the length of the run is not known beforehand.

    >>> [Constant()(s, 4) for s in range(4)]
    [1.0, 1.0, 1.0, 1.0]
    >>> [Constant(warmup=0.25)(s, 4) for s in range(4)]
    [0.5, 1.0, 1.0, 1.0]
    """

    warmup: float = 0.0

    def factor(self, step: int, total: int) -> float:
        """See the class."""
        ramp, _ = _ramp(step, total, self.warmup)
        return 1.0 if ramp is None else ramp


@final
@dataclass(frozen=True, kw_only=True)
class OneCycle(Schedule):
    """Half a cosine up from ``start`` to 1, then half a cosine down to ``end``.

    The peak stands at step warmup * total - 1, and ``end`` at the last step, as in
    ``torch.optim.lr_scheduler.OneCycleLR``. Momentum keeps its value: the inverse cycle
    of momentum in the paper is not part of a learning-rate factor.

    Smith, Topin, "Super-convergence: very fast training of neural networks using large
    learning rates", 2018.

    >>> [round(OneCycle(warmup=0.5, start=0.5, end=0.0)(s, 6), 3) for s in range(6)]
    [0.5, 0.75, 1.0, 0.75, 0.25, 0.0]
    """

    warmup: float = 0.3
    start: float = 0.04
    end: float = 4e-6

    def factor(self, step: int, total: int) -> float:
        """See the class."""
        last = max(total - 1, 0)
        peak = max(self.warmup * total - 1, 0.0)
        step = min(step, last)
        if step < peak:
            return 1 - (1 - self.start) * _cosine(step / peak)
        if last <= peak:
            return 1.0
        return self.end + (1 - self.end) * _cosine((step - peak) / (last - peak))


# Values are shared: what optimizers take where nothing else is said.
COSINE: Final = WarmupCosine()
FLAT: Final = Constant()
