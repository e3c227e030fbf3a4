"""Links and their inverses."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dovetail import links
from dovetail.errors import DataError

numbers = st.lists(st.floats(-300, 300), min_size=1, max_size=6)


@given(numbers)
def test_sigmoid_undoes_logit(values):
    p = torch.tensor(values, dtype=torch.float64).sigmoid()
    torch.testing.assert_close(links.sigmoid(links.logit(p)), p, rtol=1e-9, atol=0)


@given(numbers)
def test_exp_undoes_log(values):
    mean = torch.tensor(values, dtype=torch.float64).abs() + 1e-3
    torch.testing.assert_close(links.exp(links.log(mean)), mean)


@given(numbers)
def test_identity_is_the_identity(values):
    raw = torch.tensor(values)
    assert links.identity(raw) is raw


@given(numbers)
def test_log_softmax_is_the_log_of_softmax(values):
    z = torch.tensor([values], dtype=torch.float64)
    torch.testing.assert_close(links.log_softmax(z), z.log_softmax(-1))
    torch.testing.assert_close(links.softmax(z), links.log_softmax(z).exp())


@given(numbers)
def test_log_sigmoid_and_softplus(values):
    z = torch.tensor(values, dtype=torch.float64)
    torch.testing.assert_close(links.log_sigmoid(z), -links.softplus(-z))
    torch.testing.assert_close(links.softplus(z) - links.softplus(-z), z)


@given(numbers)
def test_corn_probs_are_a_distribution(values):
    z = torch.tensor([values], dtype=torch.float64)
    probs = links.corn_probs(z)
    assert probs.shape == (1, len(values) + 1)
    assert (probs >= 0).all()
    torch.testing.assert_close(probs.sum(1), torch.ones(1).double())
    # P(y > j) is the product of the steps passed.
    above = probs.flip(1).cumsum(1).flip(1)[:, 1:]
    torch.testing.assert_close(above, z.sigmoid().cumprod(1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_is_raised(dtype):
    z = torch.randn(50, 100).to(dtype)
    for link in (
        links.identity,
        links.exp,
        links.sigmoid,
        links.softmax,
        links.log_sigmoid,
        links.log_softmax,
        links.softplus,
        links.corn_probs,
    ):
        torch.testing.assert_close(link(z), link(z.float()), rtol=0, atol=0)
        assert link(z).dtype == torch.float32
    torch.testing.assert_close(links.softmax(z).sum(1), torch.ones(50))


def test_outside_the_domain_is_refused():
    with pytest.raises(DataError, match=r"logit needs values in \[0, 1\], got 1.5"):
        links.logit(torch.tensor([0.5, 1.5]))
    with pytest.raises(DataError, match="log needs values >= 0, got -1"):
        links.log(torch.tensor([-1.0]))


def test_edges():
    inf = float("inf")
    assert links.logit(torch.tensor([0.0, 1.0])).tolist() == [-inf, inf]
    assert links.log(torch.tensor([0.0])).tolist() == [-inf]
    masked = links.log_softmax(torch.tensor([[0.0, -inf]]))
    assert masked.tolist() == [[0.0, -inf]]


def test_gradients():
    z = torch.randn(3, 4, dtype=torch.float64, requires_grad=True)
    p = z.detach().sigmoid().requires_grad_()
    for link in (links.log_softmax, links.corn_probs, links.softplus, links.softmax):
        assert torch.autograd.gradcheck(link, z)
        assert torch.autograd.gradgradcheck(link, z)
    assert torch.autograd.gradcheck(links.logit, p)
    middle = torch.tensor([0.5], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(links.logit, middle)
