"""Adam and AdamW: they differ in where the weight decay goes.

        m <- b1 m + (1 - b1) g
        v <- b2 v + (1 - b2) g^2
        w <- w - lr m' / (sqrt(v') + eps)      m' = m / (1 - b1^t),  v' = v / (1 - b2^t)

The two corrections are numbers of the step, so they move out of the fraction over all
weights and into its coefficients:

        w <- w - (lr s / (1 - b1^t)) m / (sqrt(v) + eps s),   s = sqrt(1 - b2^t)
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.optim._arithmetic import (
    Coefficient,
    add_ratio_,
    mean_square_,
    plus,
    scale_,
)
from dovetail.optim._elementwise import (
    Elementwise,
    Numbers,
    counter,
    has_kernel,
    unbiased,
)
from dovetail.optim.groups import kernel, parameter_groups
from dovetail.optim.schedules import COSINE, Schedule


@final
@dataclass(frozen=True, kw_only=True)
class Adam(Elementwise):
    """Bias-corrected mean of the gradient over its root mean square.

    With ``weight_decay`` the L2 term goes through the same division, so weights with
    large gradients are decayed less; ``AdamW`` does not do that.

    Kingma, Ba, "Adam: a method for stochastic optimization", 2015.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    schedule: Schedule = COSINE

    columns: ClassVar = ("weight_decay", "mean", "beta2", "square", "eps", "move")

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.Adam(
            groups, lr=self.lr, betas=self.betas, eps=self.eps, **kernel(groups)
        )

    @property
    def state(self) -> Mapping[str, float]:
        return {"mean": 0.0, "square": 0.0}

    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        decay = self.weight_decay * decayed
        return decay, *_moments(self.betas, self.eps, steps, rates)

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        decay, *moments = c
        _move(weights, plus(gradient, weights, decay), slots, moments)

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
        return _in_one_pass(
            torch._fused_adam_, self, weights, gradient, slots, step, rate, decayed
        )


@final
@dataclass(frozen=True, kw_only=True)
class AdamW(Elementwise):
    """Adam with decoupled weight decay, w <- (1 - lr wd) w before it: the default.

    Loshchilov, Hutter, "Decoupled weight decay regularization", 2019.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = COSINE

    columns: ClassVar = ("keep", "mean", "beta2", "square", "eps", "move")

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.AdamW(
            groups, lr=self.lr, betas=self.betas, eps=self.eps, **kernel(groups)
        )

    @property
    def state(self) -> Mapping[str, float]:
        return {"mean": 0.0, "square": 0.0}

    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        keep = 1 - rates * (self.weight_decay * decayed)
        return keep, *_moments(self.betas, self.eps, steps, rates)

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        keep, *moments = c
        scale_(weights, keep)
        _move(weights, gradient, slots, moments)

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
        return _in_one_pass(
            torch._fused_adamw_, self, weights, gradient, slots, step, rate, decayed
        )


def _moments(
    betas: tuple[float, float], eps: float, steps: list[int], rates: Numbers
) -> Sequence[Numbers | float]:
    """The coefficients after the weight decay: mean, beta2, square, eps, move."""
    beta1, beta2 = betas
    s = np.sqrt(unbiased(beta2, steps))
    move = -rates * s / unbiased(beta1, steps)
    return 1 - beta1, beta2, 1 - beta2, eps * s, move


def _move(
    weights: Tensor, g: Tensor, slots: Sequence[Tensor], c: Sequence[Coefficient]
) -> None:
    """The step without weight decay; ``c`` as ``_moments`` orders it."""
    mean, beta2, square, eps, move = c
    m, v = slots
    m.lerp_(g, mean)
    mean_square_(v, g, beta2, square)
    add_ratio_(weights, m, v.sqrt().add_(eps), move)


def _in_one_pass(
    kernel: Callable[..., Any],
    spec: Adam | AdamW,
    weights: Tensor,
    gradient: Tensor,
    slots: Sequence[Tensor],
    step: int,
    rate: float,
    decayed: bool,
) -> bool:
    """The step by torch's kernel, which knows itself where the weight decay goes."""
    if not has_kernel(weights, gradient, *slots):
        return False
    m, v = slots
    kernel(
        [weights],
        [gradient],
        [m],
        [v],
        [],
        [counter(weights, step)],
        lr=rate,
        beta1=spec.betas[0],
        beta2=spec.betas[1],
        weight_decay=spec.weight_decay * decayed,
        eps=spec.eps,
        amsgrad=False,
        maximize=False,
    )
    return True
