"""A row's answer is its own: alone, in any order, in a table of any length."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from dovetail.backbones import Network, Tabular, TabularShape
from dovetail.train import raw_outputs, row_outputs

ROWS = 150


def network(numbers: Tensor, cardinalities: tuple[int, ...]) -> nn.Module:
    torch.manual_seed(0)
    shape, edges = TabularShape.for_data(numbers, cardinalities)
    made = Network(Tabular(shape, edges), nn.Linear(shape.width, 3))
    for weight in made.parameters():
        nn.init.normal_(weight, std=0.2)
    return made


@pytest.mark.parametrize(
    ("columns", "cardinalities"), [(1, ()), (7, (5, 9)), (130, ())]
)
def test_equal_bits_alone_and_among_others(
    columns: int, cardinalities: tuple[int, ...]
) -> None:
    torch.manual_seed(1)
    numbers = torch.randn(ROWS, columns)
    sizes = torch.tensor(cardinalities, dtype=torch.float32)
    categories = (torch.rand(ROWS, len(cardinalities)) * sizes).long()
    net = network(numbers, cardinalities)
    whole = row_outputs(net, numbers, categories)
    near = raw_outputs(net, numbers, categories)
    assert torch.allclose(whole, near, rtol=1e-4, atol=1e-5)
    turned = torch.from_numpy(np.random.default_rng(0).permutation(ROWS))
    assert torch.equal(
        row_outputs(net, numbers[turned], categories[turned]), whole[turned]
    )
    for size in (1, 3, 64, 65, 100):
        for start in range(0, ROWS, 29):
            part = slice(start, start + size)
            found = row_outputs(net, numbers[part], categories[part])
            assert torch.equal(found, whole[part])


def test_no_rows_are_no_answers_and_the_mode_stays() -> None:
    net = network(torch.randn(20, 2), ())
    net.train()
    none = torch.zeros(0, 0, dtype=torch.int64)
    assert row_outputs(net, torch.zeros(0, 2), none).shape == (0, 3)
    assert net.training


class Reciprocal(nn.Module):
    """A user's module that has no answer for a row of zeros."""

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        if not bool((numbers != 0).all()):
            raise ValueError("zero")
        return 1 / numbers


def test_a_block_is_filled_with_rows_of_the_data() -> None:
    numbers, none = torch.tensor([[2.0], [4.0]]), torch.zeros(2, 0, dtype=torch.int64)
    for precise in (True, False):
        found = row_outputs(Reciprocal(), numbers, none, precise=precise)
        assert found.dtype == torch.float32
        assert found.tolist() == [[0.5], [0.25]]


def test_weights_stay_as_they_are() -> None:
    numbers = torch.randn(20, 2)
    net = network(numbers, ())
    before = {name: weight.clone() for name, weight in net.state_dict().items()}
    row_outputs(net, numbers, torch.zeros(20, 0, dtype=torch.int64))
    for name, weight in net.state_dict().items():
        assert weight.dtype == before[name].dtype
        assert torch.equal(weight, before[name])
