"""Which event a call is: by what it is called on, else by how it is written."""

import ast
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, final

from dovetail.doctor._events import Branch, Entered, Event, Step, Trace
from dovetail.doctor._index import index
from dovetail.doctor._roles import key_of, model_of, optimizer_of, scheduler_of
from dovetail.doctor._source import Source
from dovetail.doctor._values import (
    Bound,
    Const,
    Func,
    Instance,
    Layer,
    Lib,
    LibMethod,
    Tensor,
    Unknown,
    Value,
    options_of,
)
from dovetail.doctor._written import written

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

# What takes a step of its own where it is handed the optimizer or the model.
SUSPECT: Final = re.compile(
    r"zero|clear|reset|grad|step|optimi|update|train|accumulate|context|fit|apply|learn"
)
HARMLESS: Final = re.compile(
    r"clip_grad|_grad_norm|unscale|ema|meter|metric|avg|average|lr|learning_rate|"
    r"requires_grad|no_grad|enable_grad|set_grad|progress|pbar|tqdm|log|print"
)
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


@final
class CallEvents:
    """Tells what a call is to a training loop; entered functions give their trace."""

    def __init__(
        self, project: "Project", trace_of: Callable[[ast.AST, Source], Trace]
    ) -> None:
        self.project = project
        self.facts = project.facts
        self._trace_of = trace_of

    def of(self, node: ast.Call, source: Source) -> list[Step]:
        """The events of a call; its arguments have been looked at before."""
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
            trace = self._trace_of(func.node, func.scope.source)
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
        alone = receiver in ("self", "super()") and not self._is_attribute(node)
        if alone or re.search(r"optim|\bopt\b|model|net|param|grad", handed):
            return [Event("opaque", node, source)]
        if _called_optimizer(receiver):
            return [Event("opaque", node, source)]
        return []

    def _is_attribute(self, node: ast.Call) -> bool:
        """Is ``self.name(...)`` a call of something that was put there?"""
        callee = self.facts.callee(node)
        return callee is not None and not isinstance(callee, LibMethod)


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
