"""DT403 step-before-backward."""

import ast
from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._event_paths import bodies, paths
from dovetail.doctor._events import Event
from dovetail.doctor._loops import Loops
from dovetail.doctor._order import bad_steps, loss_made_before
from dovetail.doctor._project import Project


@final
class StepBeforeBackward(Rule):
    """The optimizer steps before ``backward()`` has made the gradients.

    After a clear there is nothing to step on, and what ``backward()`` makes later is
    cleared before the next step: no parameter ever moves. Without a clear, each step
    uses the gradients of the batch before, added to those of all earlier ones.

    Not seen: an optimizer that is not known, a backward in a function that cannot be
    read. A loop that steps at its start on the gradients of the round before, and
    clears afterwards, is late by one batch but right, and is not reported.
    """

    id = "step-before-backward"
    code = "DT403"
    severity = Severity.ERROR
    title = "The step is made before the gradients"
    title_zh = "先更新参数，后求梯度"
    seen = "S"
    fix = "call step() after backward()"
    fix_zh = "先调用 backward()，再调用 step()"
    bad = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    opt.step()
    loss.backward()
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
    page_zh = """\
优化器在 ``backward()`` 求出梯度之前就更新了参数。

清零之后没有梯度可用，而 ``backward()`` 后来求出的梯度又在下一步之前被清零：参数从不
移动。若不清零，则每步用的是上一批的梯度，再加上此前所有批的梯度。

看不到的：不知来历的优化器；在读不到的函数里的 backward。在循环开头用上一轮的梯度更
新、随后清零的写法只晚一批，是对的，不报告。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        loops = Loops.of(project)
        done: set[ast.AST] = set()
        for bad in bad_steps(loops):
            if bad.backward is not None:
                done.add(bad.step.node)
                yield self._said(bad.step, "finds no gradients: backward() comes later")
        for step in _on_old_gradients(loops):
            if step.node not in done:
                done.add(step.node)
                yield self._said(step, "comes before the backward() of its own loss")

    def _said(self, step: Event, what: str) -> Finding:
        text = f"{step.text or 'the optimizer'}.step() {what}"
        return self.finding(step.source, step.node, text)


def _on_old_gradients(loops: Loops) -> Iterator[Event]:
    """Loops in which the loss is there, then comes a step, then its backward."""
    for trace in loops.traces:
        if not {"step", "backward"} <= loops.kinds(trace):
            continue
        for body in list(bodies(trace))[1:]:
            for way in paths(body) or ():
                kinds = [getattr(event, "kind", "loop") for event in way]
                if {"fresh", "opaque", "loop"} & set(kinds):
                    continue
                if "backward" not in kinds or "step" not in kinds:
                    continue
                step, late = kinds.index("step"), kinds.index("backward")
                if "clear" in kinds[:late]:
                    continue  # what was made in the round before is used, late
                first, backward = way[step], way[late]
                assert isinstance(first, Event)
                assert isinstance(backward, Event)
                sure = step < late and first.known and first.bare
                if sure and loss_made_before(backward, first):
                    yield first
