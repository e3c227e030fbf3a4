"""What a training loop does, and in which order.

A trace is a function's or a file's body with everything left out but the events that
a loop is judged by: gradients cleared, ``backward``, a step, a schedule's step, a
switch of mode, a forward pass. Functions and methods of the project stand in the
trace where they are called (``Entered``), so that helpers are looked into. Which
optimizer, model or schedule it is comes from ``project.facts``; what is not known
there is known by its name only, and ``Event.key`` is then the text.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias, final
from weakref import WeakKeyDictionary

from dovetail.doctor._index import index
from dovetail.doctor._library import OPTIMIZERS
from dovetail.doctor._source import Source
from dovetail.doctor._values import (
    Bound,
    Const,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    LibMethod,
    Tensor,
    Unknown,
    Value,
    options_of,
)
from dovetail.doctor._walk import children
from dovetail.doctor._written import written

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

_OPTIMIZERS: Final = frozenset(
    (
        *OPTIMIZERS,
        "Rprop",
        "ASGD",
        "Adafactor",
        "SparseAdam",
        "Muon",
        "Lion",
        "Lamb",
        "LAMB",
        "FusedAdam",
        "AdamW8bit",
        "Adam8bit",
        "AdaBelief",
    )
)
# What takes a step of its own where it is handed the optimizer or the model.
SUSPECT: Final = re.compile(
    r"zero|clear|reset|grad|step|optimi|update|train|accumulate|context|fit|apply|learn"
)
HARMLESS: Final = re.compile(
    r"clip_grad|_grad_norm|unscale|ema|meter|metric|avg|average|lr|learning_rate|"
    r"requires_grad|no_grad|enable_grad|set_grad|progress|pbar|tqdm|log|print"
)
QUIET: Final = {
    "torch.no_grad",
    "torch.inference_mode",
    "torch.autograd.no_grad",
    "torch.autograd.grad_mode.no_grad",
    "torch.autograd.inference_mode",
    "torch.autograd.grad_mode.inference_mode",
}
METHODS: Final = frozenset(
    (
        "zero_grad",
        "backward",
        "manual_backward",
        "step",
        "train",
        "eval",
        "add_param_group",
        "zero_",
        "fill_",
        "detach_",
        "mul_",
        "copy_",
    )
)
_CALLED: Final = re.compile(r"([A-Za-z_]\w*)\(")
MOST_EVENTS: Final = 2_000  # of one trace with what it enters
MOST_PATHS: Final = 32
DEEPEST: Final = 8

Key: TypeAlias = ast.AST | str


@final
@dataclass(eq=False)
class Event:
    """One thing that happens.

    kind   clear (of ``key``; None for all), backward, step, schedule, train, eval,
           forward, group (add_param_group), fresh (gradients are set by hand), opaque
           (something that cannot be looked into and may do any of these), leave (what
           follows in the block is not reached)
    key    which optimizer, model or schedule: the place where it was made, or its name
    """

    kind: str
    node: ast.AST
    source: Source
    key: Key | None = None
    value: Value | None = None  # the optimizer, model or schedule
    text: str = ""  # as it is written
    bare: bool = True  # without arguments
    framework: bool = False  # accelerate, fabric, Lightning: they may do more

    @property
    def known(self) -> bool:
        """Is it known where the optimizer, model or schedule was made?"""
        return isinstance(self.key, ast.AST)


@final
@dataclass(eq=False)
class Loop:
    """A loop, with the events of one round."""

    node: ast.For | ast.AsyncFor | ast.While | ast.expr
    source: Source
    body: list["Step"]


@final
@dataclass(eq=False)
class Branch:
    """One of several, by ``test``."""

    test: ast.expr | None
    arms: list[list["Step"]]


@final
@dataclass(eq=False)
class Quiet:
    """Without gradients; ``sure`` is False where a condition decides it."""

    body: list["Step"]
    sure: bool = True


@final
@dataclass(eq=False)
class Entered:
    """A function of the project that is called here."""

    node: ast.Call
    trace: "Trace"


Step: TypeAlias = "Event | Loop | Branch | Quiet | Entered"


@final
@dataclass(eq=False)
class Trace:
    """The events of a function, or of a file's own statements."""

    node: ast.AST  # FunctionDef or Module
    source: Source
    body: list[Step] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The function's name; "" for a file."""
        return getattr(self.node, "name", "")


