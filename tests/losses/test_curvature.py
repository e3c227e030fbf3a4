"""Second derivatives of every loss on both tails, against 50-digit arithmetic.

They feed Newton's method, Laplace approximations and gradient penalties, which take a 0
for a flat direction. Each loss is held to a curvature with full relative accuracy, by
reverse mode twice and by ``torch.func``, which take different ways through a loss.
"""

import mpmath
import pytest
import torch
from mpmath import mpf

from dovetail.losses import (
    CORN,
    Absolute,
    BinaryCrossEntropy,
    Custom,
    Huber,
    LogCosh,
    Loss,
    MultiHotCrossEntropy,
    MultiLabelCrossEntropy,
    Pinball,
    Poisson,
    SmoothL1,
    SoftmaxCrossEntropy,
    Squared,
)
from tests.losses.conftest import TOLERANCE, final_losses

TAILS = [0.0, 1e-6, 0.3, 1.0, 5, 10, 16, 17, 20, 40, 80]
LOGITS = TAILS + [-x for x in TAILS]


def reverse_twice(loss, raw, target):
    """The Hessian of each row, (n, k, k)."""
    raw = raw.clone().requires_grad_()
    rows = loss.rows(raw, target)
    (slope,) = torch.autograd.grad(rows.sum(), raw, create_graph=True)
    columns = []
    for j in range(raw.shape[1]):
        if not slope.requires_grad:  # a piecewise linear loss
            columns.append(torch.zeros_like(raw))
            continue
        (column,) = torch.autograd.grad(slope[:, j].sum(), raw, retain_graph=True)
        columns.append(column)
    return torch.stack(columns, dim=1)


def by_transforms(loss, raw, target):
    def single(row, its_target):
        return loss.rows(row.unsqueeze(0), its_target.unsqueeze(0))[0]

    return torch.vmap(torch.func.jacrev(torch.func.jacrev(single)))(raw, target)


WAYS = {"reverse twice": reverse_twice, "torch.func": by_transforms}


def hold(loss, raw, target, exact, slack=None):
    """``exact(row, i, j)`` is the second derivative; ``slack`` widens the bound."""
    tolerance = mpf(TOLERANCE[raw.dtype])
    tiny = mpf(torch.finfo(raw.dtype).tiny)
    for way, hessian in WAYS.items():
        # Added to zeros: torch gives the curvature of abs as a tensor without storage.
        found = hessian(loss, raw, target) + torch.zeros(())
        found = found.tolist()
        for n in range(len(raw)):
            for i in range(raw.shape[1]):
                for j in range(raw.shape[1]):
                    e = exact(n, i, j)
                    wide = 1 if slack is None else slack(n)
                    error = abs(mpf(found[n][i][j]) - e)
                    assert error <= max(tolerance * wide * abs(e), tiny), (
                        f"{way}, raw {raw[n].tolist()}, target {target[n].tolist()}, "
                        f"({i}, {j}): found {found[n][i][j]!r}, "
                        f"exact {mpmath.nstr(e, 12)}"
                    )


def bump(z):
    """sig(z) sig(-z), the curvature of log(1 + e^z)."""
    e = mpmath.exp(-abs(z))
    return e / (1 + e) ** 2


def numbers(raw):
    return [[mpf(v) for v in row] for row in raw.tolist()]


@pytest.mark.parametrize("y", [0.0, 1.0, 0.3])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weight", [None, 10.0])
def test_binary(dtype, y, smoothing, weight):
    raw = torch.tensor(LOGITS, dtype=dtype).unsqueeze(1)
    target = torch.full_like(raw, y)
    z, y = numbers(raw), mpf(target[0].item())
    e, w = mpf(smoothing), mpf(weight or 1)
    sides = w * (y * (1 - e) + e / 2) + (1 - y) * (1 - e) + e / 2
    hold(
        BinaryCrossEntropy(pos_weight=weight, smoothing=smoothing),
        raw,
        target,
        lambda n, i, j: sides * bump(z[n][0]),
    )


@pytest.mark.parametrize("weight", [None, 3.0])
def test_multi_label(dtype, weight):
    raw = torch.tensor([LOGITS, LOGITS[::-1]], dtype=dtype)
    target = (torch.arange(len(LOGITS)) % 2).to(dtype).expand(2, -1).clone()
    target[:, 5] = 0.3
    target[:, 3] = torch.nan
    z, known = numbers(raw), len(LOGITS) - 1

    def exact(n, i, j):
        if i != j or i == 3:
            return mpf(0)
        y = mpf(target[n, i].item())
        return (mpf(weight or 1) * y + 1 - y) * bump(z[n][i]) / known

    hold(MultiLabelCrossEntropy(pos_weight=weight), raw, target, exact)


def test_corn(dtype):
    raw = torch.tensor([[17.0, -20.0, 0.0], [-17.0, 40.0, 3.0]], dtype=dtype)
    raw, target = raw.repeat_interleave(4, dim=0), torch.arange(4).repeat(2)
    z = numbers(raw)
    hold(
        CORN(),
        raw,
        target,
        lambda n, i, j: bump(z[n][i]) if i == j and target[n] >= i else mpf(0),
    )


