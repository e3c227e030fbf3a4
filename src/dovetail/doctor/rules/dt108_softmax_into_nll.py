"""DT108: probabilities into NLLLoss."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import as_log_softmax
from dovetail.doctor._pairing import SOFTMAX, pairs
from dovetail.doctor._project import Project


@final
class SoftmaxIntoNll(Rule):
    """NLLLoss is given probabilities, and wants their logarithms.

    The loss is then -p(true class), between -1 and 0, with the gradient -p_y (e_y - p):
    the factor 1/p_y of the log-likelihood is missing. A confidently wrong example of
    ten classes (margin 12) gets 8.7e-6 of gradient instead of 1.41, so it is never
    corrected, and the probabilities mean nothing, since the rule is not a proper score.
    Ten digits, SGD with momentum, 200 steps: accuracy 0.260 instead of 0.909.

    Take log_softmax in place of softmax, or raw scores and CrossEntropyLoss.

    skorch's NeuralNetClassifier takes the logarithm itself: there NLLLoss wants
    probabilities, and nothing is reported.

    Not seen: outputs that a branch decides on.
    """

    id: ClassVar = "softmax-into-nll"
    code: ClassVar = "DT108"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Probabilities go into NLLLoss"
    title_zh: ClassVar = "NLLLoss 收到了概率而不是对数概率"
    seen: ClassVar = "SR"
    fix: ClassVar = "take log_softmax in place of softmax"
    fix_zh: ClassVar = "用 log_softmax 代替 softmax"
    bad: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

model = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = nn.NLLLoss()(F.softmax(model(x), dim=1), y)
"""
    good: ClassVar = """\
import torch
from torch import nn
import torch.nn.functional as F

model = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = nn.NLLLoss()(F.log_softmax(model(x), dim=1), y)
"""
    page_zh: ClassVar = """\
NLLLoss 要的是对数概率，收到的却是概率。

损失于是成了 -p(真实类别)，在 -1 与 0 之间，梯度为 -p_y (e_y - p)：缺了对数似然的因
子 1/p_y。把握十足却错了的样本（间隔 12）只得到 8.7e-6 的梯度，而不是 1.41，因此永远
改不过来；这也不是恰当的评分规则，得到的概率没有意义。手写数字 10 类，带动量的 SGD，
200 步：准确率 0.260，应为 0.909。

把 softmax 换成 log_softmax，或用原始得分加 CrossEntropyLoss。

skorch 的 NeuralNetClassifier 会自己取对数：在那里 NLLLoss 要的正是概率，不作报告。

查不到的情况：由分支决定的输出。
"""
    figures: ClassVar = {
        "wrong-row.softmax-into-nll.margin-12": "8.7e-6",
        "wrong-row.logits.margin-12": "1.41",
        "digits.softmax-into-nll.momentum.200.accuracy": "0.260",
        "digits.right.momentum.200.accuracy": "0.909",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        holds = lambda t: t.op in SOFTMAX or t.op == "sigmoid"  # noqa: E731
        for pair in pairs(project, ["nll"], holds):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            yield self.finding(
                source,
                tensor.node,
                f"{tensor.op} output goes into {pair.where()}, which wants "
                "log-probabilities: the loss is -p, and wrong examples get no gradient",
                **as_log_softmax(project, source, tensor),
            )
