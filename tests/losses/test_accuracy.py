"""Values and gradients against 50-digit arithmetic, on inputs chosen to be awkward.

Inputs are exact: mpmath gets the very numbers that the loss gets. The bound is relative
everywhere, except that a gradient made of two opposing sides (soft targets) is compared
relative to the larger side: where they meet no formula can do better.
"""

import math

import mpmath
import pytest
import torch
from mpmath import mpf

from dovetail import links
from dovetail.losses import (
    CORN,
    BinaryCrossEntropy,
    Huber,
    LogCosh,
    MultiHotCrossEntropy,
    MultiLabelCrossEntropy,
    Pinball,
    Poisson,
    SmoothL1,
    SoftmaxCrossEntropy,
    Squared,
    _hard_rows,
    _two_sided,
    poisson,
)
from tests.losses.conftest import TOLERANCE

INF = float("inf")


def compare(found, exact, dtype, scale=None, what=""):
    """Relative to ``scale`` (default: the exact value); underflow to 0 is right."""
    tiny = torch.finfo(dtype).tiny
    scales = exact if scale is None else scale
    for place, (f, e, s) in enumerate(zip(found, exact, scales, strict=True)):
        error = abs(mpf(f) - e)
        allowed = max(mpf(TOLERANCE[dtype]) * abs(s), mpf(tiny))
        assert error <= allowed, (
            f"{what} {place}: found {f!r}, exact {mpmath.nstr(e, 12)}, "
            f"error {mpmath.nstr(error / max(abs(s), mpf(tiny)), 3)} relative"
        )


def run(loss, raw, target):
    raw = raw.clone().requires_grad_()
    rows = loss(raw, target)
    rows.sum().backward()
    return rows.tolist(), raw.grad


def softplus(x):
    """log(1 + e^x), exact: at e^20000 50 digits are not enough for a plain log1p."""
    return mpmath.log1p(mpmath.exp(x)) if x < 0 else x + mpmath.log1p(mpmath.exp(-x))


def sig(x):
    return 1 / (1 + mpmath.exp(-x)) if x > 0 else mpmath.exp(x) / (1 + mpmath.exp(x))


TAILS = [0.0, 1e-8, 1e-4, 0.3, 1, 5, 16.7, 17, 20, 20.5, 40, 80, 300, 700, 1e4]
LOGITS = TAILS + [-x for x in TAILS]


@pytest.mark.parametrize("weight", [None, 10.0, 0.01])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("y", [0.0, 1.0, 0.5, 1e-6, 0.9, 1 - 2**-20])
def test_binary(dtype, y, smoothing, weight):
    raw = torch.tensor(LOGITS, dtype=dtype).unsqueeze(1)
    target = torch.full_like(raw, y)
    loss = BinaryCrossEntropy(pos_weight=weight, smoothing=smoothing)
    rows, grad = run(loss, raw, target)
    y, e, w = mpf(target[0].item()), mpf(smoothing), mpf(weight or 1)
    yes, no = w * (y * (1 - e) + e / 2), (1 - y) * (1 - e) + e / 2
    z = [mpf(v) for v in raw[:, 0].tolist()]
    exact = [yes * softplus(-v) + no * softplus(v) for v in z]
    compare(rows, exact, dtype, what="value")
    slopes = [no * sig(v) - yes * sig(-v) for v in z]
    larger = [max(no * sig(v), yes * sig(-v)) for v in z]
    compare(grad[:, 0].tolist(), slopes, dtype, larger, what="gradient")


def test_multi_label_is_binary_cell_by_cell(dtype):
    half = len(LOGITS) // 2
    raw = torch.tensor([LOGITS[:half], LOGITS[half:]], dtype=dtype)
    target = (torch.arange(half) % 2).to(dtype).expand(2, -1).clone()
    target[:, 3] = torch.nan
    rows, grad = run(MultiLabelCrossEntropy(), raw, target)
    known = [j for j in range(half) if j != 3]
    for i in range(2):
        sign = [2 * mpf(target[i, j].item()) - 1 for j in known]
        z = [mpf(raw[i, j].item()) for j in known]
        exact = sum(softplus(-s * v) for s, v in zip(sign, z, strict=True)) / len(known)
        compare(rows[i : i + 1], [exact], dtype, what="value")
        slopes = [-s * sig(-s * v) / len(known) for s, v in zip(sign, z, strict=True)]
        compare(grad[i, known].tolist(), slopes, dtype, what="gradient")
        assert grad[i, 3] == 0


