"""DT603 outputs-depend-on-batch."""

from typing import final

from dovetail.doctor._base import Rule, Severity


@final
class OutputsDependOnBatch(Rule):
    """A prediction depends on which other rows happen to be in the batch.

    The usual causes: an RNN or attention layer without ``batch_first=True``, which
    takes the batch for time, so that row 5 has read rows 0 to 4; ``x - x.mean(0)`` or
    ``x / x.max()`` in forward; batch norm with ``track_running_stats=False``. Scores
    measured in batches of shuffled test rows are then not those of a row served alone.
    ``diagnose`` sets eval mode, leaves out half of the rows, and compares: the same row
    may differ by rounding (1e-6 of the spread), not by more than 1e-3. A softmax over
    the batch is told as DT111.

    Nothing is said of models that draw at random in eval mode; of one sequence without
    a batch axis; of time-first input whose second axis is independent; of outputs with
    one column for each row of the batch (contrastive losses); of inputs of different
    lengths (graphs).

    Not seen: a dependence that only shows in training mode, as batch norm has it by
    design.
    """

    id = "outputs-depend-on-batch"
    code = "DT603"
    severity = Severity.ERROR
    title = "In eval mode a row's output changes with its neighbours"
    title_zh = "评估模式下，一行的输出会随同批的其他行而变"
    seen = "R"
    fix = (
        "normalise over features, not over axis 0; give recurrent and attention "
        "layers batch_first=True"
    )
    fix_zh = "沿特征做归一化，不要沿第 0 维；循环层和注意力层写上 batch_first=True"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 16)  # takes (time, batch, features)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.head(states[:, -1])


x, y = torch.randn(8, 5, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(Net(), nn.CrossEntropyLoss(), (x, y))
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(4, 16, batch_first=True)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        states, _ = self.rnn(x)
        return self.head(states[:, -1])


x, y = torch.randn(8, 5, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(Net(), nn.CrossEntropyLoss(), (x, y))
"""
    page_zh = """\
一行的预测取决于同一批次里碰巧有哪些别的行。

常见原因：RNN 或注意力层没有写 ``batch_first=True``，把批次当成时间，于是第 5 行读过
第 0 到 4 行；forward 里的 ``x - x.mean(0)`` 或 ``x / x.max()``；
``track_running_stats=False`` 的批归一化。这样，在打乱的测试批次上量出的分数，就不是
单独提供服务的那一行的分数。``diagnose`` 切到评估模式，去掉一半的行再比较：同一行可
以相差舍入误差（离散程度的 1e-6），不能超过 1e-3。在批次上做的 softmax 属于 DT111。

不予判断的：评估模式下仍随机抽样的模型；没有批次轴的单个序列；时间在前、第二轴相互独
立的输入；批次每一行对应一列的输出（对比损失）；长度不一的输入（图）。

看不到的：只在训练模式下出现的依赖，批归一化本来就是这样设计的。
"""
