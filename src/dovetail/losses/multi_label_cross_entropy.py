"""Binary cross-entropy of several labels, known or not."""

from dataclasses import dataclass
from typing import ClassVar, final

import torch
from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Phrase
from dovetail._shapes import check_domain, check_raw, check_target
from dovetail.links import precise
from dovetail.losses import _parameters
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared
from dovetail.losses._two_sided import two_sided
from dovetail.losses._words import listed

_FORMULA = Phrase(
    "mean over known labels of -{w}y_j log sig(z_j) - (1 - y_j) log sig(-z_j){told}",
    "-{w}y_j log sig(z_j) - (1 - y_j) log sig(-z_j){told}，对已知标签取平均",
)


@final
@dataclass(frozen=True, kw_only=True)
class MultiLabelCrossEntropy(Loss):
    """Binary cross-entropy averaged over the labels of a row.

    ``mean_j w_j y_j log(1 + e^-z_j) + (1 - y_j) log(1 + e^z_j)`` over the labels j that
    are known; w = ``pos_weight``, one number or one for each label (1 if None).

    raw: logits (n, L). target: (n, L) in [0, 1]; NaN is an unknown label. A row with
    none known gives 0 and no gradient.
    Read, Pfahringer, Holmes, Frank: Classifier Chains for Multi-label Classification,
    2009 (there: binary relevance).

    >>> import torch
    >>> loss = MultiLabelCrossEntropy()
    >>> loss(torch.zeros(1, 3), torch.tensor([[1.0, 0.0, torch.nan]]))  # log 2
    tensor([0.6931])
    """

    pos_weight: float | tuple[float, ...] | None = None

    estimates: ClassVar[str] = "probability"
    takes: ClassVar[str] = "several yes/no labels in each row"
    task: ClassVar[str] = "MultiLabel"

    def __post_init__(self) -> None:
        who, weight = type(self).__name__, self.pos_weight
        if weight is not None:
            many = isinstance(weight, (tuple, list))
            check = _parameters.positives if many else _parameters.positive
            object.__setattr__(self, "pos_weight", check(weight, "pos_weight", who))

    @property
    def formula(self) -> str:
        weight, w, told = self.pos_weight, "", ""
        if isinstance(weight, tuple):
            w, told = "w_j ", f", w = {listed(weight)}"
        elif weight is not None:
            w, told = "w ", f", w = {weight:g}"
        return _FORMULA(w=w, told=told)

    @property
    def proper(self) -> bool:
        """Only without weights is P itself the minimiser."""
        return self.pos_weight is None

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who)
        if isinstance(self.pos_weight, tuple):
            _parameters.match(self.pos_weight, raw.shape[1], "pos_weight", who)
        check_target(target, raw, who)
        check_domain(target, who, low=0, high=1, unknown=True)

    def rows(
        self, raw: Float[Tensor, "n l"], target: Float[Tensor, "n l"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        y = target.to(z.dtype)
        # An unknown cell weighs 0 on both sides.
        yes, no = y.nan_to_num(0.0), (1 - y).nan_to_num(0.0)
        known = (yes + no).sum(dim=-1)
        return two_sided(z, self._weighted(yes), no).sum(dim=-1) / known.clamp(min=1)

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """``logit((n_1 + 1) / (n + 2))`` per label over its known cells, plus log w."""
        y, w = prepared(self, target, head_size, weights)
        known = ~y.isnan()
        yes = w @ torch.where(known, y, 0.0) + 1
        no = w @ torch.where(known, 1 - y, 0.0) + 1
        return self._weighted(yes).log() - no.log()

    def _weighted(self, yes: Float[Tensor, "... l"]) -> Float[Tensor, "... l"]:
        if self.pos_weight is None:
            return yes
        return yes * torch.tensor(self.pos_weight, dtype=yes.dtype, device=yes.device)
