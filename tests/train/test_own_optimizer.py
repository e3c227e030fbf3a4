"""Optimizers of a user's own: all they remember goes along, or is refused clearly."""

from collections import deque
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.optim import Optimizer

from dovetail import losses, optim
from dovetail.errors import ConfigError
from dovetail.train import Checkpoints, train
from tests.train.engine import Own, loss_on, mlp, plan, rows, same_bits
from tests.train.pieces import SQUARED, dropping, equal, run_in_pieces, whole_run


class Counting(torch.optim.SGD):
    """Its step shrinks with a count, and pulls towards where it was before."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, lr=lr)
        self.taken = 0
        self.before = [p.detach().clone() for p in self.param_groups[0]["params"]]
        self.about = {"largest": 0.0, "seen": ()}

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        self.taken += 1
        for p, before in zip(self.param_groups[0]["params"], self.before, strict=True):
            largest = max(self.about["largest"], p.grad.abs().max().item())
            self.about = {"largest": largest, "seen": (self.taken, p.grad.sum())}
            p -= self.param_groups[0]["lr"] / self.taken * p.grad / (1 + largest)
            p.lerp_(before, 0.01)
            before.lerp_(p, 0.1)


class Sharpness(Optimizer):
    """Two gradients a step, as SAM takes them; momentum is the inner optimizer's."""

    def __init__(self, params: Any, lr: float) -> None:
        super().__init__(params, {"lr": lr})
        self.base_optimizer = torch.optim.SGD(self.param_groups, lr=lr, momentum=0.9)
        self.param_groups = self.base_optimizer.param_groups

    @torch.no_grad()
    def step(self, closure: Callable[[], Tensor]) -> Tensor:  # type: ignore[override]
        loss = closure()
        parameters = self.param_groups[0]["params"]
        moved = [0.05 * p.grad.sign() for p in parameters]
        torch._foreach_add_(parameters, moved)
        closure()
        torch._foreach_sub_(parameters, moved)
        self.base_optimizer.step()
        return loss

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        super().load_state_dict(state_dict)
        self.base_optimizer.param_groups = self.param_groups


class LookAhead:
    """No torch optimizer; what it remembers stands in its state_dict alone."""

    def __init__(self, params: Any, lr: float) -> None:
        self.fast = torch.optim.AdamW(params, lr=lr)
        self.param_groups = self.fast.param_groups
        self.slow = deque(p.detach().clone() for p in self.param_groups[0]["params"])
        self.taken = 0

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        self.fast.step()
        self.taken += 1
        if self.taken % 3 == 0:
            for p, slow in zip(self.param_groups[0]["params"], self.slow, strict=True):
                p.copy_(slow.lerp_(p, 0.5))

    def zero_grad(self) -> None:
        self.fast.zero_grad()

    def state_dict(self) -> dict[str, Any]:
        return {"slow": list(self.slow), "taken": self.taken,
                "fast": self.fast.state_dict()}  # fmt: skip

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        for slow, value in zip(self.slow, saved["slow"], strict=True):
            slow.copy_(value)
        self.taken = saved["taken"]
        self.fast.load_state_dict(saved["fast"])


class Langevin(torch.optim.SGD):
    """Gradient descent with noise from torch's generator."""

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        super().step()
        for p in self.param_groups[0]["params"]:
            p += 0.01 * torch.randn_like(p)


OWN = {kind.__name__: kind for kind in (Counting, Sharpness, LookAhead, Langevin)}
OWN["LBFGS"] = torch.optim.LBFGS


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("at", [[4], [5, 13]])
def test_an_own_optimizer_goes_on_where_it_was(
    name: str, at: list[int], tmp_path: Path
) -> None:
    data, spec = rows(), optim.Custom(make=OWN[name], lr=0.05)
    given = plan(average=True, checkpoint_every_s=0)
    one, _ = whole_run(dropping, spec, lambda: data, given, data)
    if name in ("Sharpness", "LBFGS"):  # several passes a step
        at = at[:1]
    equal(one, run_in_pieces(dropping, spec, lambda: data, given, data, tmp_path, at))


