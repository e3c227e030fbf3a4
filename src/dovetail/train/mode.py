"""Networks into training or evaluation, at little cost."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


def set_mode(network: nn.Module, training: bool) -> None:
    """As ``network.train(training)``, which takes longer than a small network's step.

    A module with a ``train`` of its own is asked.
    """
    modules = list(network.modules())
    if any(type(module).train is not nn.Module.train for module in modules):
        network.train(training)
        return
    for module in modules:
        module.__dict__["training"] = training


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Inside, the network is in evaluation; then it goes back to the mode it was in."""
    was_training = network.training
    set_mode(network, False)
    try:
        yield
    finally:
        set_mode(network, was_training)
