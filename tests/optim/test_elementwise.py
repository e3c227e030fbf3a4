"""Flat buffers of many members: each moves as torch's optimizer would move it alone."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
import torch
from torch.func import functionalize
from torch.fx.experimental.proxy_tensor import make_fx

from dovetail import optim
from tests.optim._members import (
    EVERY,
    FAMILY,
    STACKS,
    as_floats,
    as_tensors,
    decayed_first,
    flat,
    gradient,
    network,
    rates,
    start,
    table,
)

TOTAL = 200


def relative(ours, theirs):
    """The largest difference in a member's row, over the row's largest weight."""
    gap = (ours - theirs).abs().amax(dim=-1) / theirs.abs().amax(dim=-1)
    return gap.max().item()


def noise(*shape, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=torch.float64, generator=generator).to(dtype)


def test_the_family():
    assert {kind.__name__ for kind in FAMILY} == {
        "SGD",
        "RMSprop",
        "Adagrad",
        "Adam",
        "AdamW",
        "NAdam",
        "RAdam",
        "Lion",
    }
    specs = {type(s) for s in optim.SPECS.values() if isinstance(s, optim.Elementwise)}
    assert specs == set(FAMILY)


@pytest.fixture(scope="module")
def data():
    x, slope = noise(32, 4, seed=1), noise(4, 3, seed=2)
    return x, x @ slope + 0.1 * noise(32, 3, seed=3)


def alone(spec, module, data):
    """A member trained by torch's optimizer, parameter by parameter."""
    x, y = data
    optimizer = spec.build(module)
    for step in range(TOTAL):
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * spec.schedule(step, TOTAL)
        optimizer.zero_grad()
        (module(x) - y).square().mean().backward()
        optimizer.step()
    return flat(module)


@pytest.mark.parametrize("name", STACKS)
def test_members_equal_torch_one_by_one(name, data):
    torch.set_default_dtype(torch.float64)  # or torch's NAdam rounds its product of mu
    specs = STACKS[name]
    modules = [network(seed) for seed in range(len(specs))]
    before = torch.stack([flat(m) for m in modules])
    weights, names = before.clone(), decayed_first(modules[0])
    slots = start(specs, weights)
    parts = {True: slice(0, names[1]), False: slice(names[1], None)}
    tables = {decayed: table(specs, TOTAL, decayed=decayed) for decayed in parts}
    for step in range(TOTAL):
        g = torch.stack(
            [gradient(m, w, data) for m, w in zip(modules, weights, strict=True)]
        )
        for decayed, part in parts.items():
            specs[0].update(
                weights[:, part],
                g[:, part],
                [slot[:, part] for slot in slots],
                as_tensors(tables[decayed][step]),
            )
    theirs = torch.stack(
        [alone(s, m, data) for s, m in zip(specs, modules, strict=True)]
    )
    assert relative(before, theirs) > 1e-3
    assert relative(weights, theirs) < 1e-12


def walk(spec, weights, how, *, steps=40, decayed=True):
    """``steps`` of random gradients of very different sizes, in place on weights."""
    slots = spec.start(weights)
    rate = rates(spec, steps)
    rows = table([spec], steps, decayed=decayed)
    for i in range(steps):
        g = noise(*weights.shape, dtype=weights.dtype, seed=i)
        g = (g * torch.linspace(-6, 2, weights.shape[1]).exp()).to(weights)
        kept = g.clone()
        if how == "fused":
            done = spec.fused(
                weights, g, slots, step=i + 1, rate=float(rate[i]), decayed=decayed
            )
            assert done
        elif how == "floats":
            spec.update(weights, g, slots, as_floats(rows[i]))
        else:
            c = as_tensors(rows[i], weights.dtype)
            spec.update(weights, g, slots, [x.to(weights) for x in c])
        assert torch.equal(g, kept)
    return weights, slots


