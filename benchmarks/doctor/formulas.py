"""Figures that need no training: floors, gradients, thresholds, number formats.

Each function returns figures by name; all are the same on every machine.
"""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

Figures = dict[str, float]


def softmax_twice() -> Figures:
    """Cross-entropy of softmax outputs: its band, its gradient, what it can say."""
    found: Figures = {}
    target = torch.tensor([0])
    for classes in (2, 3, 10, 100, 1000):
        right = F.one_hot(torch.tensor([0]), classes).double()
        wrong = F.one_hot(torch.tensor([1]), classes).double()
        name = f"softmax-twice.{{}}.{classes}"
        found[name.format("floor")] = F.cross_entropy(right, target).item()
        found[name.format("ceiling")] = F.cross_entropy(wrong, target).item()
        found[name.format("blind")] = math.log(classes)
        found[name.format("largest-probability")] = right.softmax(1)[0, 0].item()
        scores = torch.zeros(1, classes, dtype=torch.double)
        found[name.format("gradient-share-at-start")] = _gradient(
            lambda z: F.cross_entropy(z.softmax(1), target), scores
        ) / _gradient(lambda z: F.cross_entropy(z, target), scores)
    for classes, margin in ((10, 5), (10, 12), (10, 20)):
        scores = torch.zeros(1, classes, dtype=torch.double)
        scores[0, 1] = margin  # sure of class 1, and the row is of class 0
        name = f"wrong-row.{{}}.margin-{margin}"
        losses = {
            "logits": lambda z: F.cross_entropy(z, target),
            "softmax-twice": lambda z: F.cross_entropy(z.softmax(1), target),
            "softmax-into-nll": lambda z: F.nll_loss(z.softmax(1), target),
        }
        for kind, loss in losses.items():
            found[name.format(kind)] = _gradient(loss, scores)
    return found


def sigmoid_twice() -> Figures:
    """BCE with logits of sigmoid outputs: what it costs and where it decides."""
    low, high = torch.tensor([0.0, 1.0], dtype=torch.double)
    one, zero = torch.ones_like(high), torch.zeros_like(high)
    loss = F.binary_cross_entropy_with_logits
    return {
        "sigmoid-twice.lowest-probability": low.sigmoid().item(),
        "sigmoid-twice.highest-probability": high.sigmoid().item(),
        "sigmoid-twice.least-for-a-positive": loss(high, one).item(),
        "sigmoid-twice.most-for-a-positive": loss(low, one).item(),
        "sigmoid-twice.least-for-a-negative": loss(low, zero).item(),
        "sigmoid-twice.most-for-a-negative": loss(high, zero).item(),
        "sigmoid-twice.decides-at": torch.tensor(0.5).double().sigmoid().item(),
        "sigmoid.steepest": 0.25,
        "softmax-into-bce.floor.3-of-20": _softmax_into_bce(3, 20),
        "sigmoid-into-ce.largest-probability.2": math.e / (math.e + 1),
        "sigmoid-into-ce.largest-probability.10": math.e / (math.e + 9),
    }


def _softmax_into_bce(true: int, labels: int) -> float:
    target = torch.zeros(labels, dtype=torch.double)
    target[:true] = 1
    return F.binary_cross_entropy_with_logits(target / true, target).item()


def bounded_scores() -> Figures:
    """Least cross-entropy of scores that tanh bounds to (-1, 1)."""
    found = {}
    for classes in (2, 10):
        scores = -torch.ones(1, classes, dtype=torch.double)
        scores[0, 0] = 1
        found[f"tanh-logits.floor.{classes}"] = F.cross_entropy(
            scores, torch.tensor([0])
        ).item()
    return found


def number_formats() -> Figures:
    """From which score a sigmoid is 1 and a softmax is 0, in each format."""
    found: Figures = {}
    kinds = {
        "float64": torch.float64,
        "float32": torch.float32,
        "float16": torch.float16,
        "bfloat16": torch.bfloat16,
    }
    for name, dtype in kinds.items():
        grid = torch.arange(0, 800, 0.25, dtype=torch.float64).to(dtype)
        ones = grid[grid.sigmoid() == 1]
        zeros = grid[torch.stack([grid, grid * 0], dim=1).softmax(1)[:, 1] == 0]
        found[f"sigmoid-is-one.from.{name}"] = ones.double().min().item()
        found[f"softmax-is-zero.from.{name}"] = zeros.double().min().item()
    score = torch.tensor([17.0], requires_grad=True)
    negative = torch.zeros(1)
    loss = F.binary_cross_entropy(score.sigmoid(), negative)
    found["saturated.bce.loss"] = loss.item()
    found["saturated.bce.gradient"] = torch.autograd.grad(loss, score)[0].item()
    loss = F.binary_cross_entropy_with_logits(score, negative)
    found["saturated.logits.loss"] = loss.item()
    found["saturated.logits.gradient"] = torch.autograd.grad(loss, score)[0].item()
    return found


def rounding() -> Figures:
    """The largest change that a weight swallows, as a share of the weight."""
    found: Figures = {}
    for name, dtype in (("float32", torch.float32), ("bfloat16", torch.bfloat16)):
        half = torch.finfo(dtype).eps / 2
        found[f"lost-step.most.{name}"] = half  # a weight that is a power of two
        found[f"lost-step.least.{name}"] = half / 2
    weights = torch.logspace(-8, 0, 4001, base=2).to(torch.bfloat16)
    change = torch.tensor(1e-4, dtype=torch.bfloat16)
    moved = weights[(weights + change != weights) | (weights - change != weights)]
    found["lost-step.largest-weight-moved-by-1e-4.bfloat16"] = moved.max().item()
    return found


