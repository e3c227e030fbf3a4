"""DT501 optimizer-misses-parameters."""

import ast
import re
from collections.abc import Iterator
from typing import final

from dovetail.doctor._backward import Block, blocks
from dovetail.doctor._base import Finding, Rule, Severity
from dovetail.doctor._event_paths import walk
from dovetail.doctor._events import Key
from dovetail.doctor._index import index
from dovetail.doctor._loops import Loops
from dovetail.doctor._modes import keys
from dovetail.doctor._parameters import (
    given,
    has_parameters,
    optimizers,
    owners,
    receivers,
    result_of,
)
from dovetail.doctor._project import Project
from dovetail.doctor._roles import optimizer_of
from dovetail.doctor._source import Source
from dovetail.doctor._values import Instance, Items, Layer, Value
from dovetail.doctor._walk import own_nodes
from dovetail.doctor._written import lines_of, written


@final
class OptimizerMissesParameters(Rule):
    """Something that should be trained is not among the optimizer's parameters.

    An optimizer keeps the parameters it was given when it was made. A layer that is put
    into the network later, a network that is made anew in a loop, or a second network
    that was never handed over gets gradients in ``backward()``, but no step ever moves
    it: it stays as it was drawn. The rest learns round a random layer, so the loss
    still falls, only not as far.

    Not seen: parameters that reach the optimizer through a list or a function that
    cannot be read. Frozen parts (``requires_grad``, ``eval()``, ``no_grad``, loaded
    weights), parameter groups, ``add_param_group``, teachers and a network with an
    optimizer of its own are right.
    """

    id = "optimizer-misses-parameters"
    code = "DT501"
    severity = Severity.ERROR
    title = "The optimizer does not hold what should be trained"
    title_zh = "优化器没有拿到应当训练的参数"
    seen = "SR"
    fix = "make the optimizer after the network is complete, and give it every part"
    fix_zh = "网络搭建完整之后再创建优化器，并把每一部分都交给它"
    bad = """\
import torch
from torch import nn

net = nn.Sequential()
net.body = nn.Linear(3, 8)
net.head = nn.Linear(8, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
net.head = nn.Linear(8, 2)
for x, y in [(torch.rand(4, 3), torch.rand(4, 2))] * 10:
    opt.zero_grad()
    nn.functional.mse_loss(net.head(net.body(x)), y).backward()
    opt.step()
"""
    good = """\
import torch
from torch import nn

net = nn.Sequential()
net.body = nn.Linear(3, 8)
net.head = nn.Linear(8, 1)
net.head = nn.Linear(8, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for x, y in [(torch.rand(4, 3), torch.rand(4, 2))] * 10:
    opt.zero_grad()
    nn.functional.mse_loss(net.head(net.body(x)), y).backward()
    opt.step()
"""
    page_zh = """\
应当训练的东西不在优化器的参数之中。

优化器只记得创建时拿到的参数。之后才放进网络的层、在循环里重新创建的网络，或从未交给
它的第二个网络，在 ``backward()`` 中会得到梯度，却没有任何一步移动它们：它们停在随机
初值。其余部分围着这个随机层学习，所以损失仍会下降，只是降不到应有的程度。

看不到的：经由读不到的列表或函数传给优化器的参数。有意冻结的部分（``requires_grad``、
``eval()``、``no_grad``、加载的权重）、参数组、``add_param_group``、教师网络，以及有
自己优化器的网络，都是对的。
"""

    def check(self, project: Project) -> Iterator[Finding]:
        done: set[ast.AST] = set()
        for source in project.sources:
            if not optimizers(project, source):
                continue
            for block in blocks(project, source):
                changed = _changed_later(project, source, block)
                for node, what in (*changed, *_never_added(source, block)):
                    if node not in done:
                        done.add(node)
                        yield self.finding(source, node, what)
            for node, what in _of_lightning(project, source):
                yield self.finding(source, node, what)
        for at, node, what in _never_given(project):
            if node not in done:
                done.add(node)
                yield self.finding(at, node, what)


