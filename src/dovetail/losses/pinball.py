"""Pinball loss: several quantiles at once."""

from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Phrase
from dovetail._shapes import check_domain, check_raw, check_target
from dovetail.errors import ConfigError
from dovetail.links import precise
from dovetail.losses import _parameters
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared, quantiles
from dovetail.losses._words import listed

_QUANTILE = Phrase("the {tau:g} quantile", "{tau:g} 分位数")
_QUANTILES = Phrase("the quantiles {taus}", "分位数 {taus}")
_FORMULA = Phrase(
    "sum over tau of max(tau r, (tau - 1) r), r = y - z_tau, tau = {taus}",
    "max(tau r, (tau - 1) r) 对 tau 求和，r = y - z_tau，tau = {taus}",
)


@final
@dataclass(frozen=True, kw_only=True)
class Pinball(Loss):
    """Pinball loss, summed over the levels ``taus``.

    ``sum_q max(tau_q r_q, (tau_q - 1) r_q)`` with ``r_q = y - z_q``.

    raw: (n, Q), one quantile for each level. target: (n, 1), finite. ``taus``: Q levels
    inside (0, 1), increasing.
    Koenker, Bassett: Regression Quantiles, 1978.

    >>> import torch
    >>> loss = Pinball(taus=(0.1, 0.9))
    >>> loss(torch.tensor([[0.0, 2.0]]), torch.tensor([[1.0]]))  # 0.1 * 1 + 0.1 * 1
    tensor([0.2000])
    """

    taus: tuple[float, ...]

    takes: ClassVar[str] = "one number"
    task: ClassVar[str] = "Regression"

    def __post_init__(self) -> None:
        taus = _parameters.positives(self.taus, "taus", type(self).__name__)
        if max(taus) >= 1 or any(a >= b for a, b in pairwise(taus)):
            raise ConfigError(
                f"Pinball needs increasing levels inside (0, 1), got {self.taus}.",
                fix="give levels such as taus=[0.1, 0.5, 0.9]",
            )
        object.__setattr__(self, "taus", taus)

    @property
    def estimates(self) -> str:
        if len(self.taus) == 1:
            return _QUANTILE(tau=self.taus[0])
        return _QUANTILES(taus=listed(self.taus))

    @property
    def formula(self) -> str:
        if len(self.taus) == 1:
            return f"max(tau r, (tau - 1) r), r = y - z, tau = {self.taus[0]:g}"
        return _FORMULA(taus=listed(self.taus))

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who, outputs=len(self.taus))
        check_target(target, raw, who, columns=1)
        check_domain(target, who)

    def rows(
        self, raw: Float[Tensor, "n q"], target: Float[Tensor, "n 1"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        taus = torch.tensor(self.taus, dtype=z.dtype, device=z.device)
        r = target.to(z.dtype) - z
        return torch.maximum(taus * r, (taus - 1) * r).sum(dim=-1)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The weighted quantiles."""
        y, w = prepared(self, target, head_size, weights)
        return quantiles(y[:, 0], w, self.taus)
