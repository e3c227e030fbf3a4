"""DT505 class-weight-device."""

from typing import final

from dovetail.doctor._base import Rule, Severity


@final
class ClassWeightDevice(Rule):
    """The model was moved to the GPU, the class weights of the loss were not.

    ``weight`` and ``pos_weight`` are buffers of the loss module, and nobody moves a
    loss that is not part of the model. The step fails with a message about two devices
    that names neither the weights nor the loss. ``loss.to(device)`` moves them; so does
    keeping the loss as an attribute of the model.

    Not seen: weights on the right device and in the wrong order.
    """

    id = "class-weight-device"
    code = "DT505"
    severity = Severity.ERROR
    title = "Class weights are on another device than the scores"
    title_zh = "类别权重与得分不在同一设备上"
    seen = "R"
    fix = (
        "make the weights on the device of the model, or move the loss: loss.to(device)"
    )
    bad = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)  # stands on the CPU
weight = torch.ones(3, device="meta")  # stands elsewhere, as on a GPU
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(weight=weight), (x, y))
"""
    good = """\
import dovetail
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(4, 3)
weight = torch.ones(3, device=model.weight.device)
x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
found = dovetail.diagnose(model, nn.CrossEntropyLoss(weight=weight), (x, y))
"""
    page_zh = """模型移到了 GPU，损失里的类别权重却没有移过去。

    ``weight`` 和 ``pos_weight`` 是损失模块的缓冲区；损失若不是模型的一部分，就没有人移
    动它。训练步会失败，报错只说有两个设备，既不提权重也不提损失。``loss.to(device)`` 会
    把它们移过去；把损失作为模型的属性也可以。

    看不到的：在正确的设备上、但顺序错误的权重。
    """
