"""Where execution stands: the call that is being executed, and how a block ends."""

import ast
from dataclasses import dataclass, field
from enum import IntEnum
from typing import final

from dovetail.doctor._source import Source
from dovetail.doctor._values import ClassInfo, Func, Scope, Value


class Flow(IntEnum):
    """How a block of statements ends."""

    ON = 0
    LEFT = 1  # return, break, continue
    RAISED = 2


@final
@dataclass(eq=False)
class Frame:
    """One call that is being executed."""

    scope: Scope
    node: ast.AST | None = None
    self_value: Value | None = None
    owner: ClassInfo | None = None
    returns: list[Value] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    nested: list[Func] = field(default_factory=list)
    global_names: set[str] = field(default_factory=set)
    rooted: bool = False  # entered by nobody: attributes it sets are joined
    chosen: bool = False  # past ``if task == ...: return``, so in what else is chosen

    @property
    def source(self) -> Source:
        """The file that the code stands in."""
        return self.scope.source


class OutOfSteps(Exception):  # noqa: N818
    """An entry point took too long; the next one begins."""
