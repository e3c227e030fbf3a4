"""Ten handwritten digits: what a wrong pairing or a wrong loop costs in accuracy.

A network 64-64-10 on scikit-learn's digits (1,797 images of 8 x 8, divided by 16),
three quarters train, batches of 64, seeds 0 to 4 for split, weights and order; each
figure is the mean over the seeds.
"""

import itertools
from collections.abc import Callable
from statistics import mean

import torch
from sklearn.datasets import load_digits
from torch import Tensor, nn
from torch.nn import functional as F

Figures = dict[str, float]
Optimizers = Callable[..., torch.optim.Optimizer]

SEEDS = range(5)
SGD: tuple[Optimizers, dict[str, float]] = (torch.optim.SGD, {"lr": 0.01})
MOMENTUM = (torch.optim.SGD, {"lr": 0.01, "momentum": 0.9})
ADAM = (torch.optim.Adam, {"lr": 1e-3})
RMSPROP = (torch.optim.RMSprop, {"lr": 1e-3})

# What is put between the last layer and the target.
LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "right": F.cross_entropy,
    "softmax-twice": lambda z, y: F.cross_entropy(z.softmax(1), y),
    "sigmoid-into-ce": lambda z, y: F.cross_entropy(z.sigmoid(), y),
    "logits-into-nll": F.nll_loss,
    "softmax-into-nll": lambda z, y: F.nll_loss(z.softmax(1), y),
    "softmax-over-the-batch": lambda z, y: F.nll_loss(z.log_softmax(0), y),
    "relu-logits": lambda z, y: F.cross_entropy(z.relu(), y),
}


def split(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Rows to train and to test, their classes."""
    x, y = load_digits(return_X_y=True)
    rows = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    inputs, classes = torch.tensor(x).float()[rows] / 16, torch.tensor(y)[rows]
    cut = len(x) * 3 // 4
    return inputs[:cut], classes[:cut], inputs[cut:], classes[cut:]


def batches(rows: int, size: int = 64):
    """Numbers of rows without end, in a new order each time round."""
    while True:
        yield from torch.randperm(rows).split(size)


def train(
    kind: str,
    optimizer: tuple[Optimizers, dict[str, float]],
    seed: int,
    stops: tuple[int, ...],
    *,
    clear: bool = True,
) -> list[tuple[float, float]]:
    """Test accuracy and training loss (the one that was minimised) at each stop."""
    x, y, test_x, test_y = split(seed)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    make, options = optimizer
    moves, loss = make(net.parameters(), **options), LOSSES[kind]
    seen = []
    for step, rows in enumerate(itertools.islice(batches(len(x)), stops[-1]), 1):
        if clear:
            moves.zero_grad()
        loss(net(x[rows]), y[rows]).backward()
        moves.step()
        if step in stops:
            with torch.no_grad():
                right = (net(test_x).argmax(1) == test_y).float().mean().item()
                seen.append((right, loss(net(x), y).item()))
    return seen


def over_seeds(
    name: str, kind: str, optimizer, stops: tuple[int, ...], *, clear: bool = True
) -> Figures:
    runs = [train(kind, optimizer, seed, stops, clear=clear) for seed in SEEDS]
    found = {}
    for step, at in zip(stops, zip(*runs, strict=True), strict=True):
        found[f"digits.{name}.{step}.accuracy"] = mean(a for a, _ in at)
        found[f"digits.{name}.{step}.loss"] = mean(b for _, b in at)
    return found


def pairings() -> Figures:
    """Softmax twice by optimizer, the other pairings with momentum."""
    found: Figures = {}
    stops = (200, 1000, 5000)
    for kind in ("right", "softmax-twice"):
        for name, optimizer in (
            ("sgd", SGD),
            ("momentum", MOMENTUM),
            ("adam", ADAM),
            ("rmsprop", RMSPROP),
        ):
            found |= over_seeds(f"{kind}.{name}", kind, optimizer, stops)
    for kind in LOSSES.keys() - {"right", "softmax-twice"}:
        found |= over_seeds(f"{kind}.momentum", kind, MOMENTUM, stops[:2])
    return found


def gradients_not_cleared() -> Figures:
    """The same loops without ``zero_grad()``."""
    found: Figures = {}
    stops = (200, 1000)
    for name, optimizer in (("sgd", SGD), ("momentum", MOMENTUM), ("adam", ADAM)):
        found |= over_seeds(f"uncleared.{name}", "right", optimizer, stops, clear=False)
    return found


def modes() -> Figures:
    """A network with dropout and batch norm, judged in both modes, in batches of 16.

    ``changed``: how many predictions differ, in training mode, when the same rows come
    with other neighbours (dropout taken out, so that only batch norm speaks).
    """
    right: dict[str, list[float]] = {"eval": [], "train": [], "changed": []}
    for seed in SEEDS:
        x, y, test_x, test_y = split(seed)
        torch.manual_seed(seed)
        net = nn.Sequential(
            nn.Linear(64, 64),
            nn.BatchNorm1d(64),
            nn.ReLU(),
            nn.Dropout(0.5),
            nn.Linear(64, 10),
        )
        moves = torch.optim.Adam(net.parameters(), lr=1e-3)
        for rows in itertools.islice(batches(len(x)), 1000):
            moves.zero_grad()
            F.cross_entropy(net(x[rows]), y[rows]).backward()
            moves.step()
        with torch.no_grad():
            said = net.eval()(test_x).argmax(1)
            right["eval"].append((said == test_y).float().mean().item())
            net.train()
            said = torch.cat([net(some).argmax(1) for some in test_x.split(16)])
            right["train"].append((said == test_y).float().mean().item())
            net[3] = nn.Identity()
            ways = []
            for _ in range(2):
                order = torch.randperm(len(test_x))
                said = torch.cat(
                    [net(test_x[some]).argmax(1) for some in order.split(16)]
                )
                ways.append(said[order.argsort()])
            right["changed"].append((ways[0] != ways[1]).float().mean().item())
    return {
        "modes.eval-percent": 100 * mean(right["eval"]),
        "modes.train-percent": 100 * mean(right["train"]),
        "modes.changed-percent": 100 * mean(right["changed"]),
    }


EVERY = (pairings, gradients_not_cleared, modes)
