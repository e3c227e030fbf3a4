"""The networks of an ensemble: which can be members, and how each one begins.

Member i begins with the seed ``seed + i`` and keeps it for its dropout. Of a network of
ours, or one that a user's function makes, each is made anew. A user's module is copied:
member 1 begins with its weights as given, the others with those that
``reset_parameters`` draws; frozen weights stay what they are in every copy.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import nn
from torch.func import functional_call, vmap

from dovetail.data import Features
from dovetail.errors import ConfigError
from dovetail.estimator.networks import PROBE, copy_of
from dovetail.estimator.presets import Preset
from dovetail.optim import Elementwise, Spec
from dovetail.train.prepare import check_members

Made = tuple[nn.Module, dict[str, Any]]  # a network, and the document to build it again

_MAKE_THEM = (
    "give a function (in_features, outputs) -> nn.Module that makes a new one each time"
)


def seeds(seed: int, count: int) -> list[int]:
    """One for each member, the fit's own first.

    >>> seeds(7, 3)
    [7, 8, 9]
    """
    return [seed + number for number in range(count)]


def of_preset(preset: Preset, model: Any, optimizer: Spec) -> int:
    """As many as the preset wants, of our own network and an elementwise optimizer.

    A user's module is one network unless they ask for more.
    """
    several = isinstance(model, str) and isinstance(optimizer, Elementwise)
    return preset.members if several else 1


def check(count: int, model: Any, optimizer: Spec) -> None:
    """Raise where so many networks cannot be trained as one program."""
    if count == 1:
        return
    if not isinstance(optimizer, Elementwise):
        raise ConfigError(
            f"{count} members were asked for, but {type(optimizer).__name__} trains "
            "one network at a time.",
            fix="take an elementwise optimizer (sgd, adam, adamw, lion, ...), or leave "
            "members out",
        )
    if isinstance(model, nn.Module):
        check_members([model] * count)
        _check_resettable(model)


def begin(
    make: Callable[[Any], Made], model: Any, seeds: Sequence[int], features: Features
) -> list[Made]:
    """The networks at their first weights; ``make`` gives one for a ``model``.

    Raises:
        ConfigError: they are of several shapes, share weights, begin alike, or cannot
            run as one function of their tensors.
    """
    found = []
    for number, seed in enumerate(seeds):
        torch.manual_seed(seed)
        copied = number > 0 and isinstance(model, nn.Module)
        found.append(make(_begun_anew(model) if copied else model))
    networks = [network for network, _ in found]
    _check_apart(networks)
    if len(networks) > 1 and not isinstance(model, str):
        check_members(networks)
        _check_as_one(networks, features)
    return found


def _check_resettable(module: nn.Module) -> None:
    """Every weight that is trained must have an owner that can draw it anew."""
    names = {id(p): name for name, p in module.named_parameters() if p.requires_grad}
    drawn = {
        id(parameter)
        for owner in module.modules()
        if callable(getattr(owner, "reset_parameters", None))
        for parameter in owner.parameters(recurse=False)
    }
    for one, name in names.items():
        if one not in drawn:
            raise ConfigError(
                f"The parameter {name!r} of your module cannot be drawn anew, since "
                "the layer that owns it has no reset_parameters(): the members would "
                "be equal.",
                fix=_MAKE_THEM,
            )


@torch.no_grad()
def _begun_anew(model: nn.Module) -> nn.Module:
    """A copy whose trained weights are drawn anew; an outer layer has the last word."""
    module = copy_of(model)
    for layer in reversed(list(module.modules())):
        reset = getattr(layer, "reset_parameters", None)
        trained = any(p.requires_grad for p in layer.parameters())
        if callable(reset) and trained:
            reset()
    given = dict(model.named_parameters())
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            parameter.copy_(given[name])
    return module


def _check_apart(networks: Sequence[nn.Module]) -> None:
    """The members must be of one shape, share nothing, and begin differently."""
    first = networks[0]
    seen = {id(tensor) for tensor in _tensors(first).values()}
    for number, network in enumerate(networks[1:], start=2):
        own = _tensors(network)
        shared = [name for name, tensor in own.items() if id(tensor) in seen]
        if shared:
            raise ConfigError(
                f"Member {number} shares {_bare(shared[0])!r} with another member.",
                fix=_MAKE_THEM,
            )
        seen |= {id(tensor) for tensor in own.values()}
        if repr(network) != repr(first) or own.keys() != _tensors(first).keys():
            raise ConfigError(
                f"Member {number} has other layers than member 1.",
                fix="let your function make networks of equal shape",
            )
        if _equal(network, first):
            raise ConfigError(
                f"Member {number} begins with the weights of member 1, so they would "
                "be equal.",
                fix="let your function draw the weights from torch's generator, and "
                "set no seed in it",
            )


@torch.no_grad()
def _check_as_one(networks: Sequence[nn.Module], features: Features) -> None:
    """A user's forward may do what cannot be done for all members in one call."""
    states = [_tensors(network) for network in networks]
    stacked = {name: torch.stack([s[name] for s in states]) for name in states[0]}
    first = networks[0].train()
    rows = (features.numbers[:PROBE], features.categories[:PROBE])
    try:
        vmap(lambda state: functional_call(first, state, rows), randomness="different")(
            stacked
        )
    except Exception as error:  # whatever the user's own code raises
        line = str(error).partition("\n")[0]
        raise ConfigError(
            "Your module cannot run for several members at once (torch.func.vmap): "
            f"{type(error).__name__}: {line}",
            fix="write forward without branches on values, changes in place and "
            "recurrent layers, or leave members out",
        ) from error


def _tensors(network: nn.Module) -> dict[str, torch.Tensor]:
    return {**dict(network.named_parameters()), **dict(network.named_buffers())}


def _equal(one: nn.Module, other: nn.Module) -> bool:
    pairs = zip(one.parameters(), other.parameters(), strict=True)
    return all(torch.equal(a, b) for a, b in pairs if a.requires_grad)


def _bare(name: str) -> str:
    """The name in the user's module, without that of our wrapper."""
    return name.removeprefix("module.")
