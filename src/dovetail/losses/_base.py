"""What every loss is: a frozen value that maps raw outputs and targets to one value
per row.

    stage    takes                                gives
    check    raw (n, k), target                   nothing; raises on shape, domain
    rows     raw (n, k), target                   (n,) without checks: the step's path
    call     raw (n, k), target                   (n,): check, then rows

A loss never averages: weights, masks, means and sums over processes are applied once,
in the training step. It always takes raw outputs and never probabilities.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Self

from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Loss(ABC):
    """A loss on raw outputs. Subclasses are final, frozen and keyword-only."""

    # What a row of the target holds ("one class"); said where a loss does not fit.
    takes: ClassVar[str]
    # The task whose loss it is, by its name; empty where it is no task's own.
    task: ClassVar[str]

    # These two are class variables in losses without parameters.

    @property
    @abstractmethod
    def estimates(self) -> str:
        """What predictions mean where this loss is least: "probability", "the mean"."""

    @property
    @abstractmethod
    def formula(self) -> str:
        """The formula as on paper, one line; parameters that are set are in it."""

    @abstractmethod
    def check(self, raw: Tensor, target: Tensor) -> None:
        """Raise unless ``raw`` and ``target`` fit this loss and each other."""

    @abstractmethod
    def rows(self, raw: Tensor, target: Tensor) -> Float[Tensor, " n"]:
        """One value per row, in the stable form; assumes ``check`` has passed."""

    def __call__(self, raw: Tensor, target: Tensor) -> Float[Tensor, " n"]:
        self.check(raw, target)
        return self.rows(raw, target)

    @property
    def proper(self) -> bool:
        """Is the true conditional law (or the stated functional) its minimiser?"""
        return True

    def best_constant(
        self, target: Tensor, head_size: int, weights: Tensor | None = None
    ) -> Float[Tensor, " k"]:
        """The constant raw output with the least weighted mean loss over ``target``."""
        from dovetail.losses._constant import best_constant

        return best_constant(self, target, head_size, weights)

    def to_json(self) -> dict[str, Any]:
        """``{"name": "Huber", "delta": 1.0}``; read back by ``losses.from_json``."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"name": type(self).__name__, **values}

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> Self:
        """Build from keyword values; lists become tuples, since a loss is hashable."""
        tidy = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**tidy)
