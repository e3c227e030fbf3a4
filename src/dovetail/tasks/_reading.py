"""What ``infer_task`` answers, and the column it looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, final

import pyarrow as pa

from dovetail._phrases import Phrase, joined
from dovetail.errors import TargetError
from dovetail.tasks._base import Task

_READ = Phrase("{facts}: {task}", "{facts}：读作 {task}")
_MISSING = Phrase("{n} of {total} cells missing", "{total} 格中缺失 {n} 格")


@final
@dataclass(frozen=True)
class Reading:
    """How a target was read: the task, why, how surely, and what else it could be.

    ``reason`` speaks of the data alone. ``unavailable`` names a reading that comes
    before or beside this one, and whose task this version does not have.
    """

    task: Task
    reason: str
    confidence: float
    runner_up: Task | None
    unavailable: str = ""

    def __str__(self) -> str:
        parts = [self.reason]
        if self.runner_up is not None:
            second = type(self.runner_up).__name__
            parts.append(f"second reading: {second}; choose with --task")
        if self.unavailable:
            parts.append(f"{self.unavailable} is not available in this version")
        return "; ".join(parts)


@final
@dataclass(frozen=True)
class Column:
    """One target column without its missing cells."""

    name: str
    cells: pa.ChunkedArray
    missing: int = 0
    numbers: Any = None  # of its rows among all, where some cells are missing

    def row(self, index: int) -> int:
        """The data row of a cell, from 1 on."""
        return 1 + (index if self.numbers is None else int(self.numbers[index]))

    @property
    def rows(self) -> int:
        return len(self.cells)

    def with_cells(self, cells: pa.ChunkedArray) -> "Column":
        return Column(self.name, cells, self.missing, self.numbers)

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
    unavailable: str = "",
    missing: str = "",
) -> Reading:
    """A ``Reading`` whose reason lists the facts and ends with the task."""
    said = joined([*facts, missing], ", ", "，")
    reason = _READ(facts=said, task=type(task).__name__)
    return Reading(task, reason, confidence, runner_up, unavailable)


def missing_cells(column: Column) -> str:
    """``12 of 500 cells missing``, or nothing."""
    total = column.rows + column.missing
    return _MISSING(n=column.missing, total=total) if column.missing else ""
