"""DT402 zero-grad-before-step."""

from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._loops import Loops
from dovetail.doctor._order import bad_steps
from dovetail.doctor._project import Project


@final
class ZeroGradBeforeStep(Rule):
    """The gradients are cleared after ``backward()`` and before ``step()``.

    ``step()`` then finds ``.grad`` None and leaves every parameter as it is (or, with
    ``set_to_none=False``, moves them by weight decay and by old momentum alone).
    Nothing is learnt: the loss of the first epoch is the loss of the last.

    Not seen: an optimizer that is not known, a clear in one function and a step in
    another that are not called one after the other where it can be read. Gradients that
    are put back by hand (``p.grad = g``) are right.
    """

    id = "zero-grad-before-step"
    code = "DT402"
    severity = Severity.ERROR
    title = "Gradients are cleared between backward and step"
    title_zh = "在 backward 与 step 之间清零了梯度"
    seen = "S"
    fix = "move zero_grad() before backward(), or after step()"
    fix_zh = "把 zero_grad() 移到 backward() 之前，或 step() 之后"
    bad = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.zero_grad()
    opt.step()
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    opt.zero_grad()
"""
    page_zh = """\
梯度在 ``backward()`` 之后、``step()`` 之前被清零。

这样 ``step()`` 看到的 ``.grad`` 是 None，任何参数都不会变（若 ``set_to_none=False``，
则只按权重衰减和旧动量移动）。什么也学不到：第一个 epoch 的损失就是最后一个 epoch 的
损失。

看不到的：不知来历的优化器；清零在一个函数、更新在另一个函数，而又看不到两者相继被调
用。手工把梯度放回去（``p.grad = g``）是正确的写法。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        for bad in bad_steps(Loops.of(project)):
            if bad.backward is None:
                yield self.finding(
                    bad.clear.source,
                    bad.clear.node,
                    "the gradients are cleared after backward() and before "
                    f"{bad.step.text or 'optimizer'}.step(): no parameter is changed",
                )
