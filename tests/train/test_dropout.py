"""Dropout in the loop: its law, its independence, and whose layer it is."""

import copy
import math

import pytest
import torch
from torch import Tensor, nn

from dovetail import losses
from dovetail.backbones import Dropout
from dovetail.train import Rows, train, train_members
from dovetail.train.order import noise_keys
from tests.train.engine import SGD, Own, close, mlp, plan, rows, same_bits

SQUARED = losses.Squared()


def masks(p: float, *, steps: int, n: int, columns: int, layers: int = 1) -> Tensor:
    """What is kept, (steps, layers, n, columns) of 0 and 1, from the loop's keys."""
    keys = noise_keys(3, 1, steps, layers + 1)
    found = torch.empty(steps, layers, n, columns)
    layer = Dropout(p)
    for step in range(steps):
        for number in range(layers):
            pair = keys[step, number + 1]
            layer.noise, layer.calls = torch.cat([pair, torch.zeros(1).long()]), 0
            found[step, number] = layer(torch.ones(n, columns)) != 0
    return found


def z_scores(kept: Tensor, p: float, over: tuple[int, ...]) -> Tensor:
    """How far means over ``over`` lie from 1 - p, in standard deviations."""
    count = math.prod(kept.shape[axis] for axis in over)
    return (kept.mean(over) - (1 - p)) * math.sqrt(count / (p * (1 - p)))


@pytest.mark.parametrize("p", [0.1, 0.2, 0.5, 0.9])
def test_a_share_of_p_is_dropped_and_the_rest_is_scaled(p: float) -> None:
    layer = Dropout(p)
    layer.noise = torch.tensor([1, 2, 0])
    out = layer(torch.ones(1000, 500, dtype=torch.float64))
    values = out.unique().tolist()
    assert values[0] == 0
    assert values[1] == pytest.approx(1 / (1 - p), rel=1e-4)
    assert len(values) == 2
    assert abs(z_scores((out != 0).double(), p, (0, 1)).item()) < 4


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_rows_columns_steps_and_layers_are_alike(p: float) -> None:
    """Chi-square of the means along each axis, far from both tails."""
    kept = masks(p, steps=30, n=120, columns=101, layers=3)
    for axis in range(4):
        over = tuple(a for a in range(4) if a != axis)
        z = z_scores(kept, p, over)
        chi = (z**2).sum().item()
        free = len(z)
        # Wilson and Hilferty: the cube root is nearly normal.
        normal = ((chi / free) ** (1 / 3) - 1 + 2 / (9 * free)) / math.sqrt(
            2 / (9 * free)
        )
        assert abs(normal) < 4, axis


@pytest.mark.parametrize("p", [0.2, 0.5])
def test_rows_columns_steps_and_layers_are_independent(p: float) -> None:
    """No correlation of neighbours, near or some way off, along any axis."""
    kept = masks(p, steps=8, n=200, columns=64, layers=3)
    centred = (kept - kept.mean()) / kept.std()
    for axis in range(4):
        for lag in (1, 2, 3, 5, 16, 32):
            size = kept.shape[axis]
            if lag >= size:
                continue
            one, other = (
                centred.narrow(axis, lag, size - lag),
                centred.narrow(axis, 0, size - lag),
            )
            product = one * other
            assert abs(product.mean().item()) * math.sqrt(product.numel()) < 4.5


def test_pairs_of_columns_take_each_of_four_values_as_often_as_they_should() -> None:
    """Two columns share one hash; its halves must not know each other."""
    kept = masks(0.5, steps=10, n=500, columns=64).reshape(-1, 32, 2)
    code = (2 * kept[..., 0] + kept[..., 1]).long().flatten()
    counts = torch.bincount(code, minlength=4).double()
    expected = counts.sum() / 4
    assert ((counts - expected) ** 2 / expected).sum().item() < 21  # p of 1e-4, 3 free


def test_parts_of_a_batch_get_the_noise_of_the_whole() -> None:
    layer, x = Dropout(0.4), torch.randn(30, 7, 3)
    layer.noise = torch.tensor([11, 12, 0])
    whole = layer(x)
    found = []
    for first, end in ((0, 7), (7, 8), (8, 30)):
        layer.noise, layer.calls = torch.tensor([11, 12, first]), 0
        found.append(layer(x[first:end]))
    assert torch.equal(torch.cat(found), whole)


def test_evaluation_and_p_of_0_change_nothing_and_p_of_1_drops_all() -> None:
    x = torch.randn(4, 5)
    for layer in (Dropout(0.5).eval(), Dropout(0.0)):
        layer.noise = torch.tensor([1, 2, 0])
        assert torch.equal(layer(x), x)
    layer = Dropout(1.0)
    layer.noise = torch.tensor([1, 2, 0])
    assert not layer(x).any()


def test_without_the_loop_torch_draws() -> None:
    x = torch.ones(50, 50)
    torch.manual_seed(0)
    ours = Dropout(0.3)(x)
    torch.manual_seed(0)
    assert torch.equal(ours, nn.Dropout(0.3)(x))


