"""What our own optimizers read from the parameters of a group."""

from collections.abc import Iterable

from torch import Tensor

from dovetail.errors import ConfigError


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
