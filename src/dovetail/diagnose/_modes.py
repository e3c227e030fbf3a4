"""Training and evaluation mode."""

from collections.abc import Sequence
from typing import Any

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from dovetail.diagnose._findings import Findings


def mode_dependent(model: nn.Module) -> list[str]:
    """Names of the layers that do otherwise in training than in evaluation."""
    return [
        name or type(module).__name__
        for name, module in model.named_modules()
        if (isinstance(module, _DropoutNd) and module.p > 0)
        or (isinstance(module, _BatchNorm) and module.track_running_stats)
        or (isinstance(module, nn.RNNBase) and module.dropout > 0)
    ]


def check_training_mode(
    model: nn.Module, optimizers: Sequence[Any], found: Findings
) -> None:
    """A model that is about to be trained, and is in evaluation mode altogether."""
    if not optimizers or any(m.training for m in model.modules()):
        return
    layers = mode_dependent(model)
    if layers:
        found.add(
            "missing-train-mode",
            f"The model is in evaluation mode, but an optimizer is given: "
            f"{len(layers)} layers ({', '.join(layers[:3])}) would train without "
            "dropout and without updating their statistics.",
            "call model.train() before the training loop, and after each evaluation",
        )
