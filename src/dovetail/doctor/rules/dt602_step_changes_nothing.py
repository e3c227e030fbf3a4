"""DT602 step-changes-nothing."""

from typing import ClassVar, final

from dovetail.doctor._base import Rule, Severity


@final
class StepChangesNothing(Rule):
    """The optimizer holds the parameters, there is a gradient, and a step changes none.

    The learning rate is 0, or so small that the change is lost in rounding: a weight w
    in float32 only moves if the change is larger than 3e-8 to 6e-8 of |w|, in bfloat16
    larger than 0.002 to 0.004 of it. In bfloat16 an update of 1e-4 is lost for every
    weight above 0.03125. ``diagnose`` takes one step, compares every number, and puts
    all back.

    No finding: a schedule whose warm-up starts at 0. An optimizer that holds other
    tensors than the model's is DT501, a gradient that never arrives DT601.

    Not seen: a step that changes something, and too little.
    """

    id = "step-changes-nothing"
    code = "DT602"
    severity = Severity.ERROR
    title = "An optimizer step leaves every parameter as it was"
    title_zh = "优化器走了一步，所有参数都原封不动"
    seen = "R"
    fix = "raise the learning rate, or keep the weights in float32"
    fix_zh = "调大学习率，或让权重保持 float32"
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=1e-12)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y), optimizer=optimizer)
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(), (x, y), optimizer=optimizer)
"""
    page_zh = """\
梯度存在，优化器也持有这些参数，可是走一步之后没有一个参数改变。

学习率是 0，或者小到变化被舍入吞掉：float32 的权重 w，变化要大于 |w| 的 3e-8 到 6e-8
才会动；bfloat16 要大于 0.002 到 0.004。权重用 bfloat16 时，凡大于 0.03125 的权重，
1e-4 的更新都会丢掉。``diagnose`` 走一步，逐个数字比较，然后全部还原。

不算错误的：从 0 开始预热的学习率计划。优化器持有的不是模型的张量，属于 DT501；梯度
根本到不了，属于 DT601。

看不到的：变了，但变得太少。
"""
    figures: ClassVar = {
        "lost-step.least.float32": "3e-8",
        "lost-step.most.float32": "6e-8",
        "lost-step.least.bfloat16": "0.002",
        "lost-step.most.bfloat16": "0.004",
        "lost-step.largest-weight-moved-by-1e-4.bfloat16": "0.03125",
    }
