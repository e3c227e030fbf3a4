"""DT202: class labels of a float kind for cross-entropy."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, Value, options_of


@final
class FloatTargetForCrossEntropy(Rule):
    """Class labels are floats, and cross-entropy wants whole numbers.

    torch raises "expected scalar type Long but found Float", or takes float targets of
    the output's shape for probabilities; the message does not name the cause, which is
    mostly a data set that was read with NumPy or pandas, or a ``.float()`` too many.

    Make the labels ``long``: torch.tensor(y, dtype=torch.long).

    Not seen: labels whose kind is known only when the program runs.
    """

    id: ClassVar = "float-target-for-cross-entropy"
    code: ClassVar = "DT202"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Float class labels for cross-entropy"
    title_zh: ClassVar = "交叉熵的类别标签是浮点数"
    seen: ClassVar = "SR"
    fix: ClassVar = "make the labels whole numbers: y.long()"
    fix_zh: ClassVar = "把标签变成整数：y.long()"
    bad: ClassVar = """\
import torch
from torch import nn

x = torch.randn(8, 4)
y = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1], dtype=torch.float32)
loss = nn.CrossEntropyLoss()(nn.Linear(4, 3)(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

x = torch.randn(8, 4)
y = torch.tensor([0, 1, 2, 0, 1, 2, 0, 1], dtype=torch.long)
loss = nn.CrossEntropyLoss()(nn.Linear(4, 3)(x), y)
"""
    page_zh: ClassVar = """\
类别标签是浮点数，而交叉熵要整数。

torch 会报 "expected scalar type Long but found Float"，或把与输出同形的浮点目标当作
概率；报错没有说出原因，原因多半是用 NumPy 或 pandas 读的数据，或多写了一个
``.float()``。

把标签变成 ``long``：torch.tensor(y, dtype=torch.long)。

查不到的情况：运行时才知道类型的标签。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for use in project.facts.uses_of(["ce", "nll"]):
            if use.node in seen or not use.sure or not _are_floats(use.target):
                continue
            seen.add(use.node)
            yield self.finding(
                use.source,
                use.node,
                f"{use.loss.name} wants whole numbers as class labels, but gets floats",
            )


def _are_floats(value: Value) -> bool:
    return all(
        isinstance(o, Tensor)
        and o.dtype == "float"
        and (o.rank == 1 or o.traits & {"labels", "squeezed", "column"})
        and "model" not in o.traits
        and o.op in ("", "data")
        for o in options_of(value)
    )
