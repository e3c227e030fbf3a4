"""Losses of dovetail's own, as calls that the rules can read."""

from typing import Any, Final

import torch
from torch import Tensor

from dovetail import losses
from dovetail.diagnose._graph import chain
from dovetail.diagnose._kinds import Kind
from dovetail.diagnose._record import Call

_OURS: Final[dict[type[losses.Loss], Kind]] = {
    losses.SoftmaxCrossEntropy: Kind("SoftmaxCrossEntropy", "scores", "class"),
    losses.MultiHotCrossEntropy: Kind(
        "MultiHotCrossEntropy", "scores", "nothing", axis=-1, inside=True
    ),
    losses.BinaryCrossEntropy: Kind("BinaryCrossEntropy", "scores", "cell"),
    losses.MultiLabelCrossEntropy: Kind("MultiLabelCrossEntropy", "scores", "cell"),
    losses.Squared: Kind("MSELoss", "values", "values", symmetric=True),
    losses.Absolute: Kind("L1Loss", "values", "values", symmetric=True),
    losses.Huber: Kind("HuberLoss", "values", "values", symmetric=True),
    losses.SmoothL1: Kind("SmoothL1Loss", "values", "values", symmetric=True),
}


def call_of(loss: Any, raw: Any, target: Any) -> Call | None:
    """What ``loss(raw, target)`` is, if it is a loss of ours that has such rules."""
    kind = _OURS.get(type(loss))
    if kind is None or not isinstance(raw, Tensor) or not isinstance(target, Tensor):
        return None
    named: dict[str, Any] = {"input": raw, "target": target, "reduction": "none"}
    weight = getattr(loss, "weight", None)
    if weight is not None:
        named["weight"] = torch.tensor(weight, device=raw.device)
    return Call(kind, named, chain(raw))
