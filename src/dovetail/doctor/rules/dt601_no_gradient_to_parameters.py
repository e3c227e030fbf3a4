"""DT601 no-gradient-to-parameters."""

from typing import final

from dovetail.doctor._base import Rule, Severity


@final
class NoGradientToParameters(Rule):
    """Layers are used in forward, but no gradient comes back to them.

    Somewhere between them and the loss the graph is cut: ``detach()``, ``.data``, a way
    through numpy or ``.item()``, ``argmax``, ``torch.tensor(...)``, a forward under
    ``no_grad``. What lies before the cut keeps its random start for ever, and only the
    rest learns: a network trains as a linear layer on random features, and its loss
    falls all the same. A function whose slope is 0 everywhere (round, sign, a
    comparison) cuts as well: the gradient is there, and it is exactly 0.

    ``diagnose`` walks the autograd graph from the loss to the parameters. A warning
    only: parameters that forward does not use at all. No finding:
    ``requires_grad=False``; a layer called under ``no_grad`` inside forward; layers of
    an output that is returned and not in this loss; a teacher, twin of a student;
    parameters that no given optimizer holds.

    Not seen: a gradient that arrives and is too small to matter.
    """

    id = "no-gradient-to-parameters"
    code = "DT601"
    severity = Severity.ERROR
    title = "A trainable parameter gets no gradient from this loss"
    title_zh = "可训练的参数得不到来自该损失的梯度"
    seen = "R"
    fix = (
        "remove detach(), .data, numpy or argmax between the layer and the loss; "
        "freeze on purpose with requires_grad_(False)"
    )
    fix_zh = (
        "去掉该层与损失之间的 detach()、.data、"
        "numpy 或 argmax；有意冻结请用 requires_grad_(False)"
    )
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        features = self.body(x).relu().detach()
        return self.head(features)


x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
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
        self.body = nn.Linear(4, 16)
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        features = self.body(x).relu()
        return self.head(features)


x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(Net(), nn.CrossEntropyLoss(), (x, y))
"""
    page_zh = """\
forward 用到了某些层，梯度却回不到它们那里。

在它们与损失之间，计算图被切断了：``detach()``、``.data``、经过 numpy 或 ``.item()``、
``argmax``、``torch.tensor(...)``，或者整个 forward 都在 ``no_grad`` 下。切断处之前
的部分永远停在随机初值，只有其余部分在学：整个网络等于随机特征上的一个线性层，而损失
照样下降。处处斜率为 0 的函数（round、sign、比较）同样会切断：梯度存在，但恰好为 0。

``diagnose`` 沿自动求导图从损失走到参数。只给警告的有：forward 根本没用到的参数。不
算错误的有：``requires_grad=False``；forward 里在 ``no_grad`` 下调用的层；属于某个已
返回但不在该损失里的输出的层；与学生网络同构的教师网络；所给优化器都不持有的参数。

看不到的：到达了、但小得不起作用的梯度。
"""
