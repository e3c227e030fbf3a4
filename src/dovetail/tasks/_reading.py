"""What ``infer_task`` answers, and the column it looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import pyarrow as pa

from dovetail.errors import TargetError
from dovetail.tasks._base import Task

SHOWN = 40  # characters of a cell that a reason or an error repeats


@final
@dataclass(frozen=True)
class Reading:
    """How a target was read: the task, why, how surely, and what else it could be."""

    task: Task
    reason: str
    confidence: float
    runner_up: Task | None

    def __str__(self) -> str:
        if self.runner_up is None:
            return self.reason
        second = type(self.runner_up).__name__
        return f"{self.reason}; second reading: {second}; choose with --task"


@final
@dataclass(frozen=True)
class Column:
    """One target column without its missing cells."""

    name: str
    cells: pa.ChunkedArray
    missing: int = 0

    @property
    def rows(self) -> int:
        return len(self.cells)

    def with_cells(self, cells: pa.ChunkedArray) -> "Column":
        return Column(self.name, cells, self.missing)

    def task(self, kind: type[Task], **options: Any) -> Task:
        """The task of this kind that fits the cells."""
        return kind.from_targets(pa.table({self.name: self.cells}), **options)

    def refused(self, what: str, fix: str) -> TargetError:
        return TargetError(f"Target column {self.name!r} {what}.", fix=fix)


def reading(
    task: Task,
    facts: Sequence[str],
    confidence: float,
    runner_up: Task | None = None,
    *,
    absent: str | None = None,
    missing: str = "",
) -> Reading:
    """A ``Reading`` whose reason lists the facts and ends with the task.

    ``absent`` is how the reason names a task that this version does not have.
    """
    said = [*facts, *([missing] if missing else [])]
    if absent:
        said.append(f"{absent} is not available in this version")
    reason = f"{', '.join(said)}: {type(task).__name__}"
    return Reading(task, reason, confidence, runner_up)


def missing_cells(column: Column) -> str:
    """``12 of 500 cells missing``, or nothing."""
    total = column.rows + column.missing
    return f"{column.missing} of {total} cells missing" if column.missing else ""


def shown(value: Any) -> str:
    """A cell as messages repeat it: quoted, and cut where it is long."""
    text = repr(value)
    return text if len(text) <= SHOWN else text[: SHOWN - 4] + "..." + text[-1]
