"""What is true of every loss; the package is walked, so none can be left out."""

import json
from dataclasses import FrozenInstanceError, fields

import jaxtyping
import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from dovetail import losses
from dovetail.errors import DataError
from dovetail.losses import Absolute, Custom, Loss, Pinball, Poisson, SmoothL1


def gradient(loss: Loss, raw: Tensor, target: Tensor) -> Tensor:
    raw = raw.clone().requires_grad_()
    loss.rows(raw, target).sum().backward()
    return raw.grad


def test_exported_and_documented(kind):
    assert kind.__name__ in losses.__all__
    assert getattr(losses, kind.__name__) is kind
    assert kind.takes
    assert ">>>" in kind.__doc__


def test_words_for_explain(loss):
    assert loss.estimates
    assert "\n" not in loss.formula
    # What is set can be read in the formula, or the formula printed is another loss's.
    for f in fields(loss):
        value = getattr(loss, f.name)
        if value and f.name != "function":
            each = value if isinstance(value, tuple) else (value,)
            assert all(f"{number:g}" in loss.formula for number in each)


def test_is_a_value(loss):
    assert loss == type(loss)(**vars(loss))
    assert hash(loss) == hash(type(loss)(**vars(loss)))
    with pytest.raises(FrozenInstanceError):
        loss.anything = 1


def test_one_value_per_row(loss, example):
    rows = loss(example.raw, example.target)
    assert rows.shape == (len(example.raw),)
    assert rows.dtype == torch.float64
    for i in range(len(rows)):
        alone = loss(example.raw[i : i + 1], example.target[i : i + 1])
        torch.testing.assert_close(alone[0], rows[i])


def test_no_rows_at_all(loss, example):
    assert loss(example.raw[:0], example.target[:0]).shape == (0,)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
def test_other_precisions(loss, example, dtype):
    if isinstance(loss, Custom):
        pytest.skip("the user's function is given raw outputs as they are")
    raw = example.raw.to(dtype).requires_grad_()
    target = example.target
    target = target.to(dtype) if target.is_floating_point() else target
    rows = loss(raw, target)
    assert rows.dtype == torch.float32
    exact = target.double() if target.is_floating_point() else target
    torch.testing.assert_close(
        rows.double(), loss.rows(raw.detach().double(), exact), rtol=1e-5, atol=1e-6
    )
    rows.sum().backward()
    assert raw.grad.dtype == dtype
    assert raw.grad.isfinite().all()


def test_gradient_equals_differences(loss, example):
    raw = example.raw.requires_grad_()
    assert gradcheck(lambda z: loss.rows(z, example.target), raw)
    assert gradgradcheck(lambda z: loss.rows(z, example.target), raw)


def test_least_at_the_perfect_prediction(loss, example):
    if not loss.proper and not isinstance(loss, (Custom, losses.MultiHotCrossEntropy)):
        pytest.skip("weights and smoothing move the minimum; tasks take it back")
    best = loss.rows(example.perfect, example.target)
    random = torch.Generator().manual_seed(0)
    for size in (1e-3, 0.1, 1.0, 10.0):
        for _ in range(10):
            step = torch.randn(example.raw.shape, generator=random).double() * size
            there = loss.rows(example.perfect + step, example.target)
            assert (there >= best - 1e-12).all()


@pytest.mark.parametrize("weighted", [False, True])
def test_zero_mean_gradient_at_the_best_constant(loss, example, weighted):
    n, k = example.raw.shape
    weights = torch.arange(n).double() + 0.5 if weighted else torch.ones(n).double()
    given = weights if weighted else None
    constant = loss.best_constant(example.target, k, given)
    assert constant.shape == (k,)
    assert constant.dtype == torch.float64
    target = example.target
    weights = weights / weights.mean()
    if example.pseudo is not None:  # the closed form is exact with these rows added
        pseudo = example.pseudo
        if not target.is_floating_point():
            target = torch.nn.functional.one_hot(target, k).double()
            pseudo = torch.nn.functional.one_hot(pseudo, k).double()
        target = torch.cat([target, pseudo])
        weights = torch.cat([weights, torch.ones(len(pseudo)).double()])
    raw = constant.expand(len(target), k)
    total = (weights.unsqueeze(1) * gradient(loss, raw, target)).sum(0)
    # A kink takes any slope up to its row's; CORN's pseudo-counts are no rows.
    kinked = isinstance(loss, (Absolute, Pinball)) or loss == SmoothL1(beta=0)
    bound = weights.max() if kinked or isinstance(loss, losses.CORN) else 1e-7
    assert (total.abs() <= bound).all()
    # No constant nearby is better.
    mean = (weights * loss.rows(raw, target)).sum()
    slack = bound if isinstance(loss, losses.CORN) else 1e-9
    for step in (-0.01, 0.01):
        for column in range(k):
            there = raw.clone()
            there[:, column] += step
            assert (weights * loss.rows(there, target)).sum() >= mean - slack


