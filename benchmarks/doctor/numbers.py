"""Regression: shapes that do not fit, targets that are not scaled, coin flips learnt.

scikit-learn's diabetes (442 rows, 10 inputs, a target with mean 152 and spread 77); a
network 10-32-1, 500 steps on all training rows, seeds 0 to 4 for split and weights.
"""

from statistics import mean

import torch
from sklearn.datasets import load_diabetes
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.doctor.digits import ADAM, MOMENTUM, RMSPROP

Figures = dict[str, float]
SEEDS = range(5)


def split(seed: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Inputs (n, 10), standardised, and targets (n,), of rows to train and to test."""
    x, y = load_diabetes(return_X_y=True)
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    inputs, target = torch.tensor(x).float()[order], torch.tensor(y).float()[order]
    inputs = inputs * len(x) ** 0.5  # each column of the set has length 1
    cut = len(x) * 3 // 4
    return inputs[:cut], target[:cut], inputs[cut:], target[cut:]


def predicted(seed: int, optimizer, *, column: bool = False, scale: str = "both"):
    """Test predictions in the target's units; ``column``: (n, 1) against (n,)."""
    x, y, test_x, test_y = split(seed)
    centre = y.mean() if scale != "none" else torch.tensor(0.0)
    unit = y.std() if scale == "both" else torch.tensor(1.0)
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
    make, options = optimizer
    moves = make(net.parameters(), **options)
    target = (y - centre) / unit
    for _ in range(500):
        moves.zero_grad()
        out = net(x) if column else net(x).squeeze(1)
        ((out - target) ** 2).mean().backward()  # F.mse_loss, without its warning
        moves.step()
    with torch.no_grad():
        return net(test_x).squeeze(1) * unit + centre, test_y


def shapes() -> Figures:
    """Test R2 with equal shapes, and with an n x n table."""
    found = {}
    for name, column in (("right", False), ("table", True)):
        scores = []
        for seed in SEEDS:
            said, y = predicted(seed, ADAM, column=column)
            left = ((y - said) ** 2).mean() / ((y - y.mean()) ** 2).mean()
            scores.append(1 - left.item())
        found[f"diabetes.{name}.r2"] = mean(scores)
        found[f"diabetes.{name}.r2-least"] = min(scores)
        found[f"diabetes.{name}.r2-most"] = max(scores)
    return found


def scales() -> Figures:
    """Test RMSE with raw, centred and standardised targets; seeds that end in NaN."""
    found: Figures = {}
    for scale in ("none", "centre", "both"):
        for name, optimizer in (
            ("momentum", MOMENTUM),
            ("adam", ADAM),
            ("rmsprop", RMSPROP),
        ):
            errors = []
            for seed in SEEDS:
                said, y = predicted(seed, optimizer, scale=scale)
                errors.append(((y - said) ** 2).mean().sqrt())
            whole = [e.item() for e in errors if e.isfinite()]
            key = f"diabetes.scale-{scale}.{name}"
            found[f"{key}.nan-seeds"] = len(SEEDS) - len(whole)
            if whole:
                found[f"{key}.rmse"] = mean(whole)
    return found


def coin_flips() -> Figures:
    """32 random rows with 5 random labels each: learnt by heart, and nothing more."""
    torch.manual_seed(0)
    x, y = torch.randn(32, 10), torch.randint(0, 2, (32, 5)).float()
    new_x, new_y = torch.randn(2000, 10), torch.randint(0, 2, (2000, 5)).float()
    net = nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 5))
    moves = torch.optim.Adam(net.parameters(), lr=1e-3)
    found = {}
    for step in range(1, 3001):
        moves.zero_grad()
        F.binary_cross_entropy_with_logits(net(x), y).backward()
        moves.step()
        if step in (100, 3000):
            with torch.no_grad():
                for name, a, b in (("train", x, y), ("new", new_x, new_y)):
                    right = ((net(a) > 0) == b.bool()).float().mean().item()
                    found[f"coins.{name}.{step}"] = right
    return found


EVERY = (shapes, scales, coin_flips)
