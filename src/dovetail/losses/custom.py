"""A user's own loss function."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, NoReturn, final

from jaxtyping import Float
from torch import Tensor

from dovetail._phrases import Phrase, Said
from dovetail._shapes import check_raw
from dovetail.errors import ConfigError, TargetError
from dovetail.losses._base import Loss

_FORMULA = Phrase("{name} of raw outputs and target", "原始输出与目标的函数 {name}")


@final
@dataclass(frozen=True)
class _OnlyNamed:
    """Stands for a function that a model folder names; predictions do without it."""

    name: str

    def __call__(self, raw: Tensor, target: Tensor) -> NoReturn:
        raise ConfigError(
            f"The loss function {self.name} is not part of the model folder: a folder "
            "holds no code, only the name.",
            fix="give the function again: task.with_loss(function)",
        )


@final
@dataclass(frozen=True, kw_only=True)
class Custom(Loss):
    """``function(raw, target)`` of the user's, one value for each row.

    raw: (n, k). target: as the task encodes it. The function must return (n,): weights,
    masks and the mean are applied afterwards. A saved model holds its name only: loaded
    again, it predicts, but cannot compute this loss.

    >>> import torch
    >>> loss = Custom(function=lambda raw, target: (raw - target).abs().squeeze(1))
    >>> loss(torch.zeros(2, 1), torch.tensor([[1.0], [3.0]]))
    tensor([1., 3.])
    """

    # Not in the representation, where it would be an address in memory.
    function: Callable[[Tensor, Tensor], Tensor] = field(repr=False)

    estimates: ClassVar[str] = Said(
        "whatever minimises the given function", "使所给函数最小的值"
    )
    takes: ClassVar[str] = "any target"
    task: ClassVar[str] = ""

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise ConfigError(
                f"Custom needs a function of raw outputs and target, "
                f"got {self.function!r}.",
                fix="give a callable that returns one value for each row",
            )

    def __repr__(self) -> str:
        return f"Custom(function={self.name})"

    @property
    def name(self) -> str:
        """Module and name of the function, for reports and the saved task."""
        if isinstance(self.function, _OnlyNamed):
            return self.function.name
        where = self.function if hasattr(self.function, "__qualname__") else None
        owner = where or type(self.function)
        return f"{owner.__module__}.{owner.__qualname__}"

    @property
    def formula(self) -> str:
        return _FORMULA(name=self.name)

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

    def to_json(self) -> dict[str, Any]:
        """The name only: a model folder holds no code."""
        return {"name": "Custom", "function": self.name}

    @classmethod
    def from_values(cls, values: dict[str, Any]) -> "Custom":
        """From the name in a file: equal to others of that name, and not computable."""
        name = values["function"]
        if not isinstance(name, str):
            raise ConfigError(
                f"Custom needs the name of a function, got {name!r}.",
                fix="the file was changed, or written by a newer dovetail",
            )
        return cls(function=_OnlyNamed(name))
