"""DT201: one-hot targets where class indices will do."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, options_of


@final
class OnehotTargetForClassIndex(Rule):
    """Targets are made one-hot for a loss that takes class indices.

    To cross-entropy float rows mean probabilities: the value is the same as with
    indices, at C times the memory. With weight= it is another one, since the mean is
    then over n and not over the sum of weights: 0.599 against 1.319 for the same data.
    ignore_index is not allowed, and integer one-hot rows raise. NLLLoss takes no rows
    at all.

    Give the indices themselves. (Mixed or smoothed labels are no one-hot rows, and are
    not reported.)
    """

    id: ClassVar = "onehot-target-for-class-index"
    code: ClassVar = "DT201"
    severity: ClassVar = Severity.HINT
    title: ClassVar = "One-hot targets where class indices will do"
    title_zh: ClassVar = "可以直接用类别序号，却做成了 one-hot"
    seen: ClassVar = "SR"
    fix: ClassVar = "give the loss the class indices themselves"
    bad: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = F.cross_entropy(nn.Linear(4, 3)(x), F.one_hot(y, 3).float())
"""
    good: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = F.cross_entropy(nn.Linear(4, 3)(x), y)
"""
    page_zh: ClassVar = """\
损失接受类别序号，却把目标做成了 one-hot。

对交叉熵来说浮点行表示概率：值与用序号时相同，内存是 C 倍。有 weight= 时值就不同了，因为
平均是除以 n 而不是除以权重之和：同样的数据是 0.599 与 1.319。此时不能用 ignore_index，
整数的 one-hot 行会报错。NLLLoss 根本不接受行。

直接给类别序号。（混合或平滑的标签不是 one-hot，不作报告。）
"""

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for use in project.facts.uses_of(["ce", "nll"]):
            every = options_of(use.target)
            onehot = [t for t in every if isinstance(t, Tensor) and t.op == "onehot"]
            if len(onehot) < len(every) or use.node in seen:
                continue
            seen.add(use.node)
            severity, more = Severity.HINT, "same value, C times the memory"
            if use.loss.family == "nll":
                severity, more = Severity.ERROR, "it takes class indices only"
            elif use.weight:
                severity = Severity.WARNING
                more = "with weight= the mean is over n, not over the weights"
            yield self.finding(
                use.source,
                use.node,
                f"one-hot targets go into {use.loss.name}: {more}",
                severity=severity,
            )
