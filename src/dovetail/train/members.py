"""M networks of equal shape in one buffer: what a step reads and writes.

Axes: M members, P trainable weights of one network (decayed ones first).

    weights   (M, P)     the parameters of every network are views into it
    buffers   {name: (M, ...)}    what else the networks hold, likewise

So an update is a few operations on one tensor whatever the layers are, a snapshot is a
copy, and a checkpoint a handful of named tensors. M = 1 is the ordinary case.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import final

import torch
from torch import Tensor, nn

from dovetail.errors import ConfigError
from dovetail.optim import trainable
from dovetail.train import noise


@dataclass(frozen=True)
class Place:
    """Where a parameter stands in the columns of ``weights``."""

    name: str
    start: int
    shape: torch.Size

    @property
    def stop(self) -> int:
        """One past its last column."""
        return self.start + self.shape.numel()

    def of(self, weights: Tensor) -> Tensor:
        """The parameter of every member, (M, *shape)."""
        columns = weights[:, self.start : self.stop]
        return columns.view(len(weights), *self.shape)


@final
class Members:
    """The networks, and their trainable weights and buffers as stacked tensors.

    While it is in use the networks' parameters are views; ``given_back`` gives each
    network tensors of its own again.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        self.networks = tuple(networks)
        first = self.networks[0]
        found = trainable(first)
        _check_one_kind([t.parameter for t in found])
        ordered = [t for t in found if t.decayed] + [t for t in found if not t.decayed]
        self.places: list[Place] = []
        start = 0
        for t in ordered:
            self.places.append(Place(t.name, start, t.parameter.shape))
            start += t.parameter.numel()
        self.decayed = sum(t.parameter.numel() for t in found if t.decayed)
        self.weights = torch.empty(
            len(self.networks),
            start,
            dtype=found[0].parameter.dtype,
            device=found[0].parameter.device,
        )
        self.buffers: dict[str, Tensor] = {}
        # Of ``state``: what only a forward of the user's own could change.
        self.frozen = {f"buffer.{name}" for name in _frozen(first)}
        self.dropouts = noise.named_layers(first)
        self._stack()
        # Buffers that all members read alike, so that work on them is done once.
        self.shared = {
            name
            for name in _never_written(first)
            if bool((self.buffers[name] == self.buffers[name][:1]).all())
        }

    def __len__(self) -> int:
        return len(self.networks)

    @torch.no_grad()
    def _stack(self) -> None:
        for number, network in enumerate(self.networks):
            parameters = dict(network.named_parameters())
            for place in self.places:
                parameter = parameters.get(place.name)
                if parameter is None or parameter.shape != place.shape:
                    raise ConfigError(
                        f"Member {number} differs from member 0 in {place.name}.",
                        fix="train networks of equal shape together, others apart",
                    )
                view = place.of(self.weights)[number]
                view.copy_(parameter)
                parameter.data = view
        for name in _constants(self.networks[0]):
            own_ones = [_constants(n)[name] for n in self.networks]
            stacked = self.buffers[name] = torch.stack(own_ones).detach()
            for own, value in zip(own_ones, stacked, strict=True):
                own.data = value

    def parameters(self, number: int) -> list[nn.Parameter]:
        """The trainable parameters of one network, in the order of ``places``."""
        own = dict(self.networks[number].named_parameters())
        return [own[place.name] for place in self.places]

    def beside(self, found: Sequence[Tensor | None]) -> list[Tensor]:
        """Gradients in the order of ``places`` as (M, columns) each.

        A parameter that was not used has none: 0.
        """
        count = len(self.networks)
        return [
            self.weights.new_zeros(count, place.stop - place.start)
            if gradient is None
            else (gradient.to_dense() if gradient.is_sparse else gradient).reshape(
                count, -1
            )
            for gradient, place in zip(found, self.places, strict=True)
        ]

    def state(self) -> dict[str, Tensor]:
        """The tensors themselves, by name, for snapshots and checkpoints."""
        return {
            "weights": self.weights,
            **{f"buffer.{name}": value for name, value in self.buffers.items()},
        }

    @torch.no_grad()
    def gather(self) -> None:
        """Take back buffers that a forward replaced instead of changing them."""
        for number, network in enumerate(self.networks):
            now = _constants(network) if self.buffers else {}
            for name, stacked in self.buffers.items():
                own, value = now[name], stacked[number]
                if own.data_ptr() != value.data_ptr():
                    value.copy_(own)
                    own.data = value

    @contextmanager
    def holding(self, weights: Tensor | None) -> Iterator[None]:
        """Inside, the networks have ``weights`` (M, P); None changes nothing."""
        if weights is None:
            yield
            return
        with torch.no_grad():
            kept = self.weights.clone()
            self.weights.copy_(weights)
        try:
            yield
        finally:
            with torch.no_grad():
                self.weights.copy_(kept)


@contextmanager
def given_back(networks: Sequence[nn.Module]) -> Iterator[None]:
    """Afterwards each network has tensors of its own again, with the values of then,
    and is ready to predict, however far it went."""
    try:
        yield
    finally:
        for network in networks:
            with torch.no_grad():
                for tensor in (*network.parameters(), *network.buffers()):
                    tensor.data = tensor.data.clone()
            network.eval()


def _never_written(network: nn.Module) -> list[str]:
    """Buffers that hold what was learnt before training, as their modules say."""
    return [
        f"{prefix}.{name}" if prefix else name
        for prefix, module in network.named_modules()
        for name in getattr(module, "never_written", ())
    ]


def _constants(network: nn.Module) -> dict[str, Tensor]:
    """Buffers and frozen parameters: whatever no gradient changes."""
    return {**_frozen(network), **dict(network.named_buffers())}


def _frozen(network: nn.Module) -> dict[str, nn.Parameter]:
    return {n: p for n, p in network.named_parameters() if not p.requires_grad}


def _check_one_kind(parameters: list[nn.Parameter]) -> None:
    """One buffer has one type and one device."""
    kinds = {(p.dtype, p.device) for p in parameters}
    if len(kinds) > 1:
        said = ", ".join(sorted(f"{dtype} on {device}" for dtype, device in kinds))
        raise ConfigError(
            f"The network's parameters are of different kinds: {said}.",
            fix="bring them to one: network.float(), network.to(device)",
        )
    if not parameters[0].dtype.is_floating_point:
        raise ConfigError(
            f"The network's parameters are {parameters[0].dtype}.",
            fix="train real floating-point weights: network.float()",
        )
