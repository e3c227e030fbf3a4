"""DT105: sigmoid output into cross-entropy."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import without_activation
from dovetail.doctor._pairing import pairs
from dovetail.doctor._project import Project


@final
class SigmoidBeforeCrossEntropy(Rule):
    """Cross-entropy is given scores that a sigmoid has squeezed into (0, 1).

    Cross-entropy applies log-softmax to them. Two scores then differ by less than 1, so
    the largest probability the loss can see is e / (e + C - 1), 0.73 for two classes
    and 0.23 for ten, and the loss cannot fall below log(1 + (C-1)/e). The gradient is
    multiplied by s (1 - s), at most 1/4. Ten digits, SGD with momentum, 200 steps:
    accuracy 0.600 instead of 0.909.

    Drop the sigmoid. For two classes take either two raw scores and cross-entropy, or
    one raw score and BCEWithLogitsLoss.

    Not seen: outputs that a branch decides on.
    """

    id: ClassVar = "sigmoid-before-cross-entropy"
    code: ClassVar = "DT105"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Sigmoid output goes into cross-entropy"
    title_zh: ClassVar = "交叉熵的输入已经过 sigmoid"
    seen: ClassVar = "SR"
    fix: ClassVar = "drop the sigmoid: cross-entropy wants raw scores"
    fix_zh: ClassVar = "去掉 sigmoid：交叉熵要的是原始得分"
    bad: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

net = nn.Linear(4, 2)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
loss = F.cross_entropy(torch.sigmoid(net(x)), y)
"""
    good: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

net = nn.Linear(4, 2)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8,))
loss = F.cross_entropy(net(x), y)
"""
    page_zh: ClassVar = """\
交叉熵收到的得分已被 sigmoid 压进 (0, 1)。

交叉熵还要对它做 log-softmax。两个得分之差小于 1，损失能看到的最大概率是 e / (e + C
- 1)：两类 0.73，十类 0.23；损失低不过 log(1 + (C-1)/e)。梯度还要乘以 s (1 - s)，最
多 1/4。手写数字 10 类，带动量的 SGD，200 步：准确率 0.600，应为 0.909。

去掉 sigmoid。两类问题可以用两个原始得分加交叉熵，或一个原始得分加 BCEWithLogitsLoss。

查不到的情况：由分支决定的输出。
"""
    figures: ClassVar = {
        "sigmoid-into-ce.largest-probability.2": "0.73",
        "sigmoid-into-ce.largest-probability.10": "0.23",
        "digits.sigmoid-into-ce.momentum.200.accuracy": "0.600",
        "digits.right.momentum.200.accuracy": "0.909",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        holds = lambda t: t.op in ("sigmoid", "hardsigmoid") and t.width != 1  # noqa: E731
        for pair in pairs(project, ["ce"], holds):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            yield self.finding(
                source,
                tensor.node,
                f"sigmoid output goes into {pair.where()}, which wants raw scores: "
                "scores in (0, 1) cannot tell the classes apart",
                **without_activation(project, source, tensor),
            )
