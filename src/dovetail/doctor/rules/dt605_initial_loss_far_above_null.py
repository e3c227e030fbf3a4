"""DT605 initial-loss-far-above-null."""

from typing import ClassVar, final

from dovetail.doctor._base import Rule, Severity


@final
class InitialLossFarAboveNull(Rule):
    """A model that knows nothing would do much better.

    The best constant has a loss that can be computed from the targets: for squared
    error the variance, for absolute error the mean distance from the median. A blind
    guess costs log C with C classes and log 2 for each yes/no. A loss of four times
    that and more says that the scale is off: inputs of 0 to 255, a numeric target with
    mean 152 and spread 77 under a head that starts near 0 (mean squared error 152^2 +
    77^2 = 29,033 against 5,929), or labels coded otherwise than the loss takes them.
    The first steps are then spent on the level, and with SGD they often end in nan.

    Never a finding: a plain random head alone, whose even scores give log C or log 2,
    however rare the classes are (478 labels with 3 true ones: 0.693 against 0.038 at
    best); losses with class weights; sums.

    Not seen: a loss that is as low as it should be for the wrong reason.
    """

    id = "initial-loss-far-above-null"
    code = "DT605"
    severity = Severity.HINT
    title = "The loss is several times that of the best constant"
    title_zh = "损失是最佳常数预测的好几倍"
    seen = "R"
    fix = (
        "scale the inputs, standardise a numeric target, or start the head's bias "
        "at the best constant"
    )
    fix_zh = "缩放输入、标准化数值目标，或让输出层的偏置从最佳常数开始"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 1)
x, y = torch.randn(64, 4), 152 + 77 * torch.randn(64, 1)
found = dovetail.diagnose(model, nn.MSELoss(), (x, y))
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 1)
x, y = torch.randn(64, 4), 152 + 77 * torch.randn(64, 1)
y = (y - y.mean()) / y.std()
found = dovetail.diagnose(model, nn.MSELoss(), (x, y))
"""
    page_zh = """\
一个什么都不懂的模型也会好得多。

最佳常数的损失可以直接由目标算出：平方误差是方差，绝对误差是到中位数的平均距离。盲猜
的代价是：C 个类别为 log C，每个是/否为 log 2。损失达到它的四倍以上，说明尺度不对：
输入是 0 到 255；数值目标均值 152、离散程度 77，而输出层从 0 附近开始（均方误差
152^2 + 77^2 = 29,033，对比 5,929）；或者标签的编码与损失所需不符。最初的许多步只是
在找水平，用 SGD 时常以 nan 告终。

绝不报告：仅仅是随机初始化的输出层，它均匀的得分给出 log C 或 log 2，不管类别多么稀
少（478 个标签、3 个为真：0.693，最好可达 0.038）；带类别权重的损失；求和的损失。

看不到的：因错误的原因而恰好不高的损失。
"""
    figures: ClassVar = {
        "scale.loss-at-zero": "29,033",
        "scale.loss-of-the-mean": "5,929",
        "478-labels.first-loss": "0.693",
        "478-labels.first-loss-with-bias": "0.038",
    }
