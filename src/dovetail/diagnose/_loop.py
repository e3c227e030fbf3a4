"""A training loop by its events: forward, backward, clearing, step."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from weakref import ref

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from dovetail.diagnose._findings import Findings
from dovetail.diagnose._gradients import add_cut, trainable
from dovetail.diagnose._modes import mode_dependent
from dovetail.diagnose._numbers import entries
from dovetail.diagnose._optimizers import parameters_of

_SAMPLE = 1024  # numbers of a parameter that are compared


@dataclass
class _Grad:
    """A gradient as it was last seen; ``mixed`` with that of a step that is over."""

    of: int
    version: int
    mixed: bool = False

    def followed_by(self, grad: Tensor) -> bool:
        """Was exactly one sum added to it since?"""
        return self.of == id(grad) and grad._version == self.version + 1


@dataclass
class _Steps:
    """What one optimizer's steps found."""

    count: int = 0
    mixed: int = 0  # gradients of an earlier step were in it
    cleared: int = 0  # a backward, and no gradient left of it
    empty: int = 0  # no backward before it
    after_forward: int = 0  # a forward stood between the backward and it
    in_eval: int = 0
    rates: Counter[float] = field(default_factory=Counter)


class Loop:
    """The state of one loop; ``conclude`` says what was wrong with it."""

    def __init__(self, model: nn.Module) -> None:
        self.model = model
        self.names = {id(p): name for name, p in trainable(model).items()}
        self._last: dict[int, _Grad] = {}
        self._stepped: dict[int, _Grad] = {}
        whole = [p for p in model.parameters() if not is_lazy(p)]
        self._before = {id(p): _sample(p) for p in whole}
        self.steps: dict[int, _Steps] = {}
        self.held: dict[int, Tensor] = {}
        self.got: set[int] = set()  # parameters that ever had a gradient
        self.cut: set[int] = set()  # those that the first loss was cut off from
        self._backward = self._forward_after = self._eval_forward = False
        self._nothing = False  # to step along
        self._in_a_row = 0  # forwards without gradients, in training mode
        self._last_input: Callable[[], Tensor | None] = _nothing
        self.unevaluated = 0

    def forward(self, args: tuple[Any, ...]) -> None:
        """The model is called."""
        first = next((a for a in args if isinstance(a, Tensor)), None)
        same = first is not None and self._last_input() is first
        self._last_input = _nothing if first is None else ref(first)
        if torch.is_grad_enabled():
            self._in_a_row = 0
            self._last_input = _nothing
            self._forward_after = True
            self._eval_forward = not self.model.training
        elif not self.model.training or _estimates_statistics(self.model):
            self._in_a_row = 0
        elif not same:  # the same input again is meant: Monte Carlo dropout
            self._in_a_row += 1
            if self._in_a_row == 2:
                self.unevaluated += 1

    def scored(self, prediction: Tensor) -> None:
        """A loss is computed without gradients: the model is being evaluated."""
        if self._in_a_row == 1 and not torch.is_grad_enabled():
            self.unevaluated += 1

    def accumulated(self, parameter: Tensor) -> None:
        """A backward added to this parameter's gradient."""
        key, grad = id(parameter), parameter.grad
        if grad is None:
            return
        self.got.add(key)
        self._backward, self._forward_after = True, False
        stale, last = self._stepped.pop(key, None), self._last.get(key)
        if stale is not None and stale.followed_by(grad):
            mixed = True
        else:
            mixed = last is not None and last.followed_by(grad) and last.mixed
        self._last[key] = _Grad(id(grad), grad._version, mixed)

    def stepping(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        """An optimizer is about to step."""
        self._in_a_row = 0
        own = [p for p in parameters_of([optimizer]) if id(p) in self._before]
        if not own:
            return
        self.held.update({id(p): p for p in own})
        seen = self.steps.setdefault(id(optimizer), _Steps())
        seen.count += 1
        seen.rates[max(float(g.get("lr", 1)) for g in optimizer.param_groups)] += 1
        if any(callable(a) for a in (*args, *kwargs.values())):
            return  # it calls backward itself
        grads = [p.grad for p in own if p.grad is not None]
        self._nothing = not any(bool(entries(g).any()) for g in grads)
        if self._nothing:
            if self._backward and not self._forward_after:
                seen.cleared += 1
            else:
                seen.empty += 1
        elif self._forward_after:
            seen.after_forward += 1
        seen.mixed += any(
            (g := self._last.get(id(p))) is not None
            and g.mixed
            and p.grad is not None
            and g.of == id(p.grad)
            for p in own
        )
        seen.in_eval += self._eval_forward and bool(grads)

    def stepped(self, optimizer: Any) -> None:
        """An optimizer has stepped."""
        for p in [] if self._nothing else parameters_of([optimizer]):
            if p.grad is not None and id(p) in self._before:
                self._stepped[id(p)] = _Grad(id(p.grad), p.grad._version)
        self._backward = False

    def conclude(self, found: Findings) -> None:
        """Findings of the loop as a whole."""
        for seen in self.steps.values():
            self._of_steps(seen, found)
        if self.unevaluated and (layers := mode_dependent(self.model)):
            found.add(
                "missing-eval-mode",
                "The model is called without gradients, but in training mode: "
                f"{len(layers)} layers ({', '.join(layers[:3])}) drop units or use, "
                "and update, the statistics of the batch.",
                "call model.eval() before evaluating, model.train() after it",
            )
        if not self.steps:
            return
        self._of_parameters(found)

    def _of_steps(self, seen: _Steps, found: Findings) -> None:
        many = f"{seen.count} step{'s' if seen.count > 1 else ''}"
        if seen.mixed and 2 * seen.mixed >= seen.count - 1:
            found.add(
                "missing-zero-grad",
                f"In {seen.mixed} of {many} the gradient still held that of the steps "
                "before: each step uses the sum of all gradients so far.",
                "call optimizer.zero_grad() in each step, before backward()",
            )
        if seen.cleared and 2 * seen.cleared >= seen.count:
            found.add(
                "zero-grad-before-step",
                f"In {seen.cleared} of {many} the gradient was cleared between "
                "backward() and step(): there was nothing to step along.",
                "clear before backward(), or after step()",
            )
        elif found.has("loss-detached"):
            pass  # why no gradient came
        elif seen.empty and 2 * (seen.empty + seen.after_forward) >= seen.count:
            found.add(
                "step-before-backward",
                f"In {seen.empty} of {many} no gradient had been computed when step() "
                "was called.",
                "call loss.backward() before optimizer.step()",
            )
        if seen.in_eval and (layers := mode_dependent(self.model)):
            found.add(
                "missing-train-mode",
                f"In {seen.in_eval} of {many} the model was in evaluation mode: "
                f"{len(layers)} layers ({', '.join(layers[:3])}) trained without "
                "dropout or without updating their statistics.",
                "call model.train() before the training loop, and after each "
                "evaluation",
            )

    def _of_parameters(self, found: Findings) -> None:
        explained = found.has(
            "zero-grad-before-step", "step-before-backward", "loss-detached"
        )
        cut = [self.names[k] for k in self.cut & self.held.keys() - self.got]
        if cut and not explained:
            add_cut(self.model, cut, found)
        changed = any(
            not torch.equal(_sample(p), self._before[id(p)])
            for p in self.model.parameters()
            if id(p) in self._before
        )
        warming = all(
            set(s.rates) == {0.0} and s.count < 3 for s in self.steps.values()
        )
        if not changed and not explained and not warming:
            count = sum(s.count for s in self.steps.values())
            rates = sorted({r for s in self.steps.values() for r in s.rates})
            found.add(
                "step-changes-nothing",
                f"After {count} steps every parameter is as it was. Learning rate: "
                f"{', '.join(f'{r:g}' for r in rates)}.",
                "raise the learning rate; see that backward() reaches the model",
            )


def _nothing() -> None:
    """The input before the first."""


def _sample(parameter: Tensor) -> Tensor:
    flat = parameter.detach().reshape(-1)
    return flat[:: max(len(flat) // _SAMPLE, 1)].clone()


def _estimates_statistics(model: nn.Module) -> bool:
    """As ``torch.optim.swa_utils.update_bn`` does, in training mode on purpose."""
    return any(getattr(m, "momentum", 0.1) is None for m in model.modules())
