"""Which networks behave differently in training, and in which mode they are run."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, final

from dovetail.doctor._event_paths import Seen, loops_of, walk
from dovetail.doctor._events import Event, Key, Loop, Trace
from dovetail.doctor._loops import Loops
from dovetail.doctor._roles import key_of, model_of
from dovetail.doctor._values import (
    Instance,
    Items,
    Layer,
    LibMethod,
    Mapping,
    Value,
    options_of,
)
from dovetail.doctor._written import lines_of

_DEPENDENT: Final = re.compile(
    r"torch\.nn\.(\w*Dropout\w*|(Lazy|Sync)?BatchNorm\w*|RReLU)$"
)
# Of torchvision and timm: those with batch norm or dropout in every form.
_READY: Final = re.compile(
    r"(wide_)?resnet|resnext|vgg|alexnet|densenet|mobilenet|efficientnet|shufflenet|"
    r"mnasnet|regnet|googlenet|inception|squeezenet"
)
_HELD_OUT: Final = re.compile(
    r"(^|[^a-z])(x_?)?(val|valid|validation|test|dev|eval|te)(?![a-qs-z])"
)


def parts(value: Value, most: int = 400) -> Iterator[Value]:
    """A network and everything in it."""
    todo, seen = [value], set[int]()
    while todo and len(seen) < most:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        match part:
            case Instance():
                todo += [o for v in part.attrs.values() for o in options_of(v)]
                if part.layer is not None:
                    todo.append(part.layer)
            case Items():
                todo += [o for v in part.items or () for o in options_of(v)]
                todo += [o for v in part.attrs.values() for o in options_of(v)]
            case Mapping():
                inside = [*part.items.values(), *([part.rest] if part.rest else [])]
                todo += [o for v in inside for o in options_of(v)]
            case Layer():
                todo += [o for v in part.attrs.values() for o in options_of(v)]


def mode_dependent(value: Value | None) -> bool:
    """Is there a layer that works otherwise in training, as far as it can be seen?"""
    if value is None:
        return False
    for part in parts(value):
        if isinstance(part, Layer):
            if _DEPENDENT.match(part.name):
                if part.name.endswith("Dropout") and _is_zero(part):
                    continue
                return True
            if part.name.startswith("segmentation_models_pytorch."):
                return True
            ready = part.name.startswith(("torchvision.models.", "timm."))
            if ready and _READY.search(_ready_name(part)):
                return True
        elif (
            isinstance(part, Instance)
            and part.info.is_module()
            and any(_asks_mode(info.node) for info in part.info.mro())
        ):
            return True
    return False


def _is_zero(layer: Layer) -> bool:
    given = layer.argument(0, "p")
    return getattr(given, "value", None) == 0


def _ready_name(layer: Layer) -> str:
    first = layer.args[0] if layer.args else None
    said = getattr(first, "value", "")
    return layer.name.rpartition(".")[2] + (f" {said}" if isinstance(said, str) else "")


def _asks_mode(node: ast.ClassDef) -> bool:
    """``F.dropout(x, training=self.training)`` and its like."""
    return any(
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr in ("dropout", "dropout2d", "dropout3d")
        and any(
            isinstance(given, ast.Attribute) and given.attr == "training"
            for given in (*call.args, *(k.value for k in call.keywords))
        )
        for call in ast.walk(node)
    )


def keys(value: Value | None) -> set[Key]:
    """The network and the networks in it, by where they were made."""
    if value is None:
        return set()
    found = {key_of(part) for part in parts(value) if model_of(part) is not None}
    return {key for key in found if key is not None}


@final
@dataclass(frozen=True)
class Wrong:
    """A network that is run in the wrong mode."""

    event: Event  # the forward pass, or the eval() that is never undone
    loop: Loop | None = None


def evaluated_in_training_mode(loops: Loops) -> Iterator[Wrong]:
    """Forward passes for evaluation, after training, with no eval() in between."""
    switched, some_unknown = _switched_off(loops)
    done: set[ast.AST] = set()
    for trace in loops.traces:
        if not {"backward", "forward"} <= loops.kinds(trace):
            continue
        mode: dict[Key, str] = {}
        rest = "start"  # the mode of every other network
        trained, since = False, set[Key]()  # trained, but for those switched since
        for at in walk(trace.body):
            event = at.event
            if event.kind in ("train", "eval", "mode"):
                sure = event.kind == "eval" or (event.kind == "train" and not at.tests)
                said = event.kind if sure else "?"
                of = keys(event.value)
                since |= of
                mode |= dict.fromkeys(of, said)
                if not of:
                    rest, trained = said, False
                    mode.clear()
            elif event.kind == "opaque":
                rest = "?"
                mode.clear()
            elif event.kind == "backward":
                trained = True
                since.clear()
            elif event.kind == "forward" and event.node not in done and trained:
                of = keys(event.value)
                if of & since or not _evaluates(at):
                    continue
                modes = {mode.get(key, rest) for key in of}
                if modes == {"start"} and not some_unknown and not of & switched:
                    modes = {"train"}
                if modes == {"train"} and mode_dependent(event.value):
                    done.add(event.node)
                    yield Wrong(event)


def _switched_off(loops: Loops) -> tuple[set[Key], bool]:
    """Networks that are put into eval mode anywhere; and are some of them unknown?"""
    found, unknown = set[Key](), False
    for trace in loops.traces:
        if not loops.kinds(trace) & {"eval", "mode"}:
            continue
        for at in walk(trace.body):
            if at.event.kind in ("eval", "mode"):
                of = keys(at.event.value)
                found |= of
                unknown |= not of
    return found, unknown


def _evaluates(at: Seen) -> bool:
    """Is a forward pass part of an evaluation?"""
    loop = at.loops[-1] if at.loops else None
    trains = loop is not None and any(
        inner.event.kind == "backward" for inner in walk(loop.body)
    )
    if trains or loop is None:
        return at.quiet and held_out(at)
    return at.quiet or (not at.maybe_quiet and held_out(at))


def held_out(at: Seen) -> bool:
    """Do names say that the rows are not trained on?"""
    nodes: list[ast.AST] = []
    if isinstance(at.event.node, ast.Call):
        nodes += at.event.node.args
    for loop in at.loops[-1:]:
        if isinstance(loop.node, ast.For | ast.AsyncFor):
            nodes.append(loop.node.iter)
    names = [
        n.id if isinstance(n, ast.Name) else n.attr
        for node in nodes
        for n in ast.walk(node)
        if isinstance(n, ast.Name | ast.Attribute)
    ]
    return any(_HELD_OUT.search(name.lower()) for name in names)


def left_in_eval_mode(loops: Loops) -> Iterator[Wrong]:
    """Loops that train, then evaluate after eval(), and never go back to train()."""
    done: set[ast.AST] = set()
    for trace in loops.traces:
        if not {"eval", "backward", "step"} <= loops.kinds(trace):
            continue
        for loop, _ in loops_of(trace.body):
            found = _left(loop)
            if found is not None and _made_in(loops, loop, keys(found.value)):
                continue
            if found is not None and found.node not in done:
                done.add(found.node)
                yield Wrong(found, loop)


def _made_in(loops: Loops, loop: Loop, networks: set[Key]) -> bool:
    """Does a loop begin with a network of its own, as one over folds?"""
    for call in ast.walk(loop.node):
        fact = loops.facts.calls.get(call) if isinstance(call, ast.Call) else None
        if fact is None:
            continue
        if any(isinstance(callee, LibMethod) for callee in options_of(fact.callee)):
            continue  # net.to(device) and net.eval() give the same one
        if any(keys(option) & networks for option in options_of(fact.result)):
            return True
    return False


def _left(loop: Loop) -> Event | None:
    seen = walk(loop.body)
    kinds = {at.event.kind for at in seen}
    if kinds & {"train", "mode", "opaque"} or not {"eval", "backward"} <= kinds:
        return None
    if "step" not in kinds:
        return None
    trained: set[Key] = set()
    forward: set[Key] = set()
    for number, at in enumerate(seen):
        event = at.event
        if event.kind == "forward" and not at.quiet and isinstance(event.key, ast.AST):
            forward.add(event.key)
        elif event.kind == "backward":
            trained |= forward
        elif event.kind == "eval" and mode_dependent(event.value):
            own = keys(event.value)
            again = any(
                later.event.kind == "forward" and later.event.key in own
                for later in seen[number + 1 :]
            )
            # At the end of a round: the next one is in evaluation mode throughout.
            if own & trained and (again or not at.tests):
                return event
    return None


def evaluated_with_gradients(loops: Loops) -> Iterator[tuple[Event, Trace]]:
    """Loops over forward passes after eval(), without no_grad and without backward."""
    held = _entered_quietly(loops)
    for trace in loops.traces:
        kinds = loops.kinds(trace)
        if trace.node in held or not trace.name or not {"eval", "forward"} <= kinds:
            continue
        if kinds & {"backward", "opaque", "step"}:
            continue
        seen = walk(trace.body)
        if any(at.quiet or at.maybe_quiet for at in seen):
            continue
        if "requires_grad" in lines_of(trace.source, trace.node):
            continue
        evaluated: set[Key] = set()
        for at in seen:
            if at.event.kind == "eval":
                evaluated |= keys(at.event.value)
            elif (
                at.event.kind == "forward"
                and at.loops
                and not at.entered
                and at.event.key in evaluated
            ):
                yield at.event, trace
                break


def _entered_quietly(loops: Loops) -> set[ast.AST]:
    """Functions that are called without gradients somewhere."""
    found: set[ast.AST] = set()
    for trace in loops.traces:
        for at in walk(trace.body):
            if at.quiet:
                found |= {entered.trace.node for entered in at.entered}
    return found
