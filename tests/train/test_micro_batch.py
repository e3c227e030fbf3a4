"""Rows in several parts: the same step as all at once."""

import pytest
import torch
from torch import Tensor, nn

from dovetail import losses, optim
from dovetail.train import Rows, train, train_members
from tests.train.engine import SGD, Own, close, mlp, plan, rows, same_bits

SQUARED = losses.Squared()


@pytest.mark.parametrize("micro", [1, 3, 7, 8, 100])
def test_parts_of_a_batch_make_the_step_of_the_whole(micro: int) -> None:
    whole, parts = mlp(dropout=0.3), mlp(dropout=0.3)
    data = rows(43, weighted=True)  # batches of 8, and one of 3
    given = {"clip": 1.0, "average": True}
    one = train(whole, SQUARED, SGD, data, plan(**given))
    other = train(parts, SQUARED, SGD, data, plan(micro_batch=micro, **given))
    close(whole, parts, 1e-12)
    assert [line["loss"] for line in one.history] == pytest.approx(
        [line["loss"] for line in other.history], rel=1e-12
    )
    assert other.choices.micro_batch == micro


def test_members_in_parts_too() -> None:
    def pack(micro: int | None) -> list[nn.Module]:
        networks = [mlp(i, dropout=0.3) for i in range(3)]
        train_members(
            networks, [SQUARED] * 3, [SGD, SGD, optim.AdamW()], rows(weighted=True),
            plan(micro_batch=micro), noise_seeds=[1, 2, 3],
        )  # fmt: skip
        return networks

    for whole, parts in zip(pack(None), pack(3), strict=True):
        close(whole, parts, 1e-12)


def test_the_closure_of_a_full_batch_optimizer_goes_in_parts() -> None:
    """Few iterations: a line search blows up the last bit."""
    whole, parts = mlp(), mlp()
    spec = optim.LBFGS(max_iter=3)
    for network, micro in ((whole, None), (parts, 7)):
        train(network, SQUARED, spec, rows(), plan(epochs=1, micro_batch=micro))
    close(whole, parts, 1e-9)


def test_batch_norm_sees_parts_of_at_least_two_rows() -> None:
    """Statistics are those of the parts; no part is a single row."""
    network = mlp(norm=True)
    trained = train(network, SQUARED, SGD, rows(), plan(batch_size=10, micro_batch=3))
    assert trained.history[-1]["loss"] < trained.history[0]["loss"]
    norm = network.module[1]
    assert norm.num_batches_tracked.item() == 3 * 4 * 4  # epochs, steps, parts


@pytest.mark.parametrize("n", [3, 5])
@pytest.mark.parametrize("micro", [1, 2])
def test_no_rest_of_one_row_where_batch_norm_would_refuse_it(
    n: int, micro: int
) -> None:
    network = mlp(norm=True)
    train(network, SQUARED, SGD, rows(n), plan(micro_batch=micro, batch_size=n))
    assert network.module[1].num_batches_tracked.item() == 3 * (n // 2)


def test_short_memory_leaves_batch_norm_two_rows() -> None:
    network = Narrow(mlp(norm=True).module, 2, MEMORY["of a device"])
    trained = train(network, SQUARED, SGD, rows(), plan())
    assert trained.choices.micro_batch == 2
    network = Narrow(mlp(norm=True).module, 1, MEMORY["of a device"])
    with pytest.raises(torch.OutOfMemoryError):
        train(network, SQUARED, SGD, rows(), plan())


class Steps(Own):
    """Each row is three steps in time, which go through the layers as rows."""

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        steps = torch.stack([numbers, 2 * numbers, -numbers], dim=1)
        raw = self.inner(steps.flatten(0, 1))
        return raw.unflatten(0, (-1, 3)).sum(1)


def test_dropout_over_rows_and_time_is_the_same_in_parts() -> None:
    whole, parts = (Steps(mlp(dropout=0.5).module) for _ in range(2))
    train(whole, SQUARED, SGD, rows(), plan())
    train(parts, SQUARED, SGD, rows(), plan(micro_batch=3))
    close(whole, parts, 1e-12)


class Narrow(Own):
    """Has no memory for more than ``most`` rows."""

    def __init__(self, inner: nn.Module, most: int, error: Exception) -> None:
        super().__init__(inner)
        self.most, self.error, self.passes = most, error, 0

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        self.passes += 1
        if len(numbers) > self.most and self.training and self.passes > 4:
            raise self.error
        return self.inner(numbers)


MEMORY = {
    "of a device": torch.OutOfMemoryError("out of memory"),
    "of the host": RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator:"),
}


def ragged(data: Rows) -> list[Rows]:
    return [data[i : i + 8] for i in range(0, len(data), 8)]


@pytest.mark.parametrize("error", MEMORY.values(), ids=MEMORY)
@pytest.mark.parametrize("read", [lambda data: data, ragged], ids=["rows", "loader"])
def test_short_memory_halves_the_rows_until_they_fit(error, read) -> None:
    network = Narrow(mlp(dropout=0.3).module, 3, error)
    plenty = Own(mlp(dropout=0.3).module)
    data = rows(43, weighted=True)
    trained = train(network, SQUARED, SGD, read(data), plan(average=True))
    train(plenty, SQUARED, SGD, read(data), plan(average=True))
    close(network, plenty, 1e-12)
    assert trained.choices.micro_batch == 2
    assert [note.split(":")[1].split(" at a")[0] for note in trained.notes] == [
        " rows go through the network 4", " rows go through the network 2",
    ]  # fmt: skip
    assert len(trained.history) == 3
    known = Own(mlp(dropout=0.3).module)
    train(known, SQUARED, SGD, read(data), plan(average=True, micro_batch=2))
    same_bits(network, known)


def test_memory_that_does_not_do_for_one_row_is_an_error() -> None:
    network = Narrow(mlp().module, 0, MEMORY["of a device"])
    with pytest.raises(torch.OutOfMemoryError):
        train(network, SQUARED, SGD, rows(), plan())


def test_other_errors_of_the_network_are_not_taken_for_memory() -> None:
    network = Narrow(mlp().module, 3, RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="multiplied"):
        train(network, SQUARED, SGD, rows(), plan())