FUSED = {
    name: spec
    for name, spec in EVERY.items()
    if isinstance(spec, optim.SGD | optim.Adam | optim.AdamW | optim.Adagrad)
}
# Rounding of 40 steps: some 100 units in the last place
TOLERANCE = {torch.float64: 2e-14, torch.float32: 1e-5}


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", EVERY)
def test_a_float_and_a_tensor_say_the_same(name, dtype):
    w = noise(1, 50, dtype=dtype, seed=99)
    ours, slots = walk(EVERY[name], w.clone(), "floats")
    theirs, others = walk(EVERY[name], w.clone(), "tensors")
    assert relative(w, ours) > 1e-4
    assert relative(ours, theirs) < TOLERANCE[dtype]
    for a, b in zip(slots, others, strict=True):
        assert relative(a, b) < TOLERANCE[dtype]


@pytest.mark.parametrize("decayed", [True, False])
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("name", FUSED)
def test_the_fused_kernel_does_the_same(name, dtype, decayed):
    w = noise(1, 50, dtype=dtype, seed=99)
    ours, slots = walk(FUSED[name], w.clone(), "floats", decayed=decayed)
    theirs, others = walk(FUSED[name], w.clone(), "fused", decayed=decayed)
    assert relative(ours, theirs) < TOLERANCE[dtype]
    for a, b in zip(slots, others, strict=True):
        assert relative(a, b) < TOLERANCE[dtype]


@pytest.mark.gpu
@pytest.mark.parametrize("how", ["fused", "floats", "tensors"])
@pytest.mark.parametrize("name", EVERY)
def test_the_gpu_does_the_same(name, how):
    w = noise(1, 5000, dtype=torch.float32, seed=99)
    spec = EVERY[name]
    if how == "fused" and not isinstance(spec, optim.SGD | optim.Adam | optim.AdamW):
        on_gpu = w.cuda()
        g, slots = torch.ones_like(on_gpu), spec.start(on_gpu)
        assert not spec.fused(on_gpu, g, slots, step=1, rate=0.1, decayed=True)
        assert torch.equal(on_gpu.cpu(), w)
        return
    ours, _ = walk(spec, w.cuda(), how)
    theirs, _ = walk(spec, w.clone(), "floats")
    assert relative(ours.cpu(), theirs) < TOLERANCE[torch.float32]


@pytest.mark.parametrize("name", EVERY)
def test_no_fused_kernel_no_change(name):
    spec = EVERY[name]
    buffer = noise(2, 8)
    w = buffer[:, :4]  # two rows apart in memory: the kernels want one run
    g, slots = torch.ones_like(w), spec.start(w)
    assert not spec.fused(w, g, slots, step=1, rate=0.1, decayed=True)
    assert torch.equal(buffer, noise(2, 8))
    if slots:  # two rows apart in the state alone
        dense = noise(2, 4)
        had = [slot.clone() for slot in slots]
        apart = [torch.cat([slot, slot], dim=1)[:, :4] for slot in slots]
        assert not spec.fused(dense, g, apart, step=1, rate=0.1, decayed=True)
        assert torch.equal(dense, noise(2, 4))
        assert all(map(torch.equal, apart, had))
    one = noise(1, 8)
    slots = spec.start(one)
    had = [slot.clone() for slot in slots]
    done = spec.fused(one, one.clone(), slots, step=1, rate=0.1, decayed=True)
    assert done == (name in FUSED)
    assert done == (not torch.equal(one, noise(1, 8)))
    assert done or all(map(torch.equal, slots, had))


@pytest.mark.parametrize("name", STACKS)
def test_a_trace_serves_every_step(name):
    specs = STACKS[name]
    rows = table(specs, 50, decayed=True)

    def step(weights, g, slots, c):
        specs[0].update(weights, g, slots, c)
        return weights, slots

    weights, g = noise(len(specs), 7), noise(len(specs), 7, seed=1)
    slots = start(specs, weights)
    program = make_fx(functionalize(step))(
        weights.clone(), g, [s.clone() for s in slots], as_tensors(rows[0])
    )
    called = {str(n.target) for n in program.graph.nodes if n.op == "call_function"}
    in_place = {t for t in called if t.split(".")[1].endswith("_")}
    assert in_place <= {"aten.copy_.default"}  # the mutated inputs, at the end
    assert not any("_local_scalar" in t for t in called)

    traced, theirs = weights.clone(), [s.clone() for s in slots]
    for i in (0, 1, 7, 49):  # RAdam changes its form between them
        g = noise(len(specs), 7, seed=i)
        specs[0].update(weights, g, slots, as_tensors(rows[i]))
        program(traced, g, theirs, as_tensors(rows[i]))
        assert relative(traced, weights) < 1e-15
        for a, b in zip(slots, theirs, strict=True):
            assert torch.allclose(a, b, rtol=1e-15, atol=0)


