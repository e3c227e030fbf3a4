"""Lion, schedule-free AdamW, Muon, clipping: by hand, by definition, by properties."""

import copy
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from dovetail import optim
from dovetail.backbones import Dropout
from dovetail.errors import ConfigError, UsageError
from dovetail.optim.muon import orthogonal


def weight(*values):
    return nn.Parameter(torch.tensor(values, dtype=torch.float64))


def step(optimizer, parameter, *gradient):
    parameter.grad = torch.tensor(gradient, dtype=torch.float64)
    optimizer.step()
    return parameter.tolist()


def test_lion_by_hand():
    w = weight(1.0)
    optimizer = optim.LionOptimizer([w], lr=0.1, betas=(0.9, 0.99), weight_decay=0.5)
    # m = 0: u = sign(0.1 * 10) = 1; w = 0.95 * 1 - 0.1 = 0.85; m = 0.1
    assert step(optimizer, w, 10.0) == pytest.approx([0.85])
    # u = sign(0.9 * 0.1 - 0.1 * 0.5) = sign(0.04) = 1, against the gradient:
    # w = 0.95 * 0.85 - 0.1 = 0.7075; m = 0.099 - 0.005 = 0.094
    assert step(optimizer, w, -0.5) == pytest.approx([0.7075])
    # u = sign(0.0846 - 0.1) = -1; w = 0.95 * 0.7075 + 0.1
    assert step(optimizer, w, -1.0) == pytest.approx([0.772125])
    assert optimizer.state[w]["momentum"].item() == pytest.approx(0.99 * 0.094 - 0.01)


@given(
    st.lists(
        st.floats(-10, 10).filter(lambda g: abs(g) > 1e-3), min_size=1, max_size=5
    ),
    st.floats(1e-3, 1e3),
)
def test_lion_sees_only_the_sign(gradient, scale):
    w, v = weight(*[0.0] * len(gradient)), weight(*[0.0] * len(gradient))
    ours = step(optim.LionOptimizer([w], lr=0.25), w, *gradient)
    scaled = step(optim.LionOptimizer([v], lr=0.25), v, *[scale * g for g in gradient])
    assert ours == scaled == [-math.copysign(0.25, g) for g in gradient]


def test_schedule_free_by_hand():
    w = weight(1.0)
    optimizer = optim.ScheduleFreeOptimizer([w], lr=0.1, betas=(0.5, 0.75), eps=1e-12)
    # v = 0.25 * 16, corrected 16: d = 1; z = 0.9, c = 1: x = 0.9; y = 0.9
    assert step(optimizer, w, 4.0) == pytest.approx([0.9])
    # v = 0.75 * 4 + 0.25 * 4 = 4, corrected 4 / (1 - 0.75^2) = 64/7: d = 2 / (8/sqrt 7)
    # = sqrt(7)/4; z = 0.9 - sqrt(7)/40; c = 1/2: x = 0.9 - sqrt(7)/80;
    # y = (z + x) / 2 = 0.9 - 3 sqrt(7)/160
    root = math.sqrt(7)
    assert step(optimizer, w, 2.0) == pytest.approx([0.9 - 3 * root / 160])
    assert optimizer.state[w]["z"].item() == pytest.approx(0.9 - root / 40)
    optimizer.eval()
    assert w.item() == pytest.approx(0.9 - root / 80)


def test_schedule_free_equals_its_definition_with_three_sequences():
    rng = np.random.default_rng(0)
    start, centre = rng.normal(size=4), rng.normal(size=4)
    w = weight(*start)
    beta1, beta2, eps, decay = 0.9, 0.99, 1e-8, 0.1
    optimizer = optim.ScheduleFreeOptimizer(
        [w], betas=(beta1, beta2), eps=eps, weight_decay=decay
    )
    z, x, v, total = start.copy(), start.copy(), np.zeros(4), 0.0
    for t in range(1, 41):
        lr = 0.05 * min(1.0, t / 10)
        optimizer.param_groups[0]["lr"] = lr
        y = (1 - beta1) * z + beta1 * x
        assert w.detach().numpy() == pytest.approx(y, abs=1e-12)
        g = y - centre
        v = beta2 * v + (1 - beta2) * g**2
        z = z - lr * (g / (np.sqrt(v / (1 - beta2**t)) + eps) + decay * y)
        total += lr**2
        x = (1 - lr**2 / total) * x + lr**2 / total * z
        step(optimizer, w, *g)
    optimizer.eval()
    assert w.detach().numpy() == pytest.approx(x, abs=1e-12)


