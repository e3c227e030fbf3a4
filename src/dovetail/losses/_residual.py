"""What losses of a residual share: any finite numbers, column for column."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from jaxtyping import Float
from torch import Tensor

from dovetail._shapes import check_domain, check_raw, check_target
from dovetail.links import precise
from dovetail.losses._base import Loss


@dataclass(frozen=True, kw_only=True)
class Residual(Loss):
    """A loss of ``r = z - y`` in each cell, averaged over the outputs of a row.

    raw: (n, D). target: (n, D), finite.
    """

    takes: ClassVar[str] = "numbers"
    task: ClassVar[str] = "Regression"

    @abstractmethod
    def of(self, r: Float[Tensor, "n d"]) -> Float[Tensor, "n d"]:
        """The loss of each residual."""

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who)
        check_target(target, raw, who)
        check_domain(target, who)

    def rows(
        self, raw: Float[Tensor, "n d"], target: Float[Tensor, "n d"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        return self.of(z - target.to(z.dtype)).mean(dim=-1)