def _changed_later(
    project: Project, source: Source, block: Block
) -> Iterator[tuple[ast.AST, str]]:
    """Layers put into a network, or a network made anew, after its optimizer."""
    if ".parameters(" not in lines_of(source, block):
        return
    assigned = [n for n in own_nodes(block) if isinstance(n, ast.Assign)]
    made: list[tuple[ast.Assign, str, str]] = []  # statement, optimizer, network
    for node in assigned:
        held = None
        if isinstance(node.value, ast.Call) and _is_optimizer(project, node.value):
            held = receivers(given(node.value))
        if held is not None and len(held) == 1 and len(node.targets) == 1:
            made.append((node, written(node.targets[0]), written(held[0])))
    for start, optimizer, network in made:
        steps = [
            n.lineno
            for n in own_nodes(block)
            if isinstance(n, ast.Call)
            and isinstance(n.func, ast.Attribute)
            and n.func.attr == "step"
            and optimizer in written(n)
        ]
        anew = [m.lineno for m, name, _ in made if name == optimizer and m is not start]
        if f"{optimizer}.add_param_group" in source.text:
            continue
        for node in assigned:
            if node.lineno <= start.lineno or len(node.targets) != 1:
                continue
            if any(start.lineno < line for line in anew if line > node.lineno):
                continue
            target = written(node.targets[0])
            inside = target.startswith((f"{network}.", f"{network}["))
            if inside and steps and max(steps) < node.lineno:
                continue  # the training is over
            if inside and _layer(project, node.value, network):
                yield (
                    node,
                    f"{target} is replaced after {optimizer} was made, which goes on "
                    "holding the old layer: the new one is never trained",
                )
            elif target == network and _another(project, node.value, network):
                after = [line for line in steps if line > node.lineno]
                if after and not _aside(block, node, after[0]):
                    yield (
                        node,
                        f"{network} is made anew, but {optimizer} goes on holding the "
                        "parameters of the old one",
                    )


def _never_added(source: Source, block: Block) -> Iterator[tuple[ast.AST, str]]:
    """Groups of parameters that are filled, and then given to nobody.

    ``group = {"lr": 1e-3, "params": []}``, filled in a loop over the parameters of a
    network, with an optimizer made of other groups below.
    """
    if isinstance(block, ast.Module) or "arameters()" not in lines_of(source, block):
        return
    own = list(own_nodes(block))
    for loop in own:
        if not isinstance(loop, ast.For) or "arameters()" not in written(loop.iter):
            continue
        end = loop.end_lineno or loop.lineno
        made = any(_makes_groups(n) and getattr(n, "lineno", 0) > end for n in own)
        for node in ast.walk(loop):
            name = _filled(node)
            if not made or name is None:
                continue
            start = _bound(name, own, loop)
            uses = [
                n for n in ast.walk(block) if isinstance(n, ast.Name) and n.id == name
            ]
            later = [n for n in uses if n.lineno > end]
            again = min((n.lineno for n in later if _is_stored(n)), default=10**9)
            handed = [n for n in uses if start < n.lineno < loop.lineno]
            handed += [n for n in later if n.lineno <= again]
            if start and not any(_is_read(n, own) for n in handed):
                yield (
                    node,
                    f"{name} is filled with parameters and given to no optimizer",
                )
            break


def _is_stored(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Store)


def _bound(name: str, own: list[ast.AST], loop: ast.For) -> int:
    """The last line before a loop where a name is bound to a dict or list; or 0."""
    return max(
        (
            n.lineno
            for n in own
            if isinstance(n, ast.Assign)
            and n.lineno < loop.lineno
            and isinstance(n.value, ast.Dict | ast.List)
            and any(isinstance(t, ast.Name) and t.id == name for t in n.targets)
        ),
        default=0,
    )


def _is_read(node: ast.Name, own: list[ast.AST]) -> bool:
    """Is a group handed on, not only given an item?"""
    if _is_stored(node):
        return False
    return not any(
        isinstance(n, ast.Assign)
        and any(isinstance(t, ast.Subscript) and t.value is node for t in n.targets)
        for n in own
    )


def _filled(node: ast.AST) -> str | None:
    """The name of the group in ``group["params"].append(p)``."""
    match node:
        case ast.Call(
            func=ast.Attribute(
                value=ast.Subscript(
                    value=ast.Name(id=name), slice=ast.Constant(value="params")
                ),
                attr="append",
            )
        ):
            return name
    return None


def _makes_groups(node: ast.AST) -> bool:
    """Is an optimizer made of groups under a name?"""
    match node:
        case ast.Call(func=func, args=[ast.Name(), *_]):
            last = written(func).rpartition(".")[2]
            return bool(re.fullmatch(r"Adam\w*|SGD|RMSprop|Adagrad|NAdam|RAdam", last))
    return False


def _is_optimizer(project: Project, node: ast.Call) -> bool:
    return optimizer_of(result_of(project, node)) is not None


def _layer(project: Project, node: ast.expr, network: str) -> bool:
    """Is a new layer with parameters made, not one that wraps the old?"""
    if not isinstance(node, ast.Call) or network in _names(node.args):
        return False
    return has_parameters(result_of(project, node))


def _another(project: Project, node: ast.expr, network: str) -> bool:
    """Is another network made, from nothing of the old one?"""
    if not isinstance(node, ast.Call) or network in _names([node]):
        return False
    return has_parameters(result_of(project, node))


def _names(nodes: list[ast.expr]) -> set[str]:
    return {
        written(part)
        for node in nodes
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute)
    } - {"torch.nn"}


