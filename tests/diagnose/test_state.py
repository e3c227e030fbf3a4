"""After a diagnosis everything is as it was, to the bit."""

import copy
import random
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils.parametrizations import spectral_norm

import dovetail
from tests.diagnose.programs import Centred, Cut, Listed, mlp, moody

X, Y = torch.randn(16, 6), torch.arange(16) % 3
CE = nn.CrossEntropyLoss()


def photograph(model: nn.Module, optimizer: Any = None) -> dict[str, Any]:
    """Numbers, gradients, modes, attributes, optimizer state, generators."""
    tensors = {**dict(model.named_parameters()), **dict(model.named_buffers())}
    return {
        "numbers": {n: t.detach().clone() for n, t in tensors.items()},
        "ids": {n: id(t) for n, t in tensors.items()},
        "grads": {
            n: (id(p.grad), None if p.grad is None else p.grad.clone())
            for n, p in model.named_parameters()
        },
        "asked": {n: p.requires_grad for n, p in model.named_parameters()},
        "modes": {n: m.training for n, m in model.named_modules()},
        "attributes": {n: sorted(vars(m)) for n, m in model.named_modules()},
        "hooks": {
            n: (len(m._forward_hooks), len(m._forward_pre_hooks))
            for n, m in model.named_modules()
        },
        "optimizer": copy.deepcopy(optimizer.state_dict()) if optimizer else None,
        "torch": torch.get_rng_state(),
        "numpy": np.random.get_state()[1].copy(),
        "python": random.getstate(),
        "modes of functions": len(torch.overrides._get_current_function_mode_stack()),
        "grad": torch.is_grad_enabled(),
    }


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Tensor):
        return a.dtype == b.dtype and torch.equal(a, b)
    if isinstance(a, np.ndarray):
        return bool((a == b).all())
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def differing(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    return [key for key in before if not same(before[key], after[key])]


class Stateful(nn.Module):
    """Counts, appends, keeps its last state, draws from every generator."""

    def __init__(self) -> None:
        super().__init__()
        self.net = moody(3)
        self.count, self.seen, self.last = 0, [], None
        self.register_buffer("steps", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        self.count += 1
        self.seen.append(len(x))
        self.steps = self.steps + 1  # another tensor in the buffer's place
        self.last = self.net(x)
        self.fresh = True
        np.random.rand(3)
        random.random()
        return F.dropout(self.last, 0.1)


MODELS: dict[str, nn.Module] = {
    "plain": mlp(3),
    "batch norm, dropout": moody(3),
    "in evaluation": moody(3).eval(),
    "one part in evaluation": nn.Sequential(moody(3), nn.BatchNorm1d(3).eval()),
    "stateful": Stateful(),
    "spectral norm": nn.Sequential(spectral_norm(nn.Linear(6, 3))),
    "frozen": nn.Sequential(nn.Linear(6, 3).requires_grad_(False), nn.Linear(3, 3)),
    "wrong": mlp(3, nn.Softmax(1)),
    "cut": Cut(),
    "centred": Centred(),
    "listed": Listed(),
}
OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.1),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1),
    "rprop": lambda p: torch.optim.Rprop(p, lr=0.1),
}


@pytest.mark.parametrize("name", MODELS)
def test_nothing_has_happened(name: str) -> None:
    model = MODELS[name]
    before = photograph(model)
    dovetail.diagnose(model, CE, (X, Y))
    assert differing(before, photograph(model)) == []


@pytest.mark.parametrize("warm", [False, True], ids=["new", "after steps"])
@pytest.mark.parametrize("kind", OPTIMIZERS)
def test_nothing_has_happened_to_the_optimizer(kind: str, warm: bool) -> None:
    model = moody(3)
    optimizer = OPTIMIZERS[kind](model.parameters())
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, 1)
    for _ in range(3 * warm):
        optimizer.zero_grad()
        CE(model(X), Y).backward()
        optimizer.step()
        schedule.step()
    before = photograph(model, optimizer)
    attributes = dict(vars(optimizer))
    dovetail.diagnose(model, CE, (X, Y), optimizer=optimizer)
    assert differing(before, photograph(model, optimizer)) == []
    assert vars(optimizer) == attributes


def test_training_goes_on_as_without_it() -> None:
    def trained(*, looked_at: bool) -> list[Tensor]:
        torch.manual_seed(0)
        model = moody(3)
        optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
        for _ in range(4):
            if looked_at:
                dovetail.diagnose(model, CE, (X, Y), optimizer=optimizer)
            optimizer.zero_grad()
            CE(model(X), Y).backward()
            optimizer.step()
        return [*model.parameters(), *model.buffers()]

    pairs = zip(trained(looked_at=False), trained(looked_at=True), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)


def test_gradients_that_were_accumulated_stay() -> None:
    model = mlp(3)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    CE(model(X), Y).backward()
    before = photograph(model, optimizer)
    dovetail.diagnose(model, CE, (X, Y), optimizer=optimizer)
    assert differing(before, photograph(model, optimizer)) == []


def test_also_after_an_error() -> None:
    class Failing(Stateful):
        def forward(self, x: Tensor) -> Tensor:
            super().forward(x)
            raise KeyError("user")

    model = Failing()
    before = photograph(model)
    with pytest.raises(KeyError):
        dovetail.diagnose(model, CE, (X, Y))
    assert differing(before, photograph(model)) == []


def test_buffers_of_the_loss_stay() -> None:
    class Centre(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.register_buffer("mean", torch.zeros(3))
            self.scale = nn.Parameter(torch.ones(()))

        def forward(self, z: Tensor, y: Tensor) -> Tensor:
            self.mean.mul_(0.9).add_(0.1 * z.detach().mean(0))
            return F.cross_entropy((z - self.mean) * self.scale, y)

    loss, model = Centre(), mlp(3)
    before = photograph(loss)
    assert dovetail.diagnose(model, loss, (X, Y)) == []
    assert differing(before, photograph(loss)) == []


@pytest.mark.parametrize("context", [torch.no_grad, torch.inference_mode])
def test_works_where_gradients_are_off(context: Any) -> None:
    model = mlp(3)
    with context():
        found = dovetail.diagnose(model, CE, (X, Y))
        assert not torch.is_grad_enabled()
    assert found == []


def test_a_photograph_shows_a_change() -> None:
    model = Stateful()
    before = photograph(model)
    model(X)
    assert {"numbers", "ids", "attributes", "torch", "numpy", "python"} <= set(
        differing(before, photograph(model))
    )
