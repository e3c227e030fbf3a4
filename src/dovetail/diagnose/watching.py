"""``dovetail.doctor.watch``: looks on while a training loop of your own runs."""

import warnings
from collections import Counter
from collections.abc import Callable, Hashable
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from dovetail.diagnose._batch import tensors
from dovetail.diagnose._calls import check_calls
from dovetail.diagnose._findings import Findings
from dovetail.diagnose._gradients import cut_off, unregistered
from dovetail.diagnose._graph import Node
from dovetail.diagnose._loop import Loop
from dovetail.diagnose._null import check_start
from dovetail.diagnose._optimizers import everywhere, missed
from dovetail.diagnose._record import Call, Recorder
from dovetail.diagnose._reduction import check_reduction
from dovetail.diagnose._trace import left_on
from dovetail.doctor._base import Finding
from dovetail.errors import DovetailWarning, UsageError

_CLOSELY = 20  # loss calls that are looked at one by one; then each 50th
_SELDOM = 50


class Watch:
    """A loop that is looked at; ``findings`` are complete once it has ended.

    Losses are seen whichever way they are called. ``start`` and ``stop`` may be called
    around each step, as callbacks do; ``end`` concludes.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[..., Any] | None = None,
        optimizer: Any = None,
    ) -> None:
        if not isinstance(model, nn.Module):
            raise UsageError(
                f"watch needs an nn.Module, got {type(model).__name__}.",
                fix="give the model itself: with dovetail.doctor.watch(model) as seen",
            )
        self.model, self.loss, self.optimizer = model, loss, optimizer
        self._found = Findings()
        self._loop = Loop(model)
        self._recorder = Recorder(after=self._computed, backward=self._backward)
        self._recorder.phase = "loop"
        self._stack = ExitStack()
        self._running = False
        self._sites: Counter[Hashable] = Counter()
        # Until the first backward: the ends of forwards, and where they were cut.
        self._first_backward = True
        self._cuts: list[Node] = []
        self._tips: list[Node] = []
        self._ended = False

    @property
    def findings(self) -> list[Finding]:
        """What has been found so far; errors first."""
        return self._found.ordered()

    def start(self) -> None:
        """Look on from here: hooks on the model, the loss and every optimizer."""
        if self._running:
            return
        self._running = True
        with ExitStack() as stack:
            # What is registered is removed, also if the next one cannot be.
            def hold(handle: Any) -> None:
                stack.callback(handle.remove)

            hold(self.model.register_forward_pre_hook(self._forward))
            hold(self.model.register_forward_hook(self._forward_done))
            if isinstance(self.loss, nn.Module):
                hold(self.loss.register_forward_pre_hook(self._criterion))
                hold(self.loss.register_forward_hook(self._criterion_done))
            for p in self.model.parameters():
                if p.requires_grad and p.is_leaf:
                    hook: Any = p.register_post_accumulate_grad_hook
                    hold(hook(self._loop.accumulated))
            hold(register_optimizer_step_pre_hook(self._loop.stepping))
            hold(register_optimizer_step_post_hook(self._stepped))
            stack.enter_context(self._recorder)
            self._stack = stack.pop_all()

    def stop(self) -> None:
        """Look away: every hook is removed."""
        self._running = False
        self._stack.close()
        self._recorder.forget()

    def end(self, error: BaseException | None = None) -> list[Finding]:
        """Stop, conclude, and warn; with an error its traceback gets the findings."""
        self.stop()
        if not self._ended:
            self._ended = True
            self._conclude()
            for finding in self.findings:
                text = f"{finding.code} {finding.rule}: {finding.message}"
                text += f"\nWhat to do: {finding.fix}"
                if error is None:
                    warnings.warn(text, DovetailWarning, stacklevel=3)
                else:
                    error.add_note(text)
        return self.findings

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end(error)

    def _forward(self, module: nn.Module, args: Any) -> None:
        first = self._first_backward and torch.is_grad_enabled()
        self._recorder.phase = "forward" if first else "loop"
        self._loop.forward(args)

    def _forward_done(self, module: nn.Module, args: Any, output: Any) -> None:
        if self._recorder.phase == "forward":
            self._cuts += self._recorder.record.cuts
            made = (*tensors(output), *left_on(module))
            self._tips += [t.grad_fn for t in made if t.grad_fn is not None]
            self._recorder.forget()
        self._recorder.phase = "loop"

    def _criterion(self, module: nn.Module, args: Any) -> None:
        self._recorder.forget()
        self._recorder.phase = "loss"
        targets = [a for a in args[1:] if isinstance(a, Tensor)]
        self._recorder.mark_targets(targets)

    def _criterion_done(self, module: nn.Module, args: Any, loss: Any) -> None:
        record, self._recorder.phase = self._recorder.record, "loop"
        if isinstance(loss, Tensor) and loss.requires_grad:
            self._found.site = "criterion"
            check_calls([], record.tables, self._found)
            check_reduction(record, record.calls, loss, self._found)
            self._found.site = None
        self._recorder.forget()

    def _computed(self, call: Call) -> None:
        """A loss was computed, or failed."""
        if not call.failed:
            self._loop.scored(call.input)
        target = call.target
        graded = call.input.requires_grad
        graded = graded or (target is not None and target.requires_grad)
        if not graded and call.failed is None:
            return
        site = (call.kind.name, tuple(step.name for step in call.steps))
        self._sites[site] += 1
        count = self._sites[site]
        if count > _CLOSELY and count % _SELDOM:
            return
        self._found.site = site
        check_calls([call], [], self._found)
        if count == 1 and call.failed is None:
            check_start(call, self._found)
        self._found.site = None
        if self._recorder.phase == "loop":
            self._recorder.forget()

    def _backward(self, loss: Tensor) -> None:
        """``loss.backward()`` is called."""
        if loss.grad_fn is None:
            made = "is a tensor made anew from numbers"
            what = made if loss.requires_grad else "carries no gradient"
            self._found.add(
                "loss-detached",
                f"backward() is called on a loss that {what}: it reaches no parameter.",
                "compute the loss from the output with torch, without item(), "
                "detach(), .data, numpy, argmax or torch.tensor()",
            )
        elif self._first_backward:
            self._first_backward = False
            seen = [loss.grad_fn, *self._tips]
            self._loop.cut = cut_off(self.model, self._cuts, seen)
            self._cuts, self._tips = [], []
            criterion = self.loss
            known = (
                list(criterion.parameters()) if isinstance(criterion, nn.Module) else []
            )
            unregistered(
                self.model, [loss.grad_fn], known, everywhere, _not_again, self._found
            )

    def _stepped(self, optimizer: Any, args: Any, kwargs: Any) -> None:
        self._loop.stepped(optimizer)

    def _conclude(self) -> None:
        found, loop = self._found, self._loop
        for key, count in list(found.seen.items()):
            rule, site = key
            if self._sites[site] > 1 and count < 2 and rule not in _ONCE:
                found.drop(rule, site)  # one batch of many, by chance
        loop.conclude(found)
        got = {
            name: p for name, p in self.model.named_parameters() if id(p) in loop.got
        }
        given = self.optimizer if self.optimizer is not None else []
        optimizers = list(given) if isinstance(given, list | tuple) else [given]
        if loop.steps or optimizers:
            stepped = _Stepped(list(loop.held.values()))
            missed(got, self.model, [*optimizers, stepped], found)


_ONCE = frozenset(
    {"initial-loss-far-above-null", "label-out-of-range", "labels-start-at-one"}
)


def _not_again() -> None:
    """A loop's loss is not computed a second time."""


class _Stepped:
    """What the optimizers held that stepped, as the one optimizer they make up."""

    def __init__(self, parameters: list[Tensor]) -> None:
        self.param_groups = [{"params": parameters}]


def watch(
    model: nn.Module,
    loss: Callable[..., Any] | None = None,
    optimizer: Any = None,
) -> Watch:
    """Look on while a training loop runs; warn of what is found when it ends.

    >>> import torch
    >>> model = torch.nn.Linear(3, 1)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> x, y = torch.randn(8, 3), torch.randn(8, 1)
    >>> with watch(model) as seen:
    ...     for _ in range(3):
    ...         optimizer.zero_grad()
    ...         torch.nn.functional.mse_loss(model(x), y).backward()
    ...         optimizer.step()
    >>> seen.findings
    []

    Sees a missing zero_grad, a step before backward, a detached loss, steps that change
    nothing, the wrong mode, and all that a loss call shows (softmax before
    cross-entropy in at least two batches, broadcast shapes, labels out of range).
    Inside, results are the same; outside, no hook is left, also after an exception.
    """
    return Watch(model, loss, optimizer)
