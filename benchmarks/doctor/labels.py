"""Several labels a row: sigmoid twice, softmax, and where to cut.

4,000 rows of 40 normal inputs, 20 labels of which each is drawn from a logistic model
with an offset (about 4 true ones a row); half of the rows train a network 40-128-20,
1,500 steps of Adam, batches of 64. Figures are means over seeds 0 to 2.
"""

import itertools
from collections.abc import Callable
from statistics import mean

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.doctor.digits import batches

Figures = dict[str, float]
SEEDS = range(3)

LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "right": F.binary_cross_entropy_with_logits,
    "sigmoid-twice": lambda z, y: F.binary_cross_entropy_with_logits(z.sigmoid(), y),
    "softmax-into-bce": lambda z, y: F.binary_cross_entropy_with_logits(
        z.softmax(1), y
    ),
}
# What is asked for a label to count as predicted.
DECISIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "right": lambda z: z > 0,
    "scores-over-half": lambda z: z > 0.5,
    "scores-rounded": lambda z: z.round() == 1,
    "argmax": lambda z: F.one_hot(z.argmax(1), z.shape[1]).bool(),
    "softmax-over-half": lambda z: z.softmax(1) > 0.5,
}


def rows(seed: int) -> tuple[Tensor, Tensor]:
    """Inputs and a table of labels."""
    draw = torch.Generator().manual_seed(seed)
    x = torch.randn(4000, 40, generator=draw)
    slopes = torch.randn(40, 20, generator=draw) / 40**0.5
    offsets = -1 - 3 * torch.rand(20, generator=draw)
    probs = (2.5 * x @ slopes + offsets).sigmoid()
    return x, (torch.rand(probs.shape, generator=draw) < probs).float()


def micro_f1(said: Tensor, target: Tensor) -> float:
    """Of the cells; 0 where nothing is said."""
    hits = (said & target.bool()).sum().item()
    return 2 * hits / (said.sum().item() + target.sum().item())


def trained(kind: str, seed: int) -> tuple[Tensor, Tensor, float]:
    """Scores and targets of the test rows, and the training loss."""
    x, y = rows(seed)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(40, 128), nn.ReLU(), nn.Linear(128, 20))
    moves, loss = torch.optim.Adam(net.parameters(), lr=1e-3), LOSSES[kind]
    for some in itertools.islice(batches(2000), 1500):
        moves.zero_grad()
        loss(net(x[some]), y[some]).backward()
        moves.step()
    with torch.no_grad():
        return net(x[2000:]), y[2000:], loss(net(x[:2000]), y[:2000]).item()


def pairings() -> Figures:
    """F1 and loss of each pairing, decided where its own user would decide."""
    found: Figures = {
        "labels.a-row": mean(rows(s)[1].sum(1).mean().item() for s in SEEDS)
    }
    runs = {kind: [trained(kind, seed) for seed in SEEDS] for kind in LOSSES}
    said: dict[str, Callable[[Tensor], Tensor]] = {
        "right": lambda z: z > 0,
        "sigmoid-twice": lambda z: z.sigmoid() > 0.5,
        "softmax-into-bce": lambda z: z.softmax(1) > 0.5,
    }
    for kind, decide in said.items():
        found[f"labels.{kind}.micro-f1"] = mean(
            micro_f1(decide(z), y) for z, y, _ in runs[kind]
        )
        found[f"labels.{kind}.loss"] = mean(loss for *_, loss in runs[kind])
    for name, decide in DECISIONS.items():
        found[f"labels.decided.{name}.micro-f1"] = mean(
            micro_f1(decide(z), y) for z, y, _ in runs["right"]
        )
    return found


def thresholds() -> Figures:
    """Where to cut true probabilities: 50,000 rows, 30 labels from rare to common."""
    draw = torch.Generator().manual_seed(0)
    shares = torch.logspace(-2.3, -0.523, 30)
    scores = torch.randn(50_000, 30, generator=draw) * 1.5 + shares.logit() - 0.5
    probs = scores.sigmoid()
    target = torch.rand(probs.shape, generator=draw) < probs
    cuts = torch.linspace(0.01, 0.99, 99)
    f1 = torch.stack([_f1(probs > cut, target, 0) for cut in cuts])  # (cuts, labels)
    micro = torch.stack([_f1(probs > cut, target, None) for cut in cuts])
    wrong = torch.stack([((probs > cut) != target).float().mean() for cut in cuts])
    return {
        "cut.rarest-percent": 100 * probs.mean(0).min().item(),
        "cut.commonest-percent": 100 * probs.mean(0).max().item(),
        "cut.macro-f1.at-half": f1[49].mean().item(),
        "cut.macro-f1.at-best": f1.max(0).values.mean().item(),
        "cut.micro-f1.at-half": micro[49].item(),
        "cut.micro-f1.at-best": micro.max().item(),
        "cut.micro-f1.best": cuts[micro.argmax()].item(),
        "cut.micro-f1.half-of-best": micro.max().item() / 2,
        "cut.hamming.at-half": wrong[49].item(),
        "cut.hamming.at-best-of-f1": wrong[micro.argmax()].item(),
    }


def _f1(said: Tensor, target: Tensor, dim: int | None) -> Tensor:
    hits = (said & target).float()
    return 2 * hits.sum(dim) / (said.float().sum(dim) + target.float().sum(dim))


EVERY = (pairings, thresholds)
