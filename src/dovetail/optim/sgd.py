"""Stochastic gradient descent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, final

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.optim._arithmetic import Coefficient, add_, gather_, plus
from dovetail.optim._elementwise import Elementwise, Numbers, has_kernel
from dovetail.optim.groups import kernel, parameter_groups
from dovetail.optim.schedules import COSINE, Schedule


@final
@dataclass(frozen=True, kw_only=True)
class SGD(Elementwise):
    """Stochastic gradient descent with (Nesterov) momentum.

        m <- mu m + g
        w <- w - lr (g + mu m)      Nesterov;  w - lr m without

    torch's own defaults, lr 1e-3 without momentum, hardly move a network. ``nesterov``
    changes nothing at momentum 0, where both forms are plain gradient descent.

    Sutskever et al., "On the importance of initialization and momentum", 2013.
    """

    lr: float = 0.05
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    schedule: Schedule = COSINE

    columns: ClassVar = ("weight_decay", "momentum", "move", "move_momentum")
    switches: ClassVar = ("looks_ahead",)

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.SGD(
            groups,
            lr=self.lr,
            momentum=self.momentum,
            nesterov=self.looks_ahead,
            **kernel(groups),
        )

    @property
    def looks_ahead(self) -> bool:
        """Nesterov's form, where there is a momentum that it can change."""
        return self.nesterov and self.momentum > 0

    @property
    def state(self) -> Mapping[str, float]:
        return {"momentum": 0.0} if self.momentum else {}

    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        decay = self.weight_decay * decayed
        return decay, self.momentum, -rates, -rates * self.momentum

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        decay, mu, move, move_momentum = c
        g = plus(gradient, weights, decay)
        if not slots:
            add_(weights, g, move)
            return
        (m,) = slots
        gather_(m, g, mu)
        if self.looks_ahead:
            add_(weights, g, move)
            add_(weights, m, move_momentum)
        else:
            add_(weights, m, move)

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
        if not has_kernel(weights, gradient, *slots):
            return False
        torch._fused_sgd_(
            [weights],
            [gradient],
            list(slots),
            weight_decay=self.weight_decay * decayed,
            momentum=self.momentum,
            lr=rate,
            dampening=0.0,
            nesterov=self.looks_ahead,
            maximize=False,
            is_first_step=False,  # the momentum stands at 0, which comes to the same
        )
        return True