@final
@dataclass(frozen=True)
class Seen:
    """An event with what stands round it, seen from the steps that were walked."""

    event: Event
    loops: tuple[Loop, ...] = ()
    tests: tuple[ast.expr | None, ...] = ()  # conditions since the innermost loop
    quiet: bool = False
    maybe_quiet: bool = False
    entered: tuple[Entered, ...] = ()


def walk(steps: Sequence[Step], limit: int = MOST_EVENTS) -> list[Seen]:
    """Every event, in order, with entered functions; cut at a limit."""
    found: list[Seen] = []

    def go(steps: Sequence[Step], at: Seen, depth: int) -> None:
        for step in steps:
            if len(found) >= limit:
                return
            match step:
                case Event():
                    found.append(
                        Seen(
                            step,
                            at.loops,
                            at.tests,
                            at.quiet,
                            at.maybe_quiet,
                            at.entered,
                        )
                    )
                case Loop(body=body):
                    inside = Seen(
                        at.event,
                        (*at.loops, step),
                        (),
                        at.quiet,
                        at.maybe_quiet,
                        at.entered,
                    )
                    go(body, inside, depth)
                case Branch(test=test, arms=arms):
                    tests = (*at.tests, test)
                    inside = Seen(
                        at.event, at.loops, tests, at.quiet, at.maybe_quiet, at.entered
                    )
                    for arm in arms:
                        go(arm, inside, depth)
                case Quiet(body=body, sure=sure):
                    inside = Seen(
                        at.event,
                        at.loops,
                        at.tests,
                        at.quiet or sure,
                        at.maybe_quiet or not sure,
                        at.entered,
                    )
                    go(body, inside, depth)
                case Entered(trace=trace):
                    if depth >= DEEPEST:
                        continue
                    inside = Seen(
                        at.event,
                        at.loops,
                        at.tests,
                        at.quiet,
                        at.maybe_quiet,
                        (*at.entered, step),
                    )
                    go(trace.body, inside, depth + 1)

    go(steps, Seen(_NOTHING), 0)
    return found


def loops_of(steps: Sequence[Step]) -> Iterator[tuple[Loop, tuple[Loop, ...]]]:
    """Loops that stand in these steps themselves, with the loops round each."""

    def go(
        steps: Sequence[Step], round_: tuple[Loop, ...]
    ) -> Iterator[tuple[Loop, tuple[Loop, ...]]]:
        for step in steps:
            match step:
                case Loop(body=body):
                    yield step, round_
                    yield from go(body, (*round_, step))
                case Branch(arms=arms):
                    for arm in arms:
                        yield from go(arm, round_)
                case Quiet(body=body):
                    yield from go(body, round_)

    return go(steps, ())


def bodies(trace: Trace) -> Iterator[list[Step]]:
    """The body of a trace and of each loop in it: what runs from top to bottom."""
    yield trace.body
    for loop, _ in loops_of(trace.body):
        yield loop.body


def paths(steps: Sequence[Step]) -> list[list[Event | Loop]] | None:
    """Every way through steps, loops in one piece; None if there are too many."""

    def go(steps: Sequence[Step], depth: int) -> list[list[Event | Loop]] | None:
        ways: list[list[Event | Loop]] = [[]]
        for step in steps:
            more: list[list[Event | Loop]] | None
            match step:
                case Event() | Loop():
                    more = [[step]]
                case Branch(arms=arms):
                    more = []
                    for arm in arms:
                        if (inside := go(arm, depth)) is None:
                            return None
                        more += inside
                case Quiet(body=body):
                    more = go(body, depth)
                case Entered(trace=trace):
                    more = [[]] if depth >= DEEPEST else go(trace.body, depth + 1)
                    more = None if more is None else [_staying(way) for way in more]
            if more is None or len(ways) * len(more) > MOST_PATHS:
                return None
            if more != [[]]:
                ends = [way for way in ways if _left(way)]
                goes = [way for way in ways if not _left(way)]
                ways = ends + [way + after for way in goes for after in more]
        return ways

    return go(steps, 0)


