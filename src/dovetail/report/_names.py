"""The classes or labels of a task, asked of the task rather than of its type.

So a task that is added later is told and drawn without a line here.
"""

from typing import Any

from dovetail.tasks import Task


def classes_of(task: Task) -> tuple[Any, ...]:
    """The classes of which each row has one; empty for other tasks.

    >>> from dovetail.tasks import Binary, Regression
    >>> classes_of(Binary(("ham", "spam"))), classes_of(Regression())
    (('ham', 'spam'), ())
    """
    return tuple(getattr(task, "classes", ()))


def labels_of(task: Task) -> tuple[Any, ...]:
    """The labels of which each row has any number; empty for other tasks.

    >>> from dovetail.tasks import MultiLabel
    >>> labels_of(MultiLabel(("red", "blue")))
    ('red', 'blue')
    """
    return tuple(getattr(task, "labels", ()))
