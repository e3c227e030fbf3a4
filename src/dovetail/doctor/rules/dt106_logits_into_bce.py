"""DT106: raw scores into BCELoss."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._library import CUTTING
from dovetail.doctor._pairing import pairs
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor

_NOT_PROBABILITIES = {"linear", "norm", "log_softmax", "logsigmoid", "leaky_relu"}


@final
class LogitsIntoBce(Rule):
    """Binary cross-entropy is given raw scores, and wants probabilities.

    The loss is -y log p - (1-y) log(1-p), which is not defined outside [0, 1]. On the
    CPU torch raises "all elements of input should be between 0 and 1"; on a GPU a
    device-side assert kills the whole CUDA context, far from the cause, at the first
    batch with a score outside.

    Take BCEWithLogitsLoss (exact also where the sigmoid saturates), or add a sigmoid.

    Not seen: scores that were clamped or rescaled on the way; those may be right.
    """

    id: ClassVar = "logits-into-bce"
    code: ClassVar = "DT106"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Raw scores go into BCELoss"
    title_zh: ClassVar = "BCELoss 收到了原始得分"
    seen: ClassVar = "SR"
    fix: ClassVar = "take BCEWithLogitsLoss, which wants raw scores"
    fix_zh: ClassVar = "改用 BCEWithLogitsLoss，它要的正是原始得分"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCELoss()
x, y = torch.randn(8, 4), torch.rand(8, 1).round()
loss = criterion(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
x, y = torch.randn(8, 4), torch.rand(8, 1).round()
loss = criterion(model(x), y)
"""
    page_zh: ClassVar = """\
二元交叉熵 BCELoss 要的是概率，收到的却是原始得分。

损失是 -y log p - (1-y) log(1-p)，在 [0, 1] 之外没有定义。在 CPU 上 torch 会报"all
elements of input should be between 0 and 1"；在 GPU 上则是 device-side assert，整个
CUDA 上下文作废，报错处离原因很远，而且要到第一个超出范围的批次才发生。

改用 BCEWithLogitsLoss（sigmoid 饱和时也精确），或加上 sigmoid。

查不到的情况：中途截断或缩放过的得分；那可能是对的。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        for pair in pairs(project, ["bce"], _is_raw):
            use = pair.use
            if use.node in seen:
                continue
            seen.add(use.node)
            what = "raw scores" if pair.tensor.op == "linear" else pair.tensor.op
            yield self.finding(
                use.source,
                use.node,
                f"{use.loss.name} wants probabilities in [0, 1], but gets the output "
                f"of {'a layer without sigmoid' if what == 'raw scores' else what}",
            )


def _is_raw(tensor: Tensor) -> bool:
    raw = tensor.op in _NOT_PROBABILITIES or tensor.op in CUTTING
    return raw and "model" in tensor.traits
