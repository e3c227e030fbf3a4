"""DT103: sigmoid output into a loss that applies the sigmoid itself."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import without_activation
from dovetail.doctor._pairing import pairs
from dovetail.doctor._project import Project


@final
class SigmoidBeforeBceWithLogits(Rule):
    """Binary cross-entropy with logits is given a sigmoid's output.

    The sigmoid then runs twice: from s in (0, 1) the loss reads a probability between
    0.5 and 0.731. A negative costs at least log 2 = 0.693 however sure the network is,
    a positive at least 0.313; with a share r of positives the loss cannot fall below
    0.313 r + 0.693 (1 - r). The gradient shrinks by s (1 - s), at most 1/4, and the
    decision "s > 0.5" moves from P = 0.5 to P = 0.622: rare labels are hardly ever
    predicted. Measured on 20 labels: micro F1 0.262 instead of 0.633.

    Drop the sigmoid, or take BCELoss.

    Not seen: outputs that a branch decides on.
    """

    id: ClassVar = "sigmoid-before-bce-with-logits"
    code: ClassVar = "DT103"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Sigmoid output goes into a loss that applies the sigmoid"
    title_zh: ClassVar = "带 logits 的损失收到了 sigmoid 的输出"
    seen: ClassVar = "SR"
    fix: ClassVar = "drop the sigmoid before the loss; take it to show probabilities"
    fix_zh: ClassVar = "去掉损失之前的 sigmoid；只在显示概率时使用"
    bad: ClassVar = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(4, 1)

    def forward(self, x):
        return torch.sigmoid(self.out(x))


x, y = torch.randn(8, 4), torch.rand(8, 1).round()
loss = nn.BCEWithLogitsLoss()(Net()(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(4, 1)

    def forward(self, x):
        return self.out(x)


x, y = torch.randn(8, 4), torch.rand(8, 1).round()
loss = nn.BCEWithLogitsLoss()(Net()(x), y)
"""
    page_zh: ClassVar = """\
带 logits 的二元交叉熵收到的是 sigmoid 的输出。

于是 sigmoid 做了两次：s 在 (0, 1) 内，损失读到的概率只能在 0.5 到 0.731 之间。负样
本无论网络多有把握至少付 log 2 = 0.693，正样本至少付 0.313；正样本比例为 r 时损失低
不过 0.313 r + 0.693 (1 - r)。梯度缩小 s (1 - s) 倍，最多剩 1/4；判据 "s > 0.5" 从 P
= 0.5 移到 P = 0.622，稀少的标签几乎预测不出来。20 个标签上实测：micro F1 为 0.262，
应为 0.633。

去掉 sigmoid，或改用 BCELoss。

查不到的情况：由分支决定的输出。
"""
    figures: ClassVar = {
        "sigmoid-twice.highest-probability": "0.731",
        "sigmoid-twice.least-for-a-negative": "0.693",
        "sigmoid-twice.least-for-a-positive": "0.313",
        "sigmoid-twice.decides-at": "0.622",
        "labels.sigmoid-twice.micro-f1": "0.262",
        "labels.right.micro-f1": "0.633",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        for pair in pairs(project, ["bce_logits"], lambda t: t.op == "sigmoid"):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            yield self.finding(
                source,
                tensor.node,
                f"sigmoid output goes into {pair.where()}, which applies the sigmoid "
                "itself: it reads probabilities from 0.5 to 0.731 only",
                **without_activation(project, source, tensor),
            )
