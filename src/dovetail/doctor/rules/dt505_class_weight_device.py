"""DT505 class-weight-device."""

import ast
import re
from collections.abc import Iterator
from typing import Final, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._index import index
from dovetail.doctor._project import Project
from dovetail.doctor._source import Source
from dovetail.doctor._values import Layer
from dovetail.doctor._written import written

_ON_GPU: Final = re.compile(r"\.cuda\(\)|torch\.device\(\s*f?[\"']cuda|= *f?[\"']cuda")
_MOVED: Final = re.compile(r"\.cuda\(|\.to\([^)]*(device|cuda|gpu)")
_MADE: Final = frozenset(
    (
        "torch.tensor",
        "torch.FloatTensor",
        "torch.Tensor",
        "torch.ones",
        "torch.zeros",
        "torch.from_numpy",
        "torch.as_tensor",
    )
)


@final
class ClassWeightDevice(Rule):
    """Class weights stay on the CPU while scores and targets go to the GPU.

    ``torch.tensor([...])`` makes a tensor on the CPU. The loss keeps it there unless
    the loss itself is moved, so the first batch on the GPU raises ("Expected all
    tensors to be on the same device"). On a machine without a GPU the program runs.

    Reported where the weights are made in the file, neither they nor the loss are
    moved, the file names cuda, and the targets of the loss are moved. Not seen: weights
    from elsewhere, a default device that is set elsewhere. A loss that is an attribute
    of a module moves with the module.
    """

    id = "class-weight-device"
    code = "DT505"
    severity = Severity.ERROR
    title = "Class weights on another device than the scores"
    title_zh = "类别权重与得分不在同一设备上"
    seen = "SR"
    fix = "make the weights with device=device, or move the loss: criterion.to(device)"
    fix_zh = "用 device=device 创建权重，或移动损失：criterion.to(device)"
    bad = """\
import torch
from torch import nn

device = torch.device("cuda")
net = nn.Linear(8, 3).to(device)
loss_fn = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0, 5.0]))
x, y = torch.rand(4, 8).to(device), torch.tensor([0, 1, 2, 0]).to(device)
loss = loss_fn(net(x), y)
"""
    good = """\
import torch
from torch import nn

device = torch.device("cuda")
net = nn.Linear(8, 3).to(device)
loss_fn = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0, 5.0], device=device))
x, y = torch.rand(4, 8).to(device), torch.tensor([0, 1, 2, 0]).to(device)
loss = loss_fn(net(x), y)
"""
    page_zh = """\
类别权重留在 CPU 上，而得分和目标去了 GPU。

``torch.tensor([...])`` 在 CPU 上创建张量。除非移动损失本身，权重就一直留在那里，于
是 GPU 上的第一批就报错（“Expected all tensors to be on the same device”）。在没有
GPU 的机器上程序能够运行。

报告的条件：权重在本文件中创建，权重和损失都没有移动，文件中写明了 cuda，且损失的目
标被移动过。看不到的：来自别处的权重、在别处设定的默认设备。作为模块属性的损失会随模
块移动。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        done: set[ast.AST] = set()
        for use in project.facts.uses_of(["ce", "nll", "bce_logits"]):
            maker = use.maker
            call, source = use.node, use.source
            if isinstance(maker, Layer) and isinstance(maker.node, ast.Call):
                call, source = maker.node, maker.source
            if not isinstance(call, ast.Call) or call in done:
                continue
            done.add(call)
            weights = next(
                (k.value for k in call.keywords if k.arg in ("weight", "pos_weight")),
                None,
            )
            if weights is None or not isinstance(use.node, ast.Call):
                continue
            if not _ON_GPU.search(source.text + use.source.text):
                continue
            if "set_default" in source.text + use.source.text:
                continue
            if not _stays(project, source, weights):
                continue
            if call is not use.node and _loss_is_moved(project, source, call):
                continue
            if _target_is_moved(project, use.source, use.node):
                yield self.finding(
                    source,
                    call,
                    "the class weights stay on the CPU, the targets are moved",
                )


def _stays(project: Project, source: Source, node: ast.expr) -> bool:
    """Is a tensor made on the CPU here, and not moved?"""
    match node:
        case ast.Call(func=ast.Attribute(value=owner, attr="float" | "double")):
            return _stays(project, source, owner)
        case ast.Call():
            name = project.qualname(source, node.func) or ""
            return name in _MADE and not any(k.arg == "device" for k in node.keywords)
        case ast.Name() | ast.Attribute():
            text = written(node)
            values = [
                n.value
                for n in index(project, source).assignments
                if any(written(target) == text for target in n.targets)
            ]
            return len(values) == 1 and _stays(project, source, values[0])
    return False


def _loss_is_moved(project: Project, source: Source, call: ast.Call) -> bool:
    """``CrossEntropyLoss(...).to(device)``, ``criterion.cuda()``, or in a module."""
    for node in index(project, source).assignments:
        if not any(part is call for part in ast.walk(node.value)):
            continue
        if node.value is not call or len(node.targets) != 1:
            return True
        name = re.escape(written(node.targets[0]))
        if re.search(rf"{name}\s*\.(to|cuda)\(", source.text):
            return True
        if "." in written(node.targets[0]):
            return any(
                project.is_module(source, found)
                for found in index(project, source).classes
                if any(part is call for part in ast.walk(found))
            )
        return False
    return True  # not bound to a name: who knows


def _target_is_moved(project: Project, source: Source, use: ast.Call) -> bool:
    """Does the second argument go to a device, here or where it is bound?"""
    if len(use.args) < 2:
        return False
    target = use.args[1]
    if _MOVED.search(ast.unparse(target)):
        return True
    if not isinstance(target, ast.Name):
        return False
    return any(
        _MOVED.search(ast.unparse(node.value))
        and any(
            isinstance(part, ast.Name) and part.id == target.id
            for bound in node.targets
            for part in ast.walk(bound)
        )
        for node in index(project, source).assignments
    )
