"""DT204: (n, 1) against (n,)."""

from collections.abc import Iterator
from typing import ClassVar, Final, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, Value, options_of

# That broadcast without a word; the others warn, and BCE raises.
_SILENT: Final = (
    "PoissonNLLLoss",
    "GaussianNLLLoss",
    "HingeEmbeddingLoss",
    "MultiLabelSoftMarginLoss",
)
_LOSSES: Final = {
    *_SILENT,
    "MSELoss",
    "L1Loss",
    "SmoothL1Loss",
    "HuberLoss",
    "BCELoss",
    "BCEWithLogitsLoss",
    "mse_loss",
    "l1_loss",
    "smooth_l1_loss",
    "huber_loss",
    "poisson_nll_loss",
    "gaussian_nll_loss",
    "hinge_embedding_loss",
    "multilabel_soft_margin_loss",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "a difference",
}


@final
class TargetShapeBroadcast(Rule):
    """Predictions are (n, 1) and targets (n,): the loss runs over an n x n table.

    Each prediction is compared with every target. For squared error that equals var(y)
    + mean (p_i - mean y)^2: the best prediction is the same constant for all rows, and
    R2 cannot exceed 0 (measured: 0.40 becomes -0.01). MSE, L1, SmoothL1 and Huber only
    warn; PoissonNLL, GaussianNLL, HingeEmbedding and MultiLabelSoftMargin say nothing;
    BCE raises.

    Make the shapes equal: pred.squeeze(1), or y.unsqueeze(1).

    Not seen: shapes that are known only when the program runs.
    """

    id: ClassVar = "target-shape-broadcast"
    code: ClassVar = "DT204"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "(n, 1) against (n,): the loss is taken over an n x n table"
    title_zh: ClassVar = "(n, 1) 对 (n,)：损失在 n x n 的表上计算"
    seen: ClassVar = "SR"
    fix: ClassVar = "make the shapes equal: pred.squeeze(1), or target.unsqueeze(1)"
    fix_zh: ClassVar = "让形状相同：pred.squeeze(1) 或 target.unsqueeze(1)"
    bad: ClassVar = """\
import torch
from torch import nn

x, y = torch.randn(64, 4), torch.randn(64)
loss = nn.MSELoss()(nn.Linear(4, 1)(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

x, y = torch.randn(64, 4), torch.randn(64)
loss = nn.MSELoss()(nn.Linear(4, 1)(x).squeeze(1), y)
"""
    page_zh: ClassVar = """\
预测是 (n, 1)，目标是 (n,)：损失在 n x n 的表上计算。

每个预测都与所有目标相比。平方误差因此等于 var(y) + mean (p_i - mean y)^2：最好的预
测是对所有行都相同的常数，R2 不可能超过 0（实测：0.40 变成 -0.01）。MSE、L1、SmoothL1、
Huber 只给警告；PoissonNLL、GaussianNLL、HingeEmbedding、MultiLabelSoftMargin 一声不
响；BCE 会报错。

让两者形状相同：pred.squeeze(1) 或 y.unsqueeze(1)。

查不到的情况：运行时才知道的形状。
"""
    figures: ClassVar = {
        "diabetes.right.r2": "0.40",
        "diabetes.table.r2": "-0.01",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for use in project.facts.losses:
            if use.loss.name not in _LOSSES or use.node in seen or not use.sure:
                continue
            if not (
                _differ(use.prediction, use.target)
                or _differ(use.target, use.prediction)
            ):
                continue
            seen.add(use.node)
            yield self.finding(
                use.source,
                use.node,
                f"{use.loss.name} of shapes (n, 1) and (n,): the loss is taken over an "
                "n x n table",
            )


def _differ(column: Value, row: Value) -> bool:
    """(n, 1) on the one side, (n,) on the other, whatever branch is taken."""
    if _is_matrix_column(column) and _was_column(row):
        return True
    batched = all(isinstance(r, Tensor) and r.rank == 1 for r in options_of(row))
    from_data = all(
        isinstance(r, Tensor) and "data" in r.traits for r in options_of(row)
    )
    return batched and all(
        isinstance(c, Tensor)
        and c.width == 1
        and (c.rank == 2 or (c.rank is None and from_data and c.axis == -1))
        for c in options_of(column)
    )


def _is_matrix_column(value: Value) -> bool:
    return all(
        isinstance(o, Tensor) and o.width == 1 and o.rank == 2
        for o in options_of(value)
    )


def _was_column(value: Value) -> bool:
    """(n, 1) squeezed to (n,) on purpose, though its rank is not known."""
    return all(
        isinstance(o, Tensor) and "column" in o.traits and o.rank in (None, 1)
        for o in options_of(value)
    )
