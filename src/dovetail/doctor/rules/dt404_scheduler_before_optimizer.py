"""DT404 scheduler-before-optimizer."""

import ast
from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._event_paths import Seen, loops_of, walk
from dovetail.doctor._events import Event, Loop
from dovetail.doctor._loops import Loops
from dovetail.doctor._project import Project
from dovetail.doctor._values import Layer, options_of


@final
class SchedulerBeforeOptimizer(Rule):
    """The learning-rate schedule steps before the optimizer does.

    Since PyTorch 1.1 ``scheduler.step()`` sets the rate of the step that comes next,
    and making the schedule has already set the first. A step of the schedule at the
    start of the loop throws the first value away and moves every milestone one step or
    epoch forward: ``StepLR(optimizer, 30)`` then falls after 29 epochs, a warm-up
    starts at its second value. PyTorch says so once, on stderr.

    Not seen: schedules of your own classes, ``step(epoch)`` with a number,
    ReduceLROnPlateau, timm's ``step_update``, and a schedule that a condition keeps
    from stepping in the first round. ``scaler.step(optimizer)`` is a step.
    """

    id = "scheduler-before-optimizer"
    code = "DT404"
    severity = Severity.WARNING
    title = "The schedule steps before the optimizer"
    title_zh = "学习率调度先于优化器更新"
    seen = "S"
    fix = "call scheduler.step() after optimizer.step(), at the end of the loop"
    fix_zh = "在循环末尾、optimizer.step() 之后调用 scheduler.step()"
    bad = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, 5)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    sched.step()
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
sched = torch.optim.lr_scheduler.StepLR(opt, 5)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
    sched.step()
"""
    page_zh = """\
学习率调度器先走一步，优化器后走。

自 PyTorch 1.1 起，``scheduler.step()`` 设定的是下一次更新的学习率，而创建调度器时已
设好第一个值。在循环开头调用它会丢掉第一个值，并让每个节点都提前一步（或一个 epoch）：
``StepLR(optimizer, 30)`` 在 29 个 epoch 之后就下降，预热从第二个值开始。PyTorch 只
在 stderr 上提示一次。

看不到的：自己写的调度类、带数字的 ``step(epoch)``、ReduceLROnPlateau、timm 的
``step_update``，以及由条件挡住、第一轮不走的调度。``scaler.step(optimizer)`` 也算一
次更新。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        loops = Loops.of(project)
        done: set[ast.AST] = set()
        for trace in loops.traces:
            if not {"step", "schedule"} <= loops.kinds(trace):
                continue
            before = _stepped_before(walk(trace.body))
            for loop, _ in loops_of(trace.body):
                if loop in before:
                    continue
                event = _first(loop)
                if event is not None and event.node not in done:
                    done.add(event.node)
                    yield self.finding(
                        event.source,
                        event.node,
                        f"{event.text or 'the schedule'}.step() comes before the "
                        "optimizer's step: the first learning rate is never used and "
                        "every later change comes one step early",
                    )


def _first(loop: Loop) -> Event | None:
    """The schedule's step that comes before any optimizer's step of a loop."""
    found: Event | None = None
    for at in walk(loop.body):
        event = at.event
        if event.kind == "schedule" and not at.loops and found is None:
            # By its name alone it may be a class of one's own.
            if event.known and event.bare and _always(at):
                found = event
        elif event.kind == "opaque":
            return None
        elif event.kind == "step" and _of(found, event):
            return found
    return None


def _of(schedule: Event | None, step: Event) -> bool:
    """Is a step of the schedule's optimizer, as far as one knows?"""
    if schedule is None or not isinstance(schedule.value, Layer) or not step.known:
        return True
    given = schedule.value.argument(0, "optimizer")
    known = [o.node for o in options_of(given) if isinstance(o, Layer)] if given else []
    return not known or step.key in known


def _always(at: Seen) -> bool:
    """Is it reached in every round, or in every training phase?"""
    for test in at.tests:
        words = (
            [n.value for n in ast.walk(test) if isinstance(n, ast.Constant)]
            if test
            else []
        )
        if not any(isinstance(w, str) and "train" in w.lower() for w in words):
            return False
    return True


def _stepped_before(seen: list[Seen]) -> set[Loop]:
    """Loops before which an optimizer has stepped, perhaps only to please PyTorch."""
    late: set[Loop] = set()
    first: int | None = None
    for number, at in enumerate(seen):
        if at.event.kind == "step":
            if first is None:
                first, loops = number, set(at.loops)
            continue
        if first is not None:
            late |= {loop for loop in at.loops if loop not in loops}
    return late
