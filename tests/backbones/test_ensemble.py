"""An ensemble answers by the mean of raw outputs, and what follows from that."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from dovetail import losses
from dovetail.backbones import Ensemble, Network, Tabular, TabularShape


def tabular(seed: int, numbers: Tensor, outputs: int = 3) -> Network:
    torch.manual_seed(seed)
    shape, edges = TabularShape.for_data(numbers, (4,))
    backbone = Tabular(shape, edges)
    return Network(backbone, nn.Linear(backbone.out_features, outputs)).eval()


@pytest.mark.parametrize("count", [1, 2, 5])
def test_the_raw_output_is_the_mean_of_the_members(count: int) -> None:
    numbers = torch.randn(40, 3)
    categories = torch.randint(0, 4, (40, 1))
    members = [tabular(seed, numbers) for seed in range(count)]
    raw = Ensemble(members)(numbers, categories)
    each = [member(numbers, categories).double() for member in members]
    assert torch.allclose(raw.double(), sum(each) / count, rtol=1e-6, atol=1e-6)
    assert count == 1 or not torch.allclose(raw.double(), each[0], atol=1e-3)


def test_its_weights_are_those_of_the_members() -> None:
    numbers = torch.randn(40, 3)
    members = [tabular(seed, numbers) for seed in range(2)]
    state = Ensemble(members).state_dict()
    for number, member in enumerate(members):
        for name, value in member.state_dict().items():
            assert torch.equal(state.pop(f"members.{number}.{name}"), value)
    assert not state


class Given(nn.Module):
    """Gives these raw outputs whatever it is asked."""

    def __init__(self, raw: Tensor) -> None:
        super().__init__()
        self.raw = raw

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.raw


def joined(raws: Tensor) -> Tensor:
    nothing = torch.zeros(raws.shape[1], 0)
    return Ensemble(map(Given, raws))(nothing, nothing.long())


@given(st.integers(0, 2**31), st.integers(1, 6), st.floats(0.1, 20))
def test_probabilities_are_geometric_means(seed: int, count: int, scale: float) -> None:
    torch.manual_seed(seed)
    raws = scale * torch.randn(count, 5, 3, dtype=torch.float64)
    raw = joined(raws)
    products = raws.softmax(2).log().mean(0).exp()
    softmax = products / products.sum(1, keepdim=True)
    assert torch.allclose(raw.softmax(1), softmax, rtol=1e-9)
    odds = raws.sigmoid() / (-raws).sigmoid()
    mean_odds = odds.log().mean(0).exp()
    assert torch.allclose(raw.sigmoid(), mean_odds / (1 + mean_odds), rtol=1e-9)


@given(st.integers(0, 2**31), st.integers(1, 6), st.floats(0.1, 20))
def test_convex_losses_are_at_most_the_mean_of_the_members(
    seed: int, count: int, scale: float
) -> None:
    torch.manual_seed(seed)
    raws = scale * torch.randn(count, 5, 3, dtype=torch.float64)
    number = torch.randn(5, 3, dtype=torch.float64)
    for loss, outputs, target in (
        (losses.SoftmaxCrossEntropy(), raws, torch.randint(0, 3, (5,))),
        (losses.Squared(), raws, number),
        (losses.Huber(), raws, number),
        (losses.Poisson(), raws[:, :, :1], torch.randint(0, 9, (5, 1)).double()),
    ):
        each = torch.stack([loss.rows(raw, target) for raw in outputs])
        slack = 1e-12 * each.abs().max()
        together = loss.rows(joined(outputs), target)
        assert bool((together <= each.mean(0) + slack).all())
