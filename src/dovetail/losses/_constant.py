"""The best constant: the raw output, equal for all rows, with the least mean loss.

It is the head's bias at step 0. Losses with an exact closed form override
``Loss.best_constant``; all others come here, in float64.
"""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail._shapes import check_weights
from dovetail.errors import ConfigError, TargetError
from dovetail.losses._base import Loss

# Enough for heads of some hundred outputs; a convex loss stops long before.
MAX_STEPS = 500


def best_constant(
    loss: Loss, target: Tensor, head_size: int, weights: Tensor | None = None
) -> Float[Tensor, " k"]:
    """Minimise the weighted mean of ``loss`` over constant raw outputs, by L-BFGS.

    Equal targets are counted once with their weight, so many rows of few classes cost
    no more than a few. Never infinite: where the loss only falls towards infinity, the
    search ends where the gradient has vanished.
    """
    target, weights = prepared(loss, target, head_size, weights)
    # Also called where gradients are off; the search needs its own.
    with torch.inference_mode(False), torch.enable_grad():
        rows, share = _distinct(target, weights / weights.sum())
        constant = _start(rows, head_size).requires_grad_()
        best, least = constant.detach().clone(), math.inf
        search = torch.optim.LBFGS(
            [constant],
            max_iter=MAX_STEPS,
            history_size=20,
            tolerance_grad=1e-12,
            tolerance_change=1e-15,
            line_search_fn="strong_wolfe",
        )

        def closure() -> float:
            nonlocal best, least
            search.zero_grad()
            value = share @ loss.rows(constant.expand(len(rows), head_size), rows)
            if not value.requires_grad:
                raise ConfigError(
                    f"{type(loss).__name__} has no gradient to the raw outputs.",
                    fix="compute it from raw outputs with torch, without detach()",
                )
            value.backward()  # type: ignore[no-untyped-call]
            if value.item() < least:
                best, least = constant.detach().clone(), value.item()
            return value.item()

        search.step(closure)  # type: ignore[no-untyped-call]
    # Where a loss has corners the search may leave the numbers; the best it saw counts.
    if not math.isfinite(least):
        raise ConfigError(
            f"No constant with a finite mean of {type(loss).__name__} was found.",
            fix="check that the loss is finite and has a gradient at moderate outputs",
        )
    return best


def prepared(
    loss: Loss, target: Tensor, head_size: int, weights: Tensor | None
) -> tuple[Tensor, Float[Tensor, " n"]]:
    """Checked rows of positive weight; floats in float64, weights with mean 1.

    The minimum does not depend on the weights' scale, so neither may the pseudo-counts
    that keep frequencies off 0 and 1. A row of weight 0 is a row left out.
    """
    who = type(loss).__name__
    if target.ndim == 0 or len(target) == 0:
        raise TargetError(
            f"The best constant of {who} needs at least one row of targets, "
            f"got shape {tuple(target.shape)}.",
            fix="give the training targets",
        )
    if target.is_floating_point():
        target = target.double()
    # No memory for a matrix of zeros: every row is the same one.
    raw = torch.zeros(1, 1, dtype=torch.float64, device=target.device)
    loss.check(raw.expand(len(target), head_size), target)
    if weights is None:
        ones = torch.ones(len(target), dtype=torch.float64, device=target.device)
        return target, ones
    check_weights(weights, len(target), who)
    weights = weights.to(device=target.device, dtype=torch.float64)
    counted = weights > 0
    target, weights = target[counted], weights[counted]
    return target, weights / weights.mean()


def quantiles(
    values: Float[Tensor, " n"], weights: Float[Tensor, " n"], taus: tuple[float, ...]
) -> Float[Tensor, " q"]:
    """Weighted quantiles: minimisers of the pinball loss, the middle one where many.

    >>> values = torch.tensor([3.0, 1.0, 2.0, 10.0], dtype=torch.float64)
    >>> quantiles(values, torch.ones(4, dtype=torch.float64), (0.5, 0.9))
    tensor([ 2.5000, 10.0000], dtype=torch.float64)
    """
    ordered, order = values.sort()
    below = weights[order].cumsum(0)
    level = below[-1] * torch.tensor(taus, dtype=below.dtype, device=below.device)
    # Sums of weights that should meet a level exactly miss it by rounding.
    slack = below[-1] * 1e-12
    last = len(ordered) - 1
    low = torch.searchsorted(below, level - slack).clamp(max=last)
    high = torch.searchsorted(below, level + slack, right=True).clamp(max=last)
    return ordered[low] + (ordered[high] - ordered[low]) / 2


def _distinct(target: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
    rows, which = torch.unique(target, dim=0, return_inverse=True)
    return rows, torch.zeros_like(weights[: len(rows)]).index_add(0, which, weights)


def _start(target: Tensor, head_size: int) -> Float[Tensor, " k"]:
    """Each column's median where outputs and targets share a scale, else zero."""
    if target.is_floating_point() and target.shape[1:] == (head_size,):
        return target.nanmedian(dim=0).values.nan_to_num()
    return torch.zeros(head_size, dtype=torch.float64, device=target.device)
