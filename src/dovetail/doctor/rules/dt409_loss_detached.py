"""DT409 loss-detached."""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, final

from dovetail.doctor._backward import Block, loss_of
from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._library import LOSS_FUNCTIONS, loss_class
from dovetail.doctor._loops import QUIET, Loops
from dovetail.doctor._project import Project
from dovetail.doctor._roles import model_of
from dovetail.doctor._source import Source
from dovetail.doctor._values import Layer, Lib, options_of
from dovetail.doctor._walk import own_nodes
from dovetail.doctor._written import lines_of, written

CUTS: Final = {"item", "detach", "detach_", "numpy", "tolist"}
NOT_DIFFERENTIABLE: Final = {"argmax", "argmin", "argsort", "long", "int", "bool"}
KEEPS: Final = frozenset(
    (
        "float",
        "double",
        "half",
        "to",
        "cpu",
        "cuda",
        "view",
        "reshape",
        "squeeze",
        "unsqueeze",
        "flatten",
        "mean",
        "sum",
        "clone",
        "contiguous",
        "type_as",
        "permute",
        "transpose",
        "t",
        "max",
        "min",
        "abs",
        "pow",
        "sqrt",
        "log",
        "exp",
        "softmax",
        "log_softmax",
        "sigmoid",
        "tanh",
        "clamp",
        "type",
    )
)
# What a loop over rows runs over; anything else may hold predictions.
_ROWS: Final = re.compile(r"load|data|_dl|\bdl\b|batch|train|range\(|rows|fold|sampl")
TARGET: Final = re.compile(r"^(y|ys|yb|y_true|target|targets|label|labels|truth|gt)$")


@final
class LossDetached(Rule):
    """``backward()`` is called on a loss that has no way back to the parameters.

    A value that went through ``item()``, ``detach()``, ``.data``, numpy, ``argmax`` or
    a block under ``no_grad`` is a number, not a function of the parameters.
    ``torch.tensor(value, requires_grad=True)`` or ``loss.requires_grad = True`` makes
    the error message go away, but the gradient ends at that new leaf: every parameter's
    ``.grad`` stays None, ``step()`` changes nothing, and the loss of the last epoch is
    that of the first.

    Not seen: values through functions that cannot be read; a target or a teacher's
    output that is detached beside a live prediction is right.
    """

    id = "loss-detached"
    code = "DT409"
    severity = Severity.ERROR
    title = "The loss is cut off from the parameters"
    title_zh = "损失与参数之间的联系被切断"
    seen = "SR"
    fix = "call backward() on the loss itself; use item() only for what is printed"
    fix_zh = "对损失本身调用 backward()；item() 只用于打印的数"
    bad = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    value = nn.functional.mse_loss(net(x), y).item()
    loss = torch.tensor(value, requires_grad=True)
    loss.backward()
    opt.step()
"""
    good = """\
import torch
from torch import nn

net = nn.Linear(3, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 1))] * 10:
    opt.zero_grad()
    loss = nn.functional.mse_loss(net(x), y)
    loss.backward()
    opt.step()
    print(loss.item())
"""
    page_zh = """\
对一个已与参数断开联系的损失调用了 ``backward()``。

经过 ``item()``、``detach()``、``.data``、numpy、``argmax`` 或 ``no_grad`` 的值只是
一个数，不再是参数的函数。``torch.tensor(value, requires_grad=True)`` 或
``loss.requires_grad = True`` 能让报错消失，但梯度止于这个新的叶子：所有参数的
``.grad`` 仍是 None，``step()`` 什么也不改变，最后一个 epoch 的损失与第一个相同。

看不到的：经过读不到的函数的值。把目标或教师的输出 detach、而预测保持相连，是对的。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        loops = Loops.of(project)
        for trace in loops.traces:
            if not {"backward", "step"} <= loops.kinds(trace):
                continue
            if not isinstance(trace.node, Block):
                continue
            done: set[ast.AST] = set()
            for node in _Flow(project, trace.source, trace.node).run():
                if node not in done:
                    done.add(node)
                    yield self.finding(
                        trace.source,
                        node,
                        "the loss is cut off from the parameters here: backward() "
                        "gives them no gradients",
                    )


@final
@dataclass(frozen=True)
class State:
    """What is known of a value.

    kind   live (a function of parameters), dead (cut at ``node``), leaf (a new tensor
           with requires_grad made of a dead one), data, unknown
    """

    kind: str
    node: ast.AST | None = None


LIVE: Final = State("live")
DATA: Final = State("data")
UNKNOWN: Final = State("unknown")


