"""Each spec equals torch's own optimizer, tensor by tensor, with hand-made groups."""

import copy

import pytest
import torch
from torch import nn

from dovetail import optim

SLOW = {"foreach": False}
ONE_BY_ONE = {"foreach": False, "fused": False}


def groups(module, weight_decay):
    """The split into decayed and spared, for a network of Linear layers."""
    return [
        {
            "params": [p for n, p in module.named_parameters() if n.endswith("weight")],
            "weight_decay": weight_decay,
        },
        {
            "params": [p for n, p in module.named_parameters() if n.endswith("bias")],
            "weight_decay": 0.0,
        },
    ]


CASES = {
    "sgd": (
        optim.SGD(weight_decay=0.01),
        lambda m: torch.optim.SGD(
            groups(m, 0.01), lr=0.05, momentum=0.9, nesterov=True, **ONE_BY_ONE
        ),
    ),
    "sgd heavy ball": (
        optim.SGD(lr=0.02, momentum=0.5, nesterov=False, weight_decay=0),
        lambda m: torch.optim.SGD(groups(m, 0.0), lr=0.02, momentum=0.5, **ONE_BY_ONE),
    ),
    "sgd without momentum": (
        optim.SGD(momentum=0),
        lambda m: torch.optim.SGD(groups(m, 5e-4), lr=0.05, **ONE_BY_ONE),
    ),
    "rmsprop": (
        optim.RMSprop(weight_decay=0.1),
        lambda m: torch.optim.RMSprop(
            groups(m, 0.1), lr=1e-3, alpha=0.99, eps=1e-8, **SLOW
        ),
    ),
    "rmsprop with momentum": (
        optim.RMSprop(momentum=0.8, alpha=0.9, eps=1e-4),
        lambda m: torch.optim.RMSprop(
            groups(m, 0.0), lr=1e-3, alpha=0.9, eps=1e-4, momentum=0.8, **SLOW
        ),
    ),
    "adagrad": (
        optim.Adagrad(weight_decay=0.1, initial_accumulator_value=0.2),
        lambda m: torch.optim.Adagrad(
            groups(m, 0.1), lr=1e-2, initial_accumulator_value=0.2, **ONE_BY_ONE
        ),
    ),
    "adam": (
        optim.Adam(weight_decay=0.1, betas=(0.8, 0.99)),
        lambda m: torch.optim.Adam(
            groups(m, 0.1), lr=1e-3, betas=(0.8, 0.99), **ONE_BY_ONE
        ),
    ),
    "adamw": (
        optim.AdamW(weight_decay=0.1),
        lambda m: torch.optim.AdamW(groups(m, 0.1), lr=1e-3, **ONE_BY_ONE),
    ),
    "nadam": (
        optim.NAdam(weight_decay=0.1),
        lambda m: torch.optim.NAdam(
            groups(m, 0.1), lr=1e-3, decoupled_weight_decay=True, **SLOW
        ),
    ),
    "radam": (
        optim.RAdam(weight_decay=0.1),
        lambda m: torch.optim.RAdam(
            groups(m, 0.1), lr=1e-3, decoupled_weight_decay=True, **SLOW
        ),
    ),
    "custom": (
        optim.Custom(make=torch.optim.Adamax, lr=0.01),
        lambda m: torch.optim.Adamax(m.parameters(), lr=0.01, foreach=False),
    ),
}


def distance(a: nn.Module, b: nn.Module) -> float:
    pairs = zip(a.parameters(), b.parameters(), strict=True)
    return max((p - q).detach().abs().max().item() for p, q in pairs)


@pytest.mark.parametrize("case", CASES)
def test_fifty_steps_equal(case, mlp, train):
    spec, reference = CASES[case]
    start, other = copy.deepcopy(mlp), copy.deepcopy(mlp)
    theirs = reference(other)
    for group in theirs.param_groups:
        group["initial_lr"] = group["lr"]
    train(mlp, spec.build(mlp), spec.schedule, range(50))
    train(other, theirs, spec.schedule, range(50))
    assert distance(mlp, start) > 1e-3
    assert distance(mlp, other) < 1e-12


def test_lbfgs_equals(mlp, train):
    other = copy.deepcopy(mlp)
    spec = optim.LBFGS(max_iter=7)
    theirs = torch.optim.LBFGS(
        other.parameters(),
        lr=1.0,
        max_iter=7,
        history_size=20,
        line_search_fn="strong_wolfe",
    )
    theirs.param_groups[0]["initial_lr"] = 1.0
    train(mlp, spec.build(mlp), spec.schedule, range(4))
    train(other, theirs, spec.schedule, range(4))
    assert distance(mlp, other) < 1e-12


@pytest.mark.parametrize("nesterov", [True, False])
def test_muon_equals_torch_muon_with_adamw(mlp, train, nesterov):
    other = copy.deepcopy(mlp)
    spec = optim.Muon(lr=0.01, weight_decay=0.1, nesterov=nesterov)
    ours = spec.build(mlp)
    ours.dtype = torch.bfloat16  # torch's choice on every device
    matrix = other[2].weight
    decayed = [other[0].weight, other[4].weight]
    theirs = [
        torch.optim.Muon(
            [matrix],
            lr=0.01,
            weight_decay=0.1,
            nesterov=nesterov,
            adjust_lr_fn="match_rms_adamw",
        ),
        torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": 0.1},
                {"params": [other[i].bias for i in (0, 2, 4)], "weight_decay": 0.0},
            ],
            lr=0.01,
        ),
    ]
    train(mlp, ours, optim.Constant(), range(50))

    class Both(torch.optim.Optimizer):
        def __init__(self) -> None:
            super().__init__(other.parameters(), {"initial_lr": 0.0, "lr": 0.0})

        def step(self, closure=None) -> None:
            for optimizer in theirs:
                optimizer.step()

    train(other, Both(), optim.Constant(), range(50))
    assert distance(mlp, other) < 1e-12


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "adagrad"])
def test_fused_where_torch_has_it(name, mlp):
    optimizer = optim.by_name(name).build(mlp)
    assert optimizer.defaults["fused"] is True


def test_foreach_where_a_parameter_is_complex():
    module = nn.Module()
    module.weight = nn.Parameter(torch.zeros(2, 2, dtype=torch.complex64))
    optimizer = optim.AdamW().build(module)
    assert optimizer.defaults["foreach"] is True
    assert not optimizer.defaults["fused"]
