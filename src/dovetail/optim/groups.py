"""Which parameters an optimizer gets, and which of them are spared weight decay.

Decay pulls a weight towards 0, which is a sensible prior for the entries of a matrix
and for nothing else: a bias at 0 moves the prediction, a norm gain at 0 cuts the
signal, a rarely seen embedding would be decayed at every step and trained at few. So
decay is kept off

    every parameter with fewer than two axes        biases, gains, cutpoints, scales
    the gains of LayerNorm and RMSNorm              which may have several axes
    nn.Embedding and nn.EmbeddingBag
    parameters whose name is a bias                 a stack of biases has two axes
    what is marked with ``no_weight_decay = True``  on the parameter or on its module

Mark the module where networks are copied: ``copy.deepcopy`` drops attributes of
parameters and keeps those of modules. A parameter used in several places (tied) appears
once, and is spared where any of its owners would spare it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from dovetail.errors import ConfigError


@dataclass(frozen=True, eq=False)
class Trainable:
    """A parameter to optimize, under its first name, with every module that owns it."""

    name: str
    parameter: nn.Parameter
    owners: tuple[nn.Module, ...]
    decayed: bool


def trainable(module: nn.Module) -> list[Trainable]:
    """Every parameter with ``requires_grad``, once, in the module's order."""
    owners: dict[int, list[nn.Module]] = {}
    for owner in module.modules():
        for parameter in owner.parameters(recurse=False):
            owners.setdefault(id(parameter), []).append(owner)
    found = []
    for name, parameter in module.named_parameters():
        if not parameter.requires_grad:
            continue
        if is_lazy(parameter):
            raise ConfigError(
                f"The parameter {name!r} of {type(module).__name__} has no shape yet.",
                fix="send one batch through the network before building the optimizer",
            )
        mine = tuple(owners[id(parameter)])
        decayed = not any(_spared(name, parameter, owner) for owner in mine)
        found.append(Trainable(name, parameter, mine, decayed))
    if not found:
        raise ConfigError(
            f"{type(module).__name__} has no parameter that requires a gradient.",
            fix="unfreeze a part of the network, or give a network with parameters",
        )
    return found


def _spared(name: str, parameter: nn.Parameter, owner: nn.Module) -> bool:
    leaf = name.rpartition(".")[2]
    return (
        parameter.ndim < 2
        or isinstance(owner, nn.Embedding | nn.EmbeddingBag | nn.LayerNorm | nn.RMSNorm)
        or leaf.startswith("bias")
        or leaf.endswith("_bias")
        # "is True": timm models have a method of this name
        or getattr(parameter, "no_weight_decay", None) is True
        or getattr(owner, "no_weight_decay", None) is True
    )


def parameter_groups(module: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """One group with ``weight_decay`` and one with 0; an empty group is left out.

    >>> groups = parameter_groups(nn.Linear(3, 2), 0.01)
    >>> [(g["weight_decay"], [tuple(p.shape) for p in g["params"]]) for g in groups]
    [(0.01, [(2, 3)]), (0.0, [(2,)])]
    """
    found = trainable(module)
    groups: list[dict[str, Any]] = [
        {
            "params": [t.parameter for t in found if t.decayed],
            "weight_decay": weight_decay,
        },
        {
            "params": [t.parameter for t in found if not t.decayed],
            "weight_decay": 0.0,
        },
    ]
    return [group for group in groups if group["params"]]


def kernel(
    groups: Iterable[dict[str, Any]], *, fused_on: tuple[str, ...] = ("cpu", "cuda")
) -> dict[str, bool]:
    """The fastest kernel torch has for these groups, as keywords for its optimizers.

    ``fused`` (one kernel for all tensors) wants floating-point tensors on one device of
    a type in ``fused_on``; ``foreach`` (one kernel for each operation) always works.
    """
    parameters: list[torch.Tensor] = [p for group in groups for p in group["params"]]
    devices = {p.device for p in parameters}
    if (
        len(devices) == 1
        and next(iter(devices)).type in fused_on
        and all(p.is_floating_point() for p in parameters)
    ):
        return {"fused": True}
    return {"foreach": True}
