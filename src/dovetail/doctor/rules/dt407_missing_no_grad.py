"""DT407 missing-no-grad."""

from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._loops import Loops
from dovetail.doctor._modes import evaluated_with_gradients
from dovetail.doctor._project import Project


@final
class MissingNoGrad(Rule):
    """An evaluation records the graph for gradients that nobody asks for.

    Each forward pass keeps its activations until its output is dropped: about the
    memory of a training batch, and of *all* batches if outputs or losses are collected.
    ``eval()`` changes dropout and batch norm, not this.

    A hint: the numbers are right. Not seen: a caller that cannot be read and holds
    ``no_grad``, parameters that were frozen elsewhere.
    """

    id = "missing-no-grad"
    code = "DT407"
    severity = Severity.HINT
    title = "Evaluation with autograd on"
    title_zh = "评估时仍在记录梯度"
    seen = "S"
    fix = "wrap the loop in `with torch.no_grad():`, or decorate the function"
    fix_zh = "用 `with torch.no_grad():` 包住循环，或用作函数的装饰器"
    bad = """\
import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))


def predict(batches):
    net.eval()
    return [net(x) for x in batches]
"""
    good = """\
import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))


@torch.no_grad()
def predict(batches):
    net.eval()
    return [net(x) for x in batches]
"""
    page_zh = """\
评估时记录了没有人要用的计算图。

每次前向传播都会保留激活值，直到其输出被丢弃：约为一个训练批的内存；若把输出或损失收
集起来，则是所有批的内存。``eval()`` 只改变 dropout 和批归一化，不改变这一点。

只是提示：数值是对的。看不到的：读不到的调用者已处于 ``no_grad`` 之中，参数在别处已
被冻结。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        for event, _ in evaluated_with_gradients(Loops.of(project)):
            yield self.finding(
                event.source,
                event.node,
                "the graph for gradients is recorded in an evaluation",
            )