def _left(way: Sequence[Event | Loop]) -> bool:
    last = way[-1] if way else None
    return isinstance(last, Event) and last.kind == "leave"


def _staying(way: list[Event | Loop]) -> list[Event | Loop]:
    """A function that is left early has only come back."""
    return way[:-1] if _left(way) else way


@final
class Loops:
    """The traces of a project; ``Loops.of(project)`` makes them once."""

    def __init__(self, project: "Project") -> None:
        self.project = project
        self.facts = project.facts
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
                return steps + self._call(node, source)
        return self._expressions(node, source)

    # Calls ---------------------------------------------------------------------

    def _call(self, node: ast.Call, source: Source) -> list[Step]:
        callee = self.facts.callee(node)
        options = () if callee is None else options_of(callee)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        entered = [o for o in options if isinstance(o, Func | Bound)]
        if entered and len(entered) == len(options):
            return self._enter(node, source, method, entered)
        if method and (event := self._method(node, source, method, options)):
            return [event]
        for option in options:
            if model_of(option) is not None:
                return [Event("forward", node, source, key_of(option), option)]
        if entered:  # one of several things, some of them not known
            return [Event("opaque", node, source)]
        last = (method or _last(node.func)).lower()
        if not SUSPECT.search(last) and last != "backward":
            return []
        name = self.project.qualname(source, node.func) or ""
        if name in ("torch.autograd.backward", "torch.distributed.autograd.backward"):
            far = "distributed" in name
            return [Event("backward", node, source, framework=far)]
        return self._opaque(node, source, name, method)

    def _enter(
        self,
        node: ast.Call,
        source: Source,
        method: str,
        options: Sequence[Value],
    ) -> list[Step]:
        arms: list[list[Step]] = []
        for option in options:
            func = option.func if isinstance(option, Bound) else option
            owner = option.self if isinstance(option, Bound) else None
            assert isinstance(func, Func)
            if isinstance(owner, Instance) and owner.info.is_module():
                if method in ("train", "eval"):
                    kind = _mode(node, method)
                    return [Event(kind, node, source, key_of(owner), owner)]
                if method in ("forward", "__call__"):
                    return [Event("forward", node, source, key_of(owner), owner)]
            if isinstance(owner, Instance) and owner.info.is_a("Optimizer"):
                if method == "step":
                    bare = not (node.args or node.keywords)
                    text = _receiver(node)
                    return [
                        Event("step", node, source, key_of(owner), owner, text, bare)
                    ]
                if method == "zero_grad":
                    return [Event("clear", node, source, key_of(owner), owner)]
            trace = self._trace(func.node, func.scope.source)
            arms.append([Entered(node, trace)] if trace.body else [])
            if method == "zero_grad" and not trace.body:
                arms[-1] = [Event("clear", node, source)]
        if len(arms) == 1:
            return arms[0]
        return [Branch(None, arms)] if any(arms) else []

    def _method(
        self, node: ast.Call, source: Source, method: str, options: Sequence[Value]
    ) -> Event | None:
        """An event of a method of something that the project does not define."""
        if method not in METHODS:
            return None
        text = _receiver(node)
        owner = _owner(options)
        bare = not (node.args or node.keywords)
        match method:
            case "zero_grad":
                if optimizer_of(owner) is not None:
                    return Event("clear", node, source, key_of(owner), owner, text)
                if model_of(owner) is not None:
                    return Event("clear", node, source, None, owner, text)
                named = text if _called_optimizer(text) else None
                return Event("clear", node, source, named, owner, text)
            case "backward" | "manual_backward":
                if isinstance(owner, Instance) and not owner.info.library_bases():
                    return None
                framework = bool(node.args) and not _gradient_argument(node)
                return Event("backward", node, source, framework=framework)
            case "step":
                return self._stepped(node, source, owner, text, bare)
            case "train" | "eval" if len(node.args) <= 1:
                if isinstance(owner, Lib | Tensor):
                    return None
                key = key_of(owner) or text
                return Event(_mode(node, method), node, source, key, owner, text)
            case "add_param_group":
                return Event("group", node, source, key_of(owner) or text, owner, text)
            case "zero_" | "fill_" | "detach_" | "mul_" | "copy_" if ".grad" in text:
                kind = "fresh" if method in ("mul_", "copy_") else "clear"
                return Event(kind, node, source)
        return None

    def _stepped(
        self,
        node: ast.Call,
        source: Source,
        owner: Value | None,
        text: str,
        bare: bool,
    ) -> Event | None:
        if isinstance(owner, Layer) and owner.name.endswith("GradScaler"):
            return self._scaled(node, source)
        if optimizer_of(owner) is not None:
            return Event("step", node, source, key_of(owner), owner, text, bare)
        if scheduler_of(owner) is not None:
            return Event("schedule", node, source, key_of(owner), owner, text, bare)
        if isinstance(owner, Unknown | LibMethod) or owner is None:
            if (made := self._made(source, text)) is not None:
                return Event("schedule", node, source, made, owner, text, bare)
            last = text.rpartition(".")[2].lower()
            if "scaler" in last and node.args:
                return self._scaled(node, source)
            if "sched" in last:
                return Event("schedule", node, source, text, owner, text, bare)
            if _called_optimizer(text):
                return Event("step", node, source, text, owner, text, bare)
        return None

    def _made(self, source: Source, text: str) -> ast.Call | None:
        """The call of transformers that made the schedule of this name in a file."""
        if "schedule" not in source.text or "transformers" not in source.text:
            return None
        found = [
            node.value
            for node in index(self.project, source).assignments
            if isinstance(node.value, ast.Call)
            and any(written(target) == text for target in node.targets)
        ]
        for call in found:
            name = self.project.qualname(source, call.func) or ""
            if not re.fullmatch(r"transformers\.([\w.]*\.)?get_\w*schedule\w*", name):
                return None
        return found[0] if len(found) == 1 else None

    def _scaled(self, node: ast.Call, source: Source) -> Event | None:
        """``scaler.step(optimizer)``."""
        if not node.args:
            return None
        fact = self.facts.calls.get(node)
        given = fact.args[0] if fact is not None and fact.args else None
        text = written(node.args[0])
        for option in () if given is None else options_of(given):
            if optimizer_of(option) is not None:
                return Event("step", node, source, key_of(option), option, text)
        return Event("step", node, source, text, given, text)

    def _opaque(
        self, node: ast.Call, source: Source, name: str, method: str
    ) -> list[Step]:
        """A call that may clear, step or switch, seen by what it is given."""
        last = (method or name.rpartition(".")[2] or _last(node.func)).lower()
        if name.startswith("torch.distributed.autograd"):
            return [Event("opaque", node, source)]
        if not SUSPECT.search(last) or HARMLESS.search(last):
            return []
        if name.startswith(("torch.", "builtins.", "numpy.")):
            return []
        receiver = _receiver(node)
        if re.search(r"(^|[._])(ema|scaler|meter|metric|pbar|bar|tqdm)", receiver):
            return []
        handed = " ".join(
            written(a) for a in (*node.args, *(k.value for k in node.keywords))
        )
        alone = receiver in ("self", "super()") and not _is_attribute(self, node)
        if alone or re.search(r"optim|\bopt\b|model|net|param|grad", handed):
            return [Event("opaque", node, source)]
        if _called_optimizer(receiver):
            return [Event("opaque", node, source)]
        return []


