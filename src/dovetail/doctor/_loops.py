"""What a training loop does, and in which order.

A trace is a function's or a file's body with everything left out but the events that
a loop is judged by: gradients cleared, ``backward``, a step, a schedule's step, a
switch of mode, a forward pass. Functions and methods of the project stand in the
trace where they are called (``Entered``), so that helpers are looked into. Which
optimizer, model or schedule it is comes from ``project.facts``; what is not known
there is known by its name only, and ``Event.key`` is then the text.

``_events`` says what a trace is made of, ``_event_calls`` which event a call is,
``_event_paths`` how rules read a trace, ``_roles`` what an optimizer or a network is.
"""

import ast
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, final
from weakref import WeakKeyDictionary

from dovetail.doctor._event_calls import CallEvents
from dovetail.doctor._events import Branch, Entered, Event, Loop, Quiet, Step, Trace
from dovetail.doctor._index import index
from dovetail.doctor._source import Source
from dovetail.doctor._walk import children

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

QUIET: Final = {
    "torch.no_grad",
    "torch.inference_mode",
    "torch.autograd.no_grad",
    "torch.autograd.grad_mode.no_grad",
    "torch.autograd.inference_mode",
    "torch.autograd.grad_mode.inference_mode",
}
_CALLED: Final = re.compile(r"([A-Za-z_]\w*)\(")


