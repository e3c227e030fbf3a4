"""Binary cross-entropy from one logit."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Phrase
from dovetail._shapes import check_domain, check_raw, check_target
from dovetail.links import precise
from dovetail.losses import _parameters
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared
from dovetail.losses._two_sided import two_sided

_SMOOTHED = Phrase(
    "{text}, y being (1 - e) y + e / 2, e = {e:g}",
    "{text}，其中 y 取 (1 - e) y + e / 2，e = {e:g}",
)


@final
@dataclass(frozen=True, kw_only=True)
class BinaryCrossEntropy(Loss):
    """Minus the log-likelihood of a yes/no target, from its log odds.

    ``w y log(1 + e^-z) + (1 - y) log(1 + e^z)``, w = ``pos_weight`` (1 if None).

    raw: logit (n, 1). target: (n, 1) in [0, 1]; between 0 and 1 it is a probability.
    ``smoothing`` e moves the target to ``(1 - e) y + e / 2``.

    With w the minimiser is ``w P / (w P + 1 - P)``: take ``log w`` off the logit to get
    P back. With e it is ``(1 - e) P + e / 2``.
    Good: Rational Decisions, 1952. Smoothing: Szegedy et al.: Rethinking the Inception
    Architecture for Computer Vision, 2016.

    >>> import torch
    >>> loss = BinaryCrossEntropy()
    >>> loss(torch.zeros(2, 1), torch.tensor([[1.0], [0.0]]))  # log 2 = 0.6931
    tensor([0.6931, 0.6931])
    """

    pos_weight: float | None = None
    smoothing: float = 0.0

    estimates: ClassVar[str] = "probability"
    takes: ClassVar[str] = "one yes or no in each row"
    task: ClassVar[str] = "Binary"

    def __post_init__(self) -> None:
        who = type(self).__name__
        if self.pos_weight is not None:
            weight = _parameters.positive(self.pos_weight, "pos_weight", who)
            object.__setattr__(self, "pos_weight", weight)
        smoothing = _parameters.share(self.smoothing, "smoothing", who)
        object.__setattr__(self, "smoothing", smoothing)

    @property
    def formula(self) -> str:
        w = "" if self.pos_weight is None else "w "
        text = f"-{w}y log sig(z) - (1 - y) log sig(-z)"
        if self.pos_weight is not None:
            text += f", w = {self.pos_weight:g}"
        if self.smoothing:
            return _SMOOTHED(text=text, e=self.smoothing)
        return text

    @property
    def proper(self) -> bool:
        """Only without weight and smoothing is P itself the minimiser."""
        return self.pos_weight in (None, 1.0) and not self.smoothing

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who, outputs=1)
        check_target(target, raw, who)
        check_domain(target, who, low=0, high=1)

    def rows(
        self, raw: Float[Tensor, "n 1"], target: Float[Tensor, "n 1"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        y = target.to(z.dtype)
        return two_sided(z, *self._sides(y, 1 - y)).squeeze(-1)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """``logit((n_1 + 1) / (n + 2))``, moved by weight and smoothing."""
        y, w = prepared(self, target, head_size, weights)
        positive, negative = self._sides(w @ y + 1, w @ (1 - y) + 1)
        return positive.log() - negative.log()

    def _sides(self, yes: Tensor, no: Tensor) -> tuple[Tensor, Tensor]:
        """Weights of the two sides, for shares (or counts) of yes and of no."""
        if self.smoothing:
            even = (yes + no) * (self.smoothing / 2)
            yes, no = (side * (1 - self.smoothing) + even for side in (yes, no))
        return yes if self.pos_weight is None else yes * self.pos_weight, no
