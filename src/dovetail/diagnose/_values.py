"""The range of the last activation against the range of numeric targets."""

import math
from typing import Final

from dovetail.diagnose._findings import Findings
from dovetail.diagnose._graph import Step
from dovetail.diagnose._record import Call

_RANGES: Final = {
    "relu": (0.0, math.inf),
    "softplus": (0.0, math.inf),
    "sigmoid": (0.0, 1.0),
    "softmax": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
}


def check_values(call: Call, found: Findings) -> None:
    """Targets that no output can reach."""
    if call.kind.wants != "values" or call.kind.name in ("KLDivLoss",):
        return
    if call.kind.name == "PoissonNLLLoss" and call.named.get("log_input", True):
        return
    target = call.target
    head = call.steps[0] if call.steps else None
    if target is None or target.requires_grad or head is None or head.moved:
        return
    bounds = _bounds(head)
    if bounds is None or not target.numel():
        return
    low, high = bounds
    values = target.detach().double()
    scale = float(values.abs().max())
    far = ((low - values).clamp(min=0) + (values - high).clamp(min=0)).nan_to_num()
    outside = float((far > 1e-3 * scale).double().mean())
    if not outside:
        return
    floor = f"{float((far**2).mean()):.4g}"
    ends = f"[{low:g}, {high:g}]" if high < math.inf else "the numbers from 0 on"
    found.add(
        "activation-on-regression",
        f"The outputs end in {head.name} and lie in {ends}, but {outside:.0%} of the "
        f"targets lie outside ({float(values.min()):.3g} to "
        f"{float(values.max()):.3g}): the mean squared error cannot fall below "
        f"{floor}.",
        "end the model with the linear layer, or scale the targets into that range",
    )


def _bounds(head: Step) -> tuple[float, float] | None:
    if head.name == "hardtanh":
        low = getattr(head.node, "_saved_min_val", None)
        high = getattr(head.node, "_saved_max_val", None)
        return None if low is None or high is None else (float(low), float(high))
    return _RANGES.get(head.name)
