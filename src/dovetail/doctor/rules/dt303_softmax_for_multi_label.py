"""DT303: softmax at prediction where each label is a question of its own."""

import ast
from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._facts import Operation
from dovetail.doctor._multilabel import (
    multi_label_scores,
    one_hot_scores,
    softmaxes_decided,
)
from dovetail.doctor._pairing import scored_by
from dovetail.doctor._project import Project
from dovetail.doctor._values import Tensor, options_of


@final
class SoftmaxForMultiLabel(Rule):
    """Softmax turns the scores of labels into shares of 1, though several may be true.

    The loss learnt one sigmoid for each label. After a softmax two true labels can
    never both pass 0.5, and a row without any label still gets a total of 1. Measured
    on 20 labels: micro F1 0.224 instead of 0.633.

    Take the sigmoid: probs = scores.sigmoid().

    Reported where the same scores go into a binary cross-entropy. If only the largest
    share is taken, the softmax does no harm, and nothing is said unless the targets are
    seen to be several labels; nor if they are one-hot. Not seen: scores that a branch
    decides on.
    """

    id: ClassVar = "softmax-for-multi-label"
    code: ClassVar = "DT303"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Softmax at prediction under a loss with a sigmoid for each label"
    title_zh: ClassVar = "多标签问题在预测时用了 softmax"
    seen: ClassVar = "SR"
    fix: ClassVar = "take the sigmoid of each score"
    fix_zh: ClassVar = "对每个得分做 sigmoid"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 5)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8, 5)).float()
loss = nn.BCEWithLogitsLoss()(model(x), y)
predicted = torch.softmax(model(x), dim=1) > 0.5
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Linear(4, 5)
x, y = torch.randn(8, 4), torch.randint(0, 2, (8, 5)).float()
loss = nn.BCEWithLogitsLoss()(model(x), y)
predicted = torch.sigmoid(model(x)) > 0.5
"""
    page_zh: ClassVar = """\
softmax 把各标签的得分变成总和为 1 的份额，而为真的标签可以有好几个。

损失为每个标签学了一个 sigmoid。做了 softmax 之后，两个为真的标签不可能都超过 0.5；
一个标签也没有的行，总和仍是 1。20 个标签上实测：micro F1 为 0.224，应为 0.633。

请用 sigmoid：probs = scores.sigmoid()。

只在同样的得分进入二元交叉熵时报告。若只取最大的份额，softmax 无害，除非看得出目标是
多个标签，否则不作报告；目标是 one-hot 时也不报告。查不到的情况：由分支决定的得分。
"""
    figures: ClassVar = {
        "labels.decided.softmax-over-half.micro-f1": "0.224",
        "labels.right.micro-f1": "0.633",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        labels = multi_label_scores(project)
        binary = scored_by(project, ["bce_logits"])
        single = scored_by(project, ["ce"])
        decided = softmaxes_decided(project, "threshold")
        ranked = softmaxes_decided(project, "argmax") | softmaxes_decided(
            project, "topk"
        )
        one_hot = one_hot_scores(project)
        seen = set()
        for operation in project.facts.operations:
            tensor, of = operation.tensor, operation.tensor.of
            if tensor.op != "softmax" or not isinstance(of, Tensor):
                continue
            if of.op != "linear" or tensor.width == 1:
                continue
            if of.node in single and not _only_labels_here(project, operation):
                continue
            told = (
                of.node in labels
                or tensor.node in decided
                or not (tensor.node in ranked or of.node in one_hot)
            )
            told = told and (of.node in labels or of.node in binary)
            if not told or operation.node in seen:
                continue
            seen.add(operation.node)
            use = labels.get(of.node) or binary[of.node]
            yield self.finding(
                operation.source,
                operation.node,
                f"softmax of scores that go into {use.loss.name}, which has a sigmoid "
                "for each label: two true labels can never both pass 0.5",
            )


def _only_labels_here(project: Project, operation: Operation) -> bool:
    """Is each loss of the function that takes the softmax one of labels?

    A base class may score single labels with a network, a class made from it several.
    """
    function, of = operation.function, operation.tensor.of
    inside = set() if function is None else set(ast.walk(function))
    met = {
        use.loss.family
        for use in project.facts.losses
        if use.node in inside and of in options_of(use.prediction)
    }
    return met == {"bce_logits"}