def test_best_constant_never_infinite(loss, example):
    for row in range(len(example.target)):
        same = example.target[row : row + 1].repeat_interleave(3, dim=0)
        assert loss.best_constant(same, example.raw.shape[1]).isfinite().all()


def test_best_constant_of_no_rows_is_refused(loss, example):
    with pytest.raises(DataError, match="at least one row"):
        loss.best_constant(example.target[:0], example.raw.shape[1])


def test_weight_zero_is_a_row_left_out(loss, example):
    weights = torch.tensor([1.0, 2, 0, 1, 0, 3])
    kept = weights > 0
    k = example.raw.shape[1]
    torch.testing.assert_close(
        loss.best_constant(example.target, k, weights),
        loss.best_constant(example.target[kept], k, weights[kept]),
    )


def test_best_constant_without_gradients(loss, example):
    k = example.raw.shape[1]
    expected = loss.best_constant(example.target, k)
    with torch.no_grad():
        torch.testing.assert_close(loss.best_constant(example.target, k), expected)
    with torch.inference_mode():
        there = loss.best_constant(example.target.clone(), k)
    torch.testing.assert_close(there, expected)


def test_outside_the_domain_is_refused(loss, example):
    if isinstance(loss, Custom):
        pytest.skip("any target is its domain")
    for wrong in example.outside:
        with pytest.raises(DataError, match=type(loss).__name__) as caught:
            loss(example.raw, wrong)
        assert caught.value.fix


def test_flat_raw_is_refused_with_both_shapes(loss, example):
    with pytest.raises(DataError, match=r"\(6,\)") as caught:
        loss(example.raw[:, 0], example.target)
    assert "(6, 1)" in caught.value.fix


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_finite_at_large_outputs(loss, example, dtype):
    signs = torch.ones_like(example.raw)
    signs[:, ::2] = -1
    for pattern in (signs, -signs, torch.ones_like(signs), -torch.ones_like(signs)):
        if isinstance(loss, Poisson) and (pattern > 0).any():
            continue  # a mean of e^10000 is no number of any dtype
        raw = (pattern * 1e4).to(dtype)
        assert loss(raw, example.target).isfinite().all()
        assert gradient(loss, raw, example.target).isfinite().all()


def test_gradients_per_row_by_vmap(loss, example):
    def single(row: Tensor, target: Tensor) -> Tensor:
        return loss(row.unsqueeze(0), target.unsqueeze(0))[0]

    each = torch.vmap(torch.func.grad(single))(example.raw, example.target)
    torch.testing.assert_close(each, gradient(loss, example.raw, example.target))


def test_compiled_in_one_graph(loss, example):
    # Tracing sees the library as users have it, without shapes checked at run time.
    jaxtyping.config.update("jaxtyping_disable", True)
    try:
        compiled = torch.compile(loss, backend="aot_eager", fullgraph=True)
        raw = example.raw.clone().requires_grad_()
        rows = compiled(raw, example.target)
        rows.sum().backward()
    finally:
        jaxtyping.config.update("jaxtyping_disable", False)
        torch.compiler.reset()
    torch.testing.assert_close(rows, loss(example.raw, example.target))
    torch.testing.assert_close(raw.grad, gradient(loss, example.raw, example.target))


def test_json_round_trip(loss):
    document = json.loads(json.dumps(loss.to_json()))
    read = losses.from_json(document)
    assert read == losses.from_json(document)
    assert read.to_json() == loss.to_json()
    # A function cannot be read from a file; see test_custom.py.
    assert read == loss or isinstance(loss, Custom)


@pytest.mark.gpu
def test_on_the_accelerator(loss, example):
    there = loss(example.raw.cuda(), example.target.cuda())
    torch.testing.assert_close(there.cpu(), loss(example.raw, example.target))
    torch.testing.assert_close(
        gradient(loss, example.raw.cuda(), example.target.cuda()).cpu(),
        gradient(loss, example.raw, example.target),
    )
