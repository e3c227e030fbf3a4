"""Looking at a network before the first step changes nothing."""

import torch
from torch import Tensor, nn

from dovetail.train.probe import probe
from tests.train.engine import rows


class Noisy(nn.Module):
    """Draws numbers whatever its mode, and holds a part that its user froze."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3, dtype=torch.float64)
        self.norm.eval()

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.norm(numbers) + torch.randn_like(numbers)


def test_modes_statistics_and_random_state_stay() -> None:
    network = Noisy()
    state, mean = torch.get_rng_state(), network.norm.running_mean.clone()
    raw = probe(network, rows())
    assert raw.shape == (1, 3)
    assert not raw.requires_grad
    assert network.training
    assert not network.norm.training
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.equal(network.norm.running_mean, mean)
