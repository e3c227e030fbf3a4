"""NAdam."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.optim._arithmetic import (
    Coefficient,
    add_,
    mean_square_,
    scale_,
)
from dovetail.optim._elementwise import Elementwise, Numbers, unbiased
from dovetail.optim.groups import parameter_groups
from dovetail.optim.schedules import COSINE, Schedule

# The paper's schedule of the momentum; psi is its "momentum_decay".
_BASE: Final = 0.96
_PSI: Final = 4e-3


@final
@dataclass(frozen=True, kw_only=True)
class NAdam(Elementwise):
    """AdamW with Nesterov momentum, which itself grows from b1 / 2 to b1:

        mu_t = b1 (1 - 0.96^(psi t) / 2),   M_t = mu_1 mu_2 ... mu_t,   psi = 0.004
        m' = (1 - mu_t) / (1 - M_t) g + mu_(t+1) / (1 - M_(t+1)) m

    with m and v as in Adam, after their update, and m' in place of Adam's.

    Dozat, "Incorporating Nesterov momentum into Adam", 2016.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = COSINE

    columns: ClassVar = (
        "keep",
        "mean",
        "beta2",
        "square",
        "eps",
        "move_gradient",
        "move_mean",
    )

    def _make(self, module: nn.Module) -> Optimizer:
        return torch.optim.NAdam(
            parameter_groups(module, self.weight_decay),
            lr=self.lr,
            betas=self.betas,
            eps=self.eps,
            momentum_decay=_PSI,
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
        s = np.sqrt(unbiased(beta2, steps))
        mu = np.array([_momentum(beta1, t) for t in steps])
        mu_next = np.array([_momentum(beta1, t + 1) for t in steps])
        product = _products(beta1, steps)
        return (
            1 - rates * (self.weight_decay * decayed),
            1 - beta1,
            beta2,
            1 - beta2,
            self.eps * s,
            -rates * s * (1 - mu) / (1 - product),
            -rates * s * mu_next / (1 - product * mu_next),
        )

    def update(
        self,
        weights: Tensor,
        gradient: Tensor,
        slots: Sequence[Tensor],
        c: Sequence[Coefficient],
    ) -> None:
        keep, mean, beta2, square, eps, move_gradient, move_mean = c
        m, v = slots
        scale_(weights, keep)
        m.lerp_(gradient, mean)
        mean_square_(v, gradient, beta2, square)
        ahead = gradient * move_gradient
        add_(ahead, m, move_mean)
        weights.addcdiv_(ahead, v.sqrt().add_(eps))

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


def _momentum(beta1: float, step: int) -> float:
    """mu_t."""
    return beta1 * (1.0 - 0.5 * math.pow(_BASE, step * _PSI))


def _products(beta1: float, steps: list[int]) -> Numbers:
    """M_t for each step.

    The first 128 factors are at most 0.52 each, so their product is under 1e-36. From
    there on 1 - M_t is 1 to the last bit, and the product need not go on.
    """
    first = np.cumprod([_momentum(beta1, t) for t in range(1, 129)])
    return np.asarray(first[[min(t, 128) - 1 for t in steps]])
