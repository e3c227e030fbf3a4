"""DT503 optimizer-before-to."""

import ast
from collections.abc import Iterator, Sequence
from typing import final

from dovetail.doctor._backward import blocks
from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._parameters import given, optimizers, receivers, result_of
from dovetail.doctor._project import Project
from dovetail.doctor._roles import optimizer_of
from dovetail.doctor._written import written


@final
class OptimizerBeforeTo(Rule):
    """The optimizer is made before the network is moved to its device.

    Usually harmless: ``module.to(device)`` changes the data of the same Parameters in
    place, so the optimizer still holds them. It goes wrong for optimizers that make
    state at once (Adagrad: its sums stay on the old device), for states restored from a
    checkpoint, and where parameters are made anew (XLA, some quantised layers).

    A hint. Not seen: a move in another function.
    """

    id = "optimizer-before-to"
    code = "DT503"
    severity = Severity.HINT
    title = "The optimizer is made before the network is moved"
    title_zh = "先创建优化器，后移动网络"
    seen = "S"
    fix = "call model.to(device) first, then make the optimizer"
    fix_zh = "先调用 model.to(device)，再创建优化器"
    bad = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
net.to("cuda")
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
net.to("cuda")
opt = torch.optim.SGD(net.parameters(), lr=0.1)
"""
    page_zh = """\
优化器在网络移到设备之前创建。

通常无害：``module.to(device)`` 原地更换同一批 Parameter 的数据，优化器仍持有它们。
会出错的情形：创建时就建立状态的优化器（Adagrad 的累加量留在旧设备上）、从检查点恢复
的状态，以及参数被重新创建的场合（XLA、某些量化层）。

只是提示。看不到的：在另一个函数里的移动。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        for source in project.sources:
            if not optimizers(project, source):
                continue
            for block in blocks(project, source):
                for node, network, line in _late(project, block.body):
                    yield self.finding(
                        source,
                        node,
                        f"{network} is moved to its device in line {line}, after its "
                        "optimizer was made",
                    )


def _late(
    project: Project, body: Sequence[ast.stmt]
) -> Iterator[tuple[ast.AST, str, int]]:
    """Optimizers that are followed by a move of their network, in the same block."""
    made: dict[str, ast.AST] = {}
    for node in body:
        value = getattr(node, "value", None)
        if not isinstance(value, ast.Call):
            continue
        match value:
            case ast.Call(func=ast.Attribute(value=owner, attr="to" | "cuda")):
                name = written(owner)
                if name in made:
                    yield made.pop(name), name, node.lineno
        if optimizer_of(result_of(project, value)) is not None:
            for network in receivers(given(value)) or ():
                made[written(network)] = node
