"""DT408 loss-graph-retained."""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final, final

from dovetail.doctor._backward import Block, blocks, loss_of
from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._index import index
from dovetail.doctor._loops import QUIET
from dovetail.doctor._project import Project
from dovetail.doctor._source import Source
from dovetail.doctor._values import Bound, Func, Items, Tensor, Value
from dovetail.doctor._walk import children, own_nodes
from dovetail.doctor._written import lines_of, written

LoopNode = ast.For | ast.AsyncFor | ast.While
Body = LoopNode | ast.FunctionDef | ast.AsyncFunctionDef
PLAIN: Final = {"item", "detach", "tolist", "numpy", "data", "detach_"}
TOLD: Final = {"float", "len", "print", "round", "str", "format", "add_scalar"}
SAME: Final = {
    "clone",
    "cpu",
    "mean",
    "sum",
    "to",
    "double",
    "float",
    "cuda",
    "squeeze",
}


@final
class LossGraphRetained(Rule):
    """Losses are summed up or collected as tensors, with their graphs.

    ``total += loss`` makes a tensor that remembers how it was made: every step's graph
    stays alive until the total is dropped. After ``backward()`` the activations are
    freed, the nodes and what they hold are not, so memory grows with every step, and
    the sum itself becomes a chain that is as long as the epoch. In an evaluation
    without ``no_grad`` all activations stay too.

    An attribute that a training method adds to grows from call to call in the same way.
    Where the total is set back in the loop (every 100 steps, say) it is a hint.

    Not seen: losses that are collected by a function or an object of your own. Sums
    over terms or time steps that are followed by one ``backward()``, values rebound to
    ``item()`` or ``detach()`` and blocks under ``no_grad`` are right.
    """

    id = "loss-graph-retained"
    code = "DT408"
    severity = Severity.WARNING
    title = "The graph of every loss is kept"
    title_zh = "每个损失的计算图都被保留"
    seen = "S"
    fix = "add loss.item() (or loss.detach(), which does not wait for the GPU)"
    fix_zh = "累加 loss.item()（或 loss.detach()，它不必等待 GPU）"
    bad = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
total = 0.0
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    total += loss
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
total = 0.0
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    total += loss.item()
"""
    page_zh = """\
损失以张量的形式累加或收集，连同它们的计算图。

``total += loss`` 得到的张量记得自己是怎么算出来的：每一步的图都要等到总和被丢弃才释
放。``backward()`` 之后激活值已释放，图的节点及其所持有的东西没有，所以内存随步数增
长，总和本身也成了与 epoch 一样长的链。在没有 ``no_grad`` 的评估里，连激活值也全部保
留。

训练方法里累加的属性，每调用一次就同样增长一次。总和若在循环里重置（比如每 100 步一
次），只作提示。

看不到的：由自己的函数或对象收集的损失。先把各项或各时间步相加、最后只做一次
``backward()``，把名字改绑到 ``item()`` 或 ``detach()`` 的值，以及 ``no_grad`` 之下
的代码，都是正确的写法。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        for source in project.sources:
            if ".backward(" not in source.text and "backward(" not in source.text:
                continue
            if "torch" not in source.text and "lightning" not in source.text:
                continue
            for block in blocks(project, source):
                if "backward" not in lines_of(source, block) and not any(
                    _trained_by(project, node) for node in own_nodes(block)
                ):
                    continue
                for node, name, bounded in _kept(project, source, block):
                    until = "until it is set back" if bounded else "with every step"
                    yield self.finding(
                        source,
                        node,
                        f"{name} keeps the graph of every loss: memory grows {until}",
                        severity=Severity.HINT if bounded else None,
                    )


def _kept(
    project: Project, source: Source, block: Block
) -> Iterator[tuple[ast.AST, str, bool]]:
    """Where a loss is added to something that outlives the round; is that bounded?"""
    asked = {
        written(loss)
        for node in own_nodes(block)
        if isinstance(node, ast.Call) and (loss := loss_of(project, node)) is not None
    }
    asked |= {name for node in own_nodes(block) for name in _trained_by(project, node)}
    if not asked:
        return
    for node in own_nodes(block):
        if isinstance(node, LoopNode):
            yield from _Round(project, source, block, node, asked).run()
    if isinstance(block, ast.Module):
        return
    for node, name, bounded in _Round(project, source, block, block, asked).run():
        if name.startswith("self.") and not _let_go(project, source, block, name):
            yield node, name, bounded


