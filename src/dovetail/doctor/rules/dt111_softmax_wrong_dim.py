"""DT111: softmax over an axis that is not the classes'."""

import ast
from collections.abc import Iterator
from typing import ClassVar, final

from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._edits import with_dim
from dovetail.doctor._facts import Operation
from dovetail.doctor._project import Project
from dovetail.doctor._values import Items, Mapping, Tensor, Value, options_of

_SOFTMAXES = ("softmax", "log_softmax")


@final
class SoftmaxWrongDim(Rule):
    """Softmax runs over the batch (or the pixels), not over the classes.

    Columns then add to 1 over the rows of the batch: the prediction for one row depends
    on its neighbours. With a batch of one every output is 1 and every gradient 0. Ten
    digits, SGD with momentum, 200 steps: accuracy 0.792 instead of 0.909.

    Give the axis of the classes: dim=1 for (n, classes), dim=1 for images (n, classes,
    h, w), dim=-1 where classes come last.

    Reported where the rank is known, or where the output meets a loss or an argmax over
    another axis. A warning for a feature map of one channel that is only returned: over
    views or frames, weights may be meant. Not seen: attention and other inner uses,
    which may mean any axis.
    """

    id: ClassVar = "softmax-wrong-dim"
    code: ClassVar = "DT111"
    severity: ClassVar = Severity.ERROR
    title: ClassVar = "Softmax over the batch or another axis that is not the classes'"
    title_zh: ClassVar = "softmax 的维度不是类别维"
    seen: ClassVar = "SR"
    fix: ClassVar = "give softmax the axis of the classes, mostly dim=1"
    fix_zh: ClassVar = "让 softmax 沿类别所在的维，多数情况是 dim=1"
    bad: ClassVar = """\
import torch
from torch import nn

net = nn.Linear(4, 3)
probs = torch.softmax(net(torch.randn(8, 4)), dim=0)
labels = probs.argmax(dim=1)
"""
    good: ClassVar = """\
import torch
from torch import nn

net = nn.Linear(4, 3)
probs = torch.softmax(net(torch.randn(8, 4)), dim=1)
labels = probs.argmax(dim=1)
"""
    page_zh: ClassVar = """\
softmax 沿批次（或像素）做，而不是沿类别做。

于是每一列在整批的各行上加起来为 1：一行的预测取决于与它同批的其他行。批次只有一行时，
每个输出都是 1，每个梯度都是 0。手写数字 10 类，带动量的 SGD，200 步：准确率 0.792，
应为 0.909。

请给出类别所在的维：(n, 类别) 用 dim=1，图像 (n, 类别, h, w) 用 dim=1，类别在最后就
用 dim=-1。

只在维数已知，或输出进入损失、或又沿另一维做 argmax 时报告。只被返回的单通道特征图仅给
出警告：它可能是沿视角或帧的权重。查不到的情况：注意力等内部用法，它们可以沿任何一维。
"""
    figures: ClassVar = {
        "digits.softmax-over-the-batch.momentum.200.accuracy": "0.792",
        "digits.right.momentum.200.accuracy": "0.909",
    }

    def check(self, project: Project) -> Iterator[Finding]:
        facts = project.facts
        scored = _in_losses(project)
        other: dict[ast.AST | None, int | None] = {}
        rows: set[ast.AST | None] = set()  # layers whose output has rows, by its argmax
        for decision in facts.decisions:
            if decision.kind == "argmax" and decision.dim is not None:
                for option in options_of(decision.value):
                    if isinstance(option, Tensor):
                        if option.op == "linear" and decision.dim == 1:
                            rows.add(option.node)
                        mixed = option.of if option.op == "mix" else option
                        other[getattr(mixed, "node", None)] = decision.dim
        final_ = _returned(project)
        seen = set()
        for operation in facts.operations:
            tensor = operation.tensor
            if tensor.op not in _SOFTMAXES or tensor.dim is None:
                continue
            if operation.node in seen or "model" not in tensor.traits:
                continue
            right = _right_dim(operation, scored, other, final_)
            if right is None and tensor.dim == 0 and _of_rows(operation, rows):
                right = 1
            if right is None:
                continue
            seen.add(operation.node)
            only_returned = operation.node not in scored and operation.node not in other
            # Weights of views or frames are maps of one channel over the first axis.
            weights = only_returned and tensor.axis == 1 and tensor.width in (None, 1)
            yield self.finding(
                operation.source,
                operation.node,
                f"{tensor.op} over dim={tensor.dim} is not over the classes "
                f"(dim={right}): a row's output depends on the other rows"
                if tensor.dim == 0
                else f"{tensor.op} over dim={tensor.dim} is not over the classes "
                f"(dim={right})",
                fix=f"take dim={right}",
                severity=Severity.WARNING if weights else None,
                **with_dim(operation, right),
            )


def _right_dim(
    operation: Operation,
    scored: dict[ast.AST | None, bool],
    other: dict[ast.AST | None, int | None],
    final_: set[ast.AST],
) -> int | None:
    """The axis meant, if another one is taken; None if all is well or not known."""
    tensor = operation.tensor
    dim, rank, node = tensor.dim, tensor.rank, operation.node
    assert dim is not None
    of_layer = isinstance(tensor.of, Tensor) and tensor.of.op in ("linear", "norm")
    meets = node in scored
    argmax = other.get(node)
    if dim == 0 and argmax in (1, -1) and (rank is None or rank == 2):
        return 1
    if rank == 2 and dim in (0, -2) and (meets or (of_layer and node in final_)):
        return 1
    if rank is None and dim == 0 and meets and scored[node] and of_layer:
        return 1
    if not of_layer or not rank:
        return None
    positive = dim % rank
    if tensor.axis == 1 and rank >= 4 and positive != 1 and (meets or argmax == 1):
        return 1
    if tensor.axis == 1 and rank >= 4 and positive == 0 and node in final_:
        return 1  # over space a map may be meant, over the batch never
    if tensor.axis == -1 and rank == 3 and positive != 2 and meets:
        return -1
    return None


def _of_rows(operation: Operation, rows: set[ast.AST | None]) -> bool:
    """Are there rows in what a forward of a convolutional network softens?"""
    of, function = operation.tensor.of, operation.function
    if not isinstance(of, Tensor) or of.op != "linear" or of.node not in rows:
        return False
    made = operation.source.text
    return getattr(function, "name", "") == "forward" and "Conv2d(" in made


def _in_losses(project: Project) -> dict[ast.AST | None, bool]:
    """Nodes of softmaxes that reach a loss; True where targets come in batches."""
    found: dict[ast.AST | None, bool] = {}
    for use in project.facts.losses:
        for option in options_of(use.prediction):
            at: Value | None = option
            if isinstance(at, Tensor) and at.op == "log":
                at = at.of
            if isinstance(at, Tensor) and at.op in _SOFTMAXES:
                data = getattr(use.target, "data", False) or (
                    isinstance(use.target, Tensor)
                    and ("data" in use.target.traits or (use.target.rank or 0) >= 1)
                )
                found[at.node] = found.get(at.node, False) or bool(data)
    return found


def _returned(project: Project) -> set[ast.AST]:
    """Nodes of softmaxes that a forward returns."""
    found: set[ast.AST] = set()
    for value, _, _ in project.facts.returned:
        todo = list(options_of(value))
        while todo:
            one = todo.pop()
            if isinstance(one, Tensor) and one.node is not None:
                found.add(one.node)
            elif isinstance(one, Items) and one.items and len(todo) < 50:
                todo += one.items
            elif isinstance(one, Mapping) and len(todo) < 50:
                todo += one.items.values()
    return found
