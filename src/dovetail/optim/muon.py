"""Muon for the hidden matrices of a network, AdamW for everything else."""

import math
from dataclasses import dataclass
from typing import Any, final

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.adamw import adamw

from dovetail.errors import ConfigError
from dovetail.optim._base import Spec
from dovetail.optim._gradients import Closure, evaluated, with_gradient
from dovetail.optim.groups import Trainable, parameter_groups, trainable
from dovetail.optim.schedules import COSINE, Schedule

# A polynomial p(s) = a s + b s^3 + c s^5 that, five times applied, sends every singular
# value in (0, 1] to between about 0.7 and 1.2: steepest at 0, not exact at 1 (Jordan).
_POLYNOMIAL = (3.4445, -4.7750, 2.0315)
_ROUNDS = 5

# Modules whose weight is a linear map from features to features.
_MATRIX_OWNERS = (
    nn.Linear,
    nn.Conv1d,
    nn.Conv2d,
    nn.Conv3d,
    nn.RNNBase,
    nn.MultiheadAttention,
)


@final
@dataclass(frozen=True, kw_only=True)
class Muon(Spec):
    """Orthogonalised momentum for hidden matrices; ``lr`` is as AdamW's.

    Hidden matrices are the weights of linear, convolution (as rows by the rest),
    recurrent and attention layers, save the first such layer and the last: the modules
    in a part named ``head``, or the last one registered. Registration order is taken
    for order of use. First and last layer, embeddings, biases, norms and everything
    else go to AdamW with ``betas`` and ``eps``. See ``MuonOptimizer``.
    """

    lr: float = 1e-3
    momentum: float = 0.95
    nesterov: bool = True
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 1e-2
    schedule: Schedule = COSINE

    def _make(self, module: nn.Module) -> Optimizer:
        hidden = [t.parameter for t in hidden_matrices(module)]
        if not hidden:
            raise ConfigError(
                f"Muon has nothing to do: {type(module).__name__} has no hidden matrix "
                "between its first and its last layer.",
                fix="take optimizer 'adamw', or a network with two hidden layers",
            )
        taken = {id(p) for p in hidden}
        groups: list[dict[str, Any]] = [
            {"params": hidden, "weight_decay": self.weight_decay, "muon": True}
        ]
        for group in parameter_groups(module, self.weight_decay):
            rest = [p for p in group["params"] if id(p) not in taken]
            if rest:
                groups.append({**group, "params": rest, "muon": False})
        return MuonOptimizer(
            groups,
            lr=self.lr,
            momentum=self.momentum,
            nesterov=self.nesterov,
            betas=self.betas,
            eps=self.eps,
        )


def hidden_matrices(module: nn.Module) -> list[Trainable]:
    """The parameters that ``Muon`` orthogonalises, in the module's order.

    >>> mlp = nn.Sequential(nn.Linear(3, 8), nn.Linear(8, 8), nn.Linear(8, 2))
    >>> [t.name for t in hidden_matrices(mlp)]
    ['1.weight']
    """
    matrices = [
        t
        for t in trainable(module)
        if t.decayed and all(isinstance(owner, _MATRIX_OWNERS) for owner in t.owners)
    ]
    in_head = [t for t in matrices if "head" in t.name.split(".")[:-1]]
    last = in_head or matrices[-1:]
    body = [t for t in matrices if t not in last]
    # A layer may have several weights (an LSTM): all of the first one stay out.
    return [t for t in body if t.owners != body[0].owners]


def orthogonal(
    matrix: Float[Tensor, "a b"], dtype: torch.dtype | None = None
) -> Float[Tensor, "a b"]:
    """Near U V^T of the matrix U S V^T: all singular values go to about 1.

    Newton-Schulz rounds X <- a X + (b X X^T + c (X X^T)^2) X from X = matrix / norm.
    Without ``dtype`` they run in bfloat16 on an accelerator and in float32 on a CPU,
    where bfloat16 products are slow.

    >>> orthogonal(torch.diag(torch.tensor([3.0, 2.0]))).diag().round(decimals=1)
    tensor([1.1000, 0.7000])
    """
    if dtype is None:
        dtype = torch.float32 if matrix.device.type == "cpu" else torch.bfloat16
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix).to(dtype)  # the short side makes X X^T small
    x = x / x.norm().clamp(min=1e-7)
    a, b, c = _POLYNOMIAL
    for _ in range(_ROUNDS):
        square = x @ x.T
        x = torch.addmm(
            x, torch.addmm(square, square, square, beta=b, alpha=c), x, beta=a
        )
    return x.T if tall else x


@final
class MuonOptimizer(Optimizer):
    """Groups with ``muon=True`` get, per matrix W of (a, b) with gradient g:

        M <- mu M + (1 - mu) g
        O <- orthogonal(mu M + (1 - mu) g)            or of M, without Nesterov
        W <- (1 - lr wd) W - 0.2 lr sqrt(max(a, b)) O

    and those with ``muon=False`` AdamW's step. The factor of O gives the update the
    root mean square that AdamW's usually has, so both share lr and weight decay. A
    kernel with more than two axes is taken as (first axis, all others).

    Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024;
    Liu et al., "Muon is scalable for LLM training", 2025.
    """

    def __init__(
        self,
        params: Any,
        lr: float = 1e-3,
        momentum: float = 0.95,
        nesterov: bool = True,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        dtype: torch.dtype | None = None,
    ) -> None:
        # Not a setting of a group: state_dict would carry it to another device
        self.dtype = dtype
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "nesterov": nesterov,
                "betas": betas,
                "eps": eps,
                "weight_decay": weight_decay,
                "muon": True,
            },
        )

    @torch.no_grad()
    def step(  # type: ignore[override]  # torch overloads what is one signature
        self, closure: Closure | None = None
    ) -> Tensor | float | None:
        """Update every parameter that has a gradient."""
        loss = evaluated(closure)
        for group in self.param_groups:
            if group["muon"]:
                self._muon(group)
            else:
                self._adamw(group)
        return loss

    def _muon(self, group: dict[str, Any]) -> None:
        params, grads = with_gradient(group["params"])
        lr, momentum = group["lr"], group["momentum"]
        for p, g in zip(params, grads, strict=True):
            if not self.state[p]:
                self.state[p]["momentum"] = torch.zeros_like(p)
            mean = self.state[p]["momentum"].lerp_(g, 1 - momentum)
            ahead = g.lerp(mean, momentum) if group["nesterov"] else mean
            matrix = ahead.reshape(len(p), -1)
            update = orthogonal(matrix, self.dtype).reshape(p.shape)
            p.mul_(1 - lr * group["weight_decay"])
            p.add_(update, alpha=-0.2 * lr * math.sqrt(max(matrix.shape)))

    def _adamw(self, group: dict[str, Any]) -> None:
        params, grads = with_gradient(group["params"])
        if not params:
            return
        for p in params:
            if not self.state[p]:
                self.state[p]["step"] = torch.tensor(0.0)
                self.state[p]["exp_avg"] = torch.zeros_like(p)
                self.state[p]["exp_avg_sq"] = torch.zeros_like(p)
        adamw(
            params,
            grads,
            [self.state[p]["exp_avg"] for p in params],
            [self.state[p]["exp_avg_sq"] for p in params],
            [],
            [self.state[p]["step"] for p in params],
            foreach=True,
            amsgrad=False,
            beta1=group["betas"][0],
            beta2=group["betas"][1],
            lr=group["lr"],
            weight_decay=group["weight_decay"],
            eps=group["eps"],
            maximize=False,
        )
