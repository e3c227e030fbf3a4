"""The optimizers that are torch's own, with the defaults we stand for.

    spec      update, g the gradient, lr the step's learning rate
    SGD       m <- mu m + g;  w <- w - lr (g + mu m)                       (Nesterov)
    RMSprop   v <- a v + (1-a) g^2;  w <- w - lr g / (sqrt(v) + eps)
    Adagrad   v <- v + g^2;  w <- w - lr g / (sqrt(v) + eps)
    Adam      w <- w - lr m / (sqrt(v) + eps),  m and v bias-corrected means of g, g^2
    AdamW     Adam, and w <- (1 - lr wd) w apart from the gradient
    NAdam     AdamW with Nesterov's look-ahead in m
    RAdam     AdamW that waits with the division until v is known well enough

``weight_decay`` of SGD, RMSprop, Adagrad and Adam is an L2 term inside the gradient;
the others decay the weights themselves (decoupled). Both spare what ``groups`` spares.
"""

from dataclasses import dataclass
from typing import Final, final

import torch
from torch import nn
from torch.optim import Optimizer

from dovetail.optim._base import Spec
from dovetail.optim.groups import kernel, parameter_groups
from dovetail.optim.schedules import COSINE, Schedule, WarmupCosine

_NO_WARMUP: Final = WarmupCosine(warmup=0.0)


@final
@dataclass(frozen=True, kw_only=True)
class SGD(Spec):
    """Stochastic gradient descent with (Nesterov) momentum.

    torch's own defaults, lr 1e-3 without momentum, hardly move a network. ``nesterov``
    changes nothing at momentum 0, where both forms are plain gradient descent.

    Sutskever et al., "On the importance of initialization and momentum", 2013.
    """

    lr: float = 0.05
    momentum: float = 0.9
    nesterov: bool = True
    weight_decay: float = 5e-4
    schedule: Schedule = COSINE

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.SGD(
            groups,
            lr=self.lr,
            momentum=self.momentum,
            nesterov=self.nesterov and self.momentum > 0,
            **kernel(groups),
        )


@final
@dataclass(frozen=True, kw_only=True)
class RMSprop(Spec):
    """Gradient over a running root mean square of itself.

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


@final
@dataclass(frozen=True, kw_only=True)
class Adagrad(Spec):
    """Gradient over the root of the sum of all its squares; made for rare features.

    Duchi, Hazan, Singer, "Adaptive subgradient methods", 2011.
    """

    lr: float = 1e-2
    eps: float = 1e-10
    initial_accumulator_value: float = 0.0
    weight_decay: float = 0.0
    schedule: Schedule = COSINE

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.Adagrad(
            groups,
            lr=self.lr,
            eps=self.eps,
            initial_accumulator_value=self.initial_accumulator_value,
            # torch 2.11 has the fused kernel on the CPU only
            **kernel(groups, fused_on=("cpu",)),
        )


@final
@dataclass(frozen=True, kw_only=True)
class Adam(Spec):
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

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.Adam(
            groups, lr=self.lr, betas=self.betas, eps=self.eps, **kernel(groups)
        )


@final
@dataclass(frozen=True, kw_only=True)
class AdamW(Spec):
    """Adam with decoupled weight decay: the default.

    Loshchilov, Hutter, "Decoupled weight decay regularization", 2019.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = COSINE

    def _make(self, module: nn.Module) -> Optimizer:
        groups = parameter_groups(module, self.weight_decay)
        return torch.optim.AdamW(
            groups, lr=self.lr, betas=self.betas, eps=self.eps, **kernel(groups)
        )


@final
@dataclass(frozen=True, kw_only=True)
class NAdam(Spec):
    """AdamW with Nesterov momentum.

    Dozat, "Incorporating Nesterov momentum into Adam", 2016.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = COSINE

    def _make(self, module: nn.Module) -> Optimizer:
        return torch.optim.NAdam(
            parameter_groups(module, self.weight_decay),
            lr=self.lr,
            betas=self.betas,
            eps=self.eps,
            decoupled_weight_decay=True,
            foreach=True,
        )


@final
@dataclass(frozen=True, kw_only=True)
class RAdam(Spec):
    """AdamW whose adaptive step waits until its variance is small: a built-in warm-up.

    So the default schedule is the cosine alone.

    Liu et al., "On the variance of the adaptive learning rate and beyond", 2020.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = _NO_WARMUP

    def _make(self, module: nn.Module) -> Optimizer:
        return torch.optim.RAdam(
            parameter_groups(module, self.weight_decay),
            lr=self.lr,
            betas=self.betas,
            eps=self.eps,
            decoupled_weight_decay=True,
            foreach=True,
        )
