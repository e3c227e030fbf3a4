"""Who draws random numbers in a network, and from where.

Our dropout layers take their noise from keys (``backbones.Dropout``), and every
``nn.Dropout`` of the network is ours while it trains. Whatever else draws (a layer of
torch's with dropout inside, a ``torch.rand`` in a network, loss or optimizer of the
user's own) draws from torch's generator, which gets a seed at each step.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import torch
from jaxtyping import Int64
from torch import Tensor, nn

from dovetail import losses, optim
from dovetail.backbones import Dropout
from dovetail.losses import Loss
from dovetail.optim import Spec

_DRAWING = (
    nn.modules.dropout._DropoutNd,
    nn.RReLU,
    nn.RNNBase,
    nn.MultiheadAttention,
    nn.TransformerEncoderLayer,
    nn.TransformerDecoderLayer,
)


@contextmanager
def placed_dropout(networks: tuple[nn.Module, ...]) -> Iterator[int]:
    """Inside, every plain dropout layer takes its noise from keys; gives their number.

    Layer i of every network listens to row i + 1 of the step's keys.
    """
    swapped: list[tuple[nn.Module, str, nn.Module]] = []
    counts = [_swap(network, swapped) for network in networks]
    try:
        yield counts[0]
    finally:
        for owner, name, old in swapped:
            setattr(owner, name, old)
        for network in networks:
            for layer in layers(network):
                layer.noise = None


def _swap(network: nn.Module, swapped: list[tuple[nn.Module, str, nn.Module]]) -> int:
    # A layer used in two places is one layer, and stays one.
    ours: dict[int, Dropout] = {}
    for owner in list(network.modules()):
        # Not named_children: it gives a layer with two names once.
        for name, child in list(owner._modules.items()):
            if type(child) is nn.Dropout:
                new = ours.setdefault(id(child), Dropout(child.p).train(child.training))
                setattr(owner, name, new)
                swapped.append((owner, name, child))
    return len(layers(network))


def layers(network: nn.Module) -> list[Dropout]:
    """The dropout layers whose noise is placed, in the order of their keys."""
    return [m for m in network.modules() if isinstance(m, Dropout)]


def named_layers(network: nn.Module) -> dict[str, Dropout]:
    """``layers`` with the names under which the network knows them."""
    return {name: m for name, m in network.named_modules() if isinstance(m, Dropout)}


def listen(network: nn.Module, noise: Int64[Tensor, "layers 3"]) -> None:
    """Let each layer read its row of ``noise``, which the loop rewrites each step."""
    for number, layer in enumerate(layers(network)):
        layer.noise = noise[number]


@contextmanager
def one_pass(dropouts: Iterable[Dropout], rows: int) -> Iterator[None]:
    """Inside, a network is called once, with so many rows, and each of its layers
    counts from 0."""
    for layer in dropouts:
        layer.calls, layer.rows = 0, rows
    try:
        yield
    finally:
        # A layer that is checkpointed runs once more in the backward pass.
        for layer in dropouts:
            layer.calls = 0


def draws(network: nn.Module, others: Iterable[Loss | Spec] = ()) -> bool:
    """May the network, or one of its losses and optimizers, draw from torch's
    generator? Code we do not know may."""
    kinds = {type(part) for part in (*network.modules(), *others)}
    return (
        has_layers_that_draw(network)
        or not all(map(is_known, kinds))
        or not kinds.isdisjoint((losses.Custom, optim.Custom))
    )


def has_layers_that_draw(network: nn.Module) -> bool:
    """Has it layers of torch's with noise inside?"""
    return any(isinstance(m, _DRAWING) for m in network.modules())


def is_known(kind: type) -> bool:
    """Is this class torch's or ours, which do what their documentation says?"""
    return kind.__module__.split(".")[0] in ("torch", "dovetail")


def seed(key: int, device: torch.device) -> None:
    """Seed the generators that a step on ``device`` draws from, cheaply."""
    torch.default_generator.manual_seed(key)
    if device.type == "cuda":
        torch.cuda.default_generators[device.index or 0].manual_seed(key)
