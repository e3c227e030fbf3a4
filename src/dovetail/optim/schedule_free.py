"""Schedule-free AdamW: an average of the weights takes the place of the schedule.

    z   the fast weights, moved by AdamW's step
    x   their running average: the weights to evaluate, save and ship
    y   between the two: the weights at which gradients are taken

While training, the network holds y; ``optimizer.eval()`` puts x in its place and
``optimizer.train()`` puts y back, bit for bit, so evaluating never changes a run. Means
and variances of batch-norm layers belong to y: recompute them at x before evaluating.
"""

from dataclasses import dataclass
from typing import Any, Final, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.errors import UsageError
from dovetail.optim._base import Spec
from dovetail.optim._checks import checked
from dovetail.optim._gradients import Closure, evaluated, with_gradient
from dovetail.optim.groups import parameter_groups
from dovetail.optim.schedules import Constant, Schedule

_WARMUP_ONLY: Final = Constant(warmup=0.05)


@final
@dataclass(frozen=True, kw_only=True)
class ScheduleFree(Spec):
    """AdamW without a schedule, for runs whose length is not known.

    See ``ScheduleFreeOptimizer``; the default schedule is its warm-up of 5 % alone.
    """

    lr: float = 2.5e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = _WARMUP_ONLY

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return ScheduleFreeOptimizer(groups, lr=self.lr, betas=self.betas, eps=self.eps)


@final
class ScheduleFreeOptimizer(Optimizer):
    """Step t = 1, 2, ... from z = x = w, with g the gradient at y:

        y <- (1 - b1) z + b1 x
        v <- b2 v + (1 - b2) g^2
        d  = g / (sqrt(v / (1 - b2^t)) + eps) + wd y
        z <- z - lr d
        x <- (1 - c) x + c z            c = lr^2 / (sum of lr^2 over steps 1 to t)

    Kept are z, v and the y in the network; x follows from them. At a constant lr
    c = 1/t, so x is the plain mean of all z.

    Defazio et al., "The road less scheduled", 2024.

    >>> w = nn.Parameter(torch.tensor([1.0]))
    >>> optimizer = ScheduleFreeOptimizer([w], lr=0.1)
    >>> w.grad = torch.tensor([4.0])
    >>> optimizer.step()
    >>> w.data  # d = 1 and c = 1, so z = x = y = 1 - 0.1
    tensor([0.9000])
    """

    def __init__(
        self,
        params: Any,
        lr: float = 2.5e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            params,
            {
                "lr": lr,
                # y = z with a first beta of 0, and x is lost
                "betas": checked("ScheduleFree", "betas", betas),
                "eps": eps,
                "weight_decay": weight_decay,
                # In the groups and not in attributes, so that state_dict carries them
                "steps": 0,
                "lr_squared_sum": 0.0,
                "training": True,
            },
        )

    @torch.no_grad()
    def step(  # type: ignore[override]  # torch overloads what is one signature
        self, closure: Closure | None = None
    ) -> Tensor | float | None:
        """Update every parameter that has a gradient; only in training mode."""
        if not self.param_groups[0]["training"]:
            raise UsageError(
                "step() of a schedule-free optimizer in evaluation mode: the network "
                "holds the averaged weights.",
                fix="call optimizer.train() after evaluating",
            )
        loss = evaluated(closure)
        for group in self.param_groups:
            self._update(group)
        return loss

    def _update(self, group: dict[str, Any]) -> None:
        y, grads = with_gradient(group["params"])
        if not y:
            return
        for p in y:
            if not self.state[p]:
                self.state[p]["z"] = p.clone(memory_format=torch.preserve_format)
                self.state[p]["v"] = torch.zeros_like(p)
        z = [self.state[p]["z"] for p in y]
        v = [self.state[p]["v"] for p in y]
        (beta1, beta2), lr = group["betas"], group["lr"]
        group["steps"] += 1
        group["lr_squared_sum"] += lr**2
        share = lr**2 / group["lr_squared_sum"] if lr > 0 else 0.0

        torch._foreach_mul_(v, beta2)
        torch._foreach_addcmul_(v, grads, grads, 1 - beta2)
        scale = torch._foreach_div(v, 1 - beta2 ** group["steps"])
        torch._foreach_sqrt_(scale)
        torch._foreach_add_(scale, group["eps"])
        d = torch._foreach_div(grads, scale)
        if group["weight_decay"]:
            torch._foreach_add_(d, y, alpha=group["weight_decay"])
        # The new y in terms of the old y and z, with x eliminated:
        # (1 - c) y + c z - lr (1 - b1 (1 - c)) d
        torch._foreach_lerp_(y, z, share)
        torch._foreach_add_(y, d, alpha=-lr * (1 - beta1 * (1 - share)))
        torch._foreach_add_(z, d, alpha=-lr)

    @torch.no_grad()
    def eval(self) -> None:
        """Put the averaged weights x into the network; nothing where they are there."""
        for group in self.param_groups:
            if group["training"]:
                beta1 = group["betas"][0]
                for p in group["params"]:
                    if p in self.state:
                        self.state[p]["y"] = p.clone()
                        p.lerp_(self.state[p]["z"], 1 - 1 / beta1)
            group["training"] = False

    @torch.no_grad()
    def train(self) -> None:
        """Put the training weights y back; nothing where they are there."""
        for group in self.param_groups:
            if not group["training"]:
                for p in group["params"]:
                    if p in self.state:
                        p.copy_(self.state[p].pop("y"))
            group["training"] = True


def set_training(optimizer: Optimizer, training: bool) -> None:
    """Switch an optimizer that has modes to training or evaluation; others have none.

    Known by its methods ``train`` and ``eval``, so that optimizers of other packages
    with the same two modes are switched too.
    """
    switch = getattr(optimizer, "train" if training else "eval", None)
    if callable(switch):
        switch()
