"""The loss against the null model's: the best constant, and a blind guess."""

import math

import torch
from torch import Tensor

from dovetail import losses
from dovetail.diagnose._findings import Findings
from dovetail.diagnose._record import Call

_TIMES = 4.0  # several times the best constant's
_ROWS = 8  # fewer say little of a spread


def null_loss(call: Call) -> float | None:
    """The mean loss of the best constant, or of a blind guess where that is more.

    So a head with random weights and even scores is no finding, whatever the classes'
    frequencies: 478 labels with 3 positives give 0.693 at first, and 0.038 at best.
    """
    target, x = call.target, call.input
    if target is None or call.reduction not in ("mean", "none"):
        return None
    if any(isinstance(call.named.get(k), Tensor) for k in ("weight", "pos_weight")):
        return None
    name = call.kind.name
    if call.kind.wants == "class" and x.ndim > 1 and x.shape[call.axis] > 1:
        return math.log(x.shape[call.axis])
    if call.kind.wants == "cell":
        return math.log(2)
    if target.shape != x.shape or target.requires_grad or len(target) < _ROWS:
        return None
    cells = target.detach().double().reshape(len(target), -1)
    if not bool(cells.isfinite().all()):
        return None
    named = {
        "MSELoss": losses.Squared(),
        "L1Loss": losses.Absolute(),
        "SmoothL1Loss": losses.SmoothL1(beta=call.named.get("beta") or 1.0),
        "HuberLoss": losses.Huber(delta=call.named.get("delta") or 1.0),
    }.get(name)
    if named is None or cells.shape[1] > 64:
        return None
    best = named.best_constant(cells, cells.shape[1])
    return float(named.rows(best.expand_as(cells), cells).mean())


def check_start(call: Call, found: Findings) -> None:
    """Is the loss several times that of the best constant?"""
    null = null_loss(call)
    if null is None or call.result is None or not null > 0:
        return
    value = float(call.result.detach().float().mean())
    if not math.isfinite(value) or value < _TIMES * null:
        return
    words = "a blind guess" if call.kind.wants in ("class", "cell") else "one constant"
    scores = call.input.detach().float()
    found.add(
        "initial-loss-far-above-null",
        f"The {call.kind.name} is {value:.4g}, {value / null:.1f} times that of "
        f"{words} ({null:.4g}). Outputs: mean {float(scores.mean()):.3g}, spread "
        f"{_spread(scores):.3g}{_of_target(call)}.",
        "scale the inputs, standardise a numeric target, or start the head's bias at "
        "the best constant",
    )


def _of_target(call: Call) -> str:
    target = call.target
    if target is None or call.kind.wants != "values":
        return ""
    values = target.detach().float()
    return f"; targets: mean {float(values.mean()):.3g}, spread {_spread(values):.3g}"


def _spread(values: Tensor) -> float:
    return float(torch.std(values, correction=0))
