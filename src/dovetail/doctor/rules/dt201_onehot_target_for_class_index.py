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
    indices, at C times the memory. With weight= it is another one: indices give sum w_i
    l_i / sum w_i, rows give sum w_i l_i / n. For one row of each of three classes with
    weights 1, 2 and 10 and scores that are right, right and wrong by 2, 1 and 1, that
    is 1.54 against 6.65. ignore_index is not allowed, and integer one-hot rows raise.
    NLLLoss takes no rows at all.

    Give the indices themselves. (Mixed or smoothed labels are no one-hot rows, and are
    not reported.) Not seen: rows that a data set makes in code that cannot be read.
    """

    id: ClassVar = "onehot-target-for-class-index"
    code: ClassVar = "DT201"
    severity: ClassVar = Severity.HINT
    title: ClassVar = "One-hot targets where class indices will do"
    title_zh: ClassVar = "可以直接用类别序号，却做成了 one-hot"
    seen: ClassVar = "SR"
    fix: ClassVar = "give the loss the class indices themselves"
    fix_zh: ClassVar = "把类别序号本身交给损失"
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

对交叉熵来说浮点行表示概率：值与用序号时相同，内存是 C 倍。有 weight= 时值就不同了：
序号给出 sum w_i l_i / sum w_i，行给出 sum w_i l_i / n。三类各一行，权重 1、2、10，
得分前两行各对 2 和 1，第三行错 1：分别是 1.54 与 6.65。此时不能用 ignore_index，整
数的 one-hot 行会报错。NLLLoss 根本不接受行。

直接给类别序号。（混合或平滑的标签不是 one-hot，不作报告。）

查不到的情况：由读不到的代码做成的行。
"""
    figures: ClassVar = {
        "class-weights.indices": "1.54",
        "class-weights.one-hot": "6.65",
    }

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
