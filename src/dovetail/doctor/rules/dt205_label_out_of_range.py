"""DT205 label-out-of-range."""

from typing import final

from dovetail.doctor._base import Rule, Severity


@final
class LabelOutOfRange(Rule):
    """A class number is negative, or as large as the number of scores, or larger.

    Cross-entropy picks the score of the true class by its number: C scores take the
    labels 0 to C-1. On the CPU another number is an IndexError. On a GPU it is a
    device-side assert, which is reported at some later line and after which the process
    can compute nothing more. ``diagnose`` looks before it computes. Masks whose 255
    means "no class" are the usual case; ``ignore_index=255`` leaves those pixels out,
    and numbers equal to it are no finding. For binary and multi-label losses the same
    holds of targets outside [0, 1], which BCEWithLogitsLoss accepts in silence: with y
    = 2 the loss is log(1 + e^z) - 2z, falls without bound, and the score runs off to
    infinity.

    Not seen: a label that is in range and wrong; labels of other batches than this one.
    """

    id = "label-out-of-range"
    code = "DT205"
    severity = Severity.ERROR
    title = "A label is outside the classes the model has scores for"
    title_zh = "标签超出了模型有得分的类别范围"
    seen = "R"
    fix = (
        "number the classes from 0 and give the last layer one output for each; "
        "mark 'no class' with ignore_index"
    )
    fix_zh = "从 0 开始给类别编号，最后一层每类一个输出；“无类别”用 ignore_index 标出"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
x = torch.randn(8, 4)
y = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])  # four classes, three scores
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y))
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 4)
x = torch.randn(8, 4)
y = torch.tensor([0, 1, 2, 3, 0, 1, 2, 3])
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y))
"""
    page_zh = """\
类别编号为负数，或者等于、大于得分的个数。

交叉熵按编号取出真实类别的得分：C 个得分对应标签 0 到 C-1。在 CPU 上，其他编号会引发
IndexError；在 GPU 上则是 device-side assert：报错的行在别处，而且此后进程再也无法计
算。``diagnose`` 在计算之前先检查。最常见的是掩码里用 255 表示“无类别”：
``ignore_index=255`` 会跳过这些像素，等于它的编号不算错误。对二元和多标签损失，目标
超出 [0, 1] 同样有问题，而 BCEWithLogitsLoss 会默默接受：y = 2 时损失是 log(1 + e^z)
- 2z，没有下界，得分会跑向无穷。

看不到的：在范围之内却标错的标签；不在这个批次里的标签。
"""