_MADE: "WeakKeyDictionary[Project, Loops]" = WeakKeyDictionary()
_NOTHING: Final = Event("", ast.Pass(), None)  # type: ignore[arg-type]


def key_of(value: Value | None) -> Key | None:
    """Where something was made, which tells it from others of its kind."""
    match value:
        case Layer(node=node):
            return node
        case Instance(node=node, info=info):
            return node or info.node
        case Items(node=node):
            return node
        case Unknown(name=name) if name:
            return name
    return None


def optimizer_of(value: Value | None) -> Value | None:
    """The value, if it is an optimizer."""
    if isinstance(value, Layer):
        last = value.name.rpartition(".")[2]
        if value.name.startswith("torch.optim.") and "lr_scheduler" not in value.name:
            return value
        return value if last in _OPTIMIZERS else None
    if isinstance(value, Instance) and value.info.is_a("Optimizer"):
        return value
    return None


def scheduler_of(value: Value | None) -> Value | None:
    """The value, if it is a schedule of a learning rate of torch or transformers."""
    if isinstance(value, Layer):
        name = value.name
        last = name.rpartition(".")[2]
        if "lr_scheduler" in name and last != "ReduceLROnPlateau":
            return value
    return None


def model_of(value: Value | None) -> Value | None:
    """The value, if it is a network: a module, of the project or of a library."""
    if isinstance(value, Instance) and value.info.is_module():
        return value if not value.info.node.name.lower().endswith("loss") else None
    if isinstance(value, Layer):
        last = value.name.rpartition(".")[2]
        if value.name.startswith("torch.nn.") and not last.endswith("Loss"):
            return value
        if value.name.startswith(("torchvision.models.", "timm.")):
            return value
    if isinstance(value, Items) and value.kind in ("sequential", "modulelist"):
        return value
    return None