def softmax_cases():
    generator = torch.Generator().manual_seed(0)
    many = torch.randn(1000, generator=generator) * 10
    yield "far apart", [1e4, -1e4, 0.0, 9999.0]
    yield "all large", [1e4, 1e4, 1e4 - 80, 1e4 - 0.5]
    yield "all small", [-1e4, -1e4, -1e4 - 80, -1e4 - 0.5]
    yield "near ties", [1e-8, 0.0, -1e-8, 1.0]
    yield "near ties at one", [1 + 1e-8, 1.0, 1 - 1e-8, 1 + 2e-7]
    yield "sure", [0.0, -17.0, -18.0, -80.0]
    yield "very sure", [60.0, -17.0, -18.0, -24.0]
    yield "masked", [-INF, 1.0, 2.0, -INF]
    yield "all but one masked", [-INF, -INF, 2.0, -INF]
    yield "1000 classes", many.tolist()
    yield "1000 classes, one leads", [*(many[:-1] - 60).tolist(), 30.0]


SOFTMAX = dict(softmax_cases())


def exact_softmax(z, t):
    """Value, gradient, and the larger side of each slope, for shares ``t``."""
    top = max(z)
    e = [mpmath.exp(v - top) for v in z]
    total = mpmath.fsum(e)
    lse = top + mpmath.log(total)
    weight = mpmath.fsum(t)
    value = mpmath.fsum(a * (lse - v) for a, v in zip(t, z, strict=True) if a)
    rest_t = [weight - a for a in t]
    down = [a * (total - b) / total for a, b in zip(t, e, strict=True)]
    up = [r * b / total for r, b in zip(rest_t, e, strict=True)]
    slopes = [u - d for u, d in zip(up, down, strict=True)]
    return value, slopes, [max(u, d) for u, d in zip(up, down, strict=True)]


@pytest.mark.parametrize("case", SOFTMAX)
def test_softmax_of_an_index(dtype, case):
    raw = torch.tensor([SOFTMAX[case]], dtype=dtype)
    z = [mpf(v) for v in raw[0].tolist()]
    allowed = [k for k in range(len(z)) if z[k] > -INF]
    for y in allowed if len(z) < 10 else (0, int(raw.argmax()), len(z) - 1):
        rows, grad = run(SoftmaxCrossEntropy(), raw, torch.tensor([y]))
        one_hot = [mpf(k == y) for k in range(len(z))]
        value, slopes, _ = exact_softmax(z, one_hot)
        compare(rows, [value], dtype, what=f"value of class {y}")
        compare(grad[0].tolist(), slopes, dtype, what=f"slope, class {y}")


@pytest.mark.parametrize("case", SOFTMAX)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("soft", [False, True])
def test_softmax_with_everything(dtype, case, weighted, smoothing, soft):
    raw = torch.tensor([SOFTMAX[case]], dtype=dtype)
    z = [mpf(v) for v in raw[0].tolist()]
    c = len(z)
    unmasked = [k for k in range(c) if z[k] > -INF]
    if soft:
        random = torch.Generator().manual_seed(2)
        shares = torch.rand(c, generator=random, dtype=dtype)
        shares[raw[0] == -INF] = 0
        shares[unmasked[0]] *= 1e6  # nearly one-hot
        target = (shares / shares.sum()).unsqueeze(0)
        t = [mpf(v) for v in target[0].tolist()]
    else:
        y = unmasked[-1]
        target, t = torch.tensor([y]), [mpf(k == y) for k in range(c)]
    weight = tuple(0.5 + (k % 7) for k in range(c)) if weighted else None
    e = mpf(smoothing)
    t = [
        (1 - e) * a + (e / len(unmasked) if k in unmasked else 0)
        for k, a in enumerate(t)
    ]
    if weight:
        t = [mpf(w) * a for w, a in zip(weight, t, strict=True)]
    loss = SoftmaxCrossEntropy(weight=weight, smoothing=smoothing)
    rows, grad = run(loss, raw, target)
    value, slopes, larger = exact_softmax(z, t)
    compare(rows, [value], dtype, what="value")
    compare(grad[0].tolist(), slopes, dtype, larger, what="gradient")


