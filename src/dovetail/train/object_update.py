"""Updates by an object of torch's kind: Muon, L-BFGS, schedule-free, a user's own."""

import inspect
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
from dovetail.train.optimizer_state import OptimizerState, check_writable
from dovetail.train.update import Gradients, Numbers, Update


@final
class ObjectUpdate(Update):
    """Any optimizer of torch's kind, over the parameters of one network.

    One that calls back for the loss gets gradients as they are, and ``clip`` does not
    apply: what it looks for is a smaller loss along the gradient, which a shortened one
    would belie.
    """

    def __init__(
        self, members: Members, spec: Spec, clip: float | None, *, average: bool
    ) -> None:
        if len(members) > 1:
            raise ConfigError(
                f"{type(spec).__name__} cannot train several members as one program.",
                fix="take an elementwise optimizer (sgd, adam, adamw, ...), or train "
                "the members one after the other",
            )
        self.spec = spec
        self.optimizer: Optimizer = spec.build(members.networks[0])
        self.calls_back = _calls_back(self.optimizer)
        super().__init__(members, None if self.calls_back else clip, average=average)
        self.remembered = OptimizerState(self.optimizer)
        self.parameters = members.parameters(0)
        self.start = self.optimizer.param_groups[0]["initial_lr"]

    def reset(self) -> None:
        """Average and optimizer as before the first step."""
        super().reset()
        self.optimizer = self.spec.build(self.members.networks[0])
        self.remembered = OptimizerState(self.optimizer)

    def rates(self, first: int, count: int, total: int, scale: Numbers) -> Numbers:
        """The first group's rate; the others keep their ratio to it."""
        steps = range(first, first + count)
        found = [self.start * self.spec.schedule(step, total) for step in steps]
        return np.array(found, dtype=np.float64)[:, None] * scale

    def take(self, gradients: Gradients, step: int) -> tuple[Tensor, Tensor | None]:
        """Let the optimizer make the step; some ask for the loss several times."""
        self._set_rate(float(self.rates(step, 1, self.total, self.scale)[0, 0]))
        norm = None
        if self.calls_back:
            loss = self._search(gradients)
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

    def _search(self, gradients: Gradients) -> Tensor:
        """A step that calls back; gives the loss that was computed first, at the
        weights of before the step: not every optimizer hands it on."""
        found: list[Tensor] = []

        # torch's stub says float where every optimizer passes the tensor through.
        def closure() -> Any:
            with torch.enable_grad():
                found.append(self._loss(gradients))
            return found[-1]

        self.optimizer.step(closure)
        return found[0]

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
        """The average, and the tensors that the optimizer keeps."""
        return {**super().state(), **self.remembered.tensors()}

    def document(self) -> dict[str, Any]:
        """Everything of the optimizer that is no tensor, and where tensors stand."""
        return self.remembered.document()

    def to_json(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Refused where a checkpoint has no place for something in it."""
        check_writable(document)
        return document

    def load(self, tensors: Mapping[str, Tensor], document: Mapping[str, Any]) -> None:
        """torch's own loading would cast: what was float32 beside float64 weights."""
        if self.average is not None:
            self.average.copy_(tensors["average"])
        self.remembered.load(tensors, document, self.members.weights.device)


def _calls_back(optimizer: Optimizer) -> bool:
    """Does ``step`` need a closure that computes the loss, as that of L-BFGS does?"""
    parameters = inspect.signature(optimizer.step).parameters.values()
    return any(
        p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        for p in parameters
    )
