"""DT604 dead-outputs."""

from typing import final

from dovetail.doctor._base import Rule, Severity


@final
class DeadOutputs(Rule):
    """An output is the same number for all rows, and no parameter can move it.

    A ReLU passes nothing where its input is negative: value 0, gradient 0. If that is
    so for every row, the unit is dead; if it is so for every unit of a layer, the
    network is a constant, and no step brings it back. One step that is too large is
    enough, or a bias far below zero, or inputs in the thousands. With cross-entropy and
    C classes the loss then stays at that of the constant, log C if the scores are
    equal. Reported are outputs that are equal over all rows of different inputs and
    have gradient 0 to every parameter, and ReLU layers of a dozen units and more that
    are 0 for every unit and every row.

    No finding: a head with zero weights (its outputs are constant, but can move);
    single dead units, of which a fresh network always has some.

    Not seen: units that are dead on most rows.
    """

    id = "dead-outputs"
    code = "DT604"
    severity = Severity.WARNING
    title = "An output, or a whole layer, is constant whatever the input"
    title_zh = "某个输出（或整层）不随输入变化"
    seen = "R"
    fix = (
        "lower the learning rate or the scale of weights and inputs; put no ReLU "
        "after the last layer"
    )
    fix_zh = "调小学习率，或缩小权重与输入的尺度；最后一层之后不放 ReLU"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
nn.init.constant_(model[0].bias, -100.0)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y))
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
nn.init.zeros_(model[0].bias)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y))
"""
    page_zh = """\
某个输出对所有行都是同一个数，而且没有任何参数能改变它。

ReLU 的输入为负时什么也传不过去：值为 0，梯度为 0。如果对每一行都如此，这个单元就死
了；如果一层的每个单元都如此，整个网络就成了常数，再走多少步也救不回来。一次过大的更
新、一个远低于零的偏置、或者上千的输入就足以造成。用交叉熵、C 个类别时，损失停在这个
常数的损失上；各得分相等时就是 log C。报告的是：在不同输入的所有行上都相等、且对每个
参数的梯度都为 0 的输出，以及十二个单元以上、对每个单元和每一行都为 0 的 ReLU 层。

不算错误的：权重为零的输出层（输出恒定，但能动）；个别死掉的单元，新网络里总有一些。

看不到的：只在大多数行上死掉的单元。
"""
