"""What every optimizer spec is: a frozen value that builds a torch optimizer.

    spec       = AdamW(lr=1e-3)           comparable, printable, JSON in and out
    optimizer  = spec.build(network)      torch.optim.Optimizer over its parameters
    lr of step = group["initial_lr"] * spec.schedule(step, total)

The spec holds no tensors, so one spec serves many networks; the optimizer belongs to
one network and is never shared.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

from torch import nn
from torch.optim import Optimizer

from dovetail.errors import ConfigError
from dovetail.optim._checks import checked
from dovetail.optim.schedules import Schedule


@dataclass(frozen=True, kw_only=True)
class Spec(ABC):
    """An optimizer with its settings and schedule. Subclasses are final."""

    # Wants a closure over all rows: ``optimizer.step(closure)`` with the full batch.
    full_batch: ClassVar[bool] = False

    # The largest learning rate of the run; None only where a user's own callable knows.
    lr: float | None
    schedule: Schedule

    def __post_init__(self) -> None:
        owner = type(self).__name__
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.default is None:
                continue  # left open on purpose
            if field.name == "schedule":
                _check_schedule(owner, value)
            else:
                object.__setattr__(self, field.name, checked(owner, field.name, value))

    @abstractmethod
    def _make(self, module: nn.Module) -> Optimizer:
        """The optimizer over ``module``'s trainable parameters."""

    def build(self, module: nn.Module) -> Optimizer:
        """A new optimizer; each group keeps its ``lr`` as ``initial_lr`` too."""
        optimizer = self._make(module)
        for group in optimizer.param_groups:
            group.setdefault("initial_lr", group["lr"])
        return optimizer

    def with_lr(self, lr: float) -> Self:
        """The same spec with another learning rate."""
        return replace(self, lr=lr)

    def to_json(self) -> dict[str, Any]:
        """``{"name": "SGD", "lr": 0.05, ...}``; read back by ``optim.from_json``."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        values = {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}
        values["schedule"] = self.schedule.to_json()
        return {"name": type(self).__name__, **values}


def _check_schedule(owner: str, value: object) -> None:
    if not isinstance(value, Schedule):
        raise ConfigError(
            f"{owner}: schedule is {value!r}; needed: a Schedule.",
            fix="give one of optim.WarmupCosine(), optim.OneCycle(), optim.Constant()",
        )
