"""DT113: softmax or cross-entropy over a single unit."""

import ast
from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._facts import Operation
from dovetail.doctor._pairing import SOFTMAX, pairs, surely
from dovetail.doctor._project import Project
from dovetail.doctor._tensor_shapes import is_scores_axis
from dovetail.doctor._values import Tensor, Union


@final
class SingleOutputSoftmax(Rule):
    """Softmax, or cross-entropy, over one unit.

    The softmax of one number is 1, whatever the number; cross-entropy over one class is
    0, and the gradient is 0. Nothing trains, and every prediction is 1.

    For two classes take one raw score with BCEWithLogitsLoss, or two raw scores with
    CrossEntropyLoss. For a number to predict drop the softmax.

    Not seen: widths that are known only when the program runs.
    """

    id: ClassVar = "single-output-softmax"
    code: ClassVar = "DT113"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Softmax or cross-entropy over one unit is constant"
    title_zh: ClassVar = "对单个输出做 softmax 或交叉熵，结果恒定"
    seen: ClassVar = "SR"
    fix: ClassVar = "take BCEWithLogitsLoss for one unit, or as many units as classes"
    fix_zh: ClassVar = "单个输出用 BCEWithLogitsLoss，或让输出个数等于类别数"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 1)
x, y = torch.randn(8, 4), torch.zeros(8, dtype=torch.long)
loss = nn.CrossEntropyLoss()(model(x), y)
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 1)
x, y = torch.randn(8, 4), torch.zeros(8, 1)
loss = nn.BCEWithLogitsLoss()(model(x), y)
"""
    page_zh: ClassVar = """\
对单个输出做 softmax 或交叉熵。

一个数的 softmax 不论多大都是 1；只有一类的交叉熵是 0，梯度也是 0。什么都学不到，每
个预测都是 1。

两类问题用一个原始得分加 BCEWithLogitsLoss，或两个原始得分加 CrossEntropyLoss。要预
测数值就去掉 softmax。

查不到的情况：运行时才知道的输出个数。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        seen = set()
        # Code that many networks share: which of them meets it is chosen elsewhere.
        shared = {
            operation.node
            for operation in project.facts.operations
            if operation.tensor.width not in (None, 1)
        }
        for operation in project.facts.operations:
            tensor = operation.tensor
            if operation.node in shared:
                continue
            if tensor.op not in ("softmax", "log_softmax") or tensor.width != 1:
                continue
            dim = tensor.dim
            if dim is None and tensor.rank == 2 and _is_implicit(operation):
                dim = 1
            if dim is None or operation.node in seen or not operation.sure:
                continue
            if not isinstance(tensor.of, Tensor) or tensor.of.op != "linear":
                continue
            if is_scores_axis(tensor, dim) and "model" in tensor.traits:
                seen.add(operation.node)
                yield self.finding(
                    operation.source,
                    operation.node,
                    f"{tensor.op} over a single unit is constant: nothing trains",
                )
        families = ["ce", "nll", "bce", "bce_logits", "regression"]
        for pair in pairs(project, families, _is_single):
            at, source = pair.tensor.node, pair.tensor.source
            if at is None or source is None or at in seen or at in shared:
                continue
            seen.add(at)
            yield self.finding(
                source, at, "softmax over a single unit is constant: nothing trains"
            )
        for use in project.facts.uses_of(["ce"]):
            if isinstance(use.prediction, Union):
                continue  # another network may be meant for this loss
            found = surely(use.prediction, _is_one_score)
            known = use.node in seen or (found and found[0].node in seen)
            if found and use.sure and not known:
                seen.add(use.node)
                yield self.finding(
                    use.source,
                    use.node,
                    f"{use.loss.name} over a single unit is always 0: nothing trains",
                )


def _is_implicit(operation: Operation) -> bool:
    """``nn.Softmax()`` and ``F.softmax(x)``: for two axes the old rule takes dim 1."""
    match operation.node:
        case ast.Call(func=ast.Attribute(attr=name), args=args, keywords=[]):
            layer = name in ("Softmax", "LogSoftmax") and not args
            return layer or (name in ("softmax", "log_softmax") and len(args) == 1)
    return False


def _is_single(tensor: Tensor) -> bool:
    """(n, 1), whose rank is not known, but which is a prediction."""
    softmax = tensor.op in SOFTMAX or tensor.op == "log_softmax"
    return (
        softmax and tensor.width == 1 and tensor.dim == 1 and tensor.rank in (None, 2)
    )


def _is_one_score(tensor: Tensor) -> bool:
    if tensor.width != 1 or "model" not in tensor.traits:
        return False
    if tensor.op not in ("linear", "sigmoid", "norm"):
        return False
    return tensor.axis == 1 or tensor.rank in (None, 2)
