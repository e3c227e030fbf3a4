"""Equality with torch's own losses, where those are accurate, and relations between
ours: properties over random inputs."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from dovetail.losses import (
    CORN,
    Absolute,
    BinaryCrossEntropy,
    Huber,
    MultiHotCrossEntropy,
    MultiLabelCrossEntropy,
    Pinball,
    Poisson,
    SmoothL1,
    SoftmaxCrossEntropy,
    Squared,
)

seeds = st.integers(0, 2**31)
sizes = st.integers(1, 6)
positive = st.floats(0.01, 100)
share = st.floats(0, 0.9)
some = settings(max_examples=30, deadline=None)


def normal(seed, n, k, scale=3.0):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(n, k, generator=random, dtype=torch.float64) * scale


def uniform(seed, n, k):
    random = torch.Generator().manual_seed(seed + 1)
    return torch.rand(n, k, generator=random, dtype=torch.float64)


def same(ours, theirs):
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-12)


@some
@given(seeds, sizes, positive)
def test_binary(seed, n, weight):
    raw, target = normal(seed, n, 1), uniform(seed, n, 1)
    theirs = F.binary_cross_entropy_with_logits(
        raw,
        target,
        reduction="none",
        pos_weight=torch.tensor(weight, dtype=torch.float64),
    )
    same(BinaryCrossEntropy(pos_weight=weight)(raw, target), theirs[:, 0])


@some
@given(seeds, sizes, sizes, positive)
def test_multi_label(seed, n, labels, weight):
    raw, target = normal(seed, n, labels), uniform(seed, n, labels).round()
    theirs = F.binary_cross_entropy_with_logits(
        raw,
        target,
        reduction="none",
        pos_weight=torch.tensor(weight, dtype=torch.float64),
    ).mean(1)
    same(MultiLabelCrossEntropy(pos_weight=weight)(raw, target), theirs)
    plain = F.multilabel_soft_margin_loss(raw, target, reduction="none")
    same(MultiLabelCrossEntropy()(raw, target), plain)


@some
@given(seeds, sizes, st.integers(2, 6), share, st.booleans(), st.booleans())
def test_softmax(seed, n, classes, smoothing, weighted, soft):
    raw, chances = normal(seed, n, classes), uniform(seed, n, classes)
    target = chances / chances.sum(1, keepdim=True) if soft else chances.argmax(1)
    weight = uniform(seed + 1, 1, classes)[0] + 0.1 if weighted else None
    loss = SoftmaxCrossEntropy(
        weight=tuple(weight.tolist()) if weighted else None, smoothing=smoothing
    )
    theirs = F.cross_entropy(
        raw, target, weight, reduction="none", label_smoothing=smoothing
    )
    same(loss(raw, target), theirs)


@some
@given(seeds, sizes, sizes, positive)
def test_residuals(seed, n, columns, size):
    raw, target = normal(seed, n, columns), normal(seed + 1, n, columns)
    pairs = [
        (Squared(), F.mse_loss(raw, target, reduction="none")),
        (Absolute(), F.l1_loss(raw, target, reduction="none")),
        (Huber(delta=size), F.huber_loss(raw, target, reduction="none", delta=size)),
        (
            SmoothL1(beta=size),
            F.smooth_l1_loss(raw, target, reduction="none", beta=size),
        ),
    ]
    for loss, theirs in pairs:
        same(loss(raw, target), theirs.mean(1))
    same(SmoothL1(beta=size)(raw, target), Huber(delta=size)(raw, target) / size)


@some
@given(seeds, sizes)
def test_poisson(seed, n):
    raw = normal(seed, n, 1, scale=1.0)
    target = torch.poisson(raw.exp() * 3)
    theirs = F.poisson_nll_loss(raw, target, reduction="none") + torch.lgamma(
        target + 1
    )
    same(Poisson()(raw, target), theirs[:, 0])


@some
@given(seeds, sizes, positive, share)
def test_one_logit_is_two_logits(seed, n, weight, smoothing):
    two = normal(seed, n, 2)
    one = two[:, 1:] - two[:, :1]
    index = uniform(seed, n, 1).round().long()[:, 0]
    same(
        BinaryCrossEntropy(pos_weight=weight, smoothing=smoothing)(
            one, index.double().unsqueeze(1)
        ),
        SoftmaxCrossEntropy(weight=(1, weight), smoothing=smoothing)(two, index),
    )


@some
@given(seeds, sizes, st.integers(2, 6))
def test_hard_is_soft_with_one_share(seed, n, classes):
    raw, index = normal(seed, n, classes), uniform(seed, n, classes).argmax(1)
    hot = F.one_hot(index, classes).double()
    same(SoftmaxCrossEntropy()(raw, index), SoftmaxCrossEntropy()(raw, hot))
    same(MultiHotCrossEntropy()(raw, hot), SoftmaxCrossEntropy()(raw, index))


@some
@given(seeds, sizes)
def test_corn_of_two_ranks_is_binary(seed, n):
    raw, index = normal(seed, n, 1), uniform(seed, n, 1).round()
    same(CORN()(raw, index[:, 0].long()), BinaryCrossEntropy()(raw, index))


@some
@given(seeds, sizes)
def test_pinball_at_the_middle_is_half_the_absolute_error(seed, n):
    raw, target = normal(seed, n, 1), normal(seed + 1, n, 1)
    same(Pinball(taus=(0.5,))(raw, target), Absolute()(raw, target) / 2)


@some
@given(seeds, st.integers(1, 30), st.lists(st.floats(0.02, 0.98), min_size=1))
def test_best_quantiles_are_numpys(seed, n, taus):
    import numpy as np

    taus = tuple(sorted({round(t, 3) for t in taus}))
    target = normal(seed, n, 1).round(decimals=1)
    found = Pinball(taus=taus).best_constant(target, len(taus))
    expected = np.quantile(target.numpy(), taus, method="averaged_inverted_cdf")
    torch.testing.assert_close(found, torch.from_numpy(expected))
    ones = torch.ones(n)
    ones[0] = 3  # a weight of 3 equals the row three times
    more = torch.cat([target, target[:1], target[:1]])
    torch.testing.assert_close(
        Pinball(taus=taus).best_constant(target, len(taus), ones),
        Pinball(taus=taus).best_constant(more, len(taus)),
    )


@some
@given(seeds, st.integers(2, 30), st.floats(0.05, 5), st.floats(-3, 3))
def test_best_huber_is_scipys(seed, n, delta, log_scale):
    from scipy.optimize import minimize_scalar

    target = normal(seed, n, 1, scale=10**log_scale)
    loss = Huber(delta=delta)

    def mean(z):
        return float(loss.rows(torch.full_like(target, z), target).mean())

    found = float(loss.best_constant(target, 1))
    low, high = float(target.min()), float(target.max())
    other = minimize_scalar(mean, bounds=(low, high), method="bounded")
    assert mean(found) <= other.fun * (1 + 1e-9) + 1e-12
    assert low - 1e-9 <= found <= high + 1e-9


@pytest.mark.parametrize("loss", [Squared(), Huber(), BinaryCrossEntropy()])
def test_the_order_of_rows_does_not_matter(loss):
    raw, target = normal(0, 8, 1), uniform(0, 8, 1)
    order = torch.randperm(8)
    same(loss(raw, target)[order], loss(raw[order], target[order]))
    torch.testing.assert_close(
        loss.best_constant(target, 1), loss.best_constant(target[order], 1)
    )
