"""DT405 missing-eval-mode."""

from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._loops import Loops
from dovetail.doctor._modes import evaluated_in_training_mode
from dovetail.doctor._project import Project


@final
class MissingEvalMode(Rule):
    """A network with dropout or batch norm is evaluated in training mode.

    Dropout then drops units of the rows that are judged, and batch norm uses the
    statistics of the batch: a row's output depends on its neighbours, a batch of one
    raises, and the running statistics are updated with test rows, which is a leak.
    ``torch.no_grad()`` does not change the mode. Measured with a ResNet-18 on
    CIFAR-10: 69.8 % instead of 71.9 %; and the same 16 images changed 31 % of their
    predictions with other neighbours in the batch (untrained net).

    Reported where the network is seen to hold such a layer, was trained before on the
    same way through the program, and is then run under ``no_grad`` in a loop of its own
    (or on rows called val, valid, test, dev or eval) with no ``eval()`` in between.

    Not seen: networks whose layers cannot be read, an ``eval()`` in code that cannot be
    read. ``train(False)`` is ``eval()``; ``train()`` straight before the evaluation
    is meant (Monte Carlo dropout) and not reported.
    """

    id = "missing-eval-mode"
    code = "DT405"
    severity = Severity.WARNING
    title = "Dropout or batch norm in training mode while evaluating"
    title_zh = "评估时 dropout 或批归一化仍处于训练模式"
    seen = "SR"
    fix = "call model.eval() before evaluating, and model.train() before training again"
    bad = """\
import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
with torch.no_grad():
    for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 2:
        print(nn.functional.mse_loss(net(x), y).item())
"""
    good = """\
import torch
from torch import nn

net = nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    nn.functional.mse_loss(net(x), y).backward()
    opt.step()
net.eval()
with torch.no_grad():
    for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 2:
        print(nn.functional.mse_loss(net(x), y).item())
"""
    page_zh = """带 dropout 或批归一化的网络在训练模式下被评估。

    此时 dropout 会丢掉被评判样本的单元，批归一化用的是当前这批的统计量：一行的输出取决
    于同批的其他行，批大小为 1 时报错，而且运行统计量会被测试数据更新，即泄漏。
    ``torch.no_grad()`` 不改变模式。CIFAR-10 上 ResNet-18 的实测：69.8 % 而不是 71.9 %；
    同样 16 张图换了同批的其他图，31 % 的预测会变（未训练的网络）。

    报告的条件：看得到网络含有这类层，在同一条执行路径上先训练过，随后在 ``no_grad``
    下、在单独的循环里（或对名为 val、valid、test、dev、eval 的数据）运行，其间没有
    ``eval()``。

    看不到的：读不到层的网络、读不到的代码里的 ``eval()``。``train(False)`` 就是
    ``eval()``；评估前特意调用 ``train()`` 是有意为之（蒙特卡罗 dropout），不报告。
    """

    def check(self, project: Project) -> Iterator[Finding]:
        for wrong in evaluated_in_training_mode(Loops.of(project)):
            yield self.finding(
                wrong.event.source,
                wrong.event.node,
                "a network with dropout or batch norm is evaluated in training mode: "
                "eval() is not called before",
            )