def _let_go(project: Project, source: Source, block: Block, name: str) -> bool:
    """Is an attribute cut from its graphs, or trained on, anywhere in its class?

    It lives longer than the call of a method that is called once for each step.
    """
    name = re.match(r"self\.\w+", name)[0]  # type: ignore[index]
    owner = next(
        (c for c in index(project, source).classes if block in c.body),
        None,
    )
    if owner is None or block.name in ("forward", "__init__"):  # type: ignore[union-attr]
        return True
    if any(
        project.qualname(source, d.func if isinstance(d, ast.Call) else d) in QUIET
        for d in block.decorator_list  # type: ignore[union-attr]
    ):
        return True
    for node in ast.walk(owner):
        match node:
            case ast.Call(func=ast.Attribute(attr=called, value=value)):
                if written(value).startswith(name) and called in (
                    "backward",
                    "detach_",
                    "detach",
                ):
                    return True
            case ast.Call(func=func, args=given):
                told = written(func).rpartition(".")[2] in TOLD
                if not told and any(written(argument) == name for argument in given):
                    return True
            case ast.Assign(targets=targets, value=value):
                if any(written(t) == name for t in targets) and (
                    "deque" in written(value) or node in ast.walk(block)
                ):
                    return True
    return False


@final
class _Round:
    """One round of a loop, or one call: which names hold a loss with its graph."""

    def __init__(
        self,
        project: Project,
        source: Source,
        block: Block,
        loop: Body,
        asked: set[str],
    ) -> None:
        self.project, self.source, self.block, self.loop = project, source, block, loop
        self.found: list[tuple[ast.AST, str, bool]] = []
        here = {
            written(loss)
            for node in _in_round(loop)
            if isinstance(node, ast.Call)
            and (loss := loss_of(project, node)) is not None
        }
        trained = {
            name for node in _in_round(loop) for name in _trained_by(project, node)
        }
        self.losses = here | (self._terms(here) if here else set()) | trained
        self.plain: set[str] = set()
        # What a backward is called on anywhere, and what goes into it.
        self.used = asked | {
            written(name)
            for text in asked
            for name in ast.walk(ast.parse(text, mode="eval"))
            if isinstance(name, ast.Name | ast.Attribute)
        }
        self.used |= {
            written(name)
            for node in own_nodes(block)
            if isinstance(node, ast.Assign)
            and any(written(target) in asked for target in node.targets)
            for name in ast.walk(node.value)
            if isinstance(name, ast.Name | ast.Attribute)
        }

    def _terms(self, here: set[str]) -> set[str]:
        """Names that are added up to the loss in this round: ``loss = rec + kl``."""
        assigned = {
            written(target)
            for node in _in_round(self.loop)
            if isinstance(node, ast.Assign)
            for target in node.targets
        }
        return {
            term
            for node in _in_round(self.loop)
            if isinstance(node, ast.Assign)
            and any(written(target) in here for target in node.targets)
            for term in _summands(node.value)
            if term in assigned
        }

    def run(self) -> list[tuple[ast.AST, str, bool]]:
        """Go through the body from top to bottom."""
        if self.losses:
            self._body(self.loop.body)
        return self.found

    def _body(self, body: Sequence[ast.stmt]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.For() | ast.AsyncFor() | ast.While():
                return  # a round of its own
            case ast.With() | ast.AsyncWith():
                if not any(self._quiet(item.context_expr) for item in node.items):
                    self._body(node.body)
            case ast.If():
                self._body(node.body)
                self._body(node.orelse)
            case ast.Try():
                self._body(node.body)
                self._body(node.orelse)
                self._body(node.finalbody)
            case ast.AugAssign(target=target, op=ast.Add(), value=value):
                inside = value.elts if isinstance(value, ast.List) else [value]
                if any(self._holds(part) for part in inside):
                    self._keep(node, target)
            case ast.Assign(targets=[target], value=value):
                self._assign(node, target, value)
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=target, attr="append"), args=[value]
                )
            ):
                inside = (
                    value.elts if isinstance(value, ast.Tuple | ast.List) else [value]
                )
                if any(self._holds(part) for part in inside):
                    self._keep(node, target)

    def _assign(self, node: ast.stmt, target: ast.expr, value: ast.expr) -> None:
        name = written(target)
        if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
            for one, other in (
                (value.left, value.right),
                (value.right, value.left),
            ):
                if written(one) == name and self._holds(other):
                    self._keep(node, target)
                    return
        if name in self.losses:
            if self._holds(value) or not _is_plain(value):
                self.plain.discard(name)
            else:
                self.plain.add(name)

    def _keep(self, node: ast.AST, target: ast.expr) -> None:
        root: ast.expr = target
        while isinstance(root, ast.Subscript):
            root = root.value
        name = written(root)
        if {name, written(target)} & (self.used | self.losses):
            return
        if self._renewed(name) or self._renewed(written(target)):
            return
        self.found.append((node, written(target), self._set_back(name)))

    def _set_back(self, name: str) -> bool:
        """Does it begin anew in some rounds, so that a few graphs are kept at most?"""
        for node in _in_round(self.loop):
            if not isinstance(node, ast.Assign) or isinstance(node.value, ast.BinOp):
                continue
            used = {
                written(n)
                for n in ast.walk(node.value)
                if isinstance(n, ast.Name | ast.Attribute)
            }
            for target in node.targets:
                parts = target.elts if isinstance(target, ast.Tuple) else [target]
                if name not in used and name in map(written, parts):
                    return True
        return False

    def _renewed(self, name: str) -> bool:
        """Is it made anew in each round, or bounded?"""
        for node in self.loop.body:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    inside = [
                        written(n)
                        for n in ast.walk(node.value)
                        if isinstance(n, ast.Name | ast.Attribute | ast.Subscript)
                    ]
                    if written(target) == name and name not in inside:
                        return True
                    if written(target) == name and _is_plain(node.value):
                        return True
        return any(
            any(written(target) == name for target in node.targets)
            and "maxlen" in written(node.value)
            for node in index(self.project, self.source).assignments
        )

    def _holds(self, node: ast.expr) -> bool:
        """Is the value a loss with its graph?"""
        match node:
            case ast.Name() | ast.Attribute() if written(node) in self.losses:
                return written(node) not in self.plain
            case ast.BinOp(left=left, right=right):
                return self._holds(left) or self._holds(right)
            case ast.UnaryOp(operand=operand):
                return self._holds(operand)
            case ast.Call(func=ast.Attribute(value=value, attr=name)) if name in SAME:
                return self._holds(value)
        return False

    def _quiet(self, node: ast.expr) -> bool:
        called = node.func if isinstance(node, ast.Call) else node
        return self.project.qualname(self.source, called) in QUIET


