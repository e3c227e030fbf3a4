"""Updates by an object of torch's kind: Muon, L-BFGS, schedule-free, a user's own.

Its state is whatever it keeps for each parameter. For checkpoints the tensors in it get
names, and everything else becomes JSON that says where they stand.
"""

from collections.abc import Mapping
from typing import Any, final

import numpy as np
import torch
from torch import Tensor
from torch.optim import Optimizer

from dovetail.errors import ConfigError
from dovetail.optim import Spec, clip_by_global_norm, set_training
from dovetail.train.average import taken_in
from dovetail.train.members import Members
from dovetail.train.update import Gradients, Numbers, Update


@final
class ObjectUpdate(Update):
    """Any optimizer of torch's kind, over the parameters of one network."""

    def __init__(
        self, members: Members, spec: Spec, clip: float | None, *, average: bool
    ) -> None:
        if len(members) > 1:
            raise ConfigError(
                f"{type(spec).__name__} cannot train several members as one program.",
                fix="take an elementwise optimizer (sgd, adam, adamw, ...), or train "
                "the members one after the other",
            )
        super().__init__(members, clip, average=average)
        self.spec = spec
        self.optimizer: Optimizer = spec.build(members.networks[0])
        self.parameters = members.parameters(0)
        self.start = self.optimizer.param_groups[0]["initial_lr"]

    def reset(self) -> None:
        """Average and optimizer as before the first step."""
        super().reset()
        fresh = self.spec.build(self.members.networks[0])
        self.optimizer.load_state_dict(fresh.state_dict())

    def rates(self, first: int, count: int, total: int, scale: Numbers) -> Numbers:
        """The first group's rate; the others keep their ratio to it."""
        steps = range(first, first + count)
        found = [self.start * self.spec.schedule(step, total) for step in steps]
        return np.array(found, dtype=np.float64)[:, None] * scale

    def take(self, gradients: Gradients, step: int) -> tuple[Tensor, Tensor | None]:
        """Let the optimizer make the step; some ask for the loss several times."""
        self._set_rate(float(self.rates(step, 1, self.total, self.scale)[0, 0]))
        norm = None
        if self.spec.full_batch:
            # torch's stub says float where every optimizer passes the tensor through.
            closure: Any = lambda: self._loss(gradients)  # noqa: E731
            loss: Any = self.optimizer.step(closure)
        else:
            loss = self._loss(gradients)
            if self.clip is not None:
                norm = clip_by_global_norm(self.parameters, self.clip).reshape(1)
            self.optimizer.step()
        for parameter in self.parameters:
            parameter.grad = None
        if self.average is not None:
            self.average.lerp_(self.members.weights, taken_in(step + 1))
        return loss.reshape(1), norm

    def _loss(self, gradients: Gradients) -> Tensor:
        losses, found = gradients()
        for parameter, gradient in zip(self.parameters, found, strict=True):
            parameter.grad = gradient
        return losses.sum()

    def _set_rate(self, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * (rate / (self.start or 1.0))

    def mode(self, training: bool) -> None:
        """Schedule-free optimizers keep other weights for evaluation."""
        set_training(self.optimizer, training)

    def state(self) -> dict[str, Tensor]:
        """The tensors inside the optimizer's state, named by where they stand."""
        tensors = super().state()
        for name, _, _, value in self._entries():
            _collect(value, f"optimizer.{name}", tensors)
        return tensors

    def document(self) -> dict[str, Any]:
        """Everything of the optimizer that is no tensor, and where tensors stand."""
        groups = [
            {key: value for key, value in group.items() if key != "params"}
            for group in self.optimizer.param_groups
        ]
        return {
            "groups": [_written(group, "") for group in groups],
            "state": {
                name: _written(value, f"optimizer.{name}")
                for name, _, _, value in self._entries()
            },
        }

    def load(self, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
        """torch's own loading would cast: what was float32 beside float64 weights."""
        if self.average is not None:
            self.average.copy_(tensors["average"])
        for group, saved in zip(
            self.optimizer.param_groups, document["groups"], strict=True
        ):
            group.update(_read(saved, tensors, torch.device("cpu")))
        self.optimizer.state.clear()
        device = self.members.weights.device
        for name, value in document["state"].items():
            index, key = name.split(".", 1)
            own = self.optimizer.state[self._all()[int(index)]]
            own[key] = _read(value, tensors, device)

    def _all(self) -> list[Tensor]:
        return [p for g in self.optimizer.param_groups for p in g["params"]]

    def _entries(self) -> list[tuple[str, Tensor, str, Any]]:
        return [
            (f"{index}.{key}", parameter, key, value)
            for index, parameter in enumerate(self._all())
            for key, value in self.optimizer.state.get(parameter, {}).items()
        ]


def _collect(value: Any, name: str, into: dict[str, Tensor]) -> None:
    if isinstance(value, Tensor):
        into[name] = value
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            _collect(one, f"{name}.{number}", into)
    elif isinstance(value, dict):
        for key, one in value.items():
            _collect(one, f"{name}.{key}", into)


def _written(value: Any, name: str) -> Any:
    """JSON of nested containers; a tensor becomes the name it is kept under."""
    if isinstance(value, Tensor):
        # torch's own optimizers count their steps on the host, whatever the device.
        kind = "on host" if value.device.type == "cpu" else "on device"
        return {kind: name} if name else {"number": value.item()}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {
            kind: [_written(v, name and f"{name}.{i}") for i, v in enumerate(value)]
        }
    if isinstance(value, dict):
        return {
            "dict": [[k, _written(v, name and f"{name}.{k}")] for k, v in value.items()]
        }
    if value is None or isinstance(value, bool | int | float | str):
        return {"value": value}
    raise ConfigError(
        f"The optimizer keeps a {type(value).__name__} in its state, which a "
        "checkpoint cannot hold.",
        fix="keep tensors, numbers, text, lists and dicts there, or train without "
        "a folder to save to",
    )


def _read(document: Any, tensors: Mapping[str, Tensor], device: torch.device) -> Any:
    ((kind, value),) = document.items()
    match kind:
        case "on host":
            return tensors[value].cpu().clone()
        case "on device":
            return tensors[value].to(device, copy=True)
        case "number":
            return torch.tensor(value)
        case "list":
            return [_read(one, tensors, device) for one in value]
        case "tuple":
            return tuple(_read(one, tensors, device) for one in value)
        case "dict":
            return {key: _read(one, tensors, device) for key, one in value}
    return value
