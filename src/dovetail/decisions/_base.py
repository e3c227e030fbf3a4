"""What every decision rule is: probabilities (or a mean) in, a decision out.

A rule is a frozen value. What it gives is in the task's encoded space: a class index
(n,), 0/1 for each label (n, L), or a point (n, D); ``task.decode`` makes it labels.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields
from typing import Any, ClassVar

from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class Decision(ABC):
    """A decision rule. Subclasses are final."""

    # One sentence on which metric the rule is optimal for; explain() prints it.
    optimal_for: ClassVar[str]

    @abstractmethod
    def __call__(self, probs: Tensor) -> Tensor:
        """The decision for each row."""

    def to_json(self) -> dict[str, Any]:
        """``{"name": "Threshold", "threshold": 0.5}``."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return {"name": type(self).__name__, **values}
