"""From where a project is entered: files, then what nothing in it calls.

A function that is never called is entered with what its parameters are called and with
their defaults; a class that is never made is made so. Methods that only a framework
calls (``training_step``) are entered on each object that was made.
"""

import ast
import contextlib
import gc
import sys
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, final

from dovetail.doctor._calls import enter, instantiate
from dovetail.doctor._facts import Facts
from dovetail.doctor._frames import Frame, OutOfSteps
from dovetail.doctor._guesses import is_model
from dovetail.doctor._interpret import Interpreter
from dovetail.doctor._relevance import Relevance
from dovetail.doctor._values import (
    ClassInfo,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    Scope,
    Union,
    Value,
    key,
)

if TYPE_CHECKING:
    from dovetail.doctor._project import Project
    from dovetail.doctor._source import Source

OBJECTS_OF_A_CLASS = 3  # on which methods that nobody calls are entered


def interpret(project: "Project") -> Facts:
    """Everything that can be seen of losses and decisions in a project."""
    run = Interpreter(project)
    with at_ease():
        for source in project.sources:
            run.module(source)
        _enter_the_rest(run)
    return run.facts


def _enter_the_rest(run: Interpreter) -> None:
    matters = Relevance(run.project)
    made = {instance.info for instance in run.instances}
    for info in list(run.classes):
        if info not in made and info.is_module():
            _guarded(run, partial(_make, run, info, {}))
    models = _Models(run)
    for func in run.functions:
        if func.node not in run.entered and matters.of(func.node):
            given = models.for_parameters(func)
            work = partial(enter, run, func, None, [], given, func.node, rooted=True)
            _guarded(run, work)
    made = {instance.info for instance in run.instances}
    for info in list(run.classes):
        if info not in made and not _is_abstract(info) and _any(matters, info):
            found = info.find("__init__")
            given = models.for_parameters(found) if isinstance(found, Func) else {}
            _guarded(run, partial(_make, run, info, given))
    seen: dict[ast.AST, int] = {}
    done = 0
    while done < len(run.instances):  # methods may make more objects
        instance = run.instances[done]
        done += 1
        if done > 20_000:
            break
        count = seen.get(instance.info.node, 0)
        if count == 0 or (count < OBJECTS_OF_A_CLASS and _state(instance)):
            seen[instance.info.node] = count + 1
            _methods(run, instance, matters)


def _any(matters: Relevance, info: ClassInfo) -> bool:
    return any(matters.of(statement) for statement in info.node.body)


def _make(run: Interpreter, info: ClassInfo, given: dict[str, Value]) -> None:
    frame = Frame(Scope(info.scope.source, {}, info.scope))
    instantiate(run, frame, info, [], given, info.node)


@final
class _Models:
    """Which network a parameter called ``model`` means, where nobody calls.

    The only one of the file, or the only one of the project; parts of others and
    losses do not count.
    """

    def __init__(self, run: Interpreter) -> None:
        parts = {
            id(part)
            for instance in run.instances
            for value in instance.attrs.values()
            for part in _inside(value)
        }
        parts_of = {i.info for i in run.instances if id(i) in parts}
        self.by_file: dict[Source, dict[ClassInfo, Instance]] = {}
        for instance in run.instances:
            info = instance.info
            loss = (
                "loss" in info.node.name.lower()
                or "criterion" in info.node.name.lower()
            )
            if info in parts_of or loss or not info.is_module():
                continue
            if isinstance(info.find("forward"), Func):
                self.by_file.setdefault(info.scope.source, {})[info] = instance

    def for_parameters(self, func: Func) -> dict[str, Value]:
        """Arguments for parameters without a default that are called like a model."""
        here = self.by_file.get(func.scope.source)
        if not here and len(self.by_file) == 1:
            here = next(iter(self.by_file.values()))
        if not here or len(here) != 1:
            return {}
        instance = next(iter(here.values()))
        spec = func.node.args
        known = {name for name, _ in func.defaults}
        names = [a.arg for a in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]
        wanted = [n for n in names if is_model(n) and n not in known]
        return dict.fromkeys(wanted, instance) if len(wanted) == 1 else {}


def _inside(value: Value) -> Iterator[Value]:
    yield value
    if isinstance(value, Items):
        yield from value.items or ()
    elif isinstance(value, Union):
        yield from value.options


def _methods(run: Interpreter, instance: Instance, matters: Relevance) -> None:
    """Enter methods in their order, again if one sets what another reads."""
    methods: dict[str, Func] = {}
    for info in reversed(instance.info.mro()):
        for name, value in info.attrs.items():
            if isinstance(value, Func) and value.owner is info:
                methods[name] = value
    todo = [m for n, m in methods.items() if n not in ("__init__", "__post_init__")]
    unseen = [
        m
        for m in todo
        if (m.node, id(instance)) not in run.entered_on and matters.of(m.node)
    ]
    if run.budget < 0:  # then only what was never seen at all
        unseen = [m for m in unseen if m.node not in run.entered]
    before = _state(instance)
    for method in unseen:
        _enter_method(run, method, instance)
    if run.budget > 0 and _state(instance) != before:
        for method in unseen:
            _enter_method(run, method, instance)


def _state(instance: Instance) -> dict[str, object]:
    """What an object holds that can matter: models, losses, functions."""
    return {
        name: value
        if isinstance(value, Union)
        else key(value)[0]
        if isinstance(value, Instance | Layer | Items)
        else type(value)
        for name, value in instance.attrs.items()
        if isinstance(value, Instance | Layer | Items | Union | Func | ClassInfo | Lib)
    }


def _enter_method(run: Interpreter, method: Func, instance: Instance) -> None:
    node = method.node
    decorators = {
        d.id for d in getattr(node, "decorator_list", ()) if isinstance(d, ast.Name)
    }
    owner: Any = None if "staticmethod" in decorators else instance
    if "classmethod" in decorators:
        owner = instance.info
    given: dict[str, Value] = {}
    # transformers' Trainer gives the model it was made with to compute_loss().
    if isinstance(instance.layer, Layer) and owner is instance:
        model = instance.layer.argument(-1, "model")
        if model is not None and any(a.arg == "model" for a in node.args.args):
            given["model"] = model
    _guarded(run, lambda: enter(run, method, owner, [], given, node, rooted=True))


def _guarded(run: Interpreter, work: Any) -> None:
    run.steps = given = run.allowance()
    run.stack.clear()
    run.journals.clear()
    run.choices = 0
    try:
        work()
    except OutOfSteps:
        pass
    except RecursionError:
        note = "some code is nested too deeply to follow"
        if note not in run.facts.notes:
            run.facts.notes.append(note)
    except Exception as error:  # one strange function must not hide the others
        run.unfollowed(error)
    run.budget -= given - max(run.steps, 0)
    run.stack.clear()
    run.journals.clear()


def _is_abstract(info: ClassInfo) -> bool:
    return info.is_a("Protocol", "NamedTuple", "TypedDict", "Enum")


@contextlib.contextmanager
def at_ease() -> Iterator[None]:
    """Recursion as deep as expressions need; no search for garbage in syntax trees."""
    limit, collects = sys.getrecursionlimit(), gc.isenabled()
    sys.setrecursionlimit(max(limit, 6000))
    gc.disable()
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)
        if collects:
            gc.enable()
