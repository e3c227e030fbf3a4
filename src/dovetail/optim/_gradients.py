"""What our own optimizers share: the closure's loss, and the gradients of a group."""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from dovetail.errors import ConfigError

Closure = Callable[[], Tensor | float]


def evaluated(closure: Closure | None) -> Tensor | float | None:
    """The loss that ``step(closure)`` gives back; None without a closure."""
    if closure is None:
        return None
    with torch.enable_grad():
        return closure()


def with_gradient(parameters: Iterable[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
    """The parameters that have a gradient, and those gradients.

    A sparse gradient is refused: the moments of these optimizers are dense, and a row
    without a gradient still has momentum.
    """
    params: list[Tensor] = []
    grads: list[Tensor] = []
    for parameter in parameters:
        if parameter.grad is None:
            continue
        if parameter.grad.is_sparse:
            raise ConfigError(
                "This optimizer cannot use a sparse gradient (shape "
                f"{tuple(parameter.shape)}).",
                fix="build the embedding with sparse=False",
            )
        params.append(parameter)
        grads.append(parameter.grad)
    return params, grads
