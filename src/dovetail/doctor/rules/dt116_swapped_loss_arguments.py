"""DT116: target and prediction in each other's place."""

from collections.abc import Iterator
from typing import ClassVar, Final, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._guesses import is_label
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, Unknown, Value, options_of

_OUTPUTS: Final = {
    "linear",
    "softmax",
    "log_softmax",
    "sigmoid",
    "logsigmoid",
    "relu",
    "tanh",
}


@final
class SwappedLossArguments(Rule):
    """The loss is called with the target first.

    torch's losses are called loss(prediction, target), scikit-learn's metrics the other
    way round. With cross-entropy torch raises. With binary cross-entropy it is silent
    for one step: then log(target) is infinite where a target is 0 or 1, and the weights
    become NaN.

    Put the prediction first. (MSE and L1 are symmetric: nothing is reported.)

    Not seen: calls where it is not known which one the network made.
    """

    id: ClassVar = "swapped-loss-arguments"
    code: ClassVar = "DT116"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "loss(target, prediction) instead of loss(prediction, target)"
    title_zh: ClassVar = "损失的两个参数颠倒了"
    seen: ClassVar = "SR"
    fix: ClassVar = "put the prediction first: loss(prediction, target)"
    fix_zh: ClassVar = "把预测写在前面：loss(预测, 目标)"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
x, target = torch.randn(8, 4), torch.rand(8, 1).round()
loss = nn.BCELoss()(target, model(x))
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
x, target = torch.randn(8, 4), torch.rand(8, 1).round()
loss = nn.BCELoss()(model(x), target)
"""
    page_zh: ClassVar = """\
调用损失时把目标写在了前面。

torch 的损失是 loss(预测, 目标)，scikit-learn 的指标则相反。交叉熵会直接报错。二元交
叉熵第一步不报错：目标为 0 或 1 处 log(target) 为无穷，随后权重变成 NaN。

把预测写在前面。（MSE 和 L1 是对称的，不作报告。）

查不到的情况：看不出哪一个是网络算出来的。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for use in project.facts.uses_of(["ce", "nll", "bce", "bce_logits"]):
            if use.node in seen:
                continue
            if _is_output(use.target) and _is_label(use.prediction):
                seen.add(use.node)
                yield self.finding(
                    use.source,
                    use.node,
                    f"{use.loss.name} gets the target first and the prediction second",
                )


def _is_output(value: Value) -> bool:
    return all(
        isinstance(o, Tensor)
        and o.op in _OUTPUTS
        and "model" in o.traits
        and "detached" not in o.traits
        for o in options_of(value)
    )


def _is_label(value: Value) -> bool:
    return all(_one_label(o) for o in options_of(value))


def _one_label(value: Value) -> bool:
    if isinstance(value, Unknown):
        return value.data or is_label(value.name)
    if isinstance(value, Tensor) and "model" not in value.traits:
        if value.op in ("onehot", "multihot", "data", "round"):
            return True
        return value.op == "" and ("data" in value.traits or is_label(value.name))
    return False
