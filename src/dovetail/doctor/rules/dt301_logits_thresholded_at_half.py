"""DT301: raw scores compared with 0.5, or rounded."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._facts import Decision
from dovetail.doctor._pairing import scored_by, surely
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor


@final
class LogitsThresholdedAtHalf(Rule):
    """Raw scores are decided at 0.5, as if they were probabilities.

    A score of 0.5 is the probability 0.622, so positives with P between 0.5 and 0.622
    are lost. Rounding is worse: scores of 1.5 and more become 2 and never equal 1, so
    that the surest hits count as misses. Measured on 20 labels: micro F1 0.588 with 0.5
    and 0.274 rounded, instead of 0.633.

    Compare scores with 0, or take the sigmoid first.

    Reported only where the same scores go into a loss on logits. Not seen: thresholds
    in a variable.
    """

    id: ClassVar = "logits-thresholded-at-half"
    code: ClassVar = "DT301"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Raw scores compared with 0.5, or rounded"
    title_zh: ClassVar = "用 0.5 作原始得分的阈值，或对它取整"
    seen: ClassVar = "SR"
    fix: ClassVar = "compare scores with 0, or take the sigmoid first"
    fix_zh: ClassVar = "把得分与 0 比较，或先做 sigmoid"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 1)
x, y = torch.randn(8, 4), torch.rand(8, 1).round()
scores = model(x)
loss = nn.BCEWithLogitsLoss()(scores, y)
accuracy = ((scores > 0.5) == y).float().mean()
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 1)
x, y = torch.randn(8, 4), torch.rand(8, 1).round()
scores = model(x)
loss = nn.BCEWithLogitsLoss()(scores, y)
accuracy = ((scores > 0) == y).float().mean()
"""
    page_zh: ClassVar = """\
把原始得分当作概率，用 0.5 作判断。

得分 0.5 相当于概率 0.622，所以概率在 0.5 到 0.622 之间的正样本都丢了。取整更糟：1.5
以上的得分变成 2，永远不等于 1，最有把握的命中反而算作错误。20 个标签上实测：以 0.5
为阈值 micro F1 为 0.588，取整为 0.274，应为 0.633。

把得分与 0 比较，或先做 sigmoid。

只在同样的得分也进入基于 logits 的损失时报告。查不到的情况：存放在变量里、看不出数值
的阈值。
"""
    figures: ClassVar = {
        "sigmoid-twice.decides-at": "0.622",
        "labels.decided.scores-over-half.micro-f1": "0.588",
        "labels.decided.scores-rounded.micro-f1": "0.274",
        "labels.right.micro-f1": "0.633",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        logits = scored_by(project, ["bce_logits"])
        others = scored_by(project, ["regression", "other", "bce"])
        seen = set()
        for decision in project.facts.decisions:
            if decision.node in seen or not _at_half(decision):
                continue
            found = surely(decision.value, lambda t: t.op == "linear")
            if not found or not all(
                t.node in logits and t.node not in others for t in found
            ):
                continue
            seen.add(decision.node)
            what = "rounded" if decision.kind == "round" else "compared with"
            number = "" if decision.kind == "round" else f" {decision.threshold:g}"
            yield self.finding(
                decision.source,
                decision.node,
                f"raw scores are {what}{number}, but the loss takes them as logits: "
                "P = 0.5 is score 0",
            )


def _at_half(decision: Decision) -> bool:
    if decision.kind == "round":
        return isinstance(decision.value, Tensor)
    limit = decision.threshold
    return decision.kind == "threshold" and limit is not None and 0 < limit < 1
