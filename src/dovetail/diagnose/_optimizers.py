"""The optimizer against the model: which parameters it holds, what its step changes."""

import gc
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.diagnose._findings import Findings
from dovetail.diagnose._gradients import named, share
from dovetail.diagnose._numbers import entries


def parameters_of(optimizers: Sequence[Any]) -> list[Tensor]:
    """Everything the optimizers hold."""
    return [
        p
        for optimizer in optimizers
        for group in optimizer.param_groups
        for p in group["params"]
    ]


def missed(
    reached: dict[str, nn.Parameter],
    model: nn.Module,
    optimizers: Sequence[Any],
    found: Findings,
) -> None:
    """Parameters that get a gradient, and that no optimizer holds."""
    holds = parameters_of(optimizers)
    held = {id(p) for p in holds}
    without = {n: p for n, p in reached.items() if id(p) not in held}
    if not without:
        return
    elsewhere = {id(p) for p in parameters_of(_others(optimizers))}
    without = {n: p for n, p in without.items() if id(p) not in elsewhere}
    if not without:
        return
    own = {id(p) for p in model.parameters()}
    stale = sum(id(p) not in own for p in holds)
    more = ""
    if stale:
        more = (
            f" It holds {stale} tensors that are none of the model's: a layer was "
            "replaced, or the model copied, after the optimizer was made."
        )
    found.add(
        "optimizer-misses-parameters",
        f"{named(without)} ({share(model, without)}): they get a gradient, but the "
        f"optimizer does not hold them, so they stay as they are.{more}",
        "make the optimizer from model.parameters() once the model is complete; with "
        "several optimizers give them all as a list",
    )


def everywhere() -> list[Tensor]:
    """All that the optimizers of this process hold."""
    return parameters_of(_others([]))


def _others(optimizers: Sequence[Any]) -> list[Optimizer]:
    """Optimizers that live in this process besides those given."""
    kinds, waiting = set(), [Optimizer]
    while waiting:
        kind = waiting.pop()
        kinds.add(kind)
        waiting += kind.__subclasses__()
    given = {id(optimizer) for optimizer in optimizers}
    alive = [thing for thing in gc.get_objects() if type(thing) in kinds]
    return [o for o in alive if id(o) not in given and hasattr(o, "param_groups")]


def step_changes(
    reached: dict[str, nn.Parameter],
    gradients: dict[str, Tensor],
    optimizers: Sequence[Any],
    found: Findings,
) -> None:
    """Take one step; the caller puts everything back."""
    real = [o for o in optimizers if isinstance(o, Optimizer)]
    held = {id(p) for p in parameters_of(real)}
    mine = {n: p for n, p in reached.items() if id(p) in held}
    largest = max((_largest(gradients[n]) for n in mine), default=0.0)
    if not mine or not largest > 0 or _warming_up(real):
        return
    before = {name: p.detach().clone() for name, p in mine.items()}
    for p in parameters_of(real):
        p.grad = None
    for name, parameter in reached.items():
        parameter.grad = gradients[name].detach().clone()
    for optimizer in real:
        if not _step(optimizer):
            return
    if all(torch.equal(before[name], p.detach()) for name, p in mine.items()):
        rates = sorted({float(g["lr"]) for o in real for g in o.param_groups})
        found.add(
            "step-changes-nothing",
            f"One step of {type(real[0]).__name__} leaves all {len(mine)} parameters "
            f"as they were, to the bit, though the largest gradient is {largest:.3g}. "
            f"Learning rate: {', '.join(f'{r:g}' for r in rates)}.",
            "raise the learning rate; a change below the rounding of the weights is "
            "none (about 6e-8 of them in float32, 4e-3 in bfloat16)",
        )


def _largest(gradient: Tensor) -> float:
    values = entries(gradient)
    return float(values.abs().max()) if values.numel() else 0.0


def _warming_up(optimizers: list[Optimizer]) -> bool:
    """A schedule that starts at 0 changes nothing at first, as it should."""
    groups = [group for o in optimizers for group in o.param_groups]
    return all(float(g.get("lr", 1)) == 0 and "initial_lr" in g for g in groups)


def _step(optimizer: Optimizer) -> bool:
    try:
        optimizer.step()
    except TypeError:  # it wants a closure, which we do not know
        return False
    return True
