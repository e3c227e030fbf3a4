"""Members of every elementwise optimizer, found by walking, and a problem for them."""

import dataclasses
import itertools

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from dovetail import optim

FAMILY = optim.Elementwise.__subclasses__()


def varied(base: optim.Elementwise) -> list[optim.Elementwise]:
    """Four specs of one structure that differ in every setting that is a number.

    No alpha near 0.5 with momentum 0.9: 200 such steps blow one unit in the last place
    up to 1e-6, in torch's own optimizer too, and nothing could be compared.
    """
    has = {field.name for field in dataclasses.fields(base)}
    settings = [
        {"weight_decay": 0.0, "schedule": optim.Constant()},
        {"weight_decay": 0.1, "lr": 3 * base.lr},
        {
            "weight_decay": 0.01,
            "betas": (0.5, 0.9),
            "alpha": 0.8,
            "eps": 1e-3,
            "schedule": optim.OneCycle(),
        },
        {
            "weight_decay": 0.3,
            "betas": (0.0, 0.6),
            "alpha": 0.9,
            "eps": 1e-5,
            "initial_accumulator_value": 0.3,
            "lr": base.lr / 2,
        },
    ]
    if getattr(base, "momentum", 0.0):
        settings[2]["momentum"] = 0.5
    return [
        dataclasses.replace(base, **{k: v for k, v in s.items() if k in has})
        for s in settings
    ]


def stacks() -> dict[str, list[optim.Elementwise]]:
    """For each optimizer, with each of its switches on and off: members to stack."""
    found = {}
    choices = {"momentum": (0.0, 0.9), "nesterov": (False, True)}
    for kind in FAMILY:
        has = {field.name for field in dataclasses.fields(kind)}
        names = [name for name in choices if name in has]
        for values in itertools.product(*(choices[name] for name in names)):
            set_to = dict(zip(names, values, strict=True))
            words = [f"{name}={value}" for name, value in set_to.items()]
            found[" ".join([kind.__name__, *words])] = varied(kind(**set_to))
    return found


STACKS = stacks()
EVERY = {
    f"{name} {i}": s for name, specs in STACKS.items() for i, s in enumerate(specs)
}


def network(seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3)).double()


def decayed_first(module: nn.Module) -> tuple[list[str], int]:
    """The names of the parameters, and how many weights of the flat row decay."""
    found = sorted(optim.trainable(module), key=lambda t: not t.decayed)
    return [t.name for t in found], sum(t.parameter.numel() for t in found if t.decayed)


def flat(module: nn.Module) -> Tensor:
    named = dict(module.named_parameters())
    names, _ = decayed_first(module)
    return torch.cat([named[name].detach().flatten() for name in names])


def gradient(module: nn.Module, row: Tensor, batch: tuple[Tensor, Tensor]) -> Tensor:
    """The gradient of the squared error, at the weights of a flat row."""
    x, y = batch
    named = dict(module.named_parameters())
    names, _ = decayed_first(module)
    parts = row.split([named[name].numel() for name in names])
    weights = {
        name: part.view_as(named[name]).detach().requires_grad_()
        for name, part in zip(names, parts, strict=True)
    }
    loss = (functional_call(module, weights, (x,)) - y).square().mean()
    grads = torch.autograd.grad(loss, list(weights.values()))
    return torch.cat([g.flatten() for g in grads])


def as_floats(rows: np.ndarray) -> list[float]:
    """Coefficients of one member."""
    assert len(rows) == 1
    return rows[0].tolist()


def as_tensors(rows: np.ndarray, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """Coefficients (m, columns) as tensors (m, 1)."""
    return list(torch.from_numpy(rows).to(dtype).split(1, dim=1))


def rates(spec: optim.Spec, total: int) -> np.ndarray:
    return np.array([spec.lr * spec.schedule(s, total) for s in range(total)])


def table(specs: list[optim.Elementwise], total: int, *, decayed: bool) -> np.ndarray:
    """(total, members, columns)."""
    steps = np.arange(1, total + 1)
    return np.stack(
        [s.coefficients(steps, rates(s, total), decayed=decayed) for s in specs], axis=1
    )


def start(specs: list[optim.Elementwise], weights: Tensor) -> list[Tensor]:
    """The slots of all members, each member's rows made by its own spec."""
    each = [s.start(weights[i : i + 1]) for i, s in enumerate(specs)]
    return [torch.cat(parts) for parts in zip(*each, strict=True)]
