import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail import optim
from dovetail.errors import ConfigError

TOTALS = st.integers(1, 2000)
SCHEDULES = st.one_of(
    st.builds(optim.WarmupCosine, warmup=st.floats(0, 0.9)),
    st.builds(optim.Constant, warmup=st.floats(0, 0.9)),
    st.builds(
        optim.OneCycle,
        warmup=st.floats(0, 0.9),
        start=st.floats(0.01, 1),
        end=st.floats(0, 1),
    ),
)


def curve(schedule, total):
    return [schedule(step, total) for step in range(total + 1)]


@given(SCHEDULES, TOTALS)
def test_factors_lie_in_0_1_and_the_first_step_moves(schedule, total):
    factors = curve(schedule, total)
    assert all(0 <= f <= 1 for f in factors)
    assert factors[0] > 0


@given(SCHEDULES, TOTALS)
def test_stays_where_it_ended(schedule, total):
    assert schedule(total + 17, total) == schedule(total, total)


@given(SCHEDULES)
def test_a_run_of_one_step_uses_the_whole_learning_rate(schedule):
    assert schedule(0, 1) == 1.0


@given(st.floats(0, 0.9), st.integers(2, 2000))
def test_warmup_cosine_rises_to_1_and_falls_to_0(warmup, total):
    factors = curve(optim.WarmupCosine(warmup=warmup), total)
    top = factors.index(1.0)
    assert top == min(round(warmup * total), total - 1)
    assert factors[: top + 1] == sorted(factors[: top + 1])
    assert factors[top:] == sorted(factors[top:], reverse=True)
    assert factors[total] == pytest.approx(0, abs=1e-15)


@given(st.floats(0, 0.9), st.integers(10, 2000))
def test_warmup_cosine_makes_no_jump(warmup, total):
    factors = curve(optim.WarmupCosine(warmup=warmup), total)
    length = min(round(warmup * total), total - 1)
    # The slopes: 1 / (w + 1) on the ramp, at most pi / 2 / (total - w) on the cosine
    limit = max(1 / (length + 1) if length else 0, math.pi / 2 / (total - length))
    jumps = [abs(b - a) for a, b in itertools.pairwise(factors)]
    assert max(jumps) <= limit * (1 + 1e-9)


def test_warmup_cosine_without_warmup_equals_torch():
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=40)
    ours = optim.WarmupCosine(warmup=0)
    for step in range(40):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(
            ours(step, 40), abs=1e-12
        )
        optimizer.step()
        theirs.step()


@pytest.mark.parametrize(("total", "warmup"), [(40, 0.3), (100, 0.25), (7, 0.5)])
def test_one_cycle_equals_torch(total, warmup):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=1.0,
        total_steps=total,
        pct_start=warmup,
        div_factor=25,
        final_div_factor=1e4,
        cycle_momentum=False,
    )
    ours = optim.OneCycle(warmup=warmup)  # start 1/25, end 1/25/1e4
    for step in range(total):
        assert optimizer.param_groups[0]["lr"] == pytest.approx(
            ours(step, total), abs=1e-12
        )
        optimizer.step()
        if step < total - 1:
            theirs.step()


@given(TOTALS)
def test_constant_is_1(total):
    assert set(curve(optim.Constant(), total)) == {1.0}


def test_warm_up_by_hand():
    # 5 % of 80 steps are 4: 1/5, 2/5, 3/5, 4/5, and 1 from step 4 on
    factors = curve(optim.Constant(warmup=0.05), 80)
    assert factors[:5] == [0.2, 0.4, 0.6, 0.8, 1.0]
    assert set(factors[4:]) == {1.0}
    # Half of the way through the cosine: 4 + (80 - 4) / 2
    assert optim.WarmupCosine()(42, 80) == pytest.approx(0.5)


@pytest.mark.parametrize(("step", "total"), [(-1, 5), (0, 0), (3, -2)])
def test_steps_that_cannot_be(step, total):
    with pytest.raises(ConfigError, match=f"got {step} of {total}"):
        optim.WarmupCosine()(step, total)


@pytest.mark.parametrize(
    ("make", "setting", "value"),
    [
        (optim.WarmupCosine, "warmup", 1.0),
        (optim.Constant, "warmup", -0.1),
        (optim.OneCycle, "start", 0),
        (optim.OneCycle, "end", 1.1),
    ],
)
def test_bad_settings(make, setting, value):
    with pytest.raises(ConfigError, match=f"{setting} is {value}"):
        make(**{setting: value})
