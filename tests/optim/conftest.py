"""Small problems in float64 that every optimizer is put on."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from dovetail import optim


class Parallel(nn.Module):
    """Three linear maps of the same input, added: its squared error is convex, and the
    map in the middle is a hidden matrix to Muon."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 3)
        self.middle = nn.Linear(4, 3)
        self.last = nn.Linear(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.first(x) + self.middle(x) + self.last(x)


@pytest.fixture
def convex() -> nn.Module:
    torch.manual_seed(0)
    return Parallel().double()


@pytest.fixture
def mlp() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 6), nn.Tanh(), nn.Linear(6, 3)
    ).double()


@pytest.fixture
def batch() -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(32, 4, dtype=torch.float64, generator=generator)
    slope = torch.randn(4, 3, dtype=torch.float64, generator=generator)
    noise = torch.randn(32, 3, dtype=torch.float64, generator=generator)
    return x, x @ slope + 0.1 * noise


@pytest.fixture
def train(batch: tuple[Tensor, Tensor]) -> Callable[..., list[float]]:
    """``train(module, optimizer, schedule, steps)``: the loss before each step."""
    x, y = batch

    def run(
        module: nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: optim.Schedule,
        steps: range,
        total: int = 50,
    ) -> list[float]:
        losses = []
        like = next(module.parameters())
        inputs, targets = x.to(like), y.to(like)

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = (module(inputs) - targets).square().mean()
            loss.backward()
            return loss.detach()

        for step in steps:
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * schedule(step, total)
            if isinstance(optimizer, torch.optim.LBFGS):
                losses.append(float(optimizer.step(closure)))
            else:
                losses.append(float(closure()))
                optimizer.step()
        return losses

    return run
