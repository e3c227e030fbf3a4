"""Softmax cross-entropy: one of C classes, hard or soft."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float, Shaped
from torch import Tensor
from torch.nn.functional import one_hot

from dovetail._shapes import (
    check_domain,
    check_index,
    check_raw,
    check_row_sums,
    check_target,
)
from dovetail.links import precise
from dovetail.losses import _parameters
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared
from dovetail.losses._hard_rows import hard_rows
from dovetail.losses._soft_rows import soft_rows
from dovetail.losses._words import listed


@final
@dataclass(frozen=True, kw_only=True)
class SoftmaxCrossEntropy(Loss):
    """Minus the log-likelihood of a class, from logits.

    ``w_y (log sum_j e^z_j - z_y)``, soft: ``sum_k w_k t_k (log sum_j e^z_j - z_k)``.

    raw: logits (n, C); ``-inf`` masks a class. target: class index int64 (n,) in
    0..C-1, or soft rows (n, C) >= 0 that sum to 1. ``weight``: one number for each
    class. ``smoothing`` e moves the target to ``(1 - e) t + e / C``, C counting the
    classes that are not masked.

    With weights the minimiser is proportional to ``w_k P_k``: take ``log w_k`` off the
    logits to get P back. With e it is ``(1 - e) P + e / C``.
    Good: Rational Decisions, 1952. Smoothing: Szegedy et al.: Rethinking the Inception
    Architecture for Computer Vision, 2016.

    >>> import torch
    >>> loss = SoftmaxCrossEntropy()
    >>> loss(torch.zeros(2, 4), torch.tensor([0, 3]))  # log 4 = 1.3863
    tensor([1.3863, 1.3863])
    """

    weight: tuple[float, ...] | None = None
    smoothing: float = 0.0

    estimates: ClassVar[str] = "probability"
    takes: ClassVar[str] = "one class in each row"
    task: ClassVar[str] = "Multiclass"

    def __post_init__(self) -> None:
        who = type(self).__name__
        if self.weight is not None:
            weight = _parameters.positives(self.weight, "weight", who)
            object.__setattr__(self, "weight", weight)
        smoothing = _parameters.share(self.smoothing, "smoothing", who)
        object.__setattr__(self, "smoothing", smoothing)

    @property
    def formula(self) -> str:
        weights = "" if self.weight is None else f", w = {listed(self.weight)}"
        if self.smoothing:
            return (
                f"sum_k {'w_k ' if weights else ''}t_k (log sum_j exp(z_j) - z_k), "
                f"t_k = (1 - e) [k = y] + e / C, e = {self.smoothing:g}{weights}"
            )
        if weights:
            return f"w_y (log sum_k exp(z_k) - z_y){weights}"
        return "log sum_k exp(z_k) - z_y"

    @property
    def proper(self) -> bool:
        """Only without weights and smoothing is P itself the minimiser."""
        return self.weight is None and not self.smoothing

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who)
        if self.weight is not None:
            _parameters.match(self.weight, raw.shape[1], "weight", who)
        if target.ndim == 2 and target.is_floating_point():
            check_target(target, raw, who)
            check_domain(target, who, low=0)
            check_row_sums(target, who)
        else:
            check_index(target, raw, who, classes=raw.shape[1])

    def rows(
        self, raw: Float[Tensor, "n c"], target: Shaped[Tensor, "n ..."]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        hard = target.ndim == 1
        if hard and self.weight is None:
            return hard_rows(z, target, self.smoothing)
        if hard and not self.smoothing:
            return hard_rows(z, target) * self._weights(z)[target]
        # A one-hot row by comparison: one_hot reads values, which tracing forbids.
        classes = torch.arange(z.shape[-1], device=z.device)
        share = target.unsqueeze(-1) == classes if hard else target
        share = share.to(z.dtype)
        if self.smoothing:
            share = self._smoothed(share, z > float("-inf"))
        if self.weight is not None:
            share = share * self._weights(z)
        return soft_rows(z, share)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """``log((n_k + 1) / (n + C))``, moved by weights and smoothing."""
        t, w = prepared(self, target, head_size, weights)
        t = t if t.ndim == 2 else one_hot(t, head_size).double()
        count = w @ t + 1
        if self.smoothing:
            total = count.sum()
            count = self._smoothed(count / total, torch.ones_like(count) > 0) * total
        if self.weight is not None:
            count = count * self._weights(count)
        return (count / count.sum()).log()

    def _smoothed(self, share: Tensor, unmasked: Tensor) -> Tensor:
        even = self.smoothing / unmasked.sum(dim=-1, keepdim=True, dtype=share.dtype)
        return share * (1 - self.smoothing) + torch.where(unmasked, even, 0.0)

    def _weights(self, like: Tensor) -> Float[Tensor, " c"]:
        return torch.tensor(self.weight, dtype=like.dtype, device=like.device)
