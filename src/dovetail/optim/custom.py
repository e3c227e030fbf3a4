"""A user's own optimizer: any callable that takes parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, final

from torch import nn
from torch.optim import Optimizer

from dovetail.errors import ConfigError
from dovetail.optim._base import Spec
from dovetail.optim.groups import trainable
from dovetail.optim.schedules import FLAT, Schedule

_DUTIES = ("param_groups", "step", "zero_grad", "state_dict", "load_state_dict")


@final
@dataclass(frozen=True, kw_only=True)
class Custom(Spec):
    """``make(parameters)``, or ``make(parameters, lr=lr)`` where ``lr`` is given.

    ``make`` is a class such as ``torch.optim.Adamax``, a ``functools.partial`` of one,
    or a function. It is used as it is: with its own defaults, one group that holds
    every trainable parameter, and no schedule unless one is given here.

    A checkpoint holds its ``state_dict`` where the class has one of its own; otherwise
    state, settings of the groups, and attributes that are numbers, text, tensors or
    lists and dicts of these; and so for each optimizer inside it. Where ``step`` needs
    a closure it gets one, and gradients are not clipped.

    >>> import torch
    >>> spec = Custom(make=torch.optim.Adamax, lr=0.01)
    >>> spec.build(nn.Linear(2, 1)).param_groups[0]["lr"]
    0.01
    """

    make: Callable[..., Any]
    lr: float | None = None
    schedule: Schedule = FLAT

    def _make(self, module: nn.Module) -> Optimizer:
        parameters = [t.parameter for t in trainable(module)]
        settings = {} if self.lr is None else {"lr": self.lr}
        built: Optimizer = self.make(parameters, **settings)
        missing = [duty for duty in _DUTIES if not hasattr(built, duty)]
        if missing:
            raise ConfigError(
                f"{self.title} gave a {type(built).__name__} without "
                f"{', '.join(missing)}; needed: a torch.optim.Optimizer.",
                fix="give a callable that takes parameters and returns an optimizer",
            )
        if not built.param_groups or any("lr" not in g for g in built.param_groups):
            raise ConfigError(
                f"{self.title} gave a {type(built).__name__} whose parameter groups "
                "have no 'lr'; needed: a learning rate that the schedule can set.",
                fix="let the optimizer keep its rate as group['lr'], and read it there",
            )
        return built

    @property
    def title(self) -> str:
        """The callable's own name, for messages and reports."""
        make = self.make
        while isinstance(make, partial):
            make = make.func
        name = getattr(make, "__qualname__", type(make).__qualname__)
        return f"{getattr(make, '__module__', '?')}.{name}"

    def to_json(self) -> dict[str, Any]:
        """With the callable's name, for readers: code is not restored from JSON."""
        return {
            "name": "Custom",
            "make": self.title,
            "lr": self.lr,
            "schedule": self.schedule.to_json(),
        }
