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
from typing import TYPE_CHECKING, Any

from dovetail.doctor._calls import enter, instantiate
from dovetail.doctor._facts import Facts
from dovetail.doctor._interpret import (
    STEPS_OF_ROOT,
    Frame,
    Interpreter,
    OutOfSteps,
)
from dovetail.doctor._values import (
    ClassInfo,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    Scope,
    Union,
    key,
)

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

OBJECTS_OF_A_CLASS = 3  # on which methods that nobody calls are entered


def interpret(project: "Project") -> Facts:
    """Everything that can be seen of losses and decisions in a project."""
    run = Interpreter(project)
    with _at_ease():
        for source in project.sources:
            run.module(source)
        _enter_the_rest(run)
    return run.facts


def _enter_the_rest(run: Interpreter) -> None:
    for func in run.functions:
        if func.node not in run.entered:
            _guarded(run, lambda func=func: enter(run, func, None, [], {}, func.node))
    made = {instance.info for instance in run.instances}
    for info in list(run.classes):
        if info not in made and not _is_abstract(info):
            _guarded(run, lambda info=info: _make(run, info))
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
            _methods(run, instance)


def _make(run: Interpreter, info: ClassInfo) -> None:
    frame = Frame(Scope(info.scope.source, {}, info.scope))
    instantiate(run, frame, info, [], {}, info.node)


def _methods(run: Interpreter, instance: Instance) -> None:
    """Enter methods in the order they stand in, again if one sets what another reads."""
    methods: dict[str, Func] = {}
    for info in reversed(instance.info.mro()):
        for name, value in info.attrs.items():
            if isinstance(value, Func) and value.owner is info:
                methods[name] = value
    todo = [m for n, m in methods.items() if n not in ("__init__", "__post_init__")]
    unseen = [m for m in todo if (m.node, id(instance)) not in run.entered_on]
    before = _state(instance)
    for method in unseen:
        _enter_method(run, method, instance)
    if _state(instance) != before:
        for method in unseen:
            _enter_method(run, method, instance)


def _state(instance: Instance) -> dict[str, object]:
    """What an object holds that can matter: models, losses, functions."""
    return {
        name: value if isinstance(value, Union) else key(value)[0]
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
    _guarded(run, lambda: enter(run, method, owner, [], {}, node, rooted=True))


def _guarded(run: Interpreter, work: Any) -> None:
    run.steps = STEPS_OF_ROOT
    run.stack.clear()
    run.journals.clear()
    try:
        work()
    except OutOfSteps:
        run.stack.clear()
    except RecursionError:
        run.stack.clear()
        note = "some code is nested too deeply to follow"
        if note not in run.facts.notes:
            run.facts.notes.append(note)
    run.journals.clear()


def _is_abstract(info: ClassInfo) -> bool:
    return info.is_a("Protocol", "NamedTuple", "TypedDict", "Enum")


@contextlib.contextmanager
def _at_ease() -> Iterator[None]:
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
