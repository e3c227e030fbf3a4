"""DT406 missing-train-mode."""

from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._loops import Loops
from dovetail.doctor._modes import left_in_eval_mode
from dovetail.doctor._project import Project


@final
class MissingTrainMode(Rule):
    """After the first evaluation the network is trained in evaluation mode.

    ``eval()`` lasts until ``train()`` is called. In a loop that trains and then
    evaluates, every epoch but the first therefore trains without dropout, and with
    batch norm frozen at the statistics of the first epoch: less regularisation than the
    code says, and a network whose normalisation never follows its weights.

    Not seen: networks whose layers cannot be read, loops in code that cannot be read.
    ``eval()`` *before* the training part of a loop is taken to be meant (frozen batch
    norm), as is ``eval()`` of a part of the network.
    """

    id = "missing-train-mode"
    code = "DT406"
    severity = Severity.WARNING
    title = "Never back to train() after eval()"
    title_zh = "eval() 之后没有再调用 train()"
    seen = "SR"
    fix = "call model.train() at the start of each epoch"
    fix_zh = "在每个 epoch 开头调用 model.train()"
    bad = """\
import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(5):
    for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
        opt.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(net(torch.rand(2, 3)))
"""
    good = """\
import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 8), nn.Dropout(0.5), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(5):
    net.train()
    for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
        opt.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        opt.step()
    net.eval()
    with torch.no_grad():
        print(net(torch.rand(2, 3)))
"""
    page_zh = """\
第一次评估之后，网络一直在评估模式下训练。

``eval()`` 一直有效，直到调用 ``train()``。在先训练后评估的循环里，除第一个 epoch 外，
每个 epoch 都不带 dropout，批归一化也冻结在第一个 epoch 的统计量上：正则化比代码所写
的弱，归一化也不再跟随权重。

看不到的：读不到层的网络、读不到的代码里的循环。在循环的训练部分“之前”调用
``eval()`` 视为有意（冻结批归一化），只对网络一部分调用 ``eval()`` 也是。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in left_in_eval_mode(Loops.of(project)):
            line = wrong.loop.node.lineno if wrong.loop else 0
            yield self.finding(
                wrong.event.source,
                wrong.event.node,
                "from the second round on, the network is trained in evaluation mode: "
                f"nothing in the loop of line {line} calls train()",
            )