SURE = [
    [0.0, -17.0, -18.0, -40.0],
    [40.0, -17.0, 12.0, 16.0],
    [1.0, 1.0, 0.9, -30.0],
    [-20.0, 0.0, 3.0, -60.0],
]


def softmax_curvature(z):
    """p_i (1 - p_i) and -p_i p_j, with 1 - p as the sum of the others."""
    e = [[mpmath.exp(v - max(row)) for v in row] for row in z]

    def exact(n, i, j):
        total = mpmath.fsum(e[n])
        if i != j:
            return -e[n][i] * e[n][j] / total**2
        return e[n][i] * (total - e[n][i]) / total**2

    return exact


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weight", [None, (0.5, 1.0, 2.0, 3.0)])
@pytest.mark.parametrize("soft", [False, True])
def test_softmax(dtype, smoothing, weight, soft):
    raw = torch.tensor(SURE, dtype=dtype).repeat_interleave(4, dim=0)
    index = torch.arange(4).repeat(4)
    shares = torch.full((4, 4), 1e-3, dtype=dtype).fill_diagonal_(1 - 3e-3)
    shares = shares / shares.sum(1, keepdim=True)
    target = shares.repeat(4, 1) if soft else index
    curvature = softmax_curvature(numbers(raw))

    def weights(n):
        t = target[n].tolist() if soft else [float(k == index[n]) for k in range(4)]
        t = [mpf(v) * (1 - mpf(smoothing)) + mpf(smoothing) / 4 for v in t]
        return mpmath.fsum(
            a * mpf(w) for a, w in zip(t, weight or [1] * 4, strict=True)
        )

    hold(
        SoftmaxCrossEntropy(weight=weight, smoothing=smoothing),
        raw,
        target,
        lambda n, i, j: weights(n) * curvature(n, i, j),
    )


def test_softmax_with_masked_classes(dtype):
    raw = torch.tensor([[2.0, -torch.inf, -17.0]], dtype=dtype)
    for smoothing in (0.0, 0.1):
        for y in (0, 2):
            hold(
                SoftmaxCrossEntropy(smoothing=smoothing),
                raw,
                torch.tensor([y]),
                softmax_curvature(numbers(raw)),
            )


def test_multi_hot(dtype):
    raw = torch.tensor(SURE, dtype=dtype)
    hot = torch.tensor([[1, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 1], [1, 1, 1, 1]])
    hold(MultiHotCrossEntropy(), raw, hot.to(dtype), softmax_curvature(numbers(raw)))


RESIDUALS = [0.0, 1e-6, 0.01, 0.5, 0.999, 1.001, 3, 10, 17, 20, 40]


@pytest.mark.parametrize(
    ("loss", "curvature"),
    [
        (Squared(), lambda r: mpf(2)),
        (Absolute(), lambda r: mpf(0)),
        (Huber(), lambda r: mpf(abs(r) <= 1)),
        (SmoothL1(beta=0.75), lambda r: (abs(r) <= 0.75) / mpf(0.75)),
        (SmoothL1(beta=0), lambda r: mpf(0)),
        (LogCosh(), lambda r: mpmath.sech(r) ** 2),
    ],
    ids=lambda value: repr(value) if isinstance(value, Loss) else "",
)
def test_losses_of_a_residual(dtype, loss, curvature):
    columns = RESIDUALS + [-r for r in RESIDUALS]
    raw = torch.tensor(columns, dtype=dtype).unsqueeze(1)
    r = numbers(raw)
    hold(loss, raw, torch.zeros_like(raw), lambda n, i, j: curvature(r[n][0]))
    # Two outputs: the mean over them, and nothing between them.
    raw = raw.reshape(-1, 2)
    both = numbers(raw)
    hold(
        loss,
        raw,
        torch.zeros_like(raw),
        lambda n, i, j: curvature(both[n][i]) / 2 if i == j else mpf(0),
    )


def test_pinball(dtype):
    raw = torch.tensor([[-1.0, 2.0], [30.0, -30.0]], dtype=dtype)
    target = torch.zeros(2, 1, dtype=dtype)
    hold(Pinball(taus=(0.1, 0.9)), raw, target, lambda n, i, j: mpf(0))


@pytest.mark.parametrize("y", [0.0, 0.5, 1, 2, 30, 1e6])
def test_poisson(dtype, y):
    centre = torch.tensor(max(y, 1.0)).log().item()
    steps = [-80, -20, -17, -3, -1.001, -1, -0.26, -0.25, 0.0, 1e-3, 0.2, 0.26, 1, 10]
    raw = torch.tensor([centre + s for s in steps], dtype=dtype).unsqueeze(1)
    target = torch.full_like(raw, y)
    z = numbers(raw)
    # A mean is e^z: half a unit in the last place of z and of log y moves it.
    eps = torch.finfo(dtype).eps / TOLERANCE[dtype]
    hold(
        Poisson(),
        raw,
        target,
        lambda n, i, j: mpmath.exp(z[n][0]),
        slack=lambda n: 1 + eps * (abs(z[n][0]) + centre),
    )


def test_none_is_left_out():
    here = {value for value in globals().values() if isinstance(value, type)}
    assert set(final_losses()) - {Custom} <= here
