"""The outputs part of ``schema.json``: target columns, their kinds and labels."""

from collections.abc import Sequence
from typing import Any

from dovetail.tasks import Binary, Count, Multiclass, MultiLabel, Ordinal, Task


def outputs(task: Task, target: Sequence[str]) -> list[dict[str, Any]]:
    """One entry for each target column, in the words of the inputs' kinds.

    >>> outputs(Binary.from_targets(["ham", "spam"]), ["label"])
    [{'name': 'label', 'kind': 'category', 'labels': ['ham', 'spam']}]
    """
    if task.columns and len(target) == 1 < len(task.columns):
        # A list column of zeros and ones, which predictions take apart.
        cells = list(task.columns)
        return [{"name": target[0], "kind": "indicators", "labels": cells}]
    if task.columns:
        flags = isinstance(task, Binary | Multiclass | MultiLabel)
        kind = "boolean" if flags else "number"
        return [{"name": name, "kind": kind} for name in task.columns]
    (name,) = target
    if isinstance(task, Binary | Multiclass | Ordinal):
        labels = list(task.classes)
        ordered = {"ordered": True} if isinstance(task, Ordinal) else {}
        return [{"name": name, "kind": "category", "labels": labels, **ordered}]
    if isinstance(task, MultiLabel):
        entry = {"name": name, "kind": "labels", "labels": list(task.labels)}
        return [entry | ({"separator": task.separator} if task.form == "text" else {})]
    if isinstance(task, Count):
        return [{"name": name, "kind": "number", "integer": True, "low": 0}]
    return [{"name": name, "kind": "number"}]
