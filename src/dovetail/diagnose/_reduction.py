"""How the values of a batch become one number, and an accuracy that is none."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from dovetail.diagnose._findings import Findings
from dovetail.diagnose._record import Call, Record
from dovetail.doctor._base import Severity

_NEAR = 0.9  # accuracy of predicting no label at all


def check_reduction(
    record: Record, calls: list[Call], loss: Tensor, found: Findings
) -> None:
    """A sum over the batch, a mean over masked cells or over padding."""
    if len(calls) == 1:
        _summed(calls[0], loss, found)
    for masked in record.masked:
        if masked.result.grad_fn is loss.grad_fn:
            share = masked.kept / masked.cells
            found.add(
                "wrong-reduction",
                f"The mean is taken over all {masked.cells} values, "
                f"{masked.cells - masked.kept} of which a mask has set to 0: the loss "
                f"is {share:.2f} of the mean over the rest, and changes with the "
                "padding.",
                "divide the sum by mask.sum()",
            )


def _summed(call: Call, loss: Tensor, found: Findings) -> None:
    x = call.input
    alone = call.result is loss or (
        call.result is not None and call.result.grad_fn is loss.grad_fn
    )
    if not alone or call.reduction != "sum" or x.ndim < 1 or len(x) < 2:
        return
    values = call.kind.wants == "values"
    found.add(
        "wrong-reduction",
        f"{call.kind.name} sums over the {len(x)} rows of the batch "
        f"({float(loss.detach()):.4g}): gradient and learning rate grow with the batch "
        "size, and a last batch that is smaller counts less.",
        "use reduction='mean'",
        severity=Severity.HINT if values else None,
    )


def check_metric(
    metric: Callable[[Any, Any], Any], output: Any, target: Any, found: Findings
) -> None:
    """Does a metric praise a model that predicts no label at all?"""
    if not isinstance(output, Tensor) or not isinstance(target, Tensor):
        return
    binary = target.ndim == 2 and target.shape[1] > 2 and output.shape == target.shape
    if not binary or not bool(((target == 0) | (target == 1)).all()):
        return
    with torch.no_grad():
        score = float(metric(torch.full_like(output, -30.0), target))
        nothing = float((target == 0).double().mean())
        if abs(score - nothing) > 1e-6 or nothing < _NEAR:
            return
        own = float(metric(output.detach(), target))
    found.add(
        "cell-accuracy-for-multi-label",
        f"This accuracy counts cells: predicting no label at all scores "
        f"{nothing:.4f}, since {float(target.sum(1).double().mean()):.3g} of "
        f"{target.shape[1]} labels are true in a row; the model scores {own:.4f}.",
        "report F1 (micro, macro), average precision or subset accuracy, and the "
        "score of predicting nothing beside it",
    )
