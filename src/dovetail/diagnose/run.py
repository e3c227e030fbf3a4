"""``dovetail.diagnose``: one batch through model, loss and optimizer, read closely."""

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy
from torch.utils.data import DataLoader

from dovetail.diagnose._batch import Batch, split, tensors, to_device
from dovetail.diagnose._calls import check_calls, explain
from dovetail.diagnose._findings import Findings
from dovetail.diagnose._gradients import (
    all_zero,
    detached,
    trainable,
    unreached,
    unregistered,
)
from dovetail.diagnose._graph import nodes
from dovetail.diagnose._modes import check_training_mode
from dovetail.diagnose._neighbours import check_dead, check_neighbours
from dovetail.diagnose._null import check_start
from dovetail.diagnose._optimizers import (
    everywhere,
    missed,
    parameters_of,
    step_changes,
)
from dovetail.diagnose._ours import call_of
from dovetail.diagnose._record import Call, Recorder
from dovetail.diagnose._reduction import check_metric, check_reduction
from dovetail.diagnose._state import kept
from dovetail.diagnose._targets import certain_failure
from dovetail.diagnose._trace import Trace, left_on, traced
from dovetail.doctor._base import Finding
from dovetail.errors import UsageError

Forward = Callable[[nn.Module, Any], Any]


def diagnose(
    model: nn.Module,
    loss: Callable[..., Any] | None,
    batch: Any,
    *,
    optimizer: Any = None,
    forward: Forward | None = None,
    metric: Callable[[Any, Any], Any] | None = None,
) -> list[Finding]:
    """What is wrong between model, loss, target and optimizer, seen on one batch.

    ``model``: any module, in the mode it is trained in. ``loss``: a module, a function
    of output and target, one of dovetail's losses; None where the model computes its
    loss itself (it is returned alone, as ``.loss`` or ``["loss"]``, or by
    ``training_step``). ``batch``: ``(x, y)``, several inputs and a target, a dict,
    a DataLoader; see ``dovetail.diagnose._batch``. ``optimizer``: one, or a list.
    ``forward(model, batch)``: for unusual calls; returns the arguments of the loss.
    ``metric(output, target)``: an accuracy to look at, too.

    Runs forward, loss, backward and one optimizer step, and puts everything back:
    parameters, buffers, gradients, modes, optimizer state, random generators.
    A loss that fails on this batch gives the finding that says why; what no rule
    explains is raised as it came. Errors come first in the list.

    >>> import torch
    >>> from torch import nn
    >>> net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
    >>> batch = torch.randn(8, 4), torch.tensor([0, 1, 2, 0, 1, 2, 0, 1])
    >>> [found.rule for found in diagnose(net, nn.CrossEntropyLoss(), batch)]
    ['softmax-before-cross-entropy']
    """
    _check_arguments(model, loss, optimizer)
    model = _unwrapped(model)
    optimizers = _several(optimizer)
    modules = [model, *([loss] if isinstance(loss, nn.Module) else [])]
    found = Findings()
    with (
        kept(modules, optimizers),
        warnings.catch_warnings(),
        torch.inference_mode(False),
        torch.enable_grad(),
    ):
        # Torch warns of some shapes that broadcast, of those that are meant as well.
        warnings.filterwarnings("ignore", message="Using a (target|input) size")
        if isinstance(batch, DataLoader):
            batch = next(iter(batch))
        run = _Run(model, loss, _placed(model, batch), forward, optimizers, found)
        run.go()
        if metric is not None and run.seen is not None:
            check_metric(metric, run.seen.output, run.seen.target, found)
    return found.ordered()


@dataclass
class _Seen:
    """One forward and loss."""

    output: Any
    target: Any
    loss: Any
    calls: list[Call]


class _Refused(Exception):  # noqa: N818
    """This call would end the process on an accelerator."""