@final
class Loops:
    """The traces of a project; ``Loops.of(project)`` makes them once."""

    def __init__(self, project: "Project") -> None:
        self.project = project
        self.facts = project.facts
        self._calls = CallEvents(project, self._trace)
        self.traces: list[Trace] = []
        self._of: dict[ast.AST, Trace] = {}
        self._kinds: dict[Trace, frozenset[str]] = {}
        rest = [s for s in project.sources if not _about_training(s)]
        for source in project.sources:
            if source not in rest:
                self._read(source)
        # Files that only call what trains and what evaluates.
        called = {source: set(_CALLED.findall(source.text)) for source in rest}
        for _ in range(3):
            names = {trace.name for trace in self.traces if trace.body}
            more = [source for source in rest if called[source] & names]
            rest = [source for source in rest if source not in more]
            for source in more:
                self._read(source)

    def _read(self, source: Source) -> None:
        """The traces of a file and of the functions in it."""
        self.traces.append(self._trace(source.tree, source))
        for node in index(self.project, source).functions:
            self.traces.append(self._trace(node, source))

    @staticmethod
    def of(project: "Project") -> "Loops":
        """The traces of a project."""
        if project not in _MADE:
            _MADE[project] = Loops(project)
        return _MADE[project]

    def kinds(self, trace: Trace) -> frozenset[str]:
        """The kinds of all events of a trace, with what it enters."""
        if trace not in self._kinds:
            self._kinds[trace] = frozenset()  # of a function that calls itself
            self._kinds[trace] = frozenset(self._kinds_of(trace.body))
        return self._kinds[trace]

    def _kinds_of(self, steps: Sequence[Step]) -> set[str]:
        found: set[str] = set()
        for step in steps:
            match step:
                case Event(kind=kind):
                    found.add(kind)
                case Loop(body=body) | Quiet(body=body):
                    found |= self._kinds_of(body)
                case Branch(arms=arms):
                    for arm in arms:
                        found |= self._kinds_of(arm)
                case Entered(trace=trace):
                    found |= self.kinds(trace)
        return found

    def _trace(self, node: ast.AST, source: Source) -> Trace:
        """The trace of a function or file; a call of itself is an empty one."""
        if node in self._of:
            return self._of[node]
        trace = self._of[node] = Trace(node, source)
        body: list[ast.stmt] = getattr(node, "body", [])
        if isinstance(node, ast.Lambda):
            return trace
        steps = self._block(body, source)
        for decorator in getattr(node, "decorator_list", ()):
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self.project.qualname(source, called) in QUIET:
                steps = [Quiet(steps)]
        trace.body = steps
        return trace

    # Statements ----------------------------------------------------------------

    def _block(self, body: Sequence[ast.stmt], source: Source) -> list[Step]:
        steps: list[Step] = []
        for statement in body:
            steps += self._statement(statement, source)
        return steps

    def _statement(self, node: ast.stmt, source: Source) -> list[Step]:
        match node:
            case ast.For() | ast.AsyncFor():
                body = self._block(node.body, source)
                return [
                    *self._expression(node.iter, source),
                    *([Loop(node, source, body)] if body else []),
                    *self._block(node.orelse, source),
                ]
            case ast.While():
                body = [
                    *self._expression(node.test, source),
                    *self._block(node.body, source),
                ]
                return [
                    *([Loop(node, source, body)] if body else []),
                    *self._block(node.orelse, source),
                ]
            case ast.If():
                return self._if(node, source)
            case ast.With() | ast.AsyncWith():
                return self._with(node, source)
            case ast.Try() | ast.TryStar():
                steps = self._block(node.body, source)
                handlers = [self._block(h.body, source) for h in node.handlers]
                if any(handlers):
                    steps.append(Branch(None, [[], *handlers]))
                return [
                    *steps,
                    *self._block(node.orelse, source),
                    *self._block(node.finalbody, source),
                ]
            case ast.Match():
                arms = [self._block(case.body, source) for case in node.cases]
                return [Branch(None, [*arms, []])] if any(arms) else []
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return []
            case ast.Assign(targets=targets, value=value):
                steps = self._expression(value, source)
                for target in targets:
                    if isinstance(target, ast.Attribute) and target.attr == "grad":
                        steps.append(_gradient_set(node, value, source))
                return steps
        return self._expressions(node, source)

    def _if(self, node: ast.If, source: Source) -> list[Step]:
        steps = self._expression(node.test, source)
        arms = [self._block(node.body, source), self._block(node.orelse, source)]
        if any(arms):
            kept: list[list[Step]] = []
            for arm, block in zip(arms, (node.body, node.orelse), strict=True):
                if not _leaves(block):
                    kept.append(arm)
                elif arm:
                    kept.append([*arm, Event("leave", block[-1], source)])
            steps.append(Branch(node.test, kept))
        return steps

    def _with(self, node: ast.With | ast.AsyncWith, source: Source) -> list[Step]:
        steps: list[Step] = []
        quiet = maybe = False
        for item in node.items:
            context = item.context_expr
            called = context.func if isinstance(context, ast.Call) else context
            name = self.project.qualname(source, called) or ""
            if name in QUIET:
                quiet = True
            elif name.endswith("set_grad_enabled") and isinstance(context, ast.Call):
                given = context.args[0] if context.args else None
                off = isinstance(given, ast.Constant) and given.value is False
                quiet |= off
                maybe |= not off
            else:
                steps += self._expression(context, source)
        body = self._block(node.body, source)
        if body and (quiet or maybe):
            return [*steps, Quiet(body, quiet)]
        return steps + body

    def _expressions(self, node: ast.AST, source: Source) -> list[Step]:
        steps: list[Step] = []
        for child in children(node):
            if isinstance(child, ast.expr):
                steps += self._expression(child, source)
        return steps

    def _expression(self, node: ast.expr, source: Source) -> list[Step]:
        """Calls in the order in which they are made."""
        match node:
            case ast.Name() | ast.Constant() | ast.Lambda():
                return []
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                steps = self._expression(node.generators[0].iter, source)
                body = self._expression(node.elt, source)
                return [*steps, Loop(node, source, body)] if body else steps
            case ast.IfExp(test=test, body=body_, orelse=orelse):
                steps = self._expression(test, source)
                arms = [
                    self._expression(body_, source),
                    self._expression(orelse, source),
                ]
                return [*steps, Branch(test, arms)] if any(arms) else steps
            case ast.Call():
                steps = []
                if isinstance(node.func, ast.Attribute | ast.Call | ast.Subscript):
                    steps += self._expressions(node.func, source)
                for given in (*node.args, *(k.value for k in node.keywords)):
                    steps += self._expression(given, source)
                return steps + self._calls.of(node, source)
        return self._expressions(node, source)


_MADE: "WeakKeyDictionary[Project, Loops]" = WeakKeyDictionary()


def _about_training(source: Source) -> bool:
    """Is anything trained or evaluated here that a trace could show?"""
    return any(
        word in source.text
        for word in (".step(", ".backward(", ".zero_grad(", ".eval()", ".train(")
    )


def _gradient_set(node: ast.stmt, value: ast.expr, source: Source) -> Event:
    none = isinstance(value, ast.Constant) and value.value is None
    return Event("clear" if none else "fresh", node, source)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    last = body[-1] if body else None
    return isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break)
