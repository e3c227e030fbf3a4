"""What may happen in a training loop, as a tree of events.

Statements are kept as far as they decide whether and how often an event happens: a
loop, a branch, a block without gradients, a function of the project that is entered.
"""

import ast
from dataclasses import dataclass, field
from typing import TypeAlias, final

from dovetail.doctor._source import Source
from dovetail.doctor._values import Value

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
