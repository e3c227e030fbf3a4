"""Adagrad."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.optim._arithmetic import Coefficient, add_ratio_, plus
from dovetail.optim._elementwise import Elementwise, Numbers, counter, has_kernel
from dovetail.optim.groups import kernel, parameter_groups
from dovetail.optim.schedules import COSINE, Schedule

# torch 2.11 has the fused kernel on the CPU only
_FUSED_ON: Final = ("cpu",)


@final
@dataclass(frozen=True, kw_only=True)
class Adagrad(Elementwise):
    """Gradient over the root of the sum of all its squares; made for rare features.

        v <- v + g^2
        w <- w - lr g / (sqrt(v) + eps)

    Duchi, Hazan, Singer, "Adaptive subgradient methods", 2011.
    """

    lr: float = 1e-2
    eps: float = 1e-10
    initial_accumulator_value: float = 0.0
    weight_decay: float = 0.0
    schedule: Schedule = COSINE

    columns: ClassVar = ("weight_decay", "eps", "move")

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.Adagrad(
            groups,
            lr=self.lr,
            eps=self.eps,
            initial_accumulator_value=self.initial_accumulator_value,
            **kernel(groups, fused_on=_FUSED_ON),
        )

    @property
    def state(self) -> Mapping[str, float]:
        return {"sum": self.initial_accumulator_value}

    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        return self.weight_decay * decayed, self.eps, -rates

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        decay, eps, move = c
        g = plus(gradient, weights, decay)
        slots[0].addcmul_(g, g)
        add_ratio_(weights, g, slots[0].sqrt().add_(eps), move)

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
        if not has_kernel(weights, gradient, *slots, on=_FUSED_ON):
            return False
        torch._fused_adagrad_(
            [weights],
            [gradient],
            list(slots),
            [counter(weights, step)],
            lr=rate,
            lr_decay=0.0,
            weight_decay=self.weight_decay * decayed,
            eps=self.eps,
            maximize=False,
        )
        return True
