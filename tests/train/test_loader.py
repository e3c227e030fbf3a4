"""A user's own loader: batches of any source go through the same loop."""

from collections.abc import Iterator

import pytest
import torch
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

from dovetail import losses
from dovetail.errors import ConfigError, DataError
from dovetail.train import Rows, row_order, train
from tests.train.engine import SGD, mlp, plan, rows, same_bits

SQUARED = losses.Squared()


class TooLong:
    """Says that it has one batch more than it has."""

    def __init__(self, loader: DataLoader) -> None:
        self.loader, self.generator = loader, loader.generator

    def __len__(self) -> int:
        return len(self.loader) + 1

    def __iter__(self) -> Iterator:
        return iter(self.loader)


class InOurOrder:
    """The batches that ``Rows`` in memory would give, as a sized iterable."""

    def __init__(self, data: Rows, form: type) -> None:
        self.data, self.form, self.epoch = data, form, 0

    def __len__(self) -> int:
        return -(-len(self.data) // 8)

    def __iter__(self) -> Iterator:
        # The first iterator only shows shapes.
        order = row_order(1, max(1, self.epoch), len(self.data))
        self.epoch += 1
        for first in range(0, len(self.data), 8):
            part = self.data[order[first : first + 8]]
            values = [part.numbers, part.target]
            if part.weights is not None:
                values.append(part.weights)
            yield part if self.form is Rows else self.form(values)


@pytest.mark.parametrize("form", [Rows, tuple, list])
def test_the_same_batches_make_the_same_run(form: type) -> None:
    data, one, other = rows(43), mlp(dropout=0.3), mlp(dropout=0.3)
    a = train(one, SQUARED, SGD, data, plan(clip=1.0, average=True))
    b = train(other, SQUARED, SGD, InOurOrder(data, form), plan(clip=1.0, average=True))
    same_bits(one, other)
    assert a.history == b.history


def test_weights_of_a_loader_count_relative_to_1() -> None:
    """Rows in memory take theirs relative to their mean, which a loader cannot know."""
    data = rows(weighted=True)
    data = Rows(
        data.numbers, data.categories, data.target, data.weights / data.weights.mean()
    )
    one, other = mlp(), mlp()
    a = train(one, SQUARED, SGD, data, plan())
    b = train(other, SQUARED, SGD, InOurOrder(data, tuple), plan())
    assert [line["loss"] for line in a.history] == pytest.approx(
        [line["loss"] for line in b.history], rel=1e-12
    )


def test_a_data_loader_in_order_equals_a_list_of_its_batches() -> None:
    data, one, other = rows(43), mlp(), mlp()
    loader = DataLoader(TensorDataset(data.numbers, data.target), batch_size=8)
    train(one, SQUARED, SGD, loader, plan())
    train(other, SQUARED, SGD, list(loader), plan())
    same_bits(one, other)


def test_worker_processes_read_the_same() -> None:
    data, one, other = rows(), mlp(), mlp()
    table = TensorDataset(data.numbers, data.target)
    for network, workers in ((one, 0), (other, 1)):
        loader = DataLoader(table, batch_size=8, shuffle=True, num_workers=workers)
        train(network, SQUARED, SGD, loader, plan(epochs=1))
    same_bits(one, other)


def test_a_loader_leaves_the_global_random_state_alone() -> None:
    data = rows()
    network = mlp()
    loader = DataLoader(
        TensorDataset(data.numbers, data.target), batch_size=8, shuffle=True
    )
    torch.manual_seed(5)
    state = torch.get_rng_state()
    train(network, SQUARED, SGD, loader, plan())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_generator_of_the_loader_is_as_it_was_afterwards() -> None:
    """Its own seed is not the order's: two fits are alike wherever it stands."""
    data, networks = rows(), [mlp(), mlp()]
    generator = torch.Generator().manual_seed(5)
    loader = DataLoader(
        TensorDataset(data.numbers, data.target), batch_size=8, shuffle=True,
        generator=generator,
    )  # fmt: skip
    for network in networks:
        state = generator.get_state()
        train(network, SQUARED, SGD, loader, plan())
        assert torch.equal(generator.get_state(), state)
        torch.rand(3, generator=generator)
    same_bits(*networks)
    with pytest.raises(DataError):
        train(mlp(), SQUARED, SGD, TooLong(loader), plan())
    assert generator.initial_seed() == 5


def test_a_sampler_is_told_the_epoch() -> None:
    data = rows()
    table = TensorDataset(data.numbers, data.target)
    sampler = DistributedSampler(table, num_replicas=1, rank=0)
    said: list[int] = []
    sampler.set_epoch = said.append
    train(mlp(), SQUARED, SGD, DataLoader(table, batch_size=8, sampler=sampler), plan())
    assert said == [0, 1, 2]


@pytest.mark.parametrize(
    ("batch", "said"),
    [
        ({"x": torch.zeros(2, 3)}, "dict"),
        (torch.zeros(2, 3), "Tensor"),
        ((torch.zeros(2, 3),), "tuple"),
        ((torch.zeros(2, 3), [1.0, 2.0]), "tuple"),
        (tuple(torch.zeros(2, 3) for _ in range(4)), "tuple"),
    ],
)
def test_other_items_are_refused(batch: object, said: str) -> None:
    with pytest.raises(DataError, match=f"gives a {said}; needed: Rows"):
        train(mlp(), SQUARED, SGD, [batch], plan())


def test_a_loader_that_does_not_know_its_length_is_refused() -> None:
    data = rows()
    with pytest.raises(ConfigError, match="generator does not say how many batches"):
        train(mlp(), SQUARED, SGD, (data for _ in range(3)), plan())


def test_an_empty_loader_is_refused() -> None:
    with pytest.raises(DataError, match="at least one batch"):
        train(mlp(), SQUARED, SGD, [], plan())


class Short(list):
    """Says more than it has."""

    def __len__(self) -> int:
        return 5


def test_a_loader_that_ends_too_soon_is_refused() -> None:
    data = rows()
    with pytest.raises(DataError, match="ended after 3 batches of an epoch"):
        train(mlp(), SQUARED, SGD, Short([data[:8]] * 3), plan())
