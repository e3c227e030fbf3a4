"""Clipping of flat rows: each row as ``clip_by_global_norm`` clips a network."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.func import functionalize
from torch.fx.experimental.proxy_tensor import make_fx

from dovetail import optim
from dovetail.errors import ConfigError

NUMBER = st.one_of(
    st.floats(-1e3, 1e3), st.sampled_from([0.0, math.nan, math.inf, -math.inf])
)
ROWS = st.integers(1, 6).flatmap(
    lambda p: st.lists(st.lists(NUMBER, min_size=p, max_size=p), min_size=1, max_size=4)
)


def one_network(row, limit):
    """Two parameters whose gradients are the row; the norm, and the row clipped."""
    parts = [row[:1], row[1:]]
    parameters = [nn.Parameter(torch.zeros_like(part)) for part in parts]
    for parameter, part in zip(parameters, parts, strict=True):
        parameter.grad = part.clone()
    norm = optim.clip_by_global_norm(parameters, limit)
    return norm, torch.cat([p.grad for p in parameters])


@given(ROWS, st.data())
def test_each_row_as_a_network_of_its_own(rows, data):
    limits = [data.draw(st.floats(1e-3, 1e3)) for _ in rows]
    gradient = torch.tensor(rows, dtype=torch.float64)
    networks = [one_network(*pair) for pair in zip(gradient, limits, strict=True)]
    norms = optim.clip_members(
        gradient, torch.tensor(limits, dtype=torch.float64).unsqueeze(1)
    )
    assert norms.shape == (len(rows),)
    for i, (norm, clipped) in enumerate(networks):
        torch.testing.assert_close(norms[i], norm, equal_nan=True)
        torch.testing.assert_close(gradient[i], clipped, equal_nan=True)


def test_one_limit_for_all_is_that_limit_for_each():
    ours = torch.tensor([[3.0, 4.0], [0.3, 0.4], [math.nan, 1.0], [0.0, 0.0]])
    theirs = ours.clone()
    norms = optim.clip_members(ours, 1.0)
    others = optim.clip_members(theirs, torch.ones(4, 1))
    torch.testing.assert_close(
        norms, torch.tensor([5.0, 0.5, math.nan, 0.0]), equal_nan=True
    )
    torch.testing.assert_close(norms, others, rtol=0, atol=0, equal_nan=True)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=0, equal_nan=True)


def test_a_limit_of_inf_leaves_its_row_alone():
    gradient = torch.tensor([[3.0, 4.0], [3.0, 4.0], [0.0, 0.0]])
    optim.clip_members(gradient, torch.tensor([[1.0], [math.inf], [math.inf]]))
    expected = torch.tensor([[0.6, 0.8], [3.0, 4.0], [0.0, 0.0]])
    torch.testing.assert_close(gradient, expected)


def test_a_segment_of_a_buffer():
    buffer = torch.full((3, 4), 2.0)
    norms = optim.clip_members(buffer[1:, :2], 1.0)
    assert torch.equal(norms, torch.full((2,), math.sqrt(8)))
    assert torch.equal(buffer[0], torch.full((4,), 2.0))
    assert torch.equal(buffer[:, 2:], torch.full((3, 2), 2.0))
    assert buffer[1:, :2].square().sum(dim=1).sqrt() == pytest.approx([1.0, 1.0])


def test_traced_it_takes_other_limits():
    def clip(gradient, limit):
        return optim.clip_members(gradient, limit), gradient

    program = make_fx(functionalize(clip))(torch.ones(2, 3), torch.ones(2, 1))
    limits = torch.tensor([[0.1], [10.0]])
    ours = torch.tensor([[1.0, 2.0, 2.0], [1.0, 2.0, 2.0]])
    theirs = ours.clone()
    norms, _ = program(ours, limits)
    assert torch.equal(norms, optim.clip_members(theirs, limits))
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("limit", [0, 0.0, -1.0, math.nan, math.inf])
def test_a_limit_that_is_none_is_refused(limit):
    gradient = torch.ones(2, 2)
    with pytest.raises(ConfigError, match="gradient norm limit is"):
        optim.clip_members(gradient, limit)
    assert torch.equal(gradient, torch.ones(2, 2))