@pytest.mark.parametrize("name", STACKS)
def test_a_segment_leaves_the_rest_of_the_buffer_alone(name):
    specs = STACKS[name]
    weights, g = noise(6, 9), noise(6, 9, seed=1)
    slots = [s.clone() for s in specs[0].start(weights)]
    before = weights.clone()
    members, part = slice(1, 5), slice(2, 6)
    whole = [weights, *slots]
    rest = torch.ones(6, 9, dtype=torch.bool)
    rest[members, part] = False
    had = [t.clone() for t in whole]
    for i in range(3):
        specs[0].update(
            weights[members, part],
            g[members, part],
            [slot[members, part] for slot in slots],
            as_tensors(table(specs, 3, decayed=True)[i]),
        )
    assert (weights[members, part] != before[members, part]).all()
    for now, then in zip(whole, had, strict=True):
        assert torch.equal(now[rest], then[rest])


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", STACKS)
def test_a_member_that_is_lost_takes_no_other_with_it(name, bad):
    specs = STACKS[name]
    rows = table(specs, 8, decayed=True)
    runs = []
    for lose in (False, True):
        weights = noise(len(specs), 7)
        slots = start(specs, weights)
        for i in range(8):
            g = noise(len(specs), 7, seed=i)
            if lose and i >= 2:
                g[1, 3] = bad
            optim.clip_members(g, 1.0)
            specs[0].update(weights, g, slots, as_tensors(rows[i]))
        runs.append([weights, *slots])
    others = [0, 2, 3]
    for clean, lost in zip(*runs, strict=True):
        assert torch.equal(clean[others], lost[others])
    assert not torch.equal(runs[0][0][1], runs[1][0][1])


@pytest.mark.parametrize("name", STACKS)
def test_slots_start_as_the_spec_says(name):
    for spec in STACKS[name]:
        weights = torch.ones(2, 3, dtype=torch.float32)
        slots = spec.start(weights)
        value = getattr(spec, "initial_accumulator_value", 0.0)
        assert len(slots) == len(spec.slots) == len(set(spec.slots))
        for slot in slots:
            assert torch.equal(slot, torch.full((2, 3), value))


@pytest.mark.parametrize("name", STACKS)
def test_weights_that_do_not_decay(name):
    spec = STACKS[name][1]
    assert spec.weight_decay > 0
    w = noise(1, 50, seed=99)
    spared, _ = walk(spec, w.clone(), "tensors", decayed=False)
    free = dataclasses.replace(spec, weight_decay=0.0)
    assert torch.equal(spared, walk(free, w.clone(), "tensors")[0])
    assert relative(spared, walk(spec, w.clone(), "tensors")[0]) > 1e-6


@pytest.mark.parametrize("name", EVERY)
def test_a_learning_rate_of_zero_moves_nothing(name):
    spec = EVERY[name]
    for c in (as_floats, as_tensors):
        w = noise(1, 5)
        slots = spec.start(w)
        for step in (1, 10):
            row = spec.coefficients(np.array([step]), np.array([0.0]), decayed=True)
            spec.update(w, torch.zeros_like(w), slots, c(row))
        assert torch.equal(w, noise(1, 5))


def test_the_compiler_stack_is_not_imported():
    """The first torch optimizer made in a process imports some 900 modules."""
    code = """
import sys
import numpy as np
import torch
from dovetail import optim

for spec in optim.SPECS.values():
    if isinstance(spec, optim.Elementwise):
        w = torch.ones(1, 5)
        g, slots = torch.ones(1, 5), spec.start(w)
        optim.clip_members(g, 1.0)
        spec.fused(w, g, slots, step=1, rate=0.1, decayed=True)
        c = spec.coefficients(np.array([2]), np.array([0.1]), decayed=True)
        spec.update(w, g, slots, c[0].tolist())
        spec.update(w, g, slots, [torch.full((1, 1), x) for x in c[0].tolist()])
assert w.isfinite().all()
print(sorted(m for m in sys.modules if m.startswith(("torch._dynamo", "sympy"))))
"""
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"
