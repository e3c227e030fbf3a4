"""DT104: softmax output into a loss that applies the sigmoid."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import without_activation
from dovetail.doctor._pairing import SOFTMAX, pairs
from dovetail.doctor._project import Project


@final
class SoftmaxBeforeBceWithLogits(Rule):
    """A loss with one yes or no for each label is given a softmax's output.

    The sigmoid of the loss comes on top of the softmax, and the outputs share a total
    of 1: with k true labels of C the mean loss is at best (k log(1 + e^(-1/k)) + (C -
    k) log 2) / C, near log 2 = 0.693 whatever the network learns: 0.670 with 3 of 20.
    Two true labels can never both be sure. Measured on 20 labels, decided where the
    softmax passes 0.5: micro F1 0.283 instead of 0.633.

    Give the loss raw scores. If each row has exactly one label, take CrossEntropyLoss.

    Not seen: outputs that a branch decides on.
    """

    id: ClassVar = "softmax-before-bce-with-logits"
    code: ClassVar = "DT104"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Softmax output goes into a loss that applies the sigmoid"
    title_zh: ClassVar = "带 logits 的二元损失收到了 softmax 的输出"
    seen: ClassVar = "SR"
    fix: ClassVar = "drop the softmax before the loss"
    fix_zh: ClassVar = "去掉损失之前的 softmax"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 5), nn.Softmax(dim=-1))
x, y = torch.randn(8, 4), torch.rand(8, 5).round()
loss = nn.BCEWithLogitsLoss()(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 5))
x, y = torch.randn(8, 4), torch.rand(8, 5).round()
loss = nn.BCEWithLogitsLoss()(model(x), y)
"""
    page_zh: ClassVar = """\
逐标签判断是与否的损失收到的是 softmax 的输出。

损失自己的 sigmoid 又加在 softmax 之上，而且各输出之和为 1：C 个标签中有 k 个为真时，
平均损失最好也只有 (k log(1 + e^(-1/k)) + (C - k) log 2) / C，无论学到什么都接近 log
2 = 0.693：20 个中 3 个为真时是 0.670。两个为真的标签不可能同时很有把握。20 个标签上
实测，以 softmax 超过 0.5 为判据：micro F1 为 0.283，应为 0.633。

把原始得分交给损失。如果每行恰好一个标签，请用 CrossEntropyLoss。

查不到的情况：由分支决定的输出。
"""
    figures: ClassVar = {
        "sigmoid-twice.least-for-a-negative": "0.693",
        "softmax-into-bce.floor.3-of-20": "0.670",
        "labels.softmax-into-bce.micro-f1": "0.283",
        "labels.right.micro-f1": "0.633",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        holds = lambda t: t.op in SOFTMAX and t.width != 1  # noqa: E731
        for pair in pairs(project, ["bce_logits"], holds):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            yield self.finding(
                source,
                tensor.node,
                f"softmax output goes into {pair.where()}, which applies a sigmoid to "
                "each label: the loss stays near log 2 = 0.693",
                **without_activation(project, source, tensor),
            )
