"""DT110: Sigmoid and BCELoss instead of the form that takes logits."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._pairing import pairs
from dovetail.doctor._project import Project


@final
class SigmoidWithBce(Rule):
    """Sigmoid and BCELoss are right together, but the form on raw scores is safer.

    In float32 the sigmoid is exactly 1 from a score of 16.75 on. BCELoss then clamps
    log(0) at -100, and the gradient is exactly 0: a negative with score 17 costs 100
    instead of 17 and is never corrected. bfloat16 dies at 6.25. BCEWithLogitsLoss gives
    17 and gradient 1. F.binary_cross_entropy also refuses to run under CUDA autocast.

    Drop the sigmoid and take BCEWithLogitsLoss; predict with score > 0.

    Only a hint: much code, GANs among it, does so by convention, and works.

    Not seen: outputs that a branch decides on.
    """

    id: ClassVar = "sigmoid-with-bce"
    code: ClassVar = "DT110"
    severity: ClassVar = Severity.HINT
    title: ClassVar = "Sigmoid + BCELoss: right, but saturates"
    title_zh: ClassVar = "Sigmoid 加 BCELoss：正确，但会饱和"
    seen: ClassVar = "S"
    fix: ClassVar = "drop the sigmoid and take BCEWithLogitsLoss"
    fix_zh: ClassVar = "去掉 sigmoid，改用 BCEWithLogitsLoss"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
x, y = torch.randn(8, 4), torch.rand(8, 1).round()
loss = nn.BCELoss()(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 1))
x, y = torch.randn(8, 4), torch.rand(8, 1).round()
loss = nn.BCEWithLogitsLoss()(model(x), y)
"""
    page_zh: ClassVar = """\
Sigmoid 与 BCELoss 合用是对的，但直接用原始得分的形式更稳妥。

float32 下得分到 16.75 时 sigmoid 恰好为 1。BCELoss 把 log(0) 截在 -100，梯度恰好为
0：得分 17 的负样本付 100 而不是 17，而且再也改不过来。bfloat16 在 6.25 就失效。
BCEWithLogitsLoss 给出 17 和梯度 1。另外 F.binary_cross_entropy 在 CUDA autocast 下
拒绝运行。

去掉 sigmoid，改用 BCEWithLogitsLoss；预测时用 score > 0。

只作提示：许多代码（包括 GAN）习惯如此，也能工作。

查不到的情况：由分支决定的输出。
"""
    figures: ClassVar = {
        "sigmoid-is-one.from.float32": "16.75",
        "sigmoid-is-one.from.bfloat16": "6.25",
        "saturated.bce.loss": "100",
        "saturated.logits.loss": "17",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        for pair in pairs(project, ["bce"], lambda t: t.op == "sigmoid"):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            yield self.finding(
                source,
                tensor.node,
                f"sigmoid, then {pair.where()}: from a score of 17 on the gradient is "
                "exactly 0 in float32",
            )
