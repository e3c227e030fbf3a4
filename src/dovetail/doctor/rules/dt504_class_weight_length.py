"""DT504 class-weight-length."""

import ast
from collections.abc import Iterator
from typing import final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._lengths import length_of
from dovetail.doctor._project import Project
from dovetail.doctor._values import Layer, Tensor, options_of


@final
class ClassWeightLength(Rule):
    """There are not as many class weights as the network has outputs.

    ``weight=`` of cross entropy and NLLLoss needs one number for each of the C outputs;
    with another length the first batch raises ("weight tensor should be defined either
    for all C classes or no classes"), on a GPU sometimes as a device-side assert. Usual
    causes: a class that was added to one list only, a background class, weights of a
    two-class run.

    Not seen: weights whose length is computed from data, outputs whose number is.
    """

    id = "class-weight-length"
    code = "DT504"
    severity = Severity.ERROR
    title = "The number of class weights is not the number of outputs"
    title_zh = "类别权重的个数与输出个数不符"
    seen = "SR"
    fix = "give one weight for each output, in the order of the class numbers"
    fix_zh = "每个输出给一个权重，顺序与类别编号一致"
    bad = """\
import torch
from torch import nn

net = nn.Linear(8, 3)
loss_fn = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0]))
loss = loss_fn(net(torch.rand(4, 8)), torch.tensor([0, 1, 2, 0]))
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(8, 3)
loss_fn = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 5.0, 5.0]))
loss = loss_fn(net(torch.rand(4, 8)), torch.tensor([0, 1, 2, 0]))
"""
    page_zh = """\
类别权重的个数与网络的输出个数不一致。

交叉熵和 NLLLoss 的 ``weight=`` 需要 C 个输出各一个数；长度不对时第一批就报错
（“weight tensor should be defined either for all C classes or no classes”），在
GPU 上有时表现为 device-side assert。常见原因：只在一处列表里加了新类、背景类、沿用
了两类任务的权重。

看不到的：由数据算出的权重长度或输出个数。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        done: set[ast.AST] = set()
        for use in project.facts.uses_of(["ce", "nll"]):
            maker = use.maker
            call, source = use.node, use.source
            if isinstance(maker, Layer) and isinstance(maker.node, ast.Call):
                call, source = maker.node, maker.source
            if not isinstance(call, ast.Call) or call in done:
                continue
            at = 0 if isinstance(maker, Layer) else 2
            weights = next((k.value for k in call.keywords if k.arg == "weight"), None)
            if weights is None and len(call.args) > at:
                weights = call.args[at]
            length = None if weights is None else length_of(project, source, weights)
            widths = {
                option.width
                for option in options_of(use.prediction)
                if isinstance(option, Tensor)
            }
            width = widths.pop() if len(widths) == 1 else None
            if length is None or width is None or length == width or width < 2:
                continue
            done.add(call)
            yield self.finding(
                source,
                call,
                f"{length} class weights for {width} outputs",
            )