def _aside(block: ast.AST, node: ast.AST, line: int) -> bool:
    """Does a statement stand under a condition that a later line is not under?"""
    for branch in own_nodes(block):
        if isinstance(branch, ast.If | ast.Try):
            inside = any(part is node for part in ast.walk(branch))
            end = branch.end_lineno or branch.lineno
            if inside and not branch.lineno <= line <= end:
                return True
    return False


def _never_given(project: Project) -> Iterator[tuple[Source, ast.AST, str]]:
    """Networks that a loss goes through, and that no optimizer holds."""
    calls = [(s, call) for s in project.sources for call in optimizers(project, s)]
    held: dict[ast.AST, set[Key]] = {}
    for _, call in calls:
        networks = owners(project, given(call))
        if networks is None:
            return  # one that cannot be read may hold anything
        held[call] = {key for network in networks for key in keys(network)}
    everywhere = {key for own in held.values() for key in own}
    loops = Loops.of(project)
    inner = _parts_of_networks(project) if calls else set()
    for trace in loops.traces:
        if not calls or not {"backward", "step", "forward"} <= loops.kinds(trace):
            continue
        if re.search(
            r"requires_grad|freeze|load_state_dict|pretrained", trace.source.text
        ):
            continue
        seen = walk(trace.body)
        off = {
            key
            for at in seen
            if at.event.kind in ("eval", "mode")
            for key in keys(at.event.value)
        }
        if any(
            at.event.kind in ("eval", "opaque") and not at.event.known for at in seen
        ):
            continue
        steps = [at.event for at in seen if at.event.kind == "step"]
        forward: dict[Key, tuple[Value, Source, ast.AST]] = {}
        for at in seen:
            event = at.event
            live = event.kind == "forward" and not (at.quiet or at.maybe_quiet)
            if live and event.value and event.key is not None and at.loops:
                forward.setdefault(event.key, (event.value, event.source, event.node))
        if len(steps) != 1 or not steps[0].known or steps[0].key not in held:
            continue
        own = held[steps[0].key]
        if not own & set(forward):
            continue
        for key, (value, at_source, node) in forward.items():
            if key in everywhere or key in off or not isinstance(key, ast.AST):
                continue
            if not has_parameters(value) or key in inner:
                continue
            source = next(s for s, call in calls if call is steps[0].key)
            yield (
                source,
                steps[0].key,
                f"the loss also goes through {written(node.func)} "  # type: ignore[attr-defined]
                f"({at_source.place(node)}), whose parameters no optimizer holds",
            )
            break


def _parts_of_networks(project: Project) -> set[ast.AST]:
    """Calls inside classes of networks: what they make may be held as a whole."""
    return {
        part
        for source in project.sources
        for node in index(project, source).classes
        if project.is_module(source, node)
        for part in ast.walk(node)
        if isinstance(part, ast.Call)
    }


def _of_lightning(project: Project, source: Source) -> Iterator[tuple[ast.AST, str]]:
    """``configure_optimizers`` that names some of the parts, and not all."""
    for node in index(project, source).classes:
        if not any(
            isinstance(base, str) and base.endswith("LightningModule")
            for base in project.bases(source, node)
        ):
            continue
        text = lines_of(source, node)
        if re.search(
            r"requires_grad|freeze|no_grad|\.eval\(|detach|load_|pretrain", text
        ):
            continue
        named: set[str] = set()
        calls: list[ast.Call] = []
        whole = False
        for call in optimizers(project, source):
            if any(part is call for part in ast.walk(node)):
                networks = receivers(given(call))
                whole |= networks is None
                named |= {written(network) for network in networks or ()}
                calls.append(call)
        if whole or not calls or "self" in named:
            continue
        used = _attributes_read(node)
        for name, value in _made_in_init(project, node).items():
            if f"self.{name}" in named or name not in used or not has_parameters(value):
                continue
            if any(n.startswith(f"self.{name}.") for n in named):
                continue
            yield (
                calls[0],
                f"self.{name} is used in training, but its parameters are given to no "
                "optimizer",
            )
            break


def _made_in_init(project: Project, node: ast.ClassDef) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for method in node.body:
        if isinstance(method, ast.FunctionDef) and method.name == "__init__":
            for part in own_nodes(method):
                match part:
                    case ast.Assign(
                        targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)],
                        value=ast.Call() as call,
                    ):
                        made = result_of(project, call)
                        if isinstance(made, Instance | Items | Layer):
                            found[name] = made
    return found


def _attributes_read(node: ast.ClassDef) -> set[str]:
    """Attributes of self that forward or training_step read."""
    return {
        part.attr
        for method in node.body
        if isinstance(method, ast.FunctionDef)
        and method.name in ("forward", "training_step", "_step", "_shared_step")
        for part in ast.walk(method)
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id == "self"
    }
