"""Lion: the sign of a momentum, so every weight moves by the same amount."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.optim._arithmetic import Coefficient, add_, scale_
from dovetail.optim._elementwise import Elementwise, Numbers
from dovetail.optim._gradients import Closure, evaluated, with_gradient
from dovetail.optim.groups import parameter_groups
from dovetail.optim.schedules import COSINE, Schedule


@final
@dataclass(frozen=True, kw_only=True)
class Lion(Elementwise):
    """Sign descent; one buffer where Adam has two. See ``LionOptimizer``.

    A sign has no size, so ``lr`` is about a tenth of AdamW's and ``weight_decay`` ten
    times as large (their product is what counts). It wants batches of 256 rows or more,
    for the sign of a noisy mean is mostly noise.
    """

    lr: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.99)
    weight_decay: float = 0.1
    schedule: Schedule = COSINE

    columns: ClassVar = ("keep", "look", "share", "move")

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return LionOptimizer(groups, lr=self.lr, betas=self.betas)

    @property
    def state(self) -> Mapping[str, float]:
        return {"momentum": 0.0}

    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        beta1, beta2 = self.betas
        keep = 1 - rates * (self.weight_decay * decayed)
        return keep, 1 - beta1, 1 - beta2, -rates

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        keep, look, share, move = c
        (m,) = slots
        scale_(weights, keep)
        add_(weights, torch.lerp(m, gradient, look).sign_(), move)
        m.lerp_(gradient, share)

    def fused(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        *,
        step: int,
        rate: float,
        decayed: bool,
    ) -> bool:
        return False  # torch has no such kernel


@final
class LionOptimizer(Optimizer):
    """One step, with momentum m starting at 0:

        u <- sign(b1 m + (1 - b1) g)
        w <- (1 - lr wd) w - lr u
        m <- b2 m + (1 - b2) g

    Chen et al., "Symbolic discovery of optimization algorithms", 2023.

    >>> w = nn.Parameter(torch.tensor([1.0, -2.0]))
    >>> optimizer = LionOptimizer([w], lr=0.1)
    >>> w.grad = torch.tensor([30.0, -0.5])
    >>> optimizer.step()
    >>> w.data
    tensor([ 0.9000, -1.9000])
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-4,
        betas: tuple[float, float] = (0.9, 0.99),
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(
            params, {"lr": lr, "betas": betas, "weight_decay": weight_decay}
        )

    @torch.no_grad()
    def step(  # type: ignore[override]  # torch overloads what is one signature
        self, closure: Closure | None = None
    ) -> Tensor | float | None:
        """Update every parameter that has a gradient."""
        loss = evaluated(closure)
        for group in self.param_groups:
            params, grads = with_gradient(group["params"])
            if not params:
                continue
            for p in params:
                if not self.state[p]:
                    self.state[p]["momentum"] = torch.zeros_like(p)
            momenta = [self.state[p]["momentum"] for p in params]
            (beta1, beta2), lr = group["betas"], group["lr"]
            update = torch._foreach_lerp(momenta, grads, 1 - beta1)
            torch._foreach_sign_(update)
            torch._foreach_mul_(params, 1 - lr * group["weight_decay"])
            torch._foreach_add_(params, update, alpha=-lr)
            torch._foreach_lerp_(momenta, grads, 1 - beta2)
        return loss
