"""Statements, executed on what is known of values; both branches where undecided.

A file is executed once from top to bottom, importing others as it goes; functions are
entered where they are called, with the values they are called with. Loops run at least
once. Branches that are not decided are both taken and joined, attributes of objects
too; ``if self.training`` takes the training branch, since losses are what matters.
"""

import ast
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final, final

from dovetail.doctor._arithmetic import binary
from dovetail.doctor._conditions import (
    about_training,
    chooses_a_task,
    gives_up,
    has_return,
)
from dovetail.doctor._definitions import define_class, define_function
from dovetail.doctor._facts import Decision, Facts, LossUse, Operation
from dovetail.doctor._frames import Flow, Frame, OutOfSteps
from dovetail.doctor._imports import run_import
from dovetail.doctor._library import ACTIVATION_LAYERS, BUILTINS
from dovetail.doctor._project import Project
from dovetail.doctor._slots import MISSING, joined, read_slot, write_slot
from dovetail.doctor._source import Source
from dovetail.doctor._values import (
    NONE,
    UNKNOWN,
    ClassInfo,
    Const,
    Func,
    Instance,
    Lib,
    Scope,
    Tensor,
    Union,
    Unknown,
    Value,
    join,
    key,
    options_of,
    truth,
)

STEPS_OF_ROOT: Final = 12_000  # statements run for one entry point
ACTIVATED: Final = frozenset(ACTIVATION_LAYERS.values())
LEAST_BUDGET: Final = 60_000  # statements run for a small project


