"""DT107: raw scores into NLLLoss."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._library import CUTTING
from dovetail.doctor._pairing import pairs
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor


@final
class LogitsIntoNll(Rule):
    """NLLLoss is given raw scores, and wants log-probabilities.

    It returns minus the score of the true class. That has no lower bound, so the loss
    falls to minus infinity, and the other classes are never pushed down. A loss below
    zero is the sign. Ten digits, SGD with momentum, 200 steps: accuracy 0.089, that of
    guessing, instead of 0.909. With ``log`` of raw scores half of them are NaN.

    Take CrossEntropyLoss, or put log_softmax at the end of the network.

    Not seen: outputs that a branch decides on.
    """

    id: ClassVar = "logits-into-nll"
    code: ClassVar = "DT107"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Raw scores go into NLLLoss"
    title_zh: ClassVar = "NLLLoss 收到了原始得分"
    seen: ClassVar = "SR"
    fix: ClassVar = "take CrossEntropyLoss, or end the network in log_softmax"
    fix_zh: ClassVar = "改用 CrossEntropyLoss，或让网络以 log_softmax 结尾"
    bad: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

model = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = F.nll_loss(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

model = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = F.nll_loss(F.log_softmax(model(x), dim=1), y)
"""
    page_zh: ClassVar = """\
NLLLoss 要的是对数概率，收到的却是原始得分。

它返回真实类别得分的相反数。这没有下界，损失会跌向负无穷，而其他类别从不被压低。损失
小于零就是征兆。手写数字 10 类，带动量的 SGD，200 步：准确率 0.089，与瞎猜无异，应为
0.909。若对原始得分取对数，则一半左右是 NaN。

改用 CrossEntropyLoss，或让网络以 log_softmax 结尾。

查不到的情况：由分支决定的输出。
"""
    figures: ClassVar = {
        "digits.logits-into-nll.momentum.200.accuracy": "0.089",
        "digits.right.momentum.200.accuracy": "0.909",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for pair in pairs(project, ["nll"], _is_raw):
            use = pair.use
            if use.node in seen:
                continue
            seen.add(use.node)
            logged = pair.tensor.op == "log"
            what = "the log of raw scores" if logged else "raw scores"
            yield self.finding(
                use.source,
                use.node,
                f"{use.loss.name} wants log-probabilities, but gets {what}: "
                + ("NaN where a score is negative" if logged else "no lower bound"),
            )


def _is_raw(tensor: Tensor) -> bool:
    if tensor.op == "log" and isinstance(tensor.of, Tensor):
        return tensor.of.op in ("linear", "norm", "log_softmax")
    raw = tensor.op in ("linear", "norm", "leaky_relu") or tensor.op in CUTTING
    return raw and "model" in tensor.traits
