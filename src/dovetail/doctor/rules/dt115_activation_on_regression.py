"""DT115: an activation on the output of a regression."""

from collections.abc import Iterator
from typing import ClassVar, Final, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import without_activation
from dovetail.doctor._library import CUTTING
from dovetail.doctor._pairing import pairs
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, Value, options_of

_RANGE: Final = {
    "relu": "[0, inf)",
    "softplus": "(0, inf)",
    "sigmoid": "(0, 1)",
    "softmax": "(0, 1)",
    "tanh": "(-1, 1)",
}


@final
class ActivationOnRegression(Rule):
    """The output of a regression is squeezed into a range that its targets leave.

    With tanh and squared error the loss cannot fall below mean(max(|y| - 1, 0)^2);
    after ReLU no prediction is negative, and if the unit is 0 for all rows the network
    gets no gradient at all: it predicts 0 for ever.

    Let the last layer be linear, or scale the targets into the range.

    A warning where the targets are seen to leave the range; else a hint, since counts,
    rates and images may well be meant. Not seen: the range of targets from a file.
    """

    id: ClassVar = "activation-on-regression"
    code: ClassVar = "DT115"
    severity: ClassVar = Severity.WARNING
    title: ClassVar = "Activation on a regression output whose targets leave its range"
    title_zh: ClassVar = "回归输出上的激活函数容不下目标的取值范围"
    seen: ClassVar = "SR"
    fix: ClassVar = "let the last layer be linear, or scale the targets"
    fix_zh: ClassVar = "让最后一层是线性的，或缩放目标"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1), nn.ReLU())
x, y = torch.randn(8, 4), torch.randn(8, 1)
loss = nn.MSELoss()(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
x, y = torch.randn(8, 4), torch.randn(8, 1)
loss = nn.MSELoss()(model(x), y)
"""
    page_zh: ClassVar = """\
回归的输出被压进一个范围，而目标会超出它。

tanh 加平方误差时，损失低不过 mean(max(|y| - 1, 0)^2)；ReLU 之后预测不可能为负，若该
单元对所有行都是 0，整个网络得不到梯度，永远预测 0。

让最后一层是线性的，或把目标缩放到该范围内。

看得出目标会超出范围时是警告；否则只是提示，因为计数、比率和图像可能正要如此。

查不到的情况：从文件读入的目标的取值范围。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        for pair in pairs(project, ["regression"], _is_squeezed):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            leaves = _leaves(pair.use.target)
            if not leaves and _is_image(tensor, pair.use.target):
                continue
            reach = _RANGE.get(tensor.op, "a half-line")
            yield self.finding(
                source,
                tensor.node,
                f"{tensor.op} on a regression output that goes into {pair.where()}: "
                + (
                    f"the targets leave {reach}"
                    if leaves
                    else f"right only if all targets lie in {reach}"
                ),
                severity=None if leaves else Severity.HINT,
                **without_activation(project, source, tensor),
            )


def _is_squeezed(tensor: Tensor) -> bool:
    of = tensor.of
    layer = isinstance(of, Tensor) and of.op in ("linear", "norm")
    return layer and (tensor.op in CUTTING or tensor.op in _RANGE)


def _leaves(target: Value) -> bool:
    every = options_of(target)
    return all(isinstance(t, Tensor) and "normal" in t.traits for t in every)


def _is_image(tensor: Tensor, target: Value) -> bool:
    if (tensor.rank or 0) >= 4 or (tensor.width or 0) > 64:
        return True
    name = getattr(target, "name", "").lower()
    return name in ("x", "xb", "data", "img", "imgs") or name.startswith(
        ("image", "input", "batch", "x_", "real")
    )