def together(*states: State, leaves: bool = False) -> State:
    """What is computed from several values; with ``leaves``, of none but leaves."""
    kinds = {state.kind for state in states}
    if "live" in kinds or ("leaf" in kinds and not leaves):
        return LIVE
    if "unknown" in kinds:
        return UNKNOWN
    for kind in ("leaf", "dead"):
        for state in states:
            if state.kind == kind:
                return state
    return DATA


@final
class _Flow:
    """One function or file, statement by statement."""

    def __init__(self, project: Project, source: Source, block: Block) -> None:
        self.project, self.source, self.block = project, source, block
        self.env: dict[str, State] = {}
        self.quiet = False
        self.found: list[ast.AST] = []
        if not isinstance(block, ast.Module):
            args = [*block.args.posonlyargs, *block.args.args, *block.args.kwonlyargs]
            self.env = {a.arg: DATA for a in args if TARGET.match(a.arg)}

    def run(self) -> list[ast.AST]:
        """Places where a loss is cut off that backward is called on."""
        self._body(self.block.body)
        return self.found

    def _body(self, body: Sequence[ast.stmt]) -> None:
        for node in body:
            self._statement(node)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return
            case ast.Assign(targets=targets, value=value):
                self._calls(value)
                self._assign(targets, value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._calls(value)
                self._bind(target, self._state(value))
            case ast.AugAssign(target=target, value=value):
                self._calls(value)
                self._bind(target, together(self._state(target), self._state(value)))
            case ast.For() | ast.AsyncFor():
                self._calls(node.iter)
                rows = _ROWS.search(written(node.iter).lower())
                self._bind(node.target, DATA if rows else UNKNOWN)
                for part in ast.walk(node.target):
                    if isinstance(part, ast.Name) and TARGET.match(part.id):
                        self._bind(part, DATA)
                self._body(node.body)
                self._body(node.orelse)
            case ast.While():
                self._calls(node.test)
                self._body(node.body)
            case ast.If():
                self._calls(node.test)
                self._branch([node.body, node.orelse])
            case ast.Try():
                self._body(node.body)
                self._branch([[], *(handler.body for handler in node.handlers)])
                self._body(node.orelse)
                self._body(node.finalbody)
            case ast.With() | ast.AsyncWith():
                before = self.quiet
                for item in node.items:
                    context = item.context_expr
                    called = context.func if isinstance(context, ast.Call) else context
                    manager = self.project.qualname(self.source, called) or ""
                    self.quiet |= manager in QUIET
                    if manager.endswith(("enable_grad", "set_grad_enabled")):
                        self.quiet = False
                self._body(node.body)
                self.quiet = before
            case ast.Match():
                self._branch([case.body for case in node.cases])
            case _:
                self._calls(node)

    def _branch(self, arms: Sequence[Sequence[ast.stmt]]) -> None:
        before, ends = self.env, []
        for arm in arms:
            self.env = dict(before)
            self._body(arm)
            ends.append(self.env)
        names = {name for end in ends for name in end}
        self.env = {}
        for name in names:
            states = {end.get(name, UNKNOWN) for end in ends}
            self.env[name] = states.pop() if len(states) == 1 else UNKNOWN

    def _assign(self, targets: Sequence[ast.expr], value: ast.expr) -> None:
        for target in targets:
            if isinstance(target, ast.Attribute) and target.attr == "requires_grad":
                self._require(target.value)
                continue
            if (
                isinstance(target, ast.Tuple)
                and isinstance(value, ast.Tuple)
                and len(target.elts) == len(value.elts)
            ):
                states = [self._state(part) for part in value.elts]
                for part, state in zip(target.elts, states, strict=True):
                    self._bind(part, state)
                continue
            self._bind(target, self._state(value))

    def _bind(self, target: ast.expr, state: State) -> None:
        match target:
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self._bind(part, state)
            case ast.Starred(value=inner):
                self._bind(inner, state)
            case ast.Name() | ast.Attribute():
                self.env[written(target)] = state

    def _require(self, node: ast.expr) -> None:
        """``x.requires_grad = True``: a dead value becomes a leaf of its own."""
        state = self._state(node)
        if state.kind == "dead":
            self._bind(node, State("leaf", state.node))
        elif state.kind == "data":
            self._bind(node, LIVE)

    def _calls(self, node: ast.AST) -> None:
        """Calls of backward and requires_grad_ in a statement."""
        for call in [node, *own_nodes(node)]:
            if not isinstance(call, ast.Call):
                continue
            func = call.func
            if isinstance(func, ast.Attribute) and func.attr == "requires_grad_":
                self._require(func.value)
            loss = loss_of(self.project, call)
            if loss is not None:
                state = self._state(loss)
                if state.kind in ("dead", "leaf") and state.node is not None:
                    self.found.append(state.node)

    def _leaves_are_lost(self) -> bool:
        """Is the gradient of a leaf for nothing: no ``z.grad``, no ``SGD([z])``?"""
        text = lines_of(self.source, self.block)
        given = re.search(r"(Adam\w*|SGD|LBFGS|RMSprop|\w*[oO]ptim\w*)\(\s*[\[{]", text)
        return (
            ".parameters()" in text
            and given is None
            and not re.search(r"\.grad\b|autograd\.grad|_hook\(", text)
        )

    # Expressions ---------------------------------------------------------------

    def _state(self, node: ast.expr) -> State:
        match node:
            case ast.Constant():
                return DATA
            case ast.Name():
                return self.env.get(node.id, UNKNOWN)
            case ast.Attribute(value=value, attr=name):
                known = self.env.get(written(node))
                if known is not None:
                    return known
                if name == "data":
                    return self._cut(value, node)
                return self._state(value) if name in ("T", "mT") else UNKNOWN
            case ast.BinOp(left=left, right=right):
                return together(self._state(left), self._state(right))
            case ast.UnaryOp(operand=operand):
                return self._state(operand)
            case ast.Compare():
                return self._cut(node.left, node)
            case ast.Subscript(value=value):
                return self._state(value)
            case ast.IfExp(body=body, orelse=orelse):
                states = {self._state(body), self._state(orelse)}
                return states.pop() if len(states) == 1 else UNKNOWN
            case ast.Call():
                return self._call(node)
        return UNKNOWN

    def _cut(self, value: ast.expr, node: ast.AST) -> State:
        """The state of a value that is taken out of the graph at a node."""
        state = self._state(value)
        return State("dead", node) if state.kind in ("live", "unknown") else state

    def _call(self, node: ast.Call) -> State:
        name = self.project.qualname(self.source, node.func) or ""
        if name == "builtins.float" or written(node.func) in ("float", "int"):
            return self._cut(node.args[0], node) if len(node.args) == 1 else UNKNOWN
        if name in ("torch.tensor", "torch.FloatTensor", "torch.autograd.Variable"):
            return self._made(node, name)
        if name in ("torch.from_numpy", "torch.as_tensor") and node.args:
            state = self._state(node.args[0])
            return state if state.kind in ("dead", "data") else UNKNOWN
        if name == "torch.argmax" and node.args:
            return self._cut(node.args[0], node)
        callee = self.project.facts.callee(node)
        options = () if callee is None else options_of(callee)
        if options and all(_is_loss(option) for option in options):
            given = [*node.args, *(k.value for k in node.keywords if k.arg == "target")]
            states = [self._state(argument) for argument in given[:2]]
            return together(*states, leaves=self._leaves_are_lost())
        if options and all(model_of(option) is not None for option in options):
            return State("dead", node) if self.quiet else LIVE
        if name.startswith(("numpy.", "torch.mean", "torch.sum", "torch.abs")):
            return together(*(self._state(argument) for argument in node.args))
        if isinstance(node.func, ast.Attribute):
            return self._method(node, node.func)
        return UNKNOWN

    def _method(self, node: ast.Call, func: ast.Attribute) -> State:
        if func.attr in CUTS or func.attr in NOT_DIFFERENTIABLE:
            if func.attr in ("item", "numpy", "tolist"):
                # Of something unknown it may be a label as well.
                state = self._state(func.value)
                return State("dead", node) if state.kind == "live" else state
            return self._cut(func.value, node)
        if func.attr == "requires_grad_":
            state = self._state(func.value)
            if state.kind == "dead":
                return State("leaf", state.node)
            return LIVE if state.kind == "data" else state
        if func.attr in KEEPS:
            return (
                together(
                    self._state(func.value),
                    *(self._state(arg) for arg in node.args[:1]),
                )
                if func.attr in ("pow", "type_as")
                else self._state(func.value)
            )
        return UNKNOWN

    def _made(self, node: ast.Call, name: str) -> State:
        """``torch.tensor(value)`` and ``Variable(value)``."""
        if not node.args:
            return UNKNOWN
        state = self._state(node.args[0])
        asks = any(
            k.arg == "requires_grad"
            and isinstance(k.value, ast.Constant)
            and k.value.value is True
            for k in node.keywords
        )
        if state.kind in ("dead", "leaf"):
            return State("leaf" if asks else "dead", node)
        if name == "torch.autograd.Variable" and not asks:
            return state
        if state.kind == "live" and name != "torch.autograd.Variable":
            return State("leaf" if asks else "dead", node)
        if state.kind == "data":
            return LIVE if asks else DATA
        return UNKNOWN


def _is_loss(value: object) -> bool:
    if isinstance(value, Layer):
        return loss_class(value.name) is not None
    if isinstance(value, Lib):
        return value.name in LOSS_FUNCTIONS
    return False
