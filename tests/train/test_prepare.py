"""What is refused before the first step; the networks are the user's again then."""

import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from dovetail import losses, optim
from dovetail.errors import ConfigError
from dovetail.train import train, train_members
from tests.train.engine import SGD, loss_on, mlp, plan, rows

SQUARED = losses.Squared()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"losses": [SQUARED]}, "2 networks were given with 1 losses"),
        ({"specs": [SGD] * 3}, "2 networks were given with 3 specs"),
        ({"noise_seeds": [1]}, "2 networks were given with 1 noise seeds"),
        ({"noise_seeds": []}, "2 networks were given with 0 noise seeds"),
        ({"scores": [loss_on(mlp(), rows())]}, "2 networks were given with 1 scores"),
        ({"networks": []}, "no network to train"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_of_everything_each_network_needs_one(
    changes: dict[str, Any], said: str
) -> None:
    given = {
        "networks": [mlp(0), mlp(1)], "losses": [SQUARED] * 2, "specs": [SGD] * 2,
        **changes,
    }  # fmt: skip
    with pytest.raises(ConfigError, match=said):
        train_members(rows=rows(), plan=plan(), **given)


def halve(gradient: Tensor) -> Tensor:
    return gradient / 2


HOOKS = {
    "weight": lambda n: n.module[0].weight.register_hook(halve),
    "accumulated": lambda n: n.module[0].weight.register_post_accumulate_grad_hook(
        lambda p: None
    ),
    "module": lambda n: n.module[0].register_full_backward_hook(lambda m, i, o: None),
    "before": lambda n: n.module[0].register_full_backward_pre_hook(lambda m, o: None),
}


@pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
@pytest.mark.parametrize("which", [0, 1])
def test_members_have_no_hooks_on_gradients(hook, which: int) -> None:
    """Their gradients are those of other tensors: none would be called."""
    networks = [mlp(0), mlp(1)]
    hook(networks[which])
    with pytest.raises(
        ConfigError, match=r"module\.0.* has a hook (on its gradient|for when)"
    ):
        train_members(networks, [SQUARED] * 2, [SGD] * 2, rows(), plan())


def test_an_eager_step_calls_the_hook_of_a_weight() -> None:
    """A gradient of 0 leaves the weight as it was."""
    network = mlp()
    weight = network.module[0].weight
    before = weight.detach().clone()
    weight.register_hook(torch.zeros_like)
    train(network, SQUARED, optim.SGD(weight_decay=0.0), rows(), plan())
    assert torch.equal(network.module[0].weight, before)


REFUSED = {
    "an optimizer that finds no weights of its kind": (
        [nn.Linear(3, 2).double()], [optim.Muon()], "Muon",
    ),
    "another shape": ([mlp(), mlp(width=7)], [SGD] * 2, "Member 1 differs"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_refused_is_given_back(name: str) -> None:
    """No weight is left a part of a buffer that all share."""
    inner, specs, said = REFUSED[name]
    networks = [Plainly(n) if isinstance(n, nn.Linear) else n for n in inner]
    before = [p.detach().clone() for n in networks for p in n.parameters()]
    with pytest.raises(ConfigError, match=re.escape(said)):
        train_members(networks, [SQUARED] * len(networks), specs, rows(), plan())
    for network in networks:
        for p in network.parameters():
            assert p.untyped_storage().nbytes() == p.numel() * p.element_size()
    after = [p for n in networks for p in n.parameters()]
    assert all(torch.equal(a, b) for a, b in zip(after, before, strict=True))


class Plainly(nn.Module):
    """A layer of numbers alone, without a hidden matrix."""

    def __init__(self, layer: nn.Linear) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.layer(numbers)


def test_layers_that_were_exchanged_are_ready_to_predict_too() -> None:
    network = Plainly(nn.Sequential(nn.Linear(3, 2), nn.Dropout(0.5)).double()).train()
    train(network, SQUARED, SGD, rows(), plan())
    assert not any(module.training for module in network.modules())
