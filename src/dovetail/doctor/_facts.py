"""What the interpreter has seen, for rules to look at."""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import final

from dovetail.doctor._library import Loss
from dovetail.doctor._source import Source
from dovetail.doctor._values import Tensor, Value


@final
@dataclass(frozen=True)
class LossUse:
    """A loss that is given a prediction and a target.

    ``sure``: no undecided choice between tasks lies around it (``if metric == ...``).
    """

    loss: Loss
    prediction: Value
    target: Value
    node: ast.AST  # the call of the loss
    source: Source
    weight: bool = False  # with weight= (class weights)
    sure: bool = True
    framework: str = ""  # "skorch", "fastai" ... where a library makes the call
    maker: "Value | None" = None  # the loss object


@final
@dataclass(frozen=True)
class Decision:
    """A prediction that is made a decision: threshold, round, argmax, topk."""

    kind: str
    value: Value
    node: ast.AST
    source: Source
    threshold: float | None = None
    dim: int | None = None


@final
@dataclass(frozen=True)
class Operation:
    """A softmax, log-softmax, sigmoid or log that is applied."""

    tensor: Tensor
    node: ast.AST
    source: Source
    function: ast.AST | None = None  # in which it stands
    sure: bool = True  # as of a LossUse


@final
@dataclass(frozen=True)
class CallFact:
    """What was called, and what came out: the last time it was seen."""

    callee: Value
    args: tuple[Value, ...]
    result: Value


@final
@dataclass
class Facts:
    """Everything seen, in the order in which it was seen, without repetition."""

    losses: list[LossUse] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    returned: list[tuple[Value, ast.AST, Source]] = field(default_factory=list)
    calls: dict[ast.Call, CallFact] = field(default_factory=dict)
    # Expressions that give an activation's output, by the node of the activation.
    reads: dict[ast.AST | None, dict[ast.AST, Source]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)  # of ours; tests look at it

    def callee(self, node: ast.AST) -> Value | None:
        """The value that a call calls (a layer, an instance, a loss), where known."""
        if isinstance(node, ast.Call) and (fact := self.calls.get(node)):
            return fact.callee
        return None

    def uses_of(self, families: Iterable[str]) -> list[LossUse]:
        """The uses of losses of some families."""
        wanted = set(families)
        return [use for use in self.losses if use.loss.family in wanted]