def _about_training(source: Source) -> bool:
    """Is anything trained or evaluated here that a trace could show?"""
    return any(
        word in source.text
        for word in (".step(", ".backward(", ".zero_grad(", ".eval()", ".train(")
    )


def _owner(options: Sequence[Value]) -> Value | None:
    """Whose method is called; of several, the first that says something."""
    owners = [o.self for o in options if isinstance(o, LibMethod)]
    owners = [part for owner in owners for part in options_of(owner)]
    # A network or one from a file, moved by to(): the latter looks like a tensor.
    for little in (Unknown | Const | Tensor, Unknown | Const):
        for owner in owners:
            if not isinstance(owner, little):
                return owner
    return owners[0] if owners else None


def _mode(node: ast.Call, method: str) -> str:
    """ "train", "eval", or "mode" where a condition decides."""
    given = node.args[0] if node.args else None
    for keyword in node.keywords:
        given = keyword.value
    if method == "eval" or given is None:
        return method
    if isinstance(given, ast.Constant):
        return "train" if given.value else "eval"
    return "mode"


def _gradient_set(node: ast.stmt, value: ast.expr, source: Source) -> Event:
    none = isinstance(value, ast.Constant) and value.value is None
    return Event("clear" if none else "fresh", node, source)


def _gradient_argument(node: ast.Call) -> bool:
    """``loss.backward(gradient)``: is the receiver the loss, not an engine?"""
    receiver = _last(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    return not re.search(r"accelerat|fabric|engine|self|strategy|scaler", receiver)


def _receiver(node: ast.Call) -> str:
    return written(node.func.value) if isinstance(node.func, ast.Attribute) else ""


def _last(node: ast.AST) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Call(func=func):
            return _last(func)
        case ast.Subscript(value=value):
            return _last(value)
    return ""


def _called_optimizer(text: str) -> bool:
    """Is something called as people call optimizers?"""
    last = text.rpartition(".")[2].lower()
    return bool(re.fullmatch(r"_*(\w+_)?opt(im|imi[sz]er)?s?(_?\w+)?", last))


def _is_attribute(loops: Loops, node: ast.Call) -> bool:
    """Is ``self.name(...)`` a call of something that was put there?"""
    callee = loops.facts.callee(node)
    return callee is not None and not isinstance(callee, LibMethod)


def _leaves(body: Sequence[ast.stmt]) -> bool:
    last = body[-1] if body else None
    return isinstance(last, ast.Return | ast.Raise | ast.Continue | ast.Break)
