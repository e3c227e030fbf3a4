"""Tasks: everything that follows from a target, one file for each kind."""

from collections.abc import Mapping
from typing import Any

from dovetail._names import key, parse_call, suggest
from dovetail.errors import ConfigError, TargetError
from dovetail.tasks._base import Task
from dovetail.tasks._labels import spelling
from dovetail.tasks.binary import Binary
from dovetail.tasks.count import Count
from dovetail.tasks.infer import Reading, infer_task
from dovetail.tasks.multiclass import Multiclass
from dovetail.tasks.multilabel import MultiLabel
from dovetail.tasks.ordinal import Ordinal
from dovetail.tasks.regression import Regression

__all__ = [
    "Binary",
    "Count",
    "MultiLabel",
    "Multiclass",
    "Ordinal",
    "Reading",
    "Regression",
    "Task",
    "by_name",
    "from_json",
    "infer_task",
    "kind_of",
    "spelling",
]

_TASKS: dict[str, type[Task]] = {
    t.__name__: t for t in (Binary, Count, MultiLabel, Multiclass, Ordinal, Regression)
}


def by_name(name: str) -> type[Task]:
    """The task class of this name, in any spelling: ``multi-label``, ``MultiLabel``."""
    by_key = {key(known): task for known, task in _TASKS.items()}
    if key(name) not in by_key:
        raise ConfigError(
            f"Unknown task {name!r}.{suggest(name, _TASKS)}",
            fix=f"choose one of: {', '.join(sorted(_TASKS))}",
        )
    return by_key[key(name)]


def kind_of(task: Any) -> type[Task]:
    """The class of a task given as such, as a value, or in words.

    >>> kind_of("binary(head='softmax')").__name__, kind_of(Count()).__name__
    ('Binary', 'Count')
    """
    if isinstance(task, Task):
        return type(task)
    if isinstance(task, type) and issubclass(task, Task):
        return task
    return by_name(parse_call(str(task), what="task", error=ConfigError)[0])


def from_json(document: Mapping[str, Any]) -> Task:
    """Read what ``Task.to_json`` wrote.

    >>> from_json(Count().to_json()) == Count()
    True
    """
    if "task" not in document:
        raise TargetError(
            "A task is an object with the field 'task', its name.",
            fix="the file was changed, or is no task.json",
        )
    values = dict(document)
    return by_name(str(values.pop("task"))).from_values(values)