def test_schedule_free_evaluating_never_changes_the_run(mlp, train):
    mlp.float()  # where leaving and coming back by arithmetic would round
    other = copy.deepcopy(mlp)
    spec = optim.ScheduleFree()
    ours, theirs = spec.build(mlp), spec.build(other)
    optim.set_training(ours, False)  # before the first step: nothing to swap
    optim.set_training(ours, True)
    for start in range(0, 20, 5):
        train(mlp, ours, spec.schedule, range(start, start + 5))
        train(other, theirs, spec.schedule, range(start, start + 5))
        y = mlp[0].weight.detach().clone()
        ours.eval()
        ours.eval()  # a second call does nothing
        assert start == 0 or not torch.equal(mlp[0].weight, y)
        ours.train()
        ours.train()
        assert torch.equal(mlp[0].weight, y)
    for p, q in zip(mlp.parameters(), other.parameters(), strict=True):
        assert torch.equal(p, q)


def test_schedule_free_resumes_from_a_state_saved_while_evaluating(mlp, train):
    spec = optim.ScheduleFree()
    optimizer = spec.build(mlp)
    train(mlp, optimizer, spec.schedule, range(6))
    optimizer.eval()
    other, saved = copy.deepcopy(mlp), copy.deepcopy(optimizer.state_dict())
    optimizer.train()
    train(mlp, optimizer, spec.schedule, range(6, 9))

    resumed = spec.build(other)
    resumed.load_state_dict(saved)
    with pytest.raises(UsageError, match="evaluation mode"):
        resumed.step()
    resumed.train()
    train(other, resumed, spec.schedule, range(6, 9))
    for p, q in zip(mlp.parameters(), other.parameters(), strict=True):
        assert torch.equal(p, q)


def test_schedule_free_needs_a_first_beta():
    with pytest.raises(ConfigError, match="the first above 0"):
        optim.ScheduleFree(betas=(0.0, 0.9))
    with pytest.raises(ConfigError, match="the first above 0"):
        optim.ScheduleFreeOptimizer([weight(1.0)], betas=(0.0, 0.9))


def test_set_training_leaves_other_optimizers_alone():
    w = weight(1.0)
    optimizer = torch.optim.SGD([w], lr=0.1)
    optim.set_training(optimizer, False)
    optim.set_training(optimizer, True)
    assert step(optimizer, w, 1.0) == [0.9]


