"""DT607 cell-accuracy-for-multi-label."""

from typing import ClassVar, final

from dovetail.doctor._base import Rule, Severity


@final
class CellAccuracyForMultiLabel(Rule):
    """The metric counts cells of a table of labels, nearly all of which are 0.

    With 478 labels of which 3 are true in a row, predicting no label at all is right in
    1 - 3/478 = 99.4 % of the cells. A model may stay at that figure while it learns
    nothing, or fall below it while it learns to find labels. F1, average precision and
    subset accuracy give 0 for predicting nothing.

    ``diagnose(..., metric=accuracy)`` calls the metric with scores that say no
    everywhere: if it answers with the share of zeros, and that is 0.9 or more, it
    counts cells.

    Not seen: a metric that is not given to ``diagnose``.
    """

    id = "cell-accuracy-for-multi-label"
    code = "DT607"
    severity = Severity.HINT
    title = "Accuracy is counted per cell, and predicting nothing scores near it"
    title_zh = "按格子计算准确率，什么都不预测也能得高分"
    seen = "R"
    fix = (
        "report F1, average precision or subset accuracy, with the score of "
        "predicting nothing beside it"
    )
    fix_zh = "报告 F1、平均精度或子集准确率，旁边写上“什么都不预测”的得分"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)


def accuracy(scores, target):
    return ((scores > 0) == target.bool()).float().mean()


model = nn.Linear(4, 40)
x, y = torch.randn(16, 4), torch.zeros(16, 40)
y[torch.arange(16), torch.arange(16)] = 1.0
loss = nn.BCEWithLogitsLoss()
found = dovetail.diagnose(model, loss, (x, y), metric=accuracy)
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)


def micro_f1(scores, target):
    said = (scores > 0).float()
    right = (said * target).sum()
    return 2 * right / (said.sum() + target.sum())


model = nn.Linear(4, 40)
x, y = torch.randn(16, 4), torch.zeros(16, 40)
y[torch.arange(16), torch.arange(16)] = 1.0
loss = nn.BCEWithLogitsLoss()
found = dovetail.diagnose(model, loss, (x, y), metric=micro_f1)
"""
    page_zh = """\
指标数的是标签表里的格子，而几乎所有格子都是 0。

478 个标签、每行 3 个为真时，一个标签也不预测，在 1 - 3/478 = 99.4% 的格子上都是对的。
模型可能什么也没学就停在这个数字上，也可能在学会找标签的同时反而低于它。F1、平均精度
和子集准确率对“什么都不预测”给出 0。

``diagnose(..., metric=accuracy)`` 用处处说“否”的得分去调用指标：如果答案等于零的
比例，而且不低于 0.9，那么它数的就是格子。

看不到的：没有交给 ``diagnose`` 的指标。
"""
    figures: ClassVar = {
        "478-labels.accuracy-of-none-percent": "99.4",
    }
