import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail.backbones import (
    Flat,
    PiecewiseLinear,
    Tabular,
    TabularShape,
    flat_width,
    quantile_bins,
)
from dovetail.backbones.embeddings import GAIN


def network(rows: int = 200, columns: int = 4, cardinalities: tuple = (3, 7)):
    torch.manual_seed(0)
    numbers = torch.randn(rows, columns)
    categories = torch.stack(
        [torch.randint(0, c, (rows,)) for c in cardinalities], 1
    ) if cardinalities else torch.zeros(rows, 0, dtype=torch.int64)  # fmt: skip
    shape, edges = TabularShape.for_data(numbers, cardinalities)
    return Tabular(shape, edges), numbers, categories


@pytest.mark.parametrize("columns", [0, 1, 5])
@pytest.mark.parametrize("cardinalities", [(), (3,), (2, 9)])
def test_any_mix_of_columns_gives_a_vector_for_each_row(columns, cardinalities) -> None:
    net, numbers, categories = network(60, columns, cardinalities)
    assert net(numbers, categories).shape == (60, net.out_features)


def test_a_row_does_not_depend_on_its_batch() -> None:
    net, numbers, categories = network()
    net.eval()
    alone = net(numbers[:1], categories[:1])
    together = net(numbers, categories)[:1]
    assert torch.allclose(alone, together, atol=1e-5)


def test_rebuilt_from_its_document_with_its_weights() -> None:
    net, numbers, categories = network()
    document = json.loads(json.dumps(net.shape.to_json()))
    again = Tabular(TabularShape.from_json(document))
    again.load_state_dict(net.state_dict())
    net.eval(), again.eval()
    assert torch.equal(net(numbers, categories), again(numbers, categories))


@pytest.mark.parametrize(
    ("rows", "bins"), [(40, 2), (160, 10), (2_000, 24), (20_000, 50), (60_000, 96)]
)
def test_bins_grow_with_the_rows(rows: int, bins: int) -> None:
    numbers = torch.arange(float(rows)).unsqueeze(1)
    shape, _ = TabularShape.for_data(numbers, ())
    assert shape.bins == (bins + 1,)


@pytest.mark.parametrize(
    ("name", "weights", "expected"),
    [
        # -1 is before both bins; 0.5 half through the first; 2 half through the second.
        ("bins", [10.0, 100.0], [0.0, 5.0, 10.0, 60.0, 110.0]),
        # The edges 0, 1 and 3 have a height each; between them goes a straight line.
        ("edges", [10.0, 30.0, 100.0], [10.0, 20.0, 30.0, 65.0, 100.0]),
    ],
)
def test_piecewise_linear_encoding_by_hand(
    name: str, weights: list[float], expected: list[float]
) -> None:
    layer = PiecewiseLinear([torch.tensor([0.0, 1.0, 3.0])], width=1)
    with torch.no_grad():
        layer.linear.zero_()
        layer.bias.zero_()
        layer.get_parameter(name).copy_(torch.tensor(weights).view(1, -1, 1))
    given = torch.tensor([[-1.0], [0.5], [1.0], [2.0], [9.0]])
    found = layer(given).flatten() / GAIN
    assert found.tolist() == pytest.approx(expected)


def test_a_column_with_fewer_edges_than_others_ends_at_its_own() -> None:
    edges = [torch.tensor([0.0, 1.0]), torch.tensor([0.0, 1.0, 2.0, 3.0])]
    layer = PiecewiseLinear(edges, width=1)
    place, through = layer.located(torch.tensor([[5.0, 2.5], [0.25, -1.0]]))
    assert place.tolist() == [[0, 2], [0, 0]]
    assert through.tolist() == [[1.0, 0.5], [0.25, 0.0]]


def test_columns_of_an_embedding_do_not_mix() -> None:
    layer = PiecewiseLinear([torch.tensor([-1.0, 0.0, 1.0])] * 3, width=2)
    with torch.no_grad():
        layer.edges.normal_()
    base = torch.zeros(1, 3)
    moved = base.clone()
    moved[0, 1] = 0.7
    changed = (layer(moved) != layer(base)).view(3, 2).any(1)
    assert not changed[0]
    assert not changed[2]


def test_bins_are_quantiles_each_once() -> None:
    columns = [
        torch.arange(101.0),
        torch.tensor([0.0] * 90 + list(range(1, 12))),
        torch.tensor([0.0, 1.0] * 50 + [1.0]),
        torch.full((101,), 7.0),
    ]
    edges = quantile_bins(torch.stack(columns, dim=1), 4)
    assert [e.tolist() for e in edges] == [
        [0, 25, 50, 75, 100],
        [0, 2, 5, 8, 11],  # 0 takes one bin, however often it stands there
        [0, 1],
        [6.5, 7.5],
    ]


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60),
    st.integers(1, 16),
)
def test_bins_rise_and_hold_the_column(values: list[float], count: int) -> None:
    (edges,) = quantile_bins(torch.tensor(values).unsqueeze(1), count)
    assert len(edges) >= 2
    assert (edges[1:] > edges[:-1]).all()
    assert edges[0] <= min(values) <= max(values) <= edges[-1]


def test_the_flat_matrix_is_numbers_then_one_hot() -> None:
    flat = Flat(torch.nn.Identity(), (3, 2))
    out = flat(torch.tensor([[0.5]]), torch.tensor([[2, 0]]))
    assert out.tolist() == [[0.5, 0, 0, 1, 1, 0]]
    assert flat_width(1, (3, 2)) == 6
