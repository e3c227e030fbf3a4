"""RMSprop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.optim._arithmetic import (
    Coefficient,
    add_,
    add_ratio_,
    gather_,
    mean_square_,
    plus,
)
from dovetail.optim._elementwise import Elementwise, Numbers
from dovetail.optim.groups import parameter_groups
from dovetail.optim.schedules import COSINE, Schedule


@final
@dataclass(frozen=True, kw_only=True)
class RMSprop(Elementwise):
    """Gradient over a running root mean square of itself.

        v <- a v + (1 - a) g^2
        u  = g / (sqrt(v) + eps),  or with momentum  u <- mu u + g / (sqrt(v) + eps)
        w <- w - lr u

    Without bias correction: the first step is lr / sqrt(1 - alpha) = 10 lr whatever the
    gradient, which the default schedule's warm-up takes the edge off.

    Tieleman, Hinton, "Lecture 6.5: rmsprop", Coursera, 2012.
    """

    lr: float = 1e-3
    alpha: float = 0.99
    eps: float = 1e-8
    momentum: float = 0.0
    weight_decay: float = 0.0
    schedule: Schedule = COSINE

    columns: ClassVar = ("weight_decay", "alpha", "square", "eps", "momentum", "move")

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.RMSprop(
            groups,
            lr=self.lr,
            alpha=self.alpha,
            eps=self.eps,
            momentum=self.momentum,
            foreach=True,
        )

    @property
    def state(self) -> Mapping[str, float]:
        state = {"square": 0.0}
        return state | {"momentum": 0.0} if self.momentum else state

    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        decay = self.weight_decay * decayed
        return decay, self.alpha, 1 - self.alpha, self.eps, self.momentum, -rates

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        decay, alpha, square, eps, mu, move = c
        g = plus(gradient, weights, decay)
        mean_square_(slots[0], g, alpha, square)
        size = slots[0].sqrt().add_(eps)
        if len(slots) == 1:
            add_ratio_(weights, g, size, move)
        else:
            gather_(slots[1], g / size, mu)
            add_(weights, slots[1], move)

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