def losses_compared() -> Figures:
    """Losses that are said to be the same, or are."""
    found: Figures = {}
    z, y = torch.linspace(-5, 5, 1001), torch.zeros(1001)
    for beta in (0.1, 0.5, 1.0, 2.0, 10.0):
        smooth = F.smooth_l1_loss(z, y, beta=beta, reduction="none")
        huber = F.huber_loss(z, y, delta=beta, reduction="none")
        found[f"smooth-l1.off-huber.{beta:g}"] = (smooth - huber).abs().max().item()
        found[f"smooth-l1.times-beta-off-huber.{beta:g}"] = (
            (smooth * beta - huber).abs().max().item()
        )
    draw = torch.Generator().manual_seed(0)
    z = torch.randn(64, 478, generator=draw)
    y = (torch.rand(64, 478, generator=draw) < 0.01).float()
    for reduction in ("mean", "sum"):
        bce = F.binary_cross_entropy_with_logits(z, y, reduction=reduction)
        margin = F.multilabel_soft_margin_loss(z, y, reduction=reduction)
        found[f"bce-over-mlsm.{reduction}"] = (bce / margin).item()
    found["mae-by-hand.off-l1"] = abs(
        (z - y).abs().mean().item() - F.l1_loss(z, y).item()
    )
    z, y = z[:, :10], torch.arange(64) % 10
    plain = F.cross_entropy(z, y)
    found["nll-of-log-softmax.off-ce"] = abs(
        F.nll_loss(z.log_softmax(1), y).item() - plain.item()
    )
    found["log-softmax-twice.off-ce"] = abs(
        F.cross_entropy(z.log_softmax(1), y).item() - plain.item()
    )
    negative = (z < 0).float().mean().item()
    found["log-of-logits.nan-percent"] = 100 * negative
    return found


def class_weights() -> Figures:
    """Class weights with indices and with one-hot rows; weight= and pos_weight=."""
    z = torch.tensor([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -1.0]])
    y = torch.tensor([0, 1, 2])
    weight = torch.tensor([1.0, 2.0, 10.0])
    rows = F.one_hot(y, 3).float()
    return {
        "class-weights.indices": F.cross_entropy(z, y, weight=weight).item(),
        "class-weights.one-hot": F.cross_entropy(z, rows, weight=weight).item(),
        "weight-ratio.best-constant": _best_constant("weight"),
        "pos-weight-ratio.best-constant": _best_constant("pos_weight"),
    }


def _best_constant(argument: str) -> float:
    """Where the loss over 1 positive of 100 is least, with 99 as that argument."""
    probs = torch.linspace(0.001, 0.999, 999, dtype=torch.double)
    target = torch.zeros(100, dtype=torch.double)
    target[0] = 1
    ratio = {argument: torch.tensor(99.0, dtype=torch.double)}
    losses = torch.stack(
        [
            F.binary_cross_entropy_with_logits(p.logit().expand(100), target, **ratio)
            for p in probs
        ]
    )
    return probs[losses.argmin()].item()


def many_labels() -> Figures:
    """478 labels with 3 true ones: what knowing nothing scores."""
    share = 3 / 478
    entropy = -share * math.log(share) - (1 - share) * math.log(1 - share)
    target = torch.zeros(1, 478, dtype=torch.double)
    even = F.binary_cross_entropy_with_logits(target, target).item()
    return {
        "478-labels.accuracy-of-none-percent": 100 * (1 - share),
        "478-labels.first-loss": even,
        "478-labels.first-loss-with-bias": entropy,
        "478-labels.flatten": 64 * 300 * 300 / 2,
        "478-labels.dense-gigabytes": (64 * 300 * 300 / 2 + 1) * 1024 * 4 / 1e9,
        "478-labels.convolution-meant": 64 * 5 * 300 + 64,
    }


def regression_scale() -> Figures:
    """A target with mean 152 and spread 77 under a head that starts at 0."""
    return {
        "scale.loss-at-zero": 152.0**2 + 77.0**2,
        "scale.loss-of-the-mean": 77.0**2,
    }


def momentum() -> Figures:
    """SGD whose gradients are never cleared is SGD with momentum 1, to the bit."""
    uncleared, plain = _quadratic(clear=False), _quadratic(clear=True, momentum=1.0)
    steps = _quadratic(clear=False, slope=True)
    return {
        "uncleared.off-momentum-1": (uncleared - plain).abs().max().item(),
        "uncleared.length-of-step-10": (steps[10] - steps[9]).abs().item()
        / (steps[1] - steps[0]).abs().item(),
    }


def _quadratic(*, clear: bool, momentum: float = 0.0, slope: bool = False) -> Tensor:
    """The way of one weight in w^2 / 2 from 1, or on a slope of 1."""
    weight = torch.ones(1, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=0.1, momentum=momentum)
    way = [weight.detach().clone()]
    for _ in range(50):
        if clear:
            optimizer.zero_grad()
        (weight if slope else weight**2 / 2).sum().backward()
        optimizer.step()
        way.append(weight.detach().clone())
    return torch.cat(way)


def _gradient(loss, scores: Tensor) -> float:
    """Length of the gradient of a loss at these scores."""
    at = scores.clone().requires_grad_(True)
    return torch.autograd.grad(loss(at), at)[0].norm().item()


EVERY = (
    softmax_twice,
    sigmoid_twice,
    bounded_scores,
    number_formats,
    rounding,
    losses_compared,
    class_weights,
    many_labels,
    regression_scale,
    momentum,
)