def test_multi_hot(dtype):
    raw = torch.tensor([[30.0, 10.0, -INF, 0.0, -1e4]], dtype=dtype)
    hot = torch.tensor([[1.0, 1, 0, 0, 0]], dtype=dtype)
    rows, grad = run(MultiHotCrossEntropy(), raw, hot)
    t = [mpf(1) / 2, mpf(1) / 2, mpf(0), mpf(0), mpf(0)]
    value, slopes, larger = exact_softmax([mpf(v) for v in raw[0].tolist()], t)
    compare(rows, [value], dtype)
    compare(grad[0].tolist(), slopes, dtype, larger)


def test_corn(dtype):
    z = [1e4, 20.0, -1e-8, 90.0, -40.0]
    raw = torch.tensor([z] * 6, dtype=dtype)
    rows, grad = run(CORN(), raw, torch.arange(6))
    z = [mpf(v) for v in raw[0].tolist()]
    for y in range(6):
        sign = [1 if y > j else -1 for j in range(5)]
        asked = range(min(y + 1, 5))
        value = mpmath.fsum(softplus(-sign[j] * z[j]) for j in asked)
        slopes = [
            -sign[j] * sig(-sign[j] * z[j]) if j in asked else mpf(0) for j in range(5)
        ]
        compare(rows[y : y + 1], [value], dtype)
        compare(grad[y].tolist(), slopes, dtype)


RESIDUALS = [0.0, 1e-8, 1e-6, 0.01, 0.5, 0.999999, 1.0, 1.000001, 3, 20, 1e4]


@pytest.mark.parametrize("offset", [0.0, 1.0, -1e4])
def test_residual_losses(dtype, offset):
    raw = torch.tensor(RESIDUALS + [-r for r in RESIDUALS], dtype=dtype).unsqueeze(1)
    raw = raw + offset
    target = torch.full_like(raw, offset)
    # The difference of the two stored numbers is exact or the smaller problem.
    r = [mpf(v) - mpf(offset) for v in raw[:, 0].tolist()]
    sign = [mpmath.sign(v) for v in r]
    delta = mpf(1)

    def huber(v):
        return v * v / 2 if abs(v) <= delta else delta * (abs(v) - delta / 2)

    near = [max(-delta, min(delta, v)) for v in r]
    cases = [
        (Squared(), [v * v for v in r], [2 * v for v in r]),
        (Huber(), [huber(v) for v in r], near),
        (SmoothL1(), [huber(v) for v in r], near),
        (
            LogCosh(),
            [abs(v) + softplus(-2 * abs(v)) - mpmath.log(2) for v in r],
            [mpmath.tanh(v) for v in r],
        ),
        (
            Pinball(taus=(0.25,)),
            [mpf(0.25) * -v if v < 0 else mpf(0.75) * v for v in r],
            [mpf(0.25) if s == 0 else (mpf(0.5) * (s + 1) - mpf(0.25)) for s in sign],
        ),
    ]
    for loss, values, slopes in cases:
        rows, grad = run(loss, raw, target)
        compare(rows, values, dtype, what=str(loss))
        found = grad[:, 0].tolist()
        if isinstance(loss, Pinball):  # no slope at the kink
            found = [f for f, s in zip(found, sign, strict=True) if s]
            slopes = [f for f, s in zip(slopes, sign, strict=True) if s]
        compare(found, slopes, dtype, what=f"slope of {loss}")


COUNTS = [0.0, 1e-3, 0.5, 1, 2, 3, 15, 16, 17, 100, 1e4, 1e6, 1e8]


