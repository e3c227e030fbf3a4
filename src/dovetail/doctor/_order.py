"""Which clear, backward and step follow each other, on every way through a body."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

from dovetail.doctor._event_paths import bodies, paths
from dovetail.doctor._events import Event, Loop, Step
from dovetail.doctor._loops import Loops
from dovetail.doctor._written import written


@final
@dataclass(frozen=True)
class BadStep:
    """A step on gradients that were cleared and not made anew.

    ``backward`` is the one that comes too late; None if one came, but before the clear.
    """

    step: Event
    clear: Event
    backward: Event | None = None


def bad_steps(loops: Loops) -> Iterator[BadStep]:
    """Steps on cleared gradients, each once."""
    done: set[ast.AST] = set()
    for trace in loops.traces:
        if not {"step", "clear"} <= loops.kinds(trace):
            continue
        for body in bodies(trace):
            for bad in _of_body(body):
                if bad.step.node not in done:
                    done.add(bad.step.node)
                    yield bad


def _of_body(body: list[Step]) -> list[BadStep]:
    """Steps that are bad on every way on which they lie."""
    ways = paths(body)
    if ways is None:
        return []
    bad: dict[int, BadStep] = {}
    good: set[int] = set()
    for way in ways:
        for at, event in enumerate(way):
            if isinstance(event, Event) and event.kind == "step":
                found = _judge(way, at, event)
                if found is None:
                    good.add(id(event))
                else:
                    bad.setdefault(id(event), found)
    return [found for at, found in bad.items() if at not in good]


def _judge(way: list[Event | Loop], at: int, step: Event) -> BadStep | None:
    """Look back from a step for the clear, and on for a late backward."""
    if not step.bare:
        return None
    clear: Event | None = None
    for index in range(at - 1, -1, -1):
        event = way[index]
        if isinstance(event, Loop) or event.kind in ("backward", "fresh", "opaque"):
            return None
        if event.kind == "clear" and _clears(event, step):
            clear = event
            before = way[:index]
            break
        if event.kind == "step" and event.key == step.key:
            return None
    if clear is None:
        return None
    late = _late(way[at + 1 :], step)
    for event in reversed(before):
        if isinstance(event, Loop) or event.kind in ("fresh", "opaque"):
            return None
        if event.kind == "step" and event.key == step.key:
            break  # what was made before that has been used
        if event.kind == "backward":
            if late is not None and loss_made_before(late, step):
                return BadStep(step, clear, late)
            return BadStep(step, clear)
    return BadStep(step, clear, late) if late is not None else None


def _late(rest: list[Event | Loop], step: Event) -> Event | None:
    """The backward after a step, if the gradients are not cleared in between."""
    for event in rest:
        if isinstance(event, Loop) or event.kind in ("opaque", "fresh", "step"):
            return None
        if event.kind == "clear" and _clears(event, step):
            return None
        if event.kind == "backward":
            return event
    return None


def loss_made_before(late: Event, step: Event) -> bool:
    """Is the loss of a late backward already there when the step is made?"""
    node = late.node
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    if late.source is not step.source:
        return False
    names = {n.id for n in ast.walk(node.func.value) if isinstance(n, ast.Name)}
    low, high = _line(step.node), _line(node)
    return not any(
        isinstance(n, ast.Name)
        and isinstance(n.ctx, ast.Store)
        and n.id in names
        and low < n.lineno < high
        for n in ast.walk(late.source.tree)
    )


def _line(node: ast.AST) -> int:
    return getattr(node, "lineno", 0)


def _clears(clear: Event, step: Event) -> bool:
    """Is a clear surely of this step's optimizer?"""
    if clear.key is not None:
        return clear.key is step.key or clear.key == step.key
    # model.zero_grad(): of the optimizer that was given model.parameters().
    if not clear.text or not isinstance(step.key, ast.Call):
        return False
    given = [*step.key.args[:1], *(k.value for k in step.key.keywords)]
    wanted = f"{clear.text}.parameters()"
    return any(wanted == written(argument) for argument in given)
