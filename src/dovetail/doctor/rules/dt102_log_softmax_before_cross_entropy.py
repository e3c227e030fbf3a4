"""DT102: log-softmax output into cross-entropy."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import without_activation
from dovetail.doctor._pairing import SOFTMAX, pairs
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor


@final
class LogSoftmaxBeforeCrossEntropy(Rule):
    """Cross-entropy takes the log-softmax of log-probabilities a second time.

    log-softmax of a log-softmax is the same: log sum exp of log-probabilities is 0. So
    value and gradient are unchanged (the difference is 0 to the last bits), and only
    work is wasted. The name misleads a reader, though, and a later change to softmax
    would be a real mistake (DT101).

    Return raw scores, or keep the log-softmax and take NLLLoss.

    Not seen: what a branch decides on.
    """

    id: ClassVar = "log-softmax-before-cross-entropy"
    code: ClassVar = "DT102"
    severity: ClassVar = Severity.HINT
    title: ClassVar = "Log-softmax twice: harmless, but wasted"
    title_zh: ClassVar = "log-softmax 做了两次：无害但多余"
    seen: ClassVar = "SR"
    fix: ClassVar = "drop the log-softmax, or take NLLLoss"
    fix_zh: ClassVar = "去掉 log-softmax，或改用 NLLLoss"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = nn.CrossEntropyLoss()(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = nn.NLLLoss()(model(x), y)
"""
    page_zh: ClassVar = """\
交叉熵损失对已经是对数概率的输出又做了一次 log-softmax。

对 log-softmax 再做 log-softmax 结果不变：对数概率的 log sum exp 等于 0。所以损失值
和梯度都不变，只是白算一遍。但名字会误导读者，而且以后若改成 softmax 就成了真正的错
误（DT101）。

让网络返回原始得分，或保留 log-softmax 并改用 NLLLoss。

查不到的情况：由分支决定的输出。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        for pair in pairs(project, ["ce"], _is_log_softmax):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            yield self.finding(
                source,
                tensor.node,
                f"log-softmax output goes into {pair.where()}, which takes it again: "
                "same value, wasted work",
                **without_activation(project, source, tensor),
            )


def _is_log_softmax(tensor: Tensor) -> bool:
    of = tensor.of
    logged = tensor.op == "log" and isinstance(of, Tensor) and of.op in SOFTMAX
    return tensor.op == "log_softmax" or logged