@pytest.mark.parametrize("name", OWN)
def test_an_own_optimizer_is_taken_back_in_trouble(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the second epoch, the same with an interruption after it."""
    # By the clock trouble is seen sooner or later, after fewer or more passes.
    monkeypatch.setattr("dovetail.train.loop.Clock.wants_reading", lambda self: True)
    data, spec = rows(), optim.Custom(make=OWN[name], lr=0.05)
    given = plan(checkpoint_every_s=0)
    trouble = {"Sharpness": 15, "LBFGS": 107}.get(name, 8)
    one, passes = whole_run(dropping, spec, lambda: data, given, data, trouble)
    assert len(one[1].notes) == 1
    at = [passes - 2]
    equal(
        one,
        run_in_pieces(dropping, spec, lambda: data, given, data, tmp_path, at, trouble),
    )


def test_a_loss_that_draws_goes_on_where_it_was(tmp_path: Path) -> None:
    """A step that is made again draws the same, others do not."""
    seen: list[Tensor] = []

    def noisy(raw: Tensor, target: Tensor) -> Tensor:
        seen.append(torch.rand(len(raw), dtype=raw.dtype))
        return ((raw - target).square().sum(1)) * seen[-1]

    data, loss, given = rows(), losses.Custom(function=noisy), plan()
    spec = optim.AdamW()

    def known(seed: int) -> Own:
        return mlp(seed).module

    one, _ = whole_run(known, spec, lambda: data, given, data, loss=loss)
    assert len({draw.sum().item() for draw in seen if len(draw) == 8}) == 15
    other = run_in_pieces(
        known, spec, lambda: data, given, data, tmp_path, [3, 7], loss=loss
    )
    equal(one, other)


@pytest.mark.parametrize("what", ["loss", "optimizer"])
def test_own_code_that_draws_makes_the_same_run_twice(what: str) -> None:
    """With a network of ours, which draws nothing itself."""

    def noisy(raw: Tensor, target: Tensor) -> Tensor:
        return (raw - target).square().sum(1) * torch.rand(len(raw), dtype=raw.dtype)

    loss = losses.Custom(function=noisy) if what == "loss" else SQUARED
    spec = optim.Custom(make=Langevin, lr=0.05) if what == "optimizer" else optim.SGD()
    networks = [mlp(), mlp()]
    for state, network in enumerate(networks):
        torch.manual_seed(state)
        train(network, loss, spec, rows(), plan())
    same_bits(*networks)


class Odd(torch.optim.SGD):
    """Keeps something in its state that has no place in a file."""

    def __init__(self, params: Any, lr: float, value: Any) -> None:
        super().__init__(params, lr=lr)
        self.value = value

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:
        super().step()
        for p in self.param_groups[0]["params"]:
            self.state[p]["kept"] = deepcopy(self.value)


ODD = {
    "deque": deque([1]), "set": {1}, "int64": np.int64(3),
    "Generator": torch.Generator(),
}  # fmt: skip


@pytest.mark.parametrize("kind", ODD)
def test_state_that_no_checkpoint_holds_is_refused_where_one_is_written(
    kind: str, tmp_path: Path
) -> None:
    data = rows()
    spec = optim.Custom(make=lambda p, lr: Odd(p, lr, ODD[kind]), lr=0.05)
    trained = train(mlp(), SQUARED, spec, data, plan(), score=lambda: 1.0)
    assert len(trained.history) == 3
    with pytest.raises(ConfigError, match=f"keeps a {kind} in its state"):
        train(
            mlp(), SQUARED, spec, data, plan(checkpoint_every_s=0),
            checkpoints=Checkpoints(tmp_path),
        )  # fmt: skip


def test_a_step_that_needs_a_closure_gets_one() -> None:
    """Two L-BFGS: the spec of ours on all rows, torch's class on one batch of all."""
    one, other = mlp(), mlp()
    settings = {"max_iter": 5, "history_size": 20, "line_search_fn": "strong_wolfe"}
    train(one, SQUARED, optim.LBFGS(max_iter=5), rows(), plan())
    spec = optim.Custom(make=lambda p: torch.optim.LBFGS(p, **settings))
    trained = train(other, SQUARED, spec, rows(), plan(batch_size=40, clip=1e-9))
    same_bits(one, other)
    assert trained.clipped == 0
    assert loss_on(other, rows())() < 0.5 * loss_on(mlp(), rows())()
