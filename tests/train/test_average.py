import pytest
import torch
from torch import nn

from dovetail.train.average import Average


def test_equals_the_formula_worked_by_hand() -> None:
    network = nn.Linear(1, 1, bias=False)
    weights = [1.0, 2.0, 4.0, 8.0]
    with torch.no_grad():
        network.weight.fill_(weights[0])
    average, expected = Average(network), weights[0]
    for t, weight in enumerate(weights[1:]):
        with torch.no_grad():
            network.weight.fill_(weight)
        average.update()
        decay = (1 + t) / (10 + t)
        expected = decay * expected + (1 - decay) * weight
    with average.in_place():
        assert network.weight.item() == pytest.approx(expected, rel=1e-6)
    assert network.weight.item() == weights[-1]


def test_weights_come_back_after_an_error() -> None:
    network = nn.Linear(2, 2)
    before = network.weight.detach().clone()
    average = Average(network)
    with torch.no_grad():
        network.weight.add_(1.0)
    with pytest.raises(KeyError), average.in_place():
        raise KeyError
    assert torch.equal(network.weight, before + 1.0)


def test_the_window_never_exceeds_a_thousand_steps() -> None:
    network = nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        network.weight.fill_(0.0)
    average = Average(network)
    average._steps = 1_000_000
    with torch.no_grad():
        network.weight.fill_(1.0)
    average.update()
    with average.in_place():
        assert network.weight.item() == pytest.approx(0.001, rel=1e-4)


def test_frozen_weights_are_left_alone() -> None:
    network = nn.Linear(1, 1)
    network.bias.requires_grad_(False)
    average = Average(network)
    with torch.no_grad():
        network.bias.fill_(5.0)
    with average.in_place():
        assert network.bias.item() == 5.0