@pytest.mark.parametrize("y", COUNTS)
def test_poisson(dtype, y):
    centre = math.log(max(y, 1e-3))
    steps = [-1e4, -30, -3, -1, -0.1, 0.0, 0.1, 1, 3, 10]
    raw = torch.tensor([centre + s for s in steps], dtype=dtype).unsqueeze(1)
    if y == 1:
        raw = torch.cat([raw, raw.new_tensor([[1e-8], [-1e-8]])])
    target = torch.full_like(raw, y)
    y = mpf(target[0].item())
    rows, grad = run(Poisson(), raw, target)
    z = [mpf(v) for v in raw[:, 0].tolist()]
    exact = [mpmath.exp(v) - y * v + mpmath.loggamma(y + 1) for v in z]
    slopes = [mpmath.exp(v) - y for v in z]
    # A mean is e^z: the last bit of z alone moves e^z by |z| times its relative size.
    ulp = mpf(torch.finfo(dtype).eps) / TOLERANCE[dtype]
    scale = [
        max(abs(e), ulp * abs(v * s)) for e, v, s in zip(exact, z, slopes, strict=True)
    ]
    compare(rows, exact, dtype, scale, what="value")
    scale = [
        max(abs(s), ulp * abs(v) * max(mpmath.exp(v), y))
        for v, s in zip(z, slopes, strict=True)
    ]
    compare(grad[:, 0].tolist(), slopes, dtype, scale, what="gradient")


def test_log_softmax_keeps_what_it_is_near_one(dtype):
    raw = torch.tensor([[0.0, -20.0, -80.0]], dtype=dtype)
    z = [mpf(v) for v in raw[0].tolist()]
    total = mpmath.fsum(mpmath.exp(v) for v in z)
    exact = [v - mpmath.log(total) for v in z]
    compare(links.log_softmax(raw)[0].tolist(), exact, dtype)


def test_logit(dtype):
    probs = [1e-30, 1e-8, 0.1, 0.25, 0.4999, 0.5, 0.5001, 0.75, 0.9, 1 - 2**-20]
    p = torch.tensor(probs, dtype=dtype)
    exact = [mpmath.log(mpf(v) / (1 - mpf(v))) for v in p.tolist()]
    compare(links.logit(p).tolist(), exact, dtype)


def test_corn_probs(dtype):
    raw = torch.tensor([[3.0, -20.0, 40.0]], dtype=dtype)
    z = [mpf(v) for v in raw[0].tolist()]
    exact, passed = [], mpf(1)
    for v in z:
        exact.append(passed * sig(-v))
        passed *= sig(v)
    compare(links.corn_probs(raw)[0].tolist(), [*exact, passed], dtype)


def slope(function, z, *rest):
    z = z.clone().requires_grad_()
    rows = function(z, *rest)
    rows.sum().backward()
    return rows.detach(), z.grad


def test_traced_and_stepwise_forms_agree(dtype):
    """Under torch.compile and torch.func a composed form stands in for ours."""
    tolerance = {"rtol": TOLERANCE[dtype], "atol": 0.0}
    for case in SOFTMAX.values():
        z = torch.tensor([case], dtype=dtype)
        for y in (int(z.argmax()), int(z.argmin())):
            index = torch.tensor([y])
            if z[0, y] > -INF:
                torch.testing.assert_close(
                    slope(_hard_rows._composed, z, index),
                    slope(_hard_rows.hard_rows, z, index),
                    **tolerance,
                )
                # With smoothing a slope has two sides, up to 1 each.
                torch.testing.assert_close(
                    slope(_hard_rows._composed, z, index, 0.1),
                    slope(_hard_rows.hard_rows, z, index, 0.1),
                    rtol=TOLERANCE[dtype],
                    atol=TOLERANCE[dtype] / 10,
                )
    z = torch.tensor(LOGITS, dtype=dtype).unsqueeze(1)
    zero = torch.zeros_like(z)
    for sides in ((zero, zero + 1), (zero + 2, zero), (zero, zero)):
        torch.testing.assert_close(
            slope(_two_sided._composed, z, *sides),
            slope(_two_sided.two_sided, z, *sides),
            **tolerance,
        )
    y = torch.tensor([0.0, 0.5, 1, 2, 30], dtype=dtype)
    z = (
        torch.tensor([[-3.0, -0.1, 1e-8, 4]], dtype=dtype)
        + y.clamp(min=1).log()[:, None]
    )
    y = y[:, None].expand_as(z)
    torch.testing.assert_close(
        slope(poisson._cells, z, y),
        slope(poisson._Cells.apply, z, y),
        rtol=TOLERANCE[dtype],
        atol=torch.finfo(dtype).eps * 10,
    )
