"""Order, noise and reading seeds: pure functions of seed, epoch and step."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail.train.order import noise_keys, reading_seeds, row_order

seeds = st.integers(0, 2**32 - 1)
epochs = st.integers(1, 1000)


@given(seeds, epochs, st.integers(1, 50))
def test_every_row_once_and_the_same_each_time(seed: int, epoch: int, n: int) -> None:
    order = row_order(seed, epoch, n)
    assert order.sort().values.tolist() == list(range(n))
    assert torch.equal(order, row_order(seed, epoch, n))


@given(seeds, epochs, st.integers(1, 9), st.integers(1, 4))
def test_keys_are_numbers_of_32_bits(
    seed: int, epoch: int, steps: int, layers: int
) -> None:
    keys = noise_keys(seed, epoch, steps, layers)
    assert keys.shape == (steps, layers, 2)
    assert keys.min() >= 0
    assert keys.max() < 2**32
    assert torch.equal(keys, noise_keys(seed, epoch, steps, layers))
    assert all(0 <= s < 2**32 for s in reading_seeds(seed, epoch, steps))


def test_seed_and_epoch_both_matter() -> None:
    both = [(s, e) for s in (0, 1) for e in (1, 2)]
    assert len({tuple(row_order(s, e, 20).tolist()) for s, e in both}) == 4
    assert len({tuple(noise_keys(s, e, 2, 2).flatten().tolist()) for s, e in both}) == 4
    assert len({tuple(reading_seeds(s, e, 3)) for s, e in both}) == 4


def test_every_step_and_layer_has_keys_of_its_own() -> None:
    keys = noise_keys(0, 1, 100, 5).reshape(-1, 2)
    assert len({tuple(pair) for pair in keys.tolist()}) == 500


@pytest.mark.parametrize(
    "draw",
    [
        lambda: row_order(0, 1, 9),
        lambda: noise_keys(0, 1, 3, 2),
        lambda: torch.tensor(reading_seeds(0, 1, 3)),
    ],
)
def test_global_random_state_is_neither_read_nor_moved(draw) -> None:
    torch.manual_seed(1)
    first = draw()
    after = torch.rand(1)
    torch.manual_seed(1)
    assert torch.equal(torch.rand(1), after)
    torch.manual_seed(2)
    assert torch.equal(draw(), first)