@final
class Interpreter:
    """State of one interpretation of a project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.facts = Facts()
        self.scopes: dict[Source, Scope] = {}
        self.stack: list[ast.AST] = []
        self.entered: set[ast.AST] = set()
        self.memo: dict[Any, Value] = {}
        self.instances: list[Instance] = []
        self.made: dict[Any, Instance] = {}
        self.made_of: Counter[ClassInfo] = Counter()
        self.classes: list[ClassInfo] = []
        self.functions: list[Func] = []
        self.journals: list[dict[tuple[int, str], tuple[Value | Any, Any]]] = []
        self.seen: set[Any] = set()
        self.entered_on: set[tuple[ast.AST, int]] = set()
        self.steps = 0
        self.choices = 0  # undecided branches around, that choose between tasks
        self.tied = False  # a loss is called that may be one of several kinds
        # Statements that may be run in all: a few times what the project has.
        self.budget = LEAST_BUDGET + sum(len(s.lines) for s in project.sources)
        # The parts know each other: expressions make calls, calls run statements.
        from dovetail.doctor._expressions import BY_KIND

        self.by_kind = BY_KIND

    # Files ---------------------------------------------------------------------

    def module(self, source: Source) -> Scope:
        """The names of a file after it has run; a cycle of imports sees it half run."""
        if source in self.scopes:
            return self.scopes[source]
        scope = Scope(source, is_module=True)
        self.scopes[source] = scope
        dotted = "__main__"
        scope.names["__name__"] = Const(dotted)
        steps, self.steps = self.steps, self.allowance(2)
        given = self.steps
        stack, self.stack = self.stack, []
        frame = Frame(scope)
        try:
            self.block(frame, source.tree.body)
        except OutOfSteps:
            self._define_rest(frame, source.tree.body)
        except RecursionError:
            self.facts.notes.append(f"{source.path}: nested too deeply to follow")
            self._define_rest(frame, source.tree.body)
        except Exception as error:
            self.unfollowed(error)
            self._define_rest(frame, source.tree.body)
        self.budget -= given - max(self.steps, 0)
        self.steps, self.stack = steps, stack
        return scope

    def allowance(self, times: int = 1) -> int:
        """Statements that the next entry point may run."""
        return min(times * STEPS_OF_ROOT, max(self.budget // 8, 400))

    def _define_rest(self, frame: Frame, body: Sequence[ast.stmt]) -> None:
        """Functions and classes that a file left early would have defined."""
        self.steps = STEPS_OF_ROOT
        for statement in body:
            if (
                isinstance(statement, ast.FunctionDef | ast.ClassDef)
                and statement.name not in frame.scope.names
            ):
                try:
                    self.statement(frame, statement)
                except Exception:
                    continue

    def unfollowed(self, error: Exception) -> None:
        """A fault of ours in one place: said once, and the rest goes on."""
        note = f"part of the code was not followed ({type(error).__name__})"
        if note not in self.facts.notes:
            self.facts.notes.append(note)
        self.facts.faults.append(error)

    # Statements ----------------------------------------------------------------

    def block(self, frame: Frame, body: Sequence[ast.stmt]) -> Flow:
        """Execute statements in order."""
        for statement in body:
            flow = self.statement(frame, statement)
            if flow:
                return flow
        return Flow.ON

    def statement(self, frame: Frame, node: ast.stmt) -> Flow:
        """Execute one statement."""
        self.steps -= 1
        if self.steps < 0:
            raise OutOfSteps
        match node:
            case ast.Expr(value=value):
                self.eval(frame, value)
            case ast.Assign(targets=targets, value=value):
                result = self.eval(frame, value)
                for target in targets:
                    self.assign(frame, target, result)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.assign(frame, target, self.eval(frame, value))
            case ast.AugAssign():
                self._augmented(frame, node)
            case ast.Return(value=value):
                frame.returns.append(NONE if value is None else self.eval(frame, value))
                return Flow.LEFT
            case ast.If():
                return self._if(frame, node)
            case ast.For() | ast.AsyncFor():
                return self._for(frame, node)
            case ast.While():
                self.eval(frame, node.test)
                flow = self._loop(frame, node.body)
                return flow or self.block(frame, node.orelse)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    entered = self.eval(frame, item.context_expr)
                    if item.optional_vars is not None:
                        self.assign(frame, item.optional_vars, entered)
                return self.block(frame, node.body)
            case ast.Try() | ast.TryStar():
                return self._try(frame, node)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                define_function(self, frame, node)
            case ast.ClassDef():
                define_class(self, frame, node)
            case ast.Import() | ast.ImportFrom():
                run_import(self, frame, node)
            case ast.Match():
                self.eval(frame, node.subject)
                return self.branch(frame, [c.body for c in node.cases] + [[]])
            case ast.Global(names=names):
                frame.global_names.update(names)
            case ast.Raise():
                return Flow.RAISED
            case ast.Break() | ast.Continue():
                return Flow.LEFT
            case ast.Assert(test=test):
                self.eval(frame, test)
        return Flow.ON

    def _if(self, frame: Frame, node: ast.If) -> Flow:
        decided = truth(self.eval(frame, node.test))
        if decided is None:
            chosen = chooses_a_task(node.test)
            self.choices += chosen
            try:
                return self.branch(frame, [node.body, node.orelse])
            finally:
                self.choices -= chosen
                frame.chosen |= chosen and has_return(node.body)
        taken, other = (node.body, node.orelse)[:: 1 if decided else -1]
        if other and about_training(node.test):
            self._aside(frame, other)
        return self.block(frame, taken)

    def _aside(self, frame: Frame, body: Sequence[ast.stmt]) -> None:
        """Look at a branch whose effects do not count: evaluation, beside training."""
        names, returns = dict(frame.scope.names), list(frame.returns)
        self.journals.append({})
        try:
            self.block(frame, body)
        finally:
            self._undo(self.journals.pop())
            frame.scope.names, frame.returns = names, returns

    def branch(self, frame: Frame, blocks: Sequence[Sequence[ast.stmt]]) -> Flow:
        """Take every block from here, and go on with what they have in common."""
        before = frame.scope.names
        ends: list[tuple[Flow, dict[str, Value]]] = []
        writes: list[dict[tuple[int, str], tuple[Any, Any]]] = []
        for block in blocks:
            frame.scope.names = dict(before)
            self.journals.append({})
            try:
                flow = self.block(frame, block)
            finally:
                made = self._undo(self.journals.pop())
            ends.append((flow, frame.scope.names))
            if flow is not Flow.RAISED:
                writes.append(made)
        self._join_writes(writes)
        alive = [names for flow, names in ends if flow is Flow.ON]
        if not alive:
            frame.scope.names = dict(before)
            left = any(flow is Flow.LEFT for flow, _ in ends)
            return Flow.LEFT if left else Flow.RAISED
        if len(alive) == 1:
            frame.scope.names = alive[0]
            return Flow.ON
        changed: dict[str, list[Value]] = {}
        merged = alive[0]
        for names in alive[1:]:
            for name, value in names.items():
                if name not in merged:
                    merged[name] = value
                elif merged[name] is not value:
                    changed.setdefault(name, [merged[name]]).append(value)
        for name, values in changed.items():
            merged[name] = join(*values)
        frame.scope.names = merged
        return Flow.ON

    def _for(self, frame: Frame, node: ast.For | ast.AsyncFor) -> Flow:
        from dovetail.doctor._sequences import elements

        rounds = elements(self, frame, self.eval(frame, node.iter), node)
        if rounds is not None and not rounds:
            return self.block(frame, node.orelse)
        flow = Flow.ON
        if rounds is None:
            self._assign_unknown(frame, node.target, data=True)
            flow = self._loop(frame, node.body)
        else:
            for value in rounds:
                self.assign(frame, node.target, value, data=True)
                flow = self._loop(frame, node.body)
                if flow:
                    break
        return flow or self.block(frame, node.orelse)

    def _loop(self, frame: Frame, body: Sequence[ast.stmt]) -> Flow:
        """One round; a loop that may end early has not left the function for that."""
        returns = len(frame.returns)
        flow = self.block(frame, body)
        if flow is Flow.LEFT and len(frame.returns) > returns and has_return(body):
            return Flow.LEFT
        return Flow.ON

    def _try(self, frame: Frame, node: ast.Try | ast.TryStar) -> Flow:
        flow = self.branch(
            frame,
            [
                [*node.body, *node.orelse],
                *(h.body for h in node.handlers if not gives_up(h.body)),
            ],
        )
        return self.block(frame, node.finalbody) or flow

    def _augmented(self, frame: Frame, node: ast.AugAssign) -> None:
        target = node.target
        load = ast.copy_location(
            ast.Name(target.id, ast.Load())
            if isinstance(target, ast.Name)
            else ast.Attribute(target.value, target.attr, ast.Load())
            if isinstance(target, ast.Attribute)
            else ast.Subscript(target.value, target.slice, ast.Load()),
            target,
        )
        left = self.eval(frame, load)
        right = self.eval(frame, node.value)
        self.assign(frame, target, binary(self, frame, node, node.op, left, right))

    # Names ---------------------------------------------------------------------

    def assign(
        self, frame: Frame, target: ast.expr, value: Value, *, data: bool = False
    ) -> None:
        """Bind a target; tuples are taken apart."""
        from dovetail.doctor._attributes import set_attribute, set_item
        from dovetail.doctor._sequences import unpack

        match target:
            case ast.Name(id=name):
                if isinstance(value, Unknown) and not value.name:
                    value = Unknown(name, data or value.data)
                if name in frame.global_names:
                    frame.scope.globals().names[name] = value
                else:
                    frame.scope.names[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                values = unpack(self, frame, value, len(parts), parts)
                for part, one in zip(parts, values, strict=True):
                    part = part.value if isinstance(part, ast.Starred) else part
                    self.assign(frame, part, one, data=data)
            case ast.Attribute(value=owner, attr=name):
                set_attribute(self, frame, self.eval(frame, owner), name, value)
            case ast.Subscript(value=owner, slice=index):
                holder = self.eval(frame, owner)
                set_item(self, frame, holder, self.eval(frame, index), value)
            case ast.Starred(value=inner):
                self.assign(frame, inner, UNKNOWN)

    def _assign_unknown(self, frame: Frame, target: ast.expr, *, data: bool) -> None:
        self.assign(frame, target, Unknown("", data), data=data)

    def lookup(self, frame: Frame, name: str) -> Value:
        """The value of a name; builtins last."""
        found = frame.scope.find(name)
        if found is not None:
            return found
        return Lib(f"builtins.{name}") if name in BUILTINS else Unknown(name)

    # Objects that change -------------------------------------------------------

    def write(self, holder: Value, name: str, value: Any) -> None:
        """Set an attribute (or "items") of an object so that branches can undo it."""
        old = read_slot(holder, name)
        if self.journals:
            self.journals[-1].setdefault((id(holder), name), (holder, old))
        write_slot(holder, name, value)

    def _undo(
        self, journal: dict[tuple[int, str], tuple[Any, Any]]
    ) -> dict[tuple[int, str], tuple[Any, Any]]:
        made = {}
        for at, (holder, old) in journal.items():
            made[at] = (holder, read_slot(holder, at[1]))
            write_slot(holder, at[1], old)
        return made

    def _join_writes(
        self, branches: Sequence[dict[tuple[int, str], tuple[Any, Any]]]
    ) -> None:
        for at in dict.fromkeys(at for made in branches for at in made):
            holder = next(made[at][0] for made in branches if at in made)
            old = read_slot(holder, at[1])
            ends = [made[at][1] if at in made else old for made in branches]
            ends = [end for end in ends if end is not MISSING]
            self.write(holder, at[1], joined(ends))

    def note(self, fact: LossUse | Decision | Operation) -> None:
        """Keep what a rule may look at, once."""
        if self.choices and not isinstance(fact, Decision):
            fact = replace(fact, sure=False)
        if isinstance(fact, LossUse):
            kinds: Any = (
                key(fact.prediction),
                key(fact.target),
                fact.loss,
                fact.weight,
            )
        elif isinstance(fact, Decision):
            kinds = (fact.kind, key(fact.value), fact.threshold, fact.dim)
        else:
            kinds = key(fact.tensor)
        seen = (type(fact), fact.node, kinds)
        if seen in self.seen:
            return
        self.seen.add(seen)
        if isinstance(fact, LossUse):
            self.facts.losses.append(fact)
        elif isinstance(fact, Decision):
            self.facts.decisions.append(fact)
        else:
            self.facts.operations.append(fact)

    def eval(self, frame: Frame, node: ast.expr) -> Value:
        """The value of an expression; the walrus binds, calls are made."""
        work = self.by_kind.get(type(node))
        value = UNKNOWN if work is None else work(self, frame, node)
        kind = type(value)
        if kind is Tensor or kind is Union:
            for option in options_of(value):
                if isinstance(option, Tensor) and option.op in ACTIVATED:
                    reads = self.facts.reads.setdefault(option.node, {})
                    reads[node] = frame.source
        return value
