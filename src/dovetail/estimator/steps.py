"""What a step may do beside the optimizer's own: clip, average, run compiled."""

import math
from typing import Any

from dovetail.errors import ConfigError
from dovetail.estimator.options import Options
from dovetail.optim import Elementwise, ScheduleFree, Spec
from dovetail.tasks import Task


def check(said: Options, optimizer: Spec) -> None:
    """Raise where the optimizer leaves no room for what is asked of a step."""
    name = type(optimizer).__name__
    clipped = said.clip is not None and math.isfinite(said.clip)
    if clipped and optimizer.full_batch:
        raise ConfigError(
            f"clip was given, but {name} looks for its step length itself, from whole "
            "gradients.",
            fix="leave clip out, or choose another optimizer, such as adamw",
        )
    if said.average and not can_average(optimizer):
        why = "takes few large steps" if optimizer.full_batch else "averages already"
        raise ConfigError(
            f"average was asked for, but {name} {why}.",
            fix="leave average out, or choose another optimizer, such as adamw",
        )
    if said.compiled and not isinstance(optimizer, Elementwise):
        raise ConfigError(
            f"compiled was asked for, but a step of {name} cannot be compiled.",
            fix="leave compiled out, or choose another optimizer, such as adamw",
        )


def clip(said: float | None, task: Task, optimizer: Spec) -> float | None:
    """The gradient norm asked for, or that of the task; L-BFGS takes them whole."""
    if said is not None:
        return said if math.isfinite(said) else None
    return None if optimizer.full_batch else task.CLIP


def average(said: bool | None, model: Any, optimizer: Spec) -> bool:
    """Keep the moving average of weights? Not where that has no meaning.

    A user's module may hold batch statistics, which belong to the weights of each step.
    """
    if said is not None:
        return said
    return isinstance(model, str) and can_average(optimizer)


def can_average(optimizer: Spec) -> bool:
    """Schedule-free optimizers average already; L-BFGS takes no small steps."""
    return not (optimizer.full_batch or isinstance(optimizer, ScheduleFree))