def _trained_by(project: Project, node: ast.AST) -> set[str]:
    """Names that are given a loss on which a function of the project went backward.

    ``loss = self.train_batch(x, y)``, where the loss keeps its graph.
    """
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
        return set()
    callee = project.facts.callee(node.value)
    func = callee.func if isinstance(callee, Bound) else callee
    if not isinstance(func, Func) or isinstance(func.node, ast.Lambda):
        return set()
    if ".backward(" not in lines_of(func.scope.source, func.node):
        return set()
    made = project.facts.calls[node.value].result
    target = node.targets[0]
    pairs: list[tuple[ast.expr, Value]] = [(target, made)]
    if isinstance(target, ast.Tuple) and isinstance(made, Items) and made.items:
        if len(target.elts) == len(made.items):
            pairs = list(zip(target.elts, made.items, strict=True))
    return {
        written(name)
        for name, value in pairs
        if isinstance(value, Tensor)
        and value.op == "loss"
        and "detached" not in value.traits
    }


def _in_round(loop: Body) -> Iterator[ast.AST]:
    """Nodes of a loop's body without loops and functions in it."""
    todo: list[ast.AST] = list(loop.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(
            node,
            LoopNode
            | ast.FunctionDef
            | ast.AsyncFunctionDef
            | ast.ClassDef
            | ast.Lambda,
        ):
            todo += children(node)


def _summands(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            yield from _summands(left)
            yield from _summands(right)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            if isinstance(left, ast.Constant):
                yield from _summands(right)
            elif isinstance(right, ast.Constant):
                yield from _summands(left)
        case ast.Name(id=name):
            yield name


def _is_plain(node: ast.expr) -> bool:
    """Is a value cut from the graph: ``item()``, ``float(loss)``, ``loss.data``?"""
    match node:
        case ast.Call(func=ast.Name(id="float" | "int" | "round")):
            return True
        case ast.Call(func=ast.Attribute(attr=name, value=value)):
            return name in PLAIN or _is_plain(value)
        case ast.Attribute(attr=name, value=value):
            return name in PLAIN or _is_plain(value)
        case ast.BinOp(left=left, right=right):
            return _is_plain(left) or _is_plain(right)
        case ast.Subscript(value=value):
            return _is_plain(value)
    return False
