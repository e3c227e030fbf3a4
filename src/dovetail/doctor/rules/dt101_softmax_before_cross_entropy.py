"""DT101: softmax output into cross-entropy."""

from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import without_activation
from dovetail.doctor._pairing import SOFTMAX, floor, pairs
from dovetail.doctor._project import Project


@final
class SoftmaxBeforeCrossEntropy(Rule):
    """Cross-entropy is given probabilities, but applies log-softmax itself.

    Softmax then runs twice. The scores lie in [0, 1] and add to 1, so the loss stays
    between log(1 + (C-1)/e) and log(e + C - 1), a band exactly 1 wide: it can never
    fall below log(e + C - 1) - 1, which is 0.313 for 2 classes, 1.461 for 10 and 5.909
    for 1000. At the start the gradient is C times too small, and of ten classes a
    confidently wrong example (margin 12) gets 1.6e-5 of gradient instead of 1.41: it
    cannot be unlearnt. Training still runs, so the mistake shows only as a loss that
    sticks and, with many classes or plain SGD, as a poor score: ten digits, SGD with
    momentum, 200 steps: accuracy 0.279 instead of 0.909.

    Return raw scores from the network. Take the softmax where probabilities are shown.

    Not seen: networks and losses that are joined by name only (a string in a
    configuration), and outputs that a branch decides on.
    """

    id: ClassVar = "softmax-before-cross-entropy"
    code: ClassVar = "DT101"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Softmax output goes into cross-entropy"
    title_zh: ClassVar = "交叉熵的输入已经过 softmax"
    seen: ClassVar = "SR"
    fix: ClassVar = "give the loss raw scores; take softmax only to show probabilities"
    fix_zh: ClassVar = "把原始得分交给损失；只在显示概率时做 softmax"
    bad: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3), nn.Softmax(dim=1))
criterion = nn.CrossEntropyLoss()
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = criterion(model(x), y)
loss.backward()
"""
    good: ClassVar = """\
import torch
from torch import nn

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
criterion = nn.CrossEntropyLoss()
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
loss = criterion(model(x), y)
loss.backward()
probs = model(x).softmax(dim=1)
"""
    page_zh: ClassVar = """\
交叉熵损失内部会自己做 log-softmax，但这里给它的已经是概率。

于是 softmax 做了两次。得分落在 [0, 1] 且和为 1，损失只能在 log(1 + (C-1)/e) 与
log(e + C - 1) 之间变动，永远低不过 log(e + C - 1) - 1：2 类为 0.313，10 类为 1.461，
1000 类为 5.909。训练开始时梯度只有应有的 1/C；十类时，把握十足却错了的样本（间隔 12）
只得到 1.6e-5 的梯度，而不是 1.41，因此再也学不回来。程序照常运行，毛病只表现为损失
降不下去；类别多或用普通 SGD 时准确率也很差：手写数字 10 类，带动量的 SGD，200 步，
准确率是 0.279 而不是 0.909。

让网络返回原始得分，只在要显示概率的地方做 softmax。

查不到的情况：网络和损失只靠配置里的字符串联系起来，或输出由某个分支决定。
"""
    figures: ClassVar = {
        "softmax-twice.floor.2": "0.313",
        "softmax-twice.floor.10": "1.461",
        "softmax-twice.floor.1000": "5.909",
        "wrong-row.softmax-twice.margin-12": "1.6e-5",
        "wrong-row.logits.margin-12": "1.41",
        "digits.softmax-twice.momentum.200.accuracy": "0.279",
        "digits.right.momentum.200.accuracy": "0.909",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        for pair in pairs(project, ["ce"], lambda t: t.op in SOFTMAX and t.width != 1):
            tensor, source = pair.tensor, pair.tensor.source
            if source is None or tensor.node is None:
                continue
            yield self.finding(
                source,
                tensor.node,
                f"softmax output goes into {pair.where()}, which applies log-softmax "
                f"itself: {floor(tensor.width)}",
                **without_activation(project, source, tensor),
            )
