"""DT606 wrong-reduction."""

from typing import final

from dovetail.doctor._base import Rule, Severity


@final
class WrongReduction(Rule):
    """How the values of the rows become one number depends on the batch.

    With ``reduction="sum"`` the gradient grows with the number of rows: a learning rate
    that suits 64 rows is four times too large for 256, gradient clipping bites always
    or never, and the curves of two batch sizes cannot be compared. And where cells are
    masked, ``(loss * mask).mean()`` divides by all cells: with 30 % of the cells kept
    the loss and the gradient are 0.3 of what they should be, and change from batch to
    batch with the padding.

    A hint only for sums of regression losses, which some programs scale by the learning
    rate on purpose. No finding: a sum that is one of several terms (a VAE), that is
    divided by something, or that is returned for each row.

    Not seen: padding that is predicted like any other token, since no mask says so.
    """

    id = "wrong-reduction"
    code = "DT606"
    severity = Severity.WARNING
    title = "The loss is summed over the batch, or averaged over masked cells"
    title_zh = "损失对批次求和，或把被掩掉的格子也算进平均"
    seen = "R"
    fix = "use reduction='mean'; with a mask divide the sum by mask.sum()"
    fix_zh = "用 reduction='mean'；有掩码时用总和除以 mask.sum()"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(reduction="sum"), (x, y))
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y))
"""
    page_zh = """\
各行的值如何合成一个数，取决于批次。

用 ``reduction="sum"`` 时，梯度随行数增长：适合 64 行的学习率，对 256 行就大了四倍；
梯度裁剪要么总是起作用，要么从不起作用；两种批大小的曲线无法比较。有掩码时，
``(loss * mask).mean()`` 除以所有格子的个数：只保留 30% 的格子，损失和梯度就只有应有
的 0.3，而且随填充的多少逐批变化。

对回归损失求和只给提示，有些程序是有意用学习率来抵消的。不算错误的：求和只是若干项之
一（VAE）、求和后又除以某个数、或者逐行返回。

看不到的：像普通词元一样被预测的填充，因为没有掩码说明它是填充。
"""