@pytest.mark.parametrize("shape", [(6, 6), (3, 9), (9, 3), (1, 5)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_orthogonal_keeps_the_directions_and_levels_the_sizes(shape, dtype):
    generator = torch.Generator().manual_seed(0)
    u, _, vt = torch.linalg.svd(
        torch.randn(shape, generator=generator), full_matrices=False
    )
    sizes = torch.linspace(1.0, 0.1, min(shape))
    out = orthogonal(u * sizes @ vt, dtype).float()
    inside = u.T @ out @ vt.T  # diagonal where the directions are kept
    assert (inside - inside.diag().diag()).abs().max() < (
        1e-4 if dtype is torch.float32 else 0.06
    )
    assert 0.6 < inside.diag().min() <= inside.diag().max() < 1.3


def test_muon_takes_a_kernel_as_a_matrix():
    torch.manual_seed(0)
    kernel = nn.Parameter(torch.randn(4, 3, 2, 2, dtype=torch.float64))
    matrix = nn.Parameter(kernel.detach().reshape(4, 12).clone())
    ours, flat = optim.MuonOptimizer([kernel]), optim.MuonOptimizer([matrix])
    for _ in range(3):
        kernel.grad = torch.randn(4, 3, 2, 2, dtype=torch.float64)
        matrix.grad = kernel.grad.reshape(4, 12)
        ours.step()
        flat.step()
    assert torch.equal(kernel.reshape(4, 12), matrix)


def test_muon_moves_by_what_adamw_usually_moves():
    torch.manual_seed(0)
    matrix = nn.Parameter(torch.zeros(32, 64))
    matrix.grad = torch.randn(32, 64)
    optim.MuonOptimizer([matrix], lr=1.0).step()
    # 32 singular values near 1: root mean square sqrt(32 / (32 * 64)) = 1/8, times
    # 0.2 sqrt(64) = 1.6
    assert matrix.square().mean().sqrt().item() == pytest.approx(0.2, rel=0.25)


OWN = {
    "lion": optim.LionOptimizer,
    "schedule-free": optim.ScheduleFreeOptimizer,
    "muon": lambda params: optim.MuonOptimizer([{"params": params, "muon": True}]),
    "muon's adamw": lambda params: optim.MuonOptimizer(
        [{"params": params, "muon": False}]
    ),
}


@pytest.mark.parametrize("name", OWN)
def test_a_parameter_without_gradient_is_left_alone(name):
    used, unused = nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(2, 2))
    optimizer = OWN[name]([used, unused])
    optimizer.step()  # no gradient at all
    used.grad = torch.ones(2, 2)
    optimizer.step()
    assert torch.equal(unused, torch.ones(2, 2))
    assert (used < 1).all()


@pytest.mark.parametrize("name", OWN)
def test_a_closure_is_called_with_gradients_on(name):
    w = nn.Parameter(torch.ones(2, 2))
    optimizer = OWN[name]([w])

    def closure():
        loss = w.square().sum()
        loss.backward()
        return loss.detach()

    assert optimizer.step(closure).item() == 4
    assert (w < 1).all()


@pytest.mark.parametrize("name", OWN)
def test_a_sparse_gradient_is_refused(name):
    w = nn.Parameter(torch.ones(2, 2))
    w.grad = torch.eye(2).to_sparse()
    with pytest.raises(ConfigError, match="sparse gradient"):
        OWN[name]([w]).step()


def test_lbfgs_refuses_active_dropout():
    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1))
    with pytest.raises(ConfigError, match=r"'1' has p=0\.1"):
        optim.LBFGS().build(network)
    network[1].p = 0.0
    assert len(optim.LBFGS().build(network).param_groups) == 1


def test_lbfgs_refuses_the_dropout_of_dovetail_too():
    network = nn.Sequential(nn.Linear(2, 2), Dropout(0.1))
    with pytest.raises(ConfigError, match=r"'1' has p=0\.1"):
        optim.LBFGS().build(network)
    network[1].p = 0.0
    assert len(optim.LBFGS().build(network).param_groups) == 1


def test_a_group_without_a_rate_is_refused():
    class Rateless(torch.optim.Optimizer):
        def __init__(self, params):
            super().__init__(params, {"eta": 0.1})

        def step(self, closure=None): ...

    with pytest.raises(ConfigError, match=r"Rateless.*have no 'lr'"):
        optim.Custom(make=Rateless).build(nn.Linear(2, 1))


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0.01, 100))
def test_clip_scales_to_the_limit_and_never_up(gradient, limit):
    parts = [weight(0.0) for _ in gradient]
    for part, g in zip(parts, gradient, strict=True):
        part.grad = torch.tensor([g], dtype=torch.float64)
    norm = optim.clip_by_global_norm([*parts, weight(0.0)], limit)
    length = math.hypot(*gradient)
    assert norm.item() == pytest.approx(length)
    scale = min(1.0, limit / length) if length else 1.0
    for part, g in zip(parts, gradient, strict=True):
        assert part.grad.item() == pytest.approx(scale * g)


def test_clip_without_gradients_and_with_one_that_is_not_finite():
    assert optim.clip_by_global_norm([weight(0.0)], 1.0).item() == 0
    w = weight(0.0)
    w.grad = torch.tensor([math.nan], dtype=torch.float64)
    assert math.isnan(optim.clip_by_global_norm([w], 1.0).item())
    assert math.isnan(w.grad.item())


@pytest.mark.parametrize("limit", [0.0, -1.0, math.nan, math.inf])
def test_clip_refuses_a_limit_that_is_none(limit):
    with pytest.raises(ConfigError, match="gradient norm limit is"):
        optim.clip_by_global_norm([weight(0.0)], limit)
