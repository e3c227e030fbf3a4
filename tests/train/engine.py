"""Small networks, rows and plans that the tests of the engine share."""

from collections.abc import Callable, Sequence

import pytest
import torch
from torch import Tensor, nn

from dovetail import losses, optim
from dovetail.backbones import Dropout, Flat
from dovetail.train import Plan, Rows, Trained, train

# Whatever is on by choice and part of a step.
FULL = {"clip": 0.5, "average": True}

SGD = optim.SGD(
    lr=0.05, momentum=0.9, nesterov=True, weight_decay=1e-2, schedule=optim.Constant()
)


def rows(
    n: int = 40, *, weighted: bool = False, dtype: torch.dtype = torch.float64
) -> Rows:
    """Three numbers and no categories, two smooth targets."""
    generator = torch.Generator().manual_seed(n)
    x = torch.randn(n, 3, generator=generator, dtype=torch.float64)
    noise = 0.1 * torch.randn(n, 2, generator=generator, dtype=torch.float64)
    target = torch.stack([x.sum(1).sin(), x[:, 0] * x[:, 1]], dim=1) + noise
    weights = torch.rand(n, generator=generator, dtype=torch.float64) + 0.5
    return Rows(
        x.to(dtype),
        torch.zeros(n, 0, dtype=torch.int64),
        target.to(dtype),
        weights.to(dtype) if weighted else None,
    )


def mlp(
    seed: int = 0,
    *,
    dropout: float = 0.0,
    norm: bool = False,
    width: int = 6,
    dtype: torch.dtype = torch.float64,
) -> Flat:
    """3 -> width -> width -> 2; every class in it is torch's or ours."""
    torch.manual_seed(seed)
    layers: list[nn.Module] = [nn.Linear(3, width)]
    if norm:
        layers.append(nn.BatchNorm1d(width))
    layers.append(nn.Tanh())
    if dropout:
        layers.append(Dropout(dropout))
    layers += [nn.Linear(width, width), nn.Tanh()]
    if dropout:
        layers.append(Dropout(dropout))
    return Flat(nn.Sequential(*layers, nn.Linear(width, 2)), ()).to(dtype)


class Own(nn.Module):
    """A user's own code around layers: raw = f(numbers)."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
        return self.inner(numbers)


def plan(**changes: object) -> Plan:
    values = {
        "epochs": 3, "batch_size": 8, "seed": 1, "patience": 99, "compiled": False,
        **changes,
    }  # fmt: skip
    return Plan(**values)  # type: ignore[arg-type]


def state_of(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def same_bits(one: nn.Module, other: nn.Module) -> None:
    for (name, a), b in zip(
        one.state_dict().items(), other.state_dict().values(), strict=True
    ):
        assert torch.equal(a, b), name


def close(one: nn.Module, other: nn.Module, tolerance: float) -> None:
    """Every tensor, relative to its largest number."""
    for (name, a), b in zip(
        one.state_dict().items(), other.state_dict().values(), strict=True
    ):
        difference = (a.double() - b.double()).abs().max().item()
        size = max(1e-3, b.double().abs().max().item())
        assert difference <= tolerance * size, (name, difference / size)


def loss_on(network: nn.Module, data: Rows) -> Callable[[], float]:
    """A score: the mean squared error over all rows."""

    def score() -> float:
        with torch.no_grad():
            raw = network(data.numbers, data.categories)
        return losses.Squared().rows(raw, data.target).mean().item()

    return score


def scores(networks: Sequence[nn.Module], data: Rows) -> list[Callable[[], float]]:
    return [loss_on(network, data) for network in networks]


def small(seed: int = 0, dtype: torch.dtype = torch.float64) -> Flat:
    torch.manual_seed(seed)
    layers = nn.Sequential(nn.Linear(3, 5), nn.Tanh(), Dropout(0.3), nn.Linear(5, 2))
    return Flat(layers, ()).to(dtype)


def long(**changes: object) -> Plan:
    """90 steps, of which 64 are eager; of 35 rows 5 an epoch, the last of 3 rows."""
    return plan(**{"epochs": 18, "compiled": True, **changes})


def both(
    make, data: Rows, given: Plan, tolerance: float, spec: optim.Spec = SGD
) -> Trained:  # fmt: skip
    """Compiled and eager from the same start: the same weights and losses."""
    one, other = make(), make()
    eager = {**vars(given), "compiled": False}
    a = train(one, losses.Squared(), spec, data, given)
    b = train(other, losses.Squared(), spec, data, Plan(**eager))
    assert a.notes == []
    assert a.choices.compiled > 0
    close(one, other, tolerance)
    assert [line["loss"] for line in a.history] == pytest.approx(
        [line["loss"] for line in b.history], rel=tolerance, abs=1e-3 * tolerance
    )
    assert a.clipped == pytest.approx(b.clipped)
    return a