class _Run:
    """One diagnosis: the arguments, and what has been seen so far."""

    def __init__(
        self,
        model: nn.Module,
        loss: Callable[..., Any] | None,
        batch: Any,
        forward: Forward | None,
        optimizers: list[Any],
        found: Findings,
    ) -> None:
        self.model, self.loss, self.batch = model, loss, batch
        self.forward, self.optimizers, self.found = forward, optimizers, found
        self.parts: Batch | None = None
        self.seen: _Seen | None = None
        if forward is None and not self._steps_itself():
            self.parts = split(model, batch, wants_target=loss is not None)

    def go(self) -> None:
        """Look from the loss back to the parameters."""
        recorder = Recorder(before=_refuse)
        with traced(self.model) as trace:
            try:
                self.seen = self._once(recorder)
            except Exception as error:
                trains = bool(trainable(self.model))
                if not explain(recorder.record, error, self.found, trains=trains):
                    raise
                return
        seen, found = self.seen, self.found
        outputs = tensors(seen.output)
        check_training_mode(self.model, self.optimizers, found)
        loss = _scalar(seen.loss)
        ends = [loss.grad_fn] if isinstance(loss, Tensor) else []
        relevant = [*seen.calls, *recorder.record.of_loss(nodes(ends))]
        check_calls(relevant, recorder.record.tables, found)
        if isinstance(loss, Tensor) and loss.grad_fn is not None:
            tips = [t.grad_fn for t in outputs if t.grad_fn is not None] or ends
            held = self._held_anywhere
            known = [*tensors(self.batch), *self._parameters_of_loss()]
            again = self._again
            unregistered(self.model, tips, known, held, again, found)
        if detached(self.model, loss, outputs, found):
            return
        assert isinstance(loss, Tensor)
        check_reduction(recorder.record, relevant, loss, found)
        self._gradients(loss, outputs, relevant, trace, recorder)

    def _gradients(
        self,
        loss: Tensor,
        outputs: list[Tensor],
        relevant: list[Call],
        trace: Trace,
        recorder: Recorder,
    ) -> None:
        found, optimizers, model = self.found, self.optimizers, self.model
        parameters = trainable(model)
        got = torch.autograd.grad(
            loss, list(parameters.values()), retain_graph=True, allow_unused=True
        )
        pairs = zip(parameters, got, strict=True)
        gradients = {name: g for name, g in pairs if g is not None}
        reached = {name: parameters[name] for name in gradients}
        held = {id(p) for p in parameters_of(optimizers)} if optimizers else None
        visible = [t for t in (*outputs, *left_on(model)) if t.grad_fn is not None]
        unreached(model, loss, visible, trace, recorder.record.cuts, held, found)
        main = next((t for t in outputs if t.grad_fn is not None), None)
        if main is not None and self.parts is not None:
            inputs = (self.parts.args, self.parts.kwargs)
            record = recorder.record
            check_dead(
                main,
                list(parameters.values()),
                inputs,
                record.dead_layers,
                record.last_dead,
                found,
            )
            check_neighbours(model, inputs, self._call, main, found)
        if not found.has("dead-outputs", "single-output-softmax"):
            steps = relevant[0].steps if relevant else ()
            all_zero(gradients, float(loss.detach()), steps, found)
        if len(relevant) == 1 and not any(f.severity == "error" for f in found):
            check_start(relevant[0], found)
        if optimizers:
            missed(reached, model, optimizers, found)
            step_changes(reached, gradients, optimizers, found)

    def _once(self, recorder: Recorder) -> _Seen:
        """Forward and loss, recorded."""
        if self.forward is not None:
            with recorder.during("forward"):
                given = self.forward(self.model, self.batch)
            if self.loss is None:
                return _Seen(given, None, given, [])
            arguments = given if isinstance(given, tuple) else (given,)
            target = arguments[1] if len(arguments) > 1 else None
            recorder.mark_targets(tensors(arguments[1:]))
            with recorder.during("loss"):
                value = self.loss(*arguments)
            return _Seen(arguments[0], target, value, [])
        if self.parts is None:
            with recorder.during("loss"):
                value = self.model.training_step(self.batch, 0)  # type: ignore[operator]
            return _Seen(value, None, _own_loss(value), [])
        recorder.mark_targets(tensors(self.parts.target))
        with recorder.during("forward"):
            output = self._call((self.parts.args, self.parts.kwargs))
        if self.loss is None:
            return _Seen(output, None, _own_loss(output), [])
        chosen = _chosen(self.loss, output)
        ours = call_of(self.loss, chosen, self.parts.target)
        calls = [] if ours is None else [ours]
        recorder.record.calls += calls
        with recorder.during("loss"):
            value = self._criterion(chosen, self.parts.target)
        if ours is not None:
            ours.result = value
            recorder.record.calls.remove(ours)
        return _Seen(output, self.parts.target, value, calls)

    def _call(self, inputs: Any) -> Any:
        args, kwargs = inputs
        return self.model(*args, **kwargs)

    def _criterion(self, output: Any, target: Any) -> Any:
        assert self.loss is not None
        return self.loss(output, target)

    def _again(self) -> Any:
        return _scalar(self._once(Recorder()).loss)

    def _parameters_of_loss(self) -> list[Tensor]:
        loss = self.loss
        return list(loss.parameters()) if isinstance(loss, nn.Module) else []

    def _held_anywhere(self) -> list[Tensor]:
        return [*parameters_of(self.optimizers), *everywhere()]

    def _steps_itself(self) -> bool:
        own = getattr(self.model, "training_step", None)
        return self.loss is None and callable(own)


