"""L-BFGS: a quasi-Newton method on the full batch, for small smooth problems."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import nn
from torch.optim import Optimizer

from dovetail.errors import ConfigError
from dovetail.optim._base import Spec
from dovetail.optim.groups import trainable
from dovetail.optim.schedules import FLAT, Schedule


@final
@dataclass(frozen=True, kw_only=True)
class LBFGS(Spec):
    """Steps along -H g, H built from the last ``history_size`` changes of the gradient.

    One ``optimizer.step(closure)`` is up to ``max_iter`` iterations with a strong Wolfe
    line search over the full batch; ``lr`` is the first trial step of each search. The
    closure clears the gradients, computes the loss of all rows, calls ``backward`` and
    gives ``loss.detach()`` back. There is no weight decay: add the penalty to the loss.

    A line search compares losses at nearby points, so the loss must be a function of
    the weights alone: a network with active dropout is refused. It bounds the step by
    itself, so gradients are never clipped: a limit to their norm does not apply.

    Liu, Nocedal, "On the limited memory BFGS method", 1989.
    """

    full_batch: ClassVar[bool] = True

    lr: float = 1.0
    history_size: int = 20
    max_iter: int = 200
    tolerance_grad: float = 1e-7
    tolerance_change: float = 1e-9
    schedule: Schedule = FLAT

    def _make(self, module: nn.Module) -> Optimizer:
        for name, part in module.named_modules():
            if _drops(part):
                raise ConfigError(
                    f"LBFGS cannot train with dropout ({name!r} has p={part.p}): "
                    "its line search needs the same loss at the same weights.",
                    fix="set dropout to 0, or take optimizer 'adamw'",
                )
        return torch.optim.LBFGS(
            [t.parameter for t in trainable(module)],
            lr=self.lr,
            max_iter=self.max_iter,
            history_size=self.history_size,
            tolerance_grad=self.tolerance_grad,
            tolerance_change=self.tolerance_change,
            line_search_fn="strong_wolfe",
        )


def _drops(part: nn.Module) -> bool:
    """Is it an active dropout layer? By name where it is not torch's: ours stand in a
    package above this one."""
    dropout = isinstance(part, nn.modules.dropout._DropoutNd)
    if not (dropout or type(part).__name__ == "Dropout"):
        return False
    p = getattr(part, "p", 0)
    return isinstance(p, float | int) and p > 0
