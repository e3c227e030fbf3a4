"""DT206 labels-start-at-one."""

from typing import final

from dovetail.doctor._base import Rule, Severity


@final
class LabelsStartAtOne(Rule):
    """The least label is 1 and the greatest is the number of classes.

    Files often count classes from 1; PyTorch counts from 0. Label C then has no score:
    an IndexError on the CPU, a device-side assert on a GPU. Who gives the last layer
    one more output silences the error and keeps a class that never occurs: at the start
    it takes 1/(C+1) of the probability of every row, and the number of every class in a
    report is off by one. For a yes/no target coded 1 and 2, BCEWithLogitsLoss does not
    even complain: it is given y = 2, for which its loss has no lower bound.

    Not seen: labels 1 to C under a head of C+1 outputs, since a class 0 may be missing
    from one batch or be a background class.
    """

    id = "labels-start-at-one"
    code = "DT206"
    severity = Severity.ERROR
    title = "Labels run from 1 to C instead of 0 to C-1"
    title_zh = "标签从 1 数到 C，而不是从 0 到 C-1"
    seen = "R"
    fix = "subtract 1 from the labels"
    fix_zh = "把标签减 1"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
x = torch.randn(6, 4)
y = torch.tensor([1, 2, 3, 1, 2, 3])
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y))
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
x = torch.randn(6, 4)
y = torch.tensor([1, 2, 3, 1, 2, 3]) - 1
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y))
"""
    page_zh = """\
标签的最小值是 1，最大值等于类别数。

数据文件常从 1 开始数类别，PyTorch 从 0 开始。于是标签 C 没有对应的得分：CPU 上是
IndexError，GPU 上是 device-side assert。如果给最后一层多加一个输出，报错就消失了，
却留下一个从不出现的类别：一开始它占去每一行 1/(C+1) 的概率，报告里每个类别的编号也
都差一。编码为 1 和 2 的是/否目标，BCEWithLogitsLoss 甚至不报错：它得到 y = 2，此时
损失没有下界。

看不到的：C+1 个输出配标签 1 到 C，因为类别 0 可能只是不在这个批次里，或者是背景类。
"""