def _refuse(call: Call) -> None:
    if call.input.device.type != "cpu" and certain_failure(call):
        call.failed = _Refused("not computed on an accelerator")
        raise call.failed


def _scalar(value: Any) -> Any:
    """One number with its graph: losses of rows are averaged, parts added."""
    if isinstance(value, Mapping):
        parts = [_scalar(v) for v in value.values() if isinstance(v, Tensor)]
        return sum(parts[1:], parts[0]) if parts else None
    if isinstance(value, tuple | list):
        return next((_scalar(v) for v in value if isinstance(v, Tensor)), None)
    if isinstance(value, Tensor) and value.ndim:
        return value.mean() if value.is_floating_point() else value.float().mean()
    return value


def _own_loss(output: Any) -> Any:
    """The loss that a model computed itself."""
    if isinstance(output, Mapping) and "loss" in output:
        return output["loss"]
    named = getattr(output, "loss", None)
    if named is not None:
        return named
    if isinstance(output, Tensor):
        return output
    if isinstance(output, tuple | list) and output and isinstance(output[0], Tensor):
        return output[0]
    if isinstance(output, Mapping):
        return output
    raise UsageError(
        "loss is None, but the model returns no loss.",
        fix="give the criterion, or forward=: a function of model and batch that "
        "returns the loss",
    )


def _chosen(loss: Any, output: Any) -> Any:
    """Of several outputs the one that a loss of torch's or ours can take."""
    own = type(loss).__module__.startswith(("torch.nn.", "dovetail.losses"))
    function = getattr(loss, "__module__", None) == "torch.nn.functional"
    if isinstance(output, Tensor) or not (own or function):
        return output
    for name in ("logits", "out", "scores", "output"):
        part = output.get(name) if isinstance(output, Mapping) else None
        part = getattr(output, name, part)
        if isinstance(part, Tensor):
            return part
    return next((t for t in tensors(output) if t.is_floating_point()), output)


def _check_arguments(model: Any, loss: Any, optimizer: Any) -> None:
    if not isinstance(model, nn.Module):
        raise UsageError(
            f"diagnose needs an nn.Module, got {type(model).__name__}.",
            fix="give the model itself: diagnose(model, loss, batch)",
        )
    if isinstance(loss, type):
        raise UsageError(
            f"The loss is the class {loss.__name__}, not an instance.",
            fix=f"give {loss.__name__}()",
        )
    if loss is not None and not callable(loss):
        raise UsageError(
            f"The loss is a {type(loss).__name__}, which cannot be called.",
            fix="give a loss module, or a function of output and target",
        )
    if any(is_lazy(p) for p in model.parameters()):
        raise UsageError(
            "The model has lazy layers whose parameters have no shape yet.",
            fix="call it once, model(x), and make the optimizer then",
        )
    for one in _several(optimizer):
        if not hasattr(one, "param_groups"):
            raise UsageError(
                f"{type(one).__name__} is no optimizer: it has no param_groups.",
                fix="give optimizer=torch.optim.Adam(model.parameters())",
            )


def _several(optimizer: Any) -> list[Any]:
    if optimizer is None:
        return []
    if isinstance(optimizer, Sequence):
        return list(optimizer)
    return [optimizer]


def _unwrapped(model: nn.Module) -> nn.Module:
    """The module inside a wrapper that would count this forward as training."""
    wrapped = (nn.parallel.DistributedDataParallel, nn.DataParallel)
    while True:
        if isinstance(model, wrapped):
            inner: Any = model.module
        else:
            inner = getattr(model, "_orig_mod", None)  # torch.compile
        if not isinstance(inner, nn.Module):
            return model
        model = inner


def _placed(model: nn.Module, batch: Any) -> Any:
    """The batch on the device of the model, where loaders seldom put it."""
    first = next(iter(model.parameters()), None)
    if first is None or first.device.type in ("cpu", "meta"):
        return batch
    return to_device(batch, first.device)
