"""A user's own loss function."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, final

from jaxtyping import Float
from torch import Tensor

from dovetail._shapes import check_raw
from dovetail.errors import ConfigError, TargetError
from dovetail.losses._base import Loss


@final
@dataclass(frozen=True, kw_only=True)
class Custom(Loss):
    """``function(raw, target)`` of the user's, one value for each row.

    raw: (n, k). target: as the task encodes it. The function must return (n,): weights,
    masks and the mean are applied afterwards. It is not stored in a saved model, only
    named.

    >>> import torch
    >>> loss = Custom(function=lambda raw, target: (raw - target).abs().squeeze(1))
    >>> loss(torch.zeros(2, 1), torch.tensor([[1.0], [3.0]]))
    tensor([1., 3.])
    """

    function: Callable[[Tensor, Tensor], Tensor]

    estimates: ClassVar[str] = "whatever minimises the given function"
    formula: ClassVar[str] = "the given function of raw outputs and target"
    takes: ClassVar[str] = "any target"

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError(
                f"Custom needs a function of raw outputs and target, "
                f"got {self.function!r}.",
                fix="give a callable that returns one value for each row",
            )

    @property
    def proper(self) -> bool:
        """Nothing is known of the function, so nothing is promised."""
        return False

    def check(self, raw: Tensor, target: Tensor) -> None:
        check_raw(raw, type(self).__name__)
        if len(target) != len(raw):
            raise TargetError(
                f"Custom needs a target of {len(raw)} rows, got {len(target)}.",
                fix="give as many targets as there are rows of raw outputs",
            )

    def rows(self, raw: Tensor, target: Tensor) -> Float[Tensor, " n"]:
        values: Any = self.function(raw, target)
        needed = (raw.shape[0],)
        if isinstance(values, Tensor) and tuple(values.shape) == needed:
            return values
        if not isinstance(values, Tensor):
            came, fix = type(values).__name__, "return a tensor"
        elif values.ndim == 0:
            came, fix = "a scalar", "use reduction='none'; rows are averaged afterwards"
        else:
            came = f"shape {tuple(values.shape)}"
            fix = "average over the last axis: values.mean(dim=1)"
        raise ConfigError(
            f"The loss function {self.name} must return one value for each row, "
            f"shape {needed}; got {came}.",
            fix=fix,
        )

    @property
    def name(self) -> str:
        """Module and name of the function, for reports and the saved task."""
        where = self.function if hasattr(self.function, "__qualname__") else None
        owner = where or type(self.function)
        return f"{owner.__module__}.{owner.__qualname__}"

    def to_json(self) -> dict[str, Any]:
        """The name only: a model folder holds no code."""
        return {"name": "Custom", "function": self.name}

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> "Custom":
        raise ConfigError(
            f"The loss function {values.get('function')} was named in the file, "
            "but a file holds no code.",
            fix="give the function again: task.with_loss(function)",
        )