def theirs(seed: int = 0) -> nn.Module:
    """The network of ``mlp`` with torch's own dropout."""
    network = copy.deepcopy(mlp(seed, dropout=0.4))
    layers = network.module
    for i, layer in enumerate(layers):
        if isinstance(layer, Dropout):
            layers[i] = nn.Dropout(layer.p)
    return network


def test_torch_dropout_in_a_network_is_trained_as_ours() -> None:
    one, other = mlp(dropout=0.4), theirs()
    for network in (one, other):
        train(network, SQUARED, SGD, rows(), plan())
    same_bits(one, other)


@pytest.mark.parametrize("raises", [False, True])
def test_their_layers_come_back(raises: bool) -> None:
    network = theirs()
    before = list(network.modules())

    def score() -> float:
        assert not any(type(m) is nn.Dropout for m in network.modules())
        if raises:
            raise KeyError
        return 1.0

    if raises:
        with pytest.raises(KeyError):
            train(network, SQUARED, SGD, rows(), plan(), score=score)
    else:
        train(network, SQUARED, SGD, rows(), plan(), score=score)
    after = list(network.modules())
    assert len(before) == len(after)
    assert all(a is b for a, b in zip(before, after, strict=True))
    assert not any("noise" in name for name, _ in network.named_buffers())


class Shared(nn.Module):
    """One dropout layer under two names of one owner, and a third inside."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        drop = nn.Dropout(0.5)
        self.layers = nn.Sequential(
            nn.Linear(3, 16), drop, nn.Linear(16, 16), drop, nn.Linear(16, 2)
        )
        self.again = drop
        self.double()
        self.seen: list[Tensor] = []

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        if self.training:
            ones = torch.ones(len(numbers), 16, dtype=torch.float64)
            self.seen.append(torch.stack([self.again(ones), self.layers[1](ones)]))
        return self.layers(numbers)


def test_a_layer_in_several_places_has_other_noise_in_each() -> None:
    network = Shared()
    layer = network.again
    train(network, SQUARED, SGD, rows(400), plan(epochs=1, batch_size=400))
    first, second = network.seen[0] != 0
    agree = (first == second).double()
    assert abs(agree.mean().item() - 0.5) * 2 * math.sqrt(agree.numel()) < 4
    assert network.again is network.layers[1] is network.layers[3] is layer


def test_a_layer_in_several_places_is_the_same_run_in_parts() -> None:
    whole, parts = Shared(), Shared()
    train(whole, SQUARED, SGD, rows(), plan())
    train(parts, SQUARED, SGD, rows(), plan(micro_batch=3))
    close(whole, parts, 1e-12)


def test_a_checkpointed_layer_has_the_same_noise_when_it_runs_again() -> None:
    class Checkpointed(Own):
        def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
            return torch.utils.checkpoint.checkpoint(
                self.inner, numbers, use_reentrant=False
            )

    one, other = Own(theirs().module), Checkpointed(theirs().module)
    for network in (one, other):
        train(network, SQUARED, SGD, rows(), plan())
    same_bits(one, other)


@pytest.mark.parametrize(
    "layer",
    [nn.AlphaDropout(0.3), nn.FeatureAlphaDropout(0.3), nn.RReLU(), None],
    ids=lambda layer: type(layer).__name__,
)
def test_whatever_else_draws_is_seeded_at_each_step(layer: nn.Module | None) -> None:
    """Two runs agree, whatever the random state before; steps and seeds differ."""

    class Draws(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.linear, self.layer = nn.Linear(3, 2).double(), copy.deepcopy(layer)
            self.seen: list[Tensor] = []

        def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
            if self.training:
                self.seen.append(torch.rand(4))
            if self.layer is None:
                return torch.nn.functional.dropout(
                    self.linear(numbers), 0.3, self.training
                )
            return self.layer(self.linear(numbers))

    def run(state: int, seed: int) -> Draws:
        network = Draws()
        torch.manual_seed(state)
        train(network, SQUARED, SGD, rows(), plan(seed=seed))
        return network

    one, same, other = run(1, 0), run(2, 0), run(1, 5)
    same_bits(one, same)
    drawn = torch.stack(one.seen)
    assert torch.equal(drawn, torch.stack(same.seen))
    assert len(drawn.unique(dim=0)) == len(drawn) == 15
    assert not torch.equal(drawn, torch.stack(other.seen))


def test_members_have_noise_of_their_own_seed_as_when_alone() -> None:
    """Even where all members are one network: the pack draws as each alone."""
    networks = [mlp(dropout=0.5) for _ in range(3)]
    train_members(
        networks, [SQUARED] * 3, [SGD] * 3, rows(), plan(), noise_seeds=[1, 2, 1]
    )
    alone = mlp(dropout=0.5)
    train_members([alone], [SQUARED], [SGD], rows(), plan(), noise_seeds=[2])
    close(networks[1], alone, 1e-12)
    close(networks[0], networks[2], 1e-12)


def test_the_global_random_state_stays_where_it_was() -> None:
    data: Rows = rows()
    torch.manual_seed(5)
    state = torch.get_rng_state()
    network = theirs()
    torch.set_rng_state(state)
    train(network, SQUARED, SGD, data, plan())
    assert torch.equal(torch.get_rng_state(), state)
