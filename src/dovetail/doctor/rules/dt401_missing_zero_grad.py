"""DT401 missing-zero-grad."""

import ast
from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._event_paths import Seen, loops_of, walk
from dovetail.doctor._events import Event, Loop
from dovetail.doctor._loops import Loops
from dovetail.doctor._project import Project


@final
class MissingZeroGrad(Rule):
    """The optimizer steps in a loop in which nothing ever clears the gradients.

    ``backward()`` *adds* to ``.grad``. Without ``zero_grad()`` in the loop, step t uses
    g_1 + ... + g_t: the gradients of all steps so far, the first as heavy as the last.
    That is momentum with coefficient 1, which never forgets: with a constant gradient
    the t-th step is t times as long, and near a minimum the weights swing with an
    amplitude that does not shrink. The loss falls at first, so the mistake looks like a
    learning rate that is too high. Clearing once before the loop does not help. Ten
    digits, 1000 steps: with momentum 0.9 accuracy 0.096 instead of 0.964; plain SGD is
    even ahead at step 200, and by step 1000 its loss has risen from 0.46 to 3.03.

    Not seen: a step outside any loop (one step for each call may be meant), an
    optimizer made by a function that cannot be read, loops in which something unknown
    is handed the optimizer or the model, and loops of Lightning, Hugging Face, skorch,
    fastai or ignite, which clear by themselves. Gradient accumulation, a clear at the
    end of the loop or in a helper, ``p.grad = None`` and closures are right.
    """

    id = "missing-zero-grad"
    code = "DT401"
    severity = Severity.ERROR
    title = "Gradients are never cleared in the loop that steps"
    title_zh = "循环里每步都更新参数，却从不清零梯度"
    seen = "S"
    fix = "call optimizer.zero_grad() before backward(), once for each step"
    fix_zh = "每一步在 backward() 之前调用一次 optimizer.zero_grad()"
    bad = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    loss = nn.functional.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
"""
    page_zh = """\
优化器在循环里每步都更新参数，而循环里没有任何地方清零梯度。

``backward()`` 是把梯度“加”到 ``.grad`` 上。循环里没有 ``zero_grad()`` 时，第 t 步
用的是 g_1 + ... + g_t，即此前所有步的梯度之和，第一步与最近一步同样重。这等于系数为
1、永不遗忘的动量：梯度不变时第 t 步的步长是应有的 t 倍；在极小点附近参数来回摆动，
幅度不减。损失起初仍会下降，所以看上去像是学习率太大。只在循环之前清零一次无济于事。
手写数字 10 类，1000 步：动量 0.9 时准确率 0.096，应为 0.964；普通 SGD 在第 200 步时
甚至领先，到第 1000 步损失已从 0.46 升到 3.03。

看不到的：不在循环里的更新（每次调用只走一步可能是有意的）、由读不到的函数创建的优化
器、把优化器或模型交给未知函数的循环，以及 Lightning、Hugging Face、skorch、fastai、
ignite 的循环（它们自己清零）。梯度累积、在循环末尾或辅助函数里清零、
``p.grad = None`` 以及闭包都是正确的写法。
"""
    figures: ClassVar = {
        "digits.uncleared.momentum.1000.accuracy": "0.096",
        "digits.right.momentum.1000.accuracy": "0.964",
        "digits.uncleared.sgd.200.loss": "0.46",
        "digits.uncleared.sgd.1000.loss": "3.03",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        loops = Loops.of(project)
        done: set[ast.AST] = set()
        for trace in loops.traces:
            if not {"step", "backward"} <= loops.kinds(trace):
                continue
            for loop, _ in loops_of(trace.body):
                for event in uncleared(loop):
                    if event.node not in done:
                        done.add(event.node)
                        yield self.finding(
                            event.source,
                            event.node,
                            f"{event.text or 'the optimizer'}.step() uses the sum of "
                            "the gradients of all rounds: nothing in the loop of line "
                            f"{loop.node.lineno} clears them",
                        )


def uncleared(loop: Loop) -> Iterator[Event]:
    """Steps of a loop itself (not of loops in it) whose gradients are never cleared."""
    seen = walk(loop.body)
    kinds = {s.event.kind for s in seen}
    if not {"step", "backward"} <= kinds or kinds & {"opaque", "fresh"}:
        return
    if any(s.event.kind == "backward" and s.event.framework for s in seen):
        return
    if runs_once(loop):
        return
    clears = [s.event for s in seen if s.event.kind == "clear"]
    for at in seen:
        event = at.event
        if event.kind != "step" or at.loops or not event.bare:
            continue
        if any(may_clear(clear, event) for clear in clears):
            continue
        if made_inside(loop, event) or comes_first(seen, event):
            continue
        yield event


def may_clear(clear: Event, step: Event) -> bool:
    """Could a clear be of this step's optimizer? No, if both are known and differ."""
    if clear.key is None or step.key is None:
        return True
    if clear.text and clear.text == step.text and clear.source is step.source:
        return True  # written alike: what was seen of the two may be of two rounds
    if clear.known and step.known:
        return clear.key is step.key
    if isinstance(clear.key, str) and isinstance(step.key, str):
        # A property often shows what is kept under the same name with a _ in front.
        return clear.key.replace("._", ".") == step.key.replace("._", ".")
    return True


def made_inside(loop: Loop, step: Event) -> bool:
    """Is the optimizer made in the loop, so that each round has new gradients?"""
    if isinstance(step.key, ast.AST):
        return any(node is step.key for node in ast.walk(loop.node))
    name = (step.text or "").partition(".")[0]
    return any(
        isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and node.id == name
        for node in ast.walk(loop.node)
    )


def comes_first(seen: list[Seen], step: Event) -> bool:
    """Is there no backward before the step? That is another mistake (DT403)."""
    for at in seen:
        if at.event is step:
            return True
        if at.event.kind == "backward":
            return False
    return True


def runs_once(loop: Loop) -> bool:
    """Does a loop end in its first round, whatever happens?"""
    node = loop.node
    if isinstance(node, ast.For | ast.AsyncFor | ast.While):
        return any(isinstance(s, ast.Break | ast.Return | ast.Raise) for s in node.body)
    return False
