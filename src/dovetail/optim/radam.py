"""RAdam."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.optim._arithmetic import (
    Coefficient,
    add_ratio_,
    mean_square_,
    scale_,
)
from dovetail.optim._elementwise import Elementwise, Numbers, unbiased
from dovetail.optim.groups import parameter_groups
from dovetail.optim.schedules import Schedule, WarmupCosine

_NO_WARMUP: Final = WarmupCosine(warmup=0.0)


@final
@dataclass(frozen=True, kw_only=True)
class RAdam(Elementwise):
    """AdamW whose adaptive step waits until its variance is small: a built-in warm-up.

        w <- w - lr r m' / (sqrt(v') + eps)      from the step on where r exists
        w <- w - lr m'                           before it

    r, the rectification, grows towards 1; m' and v' are as in Adam, and eps counts
    before the correction of v. The default schedule is the cosine alone.

    Liu et al., "On the variance of the adaptive learning rate and beyond", 2020.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = _NO_WARMUP

    # One fraction for both cases: m / (root sqrt(v) + shift) with root = 0, shift = 1
    # before the variance is known, and with root = 1, shift = eps from there on.
    columns: ClassVar = ("keep", "mean", "beta2", "square", "root", "shift", "move")

    def _make(self, module: nn.Module) -> Optimizer:
        return torch.optim.RAdam(
            parameter_groups(module, self.weight_decay),
            lr=self.lr,
            betas=self.betas,
            eps=self.eps,
            decoupled_weight_decay=True,
            foreach=True,
        )

    @property
    def state(self) -> Mapping[str, float]:
        return {"mean": 0.0, "square": 0.0}

    def _values(
        self, steps: list[int], rates: Numbers, decayed: bool
    ) -> Sequence[Numbers | float]:
        beta1, beta2 = self.betas
        r = np.array([_rectification(beta2, t) for t in steps])
        known = r > 0
        s = np.sqrt(unbiased(beta2, steps))
        return (
            1 - rates * (self.weight_decay * decayed),
            1 - beta1,
            beta2,
            1 - beta2,
            known.astype(np.float64),
            np.where(known, self.eps, 1.0),
            -rates / unbiased(beta1, steps) * np.where(known, r * s, 1.0),
        )

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        keep, mean, beta2, square, root, shift, move = c
        m, v = slots
        scale_(weights, keep)
        m.lerp_(gradient, mean)
        mean_square_(v, gradient, beta2, square)
        size = v.sqrt()
        scale_(size, root)
        add_ratio_(weights, m, size.add_(shift), move)

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


def _rectification(beta2: float, step: int) -> float:
    """r of the paper, or 0 while rho, the number of squares that v averages, is at
    most 5 (the paper has 4, where r begins at 0)."""
    power = beta2**step
    most = 2 / (1 - beta2) - 1
    rho = most - 2 * step * power / (1 - power)
    if rho <= 5:
        return 0.0
    part = (rho - 4) * (rho - 2) * most
    return float((part / ((most - 4) * (most - 2) * rho)) ** 0.5)
