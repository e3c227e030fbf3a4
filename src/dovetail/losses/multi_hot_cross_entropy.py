"""Softmax cross-entropy against all the labels of a row at once."""

from dataclasses import dataclass
from typing import ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Said
from dovetail._shapes import check_domain, check_raw, check_target, values_readable
from dovetail.errors import TargetError
from dovetail.links import precise
from dovetail.losses._base import Loss
from dovetail.losses._constant import prepared
from dovetail.losses._soft_rows import soft_rows


@final
@dataclass(frozen=True, kw_only=True)
class MultiHotCrossEntropy(Loss):
    """Softmax cross-entropy with the target spread evenly over a row's labels.

    ``mean over the row's labels j of (log sum_k e^z_k - z_j)``.

    raw: (n, C). target: multi-hot (n, C) of 0 and 1, at least one 1 in each row. It
    ranks labels and has no threshold: softmax gives ``E[y_k / sum_j y_j]``, not P(y_k).
    Joulin, van der Maaten, Jabri, Vasilache: Learning Visual Features from Large Weakly
    Supervised Data, 2016; Menon et al.: Multilabel Reductions, 2019.

    >>> import torch
    >>> loss = MultiHotCrossEntropy()
    >>> loss(torch.zeros(1, 4), torch.tensor([[1.0, 0.0, 1.0, 0.0]]))  # log 4
    tensor([1.3863])
    """

    estimates: ClassVar[str] = Said(
        "the expected share of each label in its row", "每个标签在所在行中的期望占比"
    )
    formula: ClassVar[str] = Said(
        "log sum_k exp(z_k) - mean of z_j over the row's labels j",
        "log sum_k exp(z_k) 减去该行各标签 j 的 z_j 的平均值",
    )
    takes: ClassVar[str] = "at least one label in each row"
    task: ClassVar[str] = ""

    @property
    def proper(self) -> bool:
        """Its minimiser is a share, not a label's probability."""
        return False

    def check(self, raw: Tensor, target: Tensor) -> None:
        who = type(self).__name__
        check_raw(raw, who)
        check_target(target, raw, who)
        check_domain(target, who, low=0, high=1)
        if not values_readable(target):
            return
        wrong = ((target != 0) & (target != 1)).any(dim=1) | ~target.any(dim=1)
        if bool(wrong.any()):
            row = int(wrong.nonzero()[0])
            raise TargetError(
                f"{who} needs rows of 0 and 1 with at least one 1, "
                f"got {target[row].tolist()[:10]} in row {row}.",
                fix="use MultiLabelCrossEntropy if rows may be empty or soft",
            )

    def rows(
        self, raw: Float[Tensor, "n c"], target: Float[Tensor, "n c"]
    ) -> Float[Tensor, " n"]:
        z = precise(raw)
        hot = target.to(z.dtype)
        return soft_rows(z, hot / hot.sum(dim=-1, keepdim=True))

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """``log((n_k + 1) / (n + C))`` with n_k the sum of a label's shares."""
        hot, w = prepared(self, target, head_size, weights)
        count = w @ (hot / hot.sum(dim=1, keepdim=True)) + 1
        return (count / count.sum()).log()
