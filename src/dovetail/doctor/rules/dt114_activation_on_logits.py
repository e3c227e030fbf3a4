"""DT114: ReLU, tanh ... between the last layer and a loss on raw scores."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import without_activation
from dovetail.doctor._library import CUTTING
from dovetail.doctor._pairing import pairs
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor

_LAYERS = ("linear", "norm")


@final
class ActivationOnLogits(Rule):
    """An activation after the last layer cuts the scores that a loss reads.

    After ReLU no score can be negative: a unit that is 0 gets no gradient, and when all
    are 0 the loss is log C for ever. tanh bounds the scores to (-1, 1), so with C
    classes the loss cannot fall below log(1 + (C-1) e^-2): 0.127 for two, 0.797 for
    ten. A sigmoid after a ReLU can say no probability below 0.5. Ten digits with a ReLU
    at the end, SGD with momentum, 200 steps: accuracy 0.581 instead of 0.909.

    Let the last layer be the last: activations belong between layers.

    Not seen: leaky ReLU, which loses nothing; losses of hinge type; a pooling after the
    activation, as in SqueezeNet, where it is meant.
    """

    id: ClassVar = "activation-on-logits"
    code: ClassVar = "DT114"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Activation after the last layer, then a loss on raw scores"
    title_zh: ClassVar = "最后一层之后还有激活函数，再进入基于得分的损失"
    seen: ClassVar = "SR"
    fix: ClassVar = "drop the activation after the last layer"
    fix_zh: ClassVar = "去掉最后一层之后的激活函数"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3), nn.ReLU())
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = nn.CrossEntropyLoss()(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = nn.CrossEntropyLoss()(model(x), y)
"""
    page_zh: ClassVar = """\
最后一层之后的激活函数截断了损失要读的得分。

ReLU 之后得分不可能为负：为 0 的单元得不到梯度，全为 0 时损失永远是 log C。tanh 把得
分限制在 (-1, 1)，C 类时损失低不过 log(1 + (C-1) e^-2)：两类 0.127，十类 0.797。ReLU
之后再做 sigmoid，则说不出低于 0.5 的概率。手写数字 10 类，末尾加 ReLU，带动量的 SGD，
200 步：准确率 0.581，应为 0.909。

让最后一层就是最后：激活函数应放在各层之间。

查不到的情况：leaky ReLU（不丢信息）；合页类损失；激活之后还有池化（如 SqueezeNet，
是有意为之）。
"""
    figures: ClassVar = {
        "tanh-logits.floor.2": "0.127",
        "tanh-logits.floor.10": "0.797",
        "digits.relu-logits.momentum.200.accuracy": "0.581",
        "digits.right.momentum.200.accuracy": "0.909",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        for pair in pairs(project, ["ce", "bce_logits"], _is_cut):
            yield from self._report(project, pair.tensor, pair.where())
        for pair in pairs(project, ["nll", "bce"], _is_cut_before):
            inner = pair.tensor.of
            assert isinstance(inner, Tensor)
            yield from self._report(project, inner, pair.where())

    def _report(
        self, project: Project, tensor: Tensor, where: str
    ) -> Iterator[Finding]:
        if tensor.source is None or tensor.node is None:
            return
        yield self.finding(
            tensor.source,
            tensor.node,
            f"{tensor.op} after the last layer, then {where}: {CUTTING[tensor.op]}",
            **without_activation(project, tensor.source, tensor),
        )


def _is_cut(tensor: Tensor) -> bool:
    of = tensor.of
    layer = isinstance(of, Tensor) and of.op in _LAYERS
    return (tensor.op in CUTTING and layer and tensor.width != 1) or (
        tensor.op in CUTTING and layer
    )


def _is_cut_before(tensor: Tensor) -> bool:
    """relu, then log_softmax or sigmoid, then the loss."""
    of = tensor.of
    if tensor.op not in ("log_softmax", "sigmoid") or not isinstance(of, Tensor):
        return False
    return of.op in ("relu", "relu6") and _is_cut(of)
