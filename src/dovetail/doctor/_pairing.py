"""Predictions and the losses they meet, as rules ask for them."""

import ast
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, final

from dovetail.doctor._facts import LossUse
from dovetail.doctor._values import Layer, Tensor, Union, Value, key, options_of

if TYPE_CHECKING:
    from dovetail.doctor._project import Project

SOFTMAX = frozenset({"softmax", "gumbel_softmax", "softmin"})


@final
@dataclass(frozen=True)
class Pair:
    """A prediction that goes into a loss."""

    use: LossUse
    tensor: Tensor

    def where(self) -> str:
        """The loss, with its place if it stands elsewhere than the operation."""
        place = self.use.source.place(self.use.node)
        name = self.use.loss.name
        if self.tensor.source is self.use.source and self.tensor.node is not None:
            own = self.use.source.place(self.tensor.node)
            if (own.line, own.cell) == (place.line, place.cell):
                return name
            if own.cell == place.cell:
                return f"{name} (line {place.line})"
        return f"{name} ({place})"


def pairs(
    project: "Project", families: Iterable[str], holds: Callable[[Tensor], bool]
) -> Iterator[Pair]:
    """Uses of losses of some families whose prediction surely is such a tensor.

    Once for each operation that made the tensor. Where a branch decides what comes,
    all that may come must be such tensors; where the user chooses a model, one may.
    """
    seen = set()
    wanted = list(families)
    for use in project.facts.uses_of(wanted):
        for tensor in surely(use.prediction, holds):
            if _may_belong_elsewhere(project, use, wanted):
                continue
            cause = tensor.node or use.node
            if cause not in seen:
                seen.add(cause)
                yield Pair(use, tensor)


def _may_belong_elsewhere(
    project: "Project", use: LossUse, families: list[str]
) -> bool:
    """Are both network and loss chosen here? Then they may be chosen together."""
    if not isinstance(use.prediction, Union):
        return False
    maker = use.maker
    if isinstance(maker, Layer) and isinstance(maker.node, ast.Call):
        if isinstance(maker.node.func, ast.Call):  # getattr(nn, args.loss)()
            return True
    return any(
        other.node is use.node
        and other.loss.family not in families
        and key(other.prediction) == key(use.prediction)
        for other in project.facts.losses
    )


def surely(value: Value, holds: Callable[[Tensor], bool]) -> list[Tensor]:
    """The tensors of a value for which something holds, if it holds surely."""
    every = options_of(value)
    found = [o for o in every if isinstance(o, Tensor) and holds(o)]
    if isinstance(value, Union) and not value.choice and len(found) < len(every):
        return []
    return found


def floor(width: int | None) -> str:
    """The least loss that softmax before cross-entropy allows, in words."""
    if width is not None and width > 1:
        least = math.log(math.e + width - 1) - 1
        return f"the loss cannot fall below {least:.3f} for {width} classes"
    return "the loss cannot fall below log(e+C-1)-1, 1.461 for ten classes"


def scored_by(project: "Project", families: Iterable[str]) -> dict[object, LossUse]:
    """The layers whose raw scores go into a loss of some families, with one use.

    Layers are known by the node at which they are applied.
    """
    found: dict[object, LossUse] = {}
    for use in project.facts.uses_of(families):
        for option in options_of(use.prediction):
            if isinstance(option, Tensor) and option.op == "linear" and option.node:
                found.setdefault(option.node, use)
    return found
