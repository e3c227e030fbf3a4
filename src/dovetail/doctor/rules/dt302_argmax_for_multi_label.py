"""DT302: argmax where each label is a question of its own."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._multilabel import multi_label_scores
from dovetail.doctor._pairing import surely
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor


@final
class ArgmaxForMultiLabel(Rule):
    """argmax decides for one label, but a row can have several.

    The loss treats each label as a yes or no of its own. argmax keeps the largest score
    only, so all other labels of a row are lost, and an accuracy that takes the argmax
    of both sides compares the first maximum of the targets. Measured on 20 labels,
    about four to a row: micro F1 0.313 instead of 0.633.

    Decide each label: score > 0, or probability > threshold.

    Reported only where the targets are seen to be several labels (0/1 tables, or named
    so). With exactly one label a row argmax is right, and nothing is said. Not seen:
    targets whose form only the data shows.
    """

    id: ClassVar = "argmax-for-multi-label"
    code: ClassVar = "DT302"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "argmax under a loss that has one question for each label"
    title_zh: ClassVar = "多标签问题用了 argmax"
    seen: ClassVar = "SR"
    fix: ClassVar = "decide each label by itself: scores > 0"
    fix_zh: ClassVar = "逐个标签判断：scores > 0"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 5)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8, 5)).float()
scores = model(x)
loss = nn.BCEWithLogitsLoss()(scores, y)
accuracy = (scores.argmax(dim=1) == y.argmax(dim=1)).float().mean()
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 5)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8, 5)).float()
scores = model(x)
loss = nn.BCEWithLogitsLoss()(scores, y)
accuracy = ((scores > 0) == y).float().mean()
"""
    page_zh: ClassVar = """\
argmax 只选一个标签，而一行可以有好几个。

损失把每个标签当作独立的是与否。argmax 只留下最大的得分，这一行的其他标签全丢了；两
边都取 argmax 的准确率比较的只是目标中的第一个最大值。20 个标签、每行约四个为真时实
测：micro F1 为 0.313，应为 0.633。

逐个标签判断：score > 0，或 probability > 阈值。

只在看得出目标是多个标签时报告（0/1 表格，或名字如此）。若每行恰好一个标签，argmax
是对的，不作报告。查不到的情况：只有数据才看得出形式的目标。
"""
    figures: ClassVar = {
        "labels.decided.argmax.micro-f1": "0.313",
        "labels.right.micro-f1": "0.633",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        scores = multi_label_scores(project)
        seen = set()
        for decision in project.facts.decisions:
            if decision.kind != "argmax" or decision.node in seen:
                continue
            found = surely(decision.value, lambda t: _layer(t) in scores)
            if not found or decision.dim == 0:
                continue
            seen.add(decision.node)
            yield self.finding(
                decision.source,
                decision.node,
                f"argmax of scores that go into {scores[_layer(found[0])].loss.name}, "
                "where each label is a question of its own: one label per row counts",
            )


def _layer(tensor: Tensor) -> object:
    """The layer whose scores these are, also after a sigmoid or softmax."""
    at: object = tensor
    while isinstance(at, Tensor):
        if at.op == "linear":
            return at.node
        if at.op not in ("sigmoid", "softmax", "log_softmax"):
            return None
        at = at.of
    return None
