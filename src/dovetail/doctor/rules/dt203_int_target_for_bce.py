"""DT203: integer labels for a binary cross-entropy."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, Value, options_of


@final
class IntTargetForBce(Rule):
    """Labels are whole numbers, and a binary cross-entropy wants floats.

    The loss multiplies targets and logarithms, so torch raises "result type Float can't
    be cast to the desired output type Long", which does not name the cause.

    Make the labels float: y.float().

    Not seen: labels whose kind is known only when the program runs.
    """

    id: ClassVar = "int-target-for-bce"
    code: ClassVar = "DT203"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Integer labels for a binary cross-entropy"
    title_zh: ClassVar = "二元交叉熵的标签是整数"
    seen: ClassVar = "SR"
    fix: ClassVar = "make the labels floats: y.float()"
    fix_zh: ClassVar = "把标签变成浮点数：y.float()"
    bad: ClassVar = """\
import torch
from torch import nn

x, y = torch.randn(8, 4), torch.randint(0, 2, (8, 1))
loss = nn.BCEWithLogitsLoss()(nn.Linear(4, 1)(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

x, y = torch.randn(8, 4), torch.randint(0, 2, (8, 1))
loss = nn.BCEWithLogitsLoss()(nn.Linear(4, 1)(x), y.float())
"""
    page_zh: ClassVar = """\
标签是整数，而二元交叉熵要浮点数。

损失要用目标去乘对数，所以 torch 报 "result type Float can't be cast to the desired
output type Long"，没有说出原因。

把标签变成浮点数：y.float()。

查不到的情况：运行时才知道类型的标签。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for use in project.facts.uses_of(["bce", "bce_logits"]):
            if (
                use.node in seen
                or not use.sure
                or use.loss.name == "sigmoid_focal_loss"
            ):
                continue
            if not _are_ints(use.target):
                continue
            seen.add(use.node)
            yield self.finding(
                use.source,
                use.node,
                f"{use.loss.name} wants float labels, but gets whole numbers",
            )


def _are_ints(value: Value) -> bool:
    return all(
        isinstance(o, Tensor) and o.dtype == "int" and o.op != "mask"
        for o in options_of(value)
    )
