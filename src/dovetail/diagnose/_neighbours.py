"""Rows of a batch beside each other: does an output depend on the others?"""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from dovetail.diagnose._batch import mapped, tensors
from dovetail.diagnose._findings import Findings
from dovetail.diagnose._graph import chain

Forward = Callable[[Any], Any]  # the batch's inputs to the output of the model

_FAR = 1e-3  # of the spread of the outputs: rounding is 1000 times smaller
_SATURATING = frozenset({"relu", "hardtanh", "tanh", "sigmoid", "softmax", "softplus"})
_SEQUENTIAL = (nn.RNNBase, nn.MultiheadAttention, nn.Transformer, nn.Conv1d)


def check_neighbours(
    model: nn.Module, inputs: Any, forward: Forward, output: Tensor, found: Findings
) -> None:
    """In eval mode half a batch must give half the outputs, whatever its order.

    Nothing is said of models that draw at random, of inputs that have no common first
    axis, of outputs whose shape depends on the batch, and of a first axis that is time.
    """
    rows = _rows(inputs)
    if rows is None or rows < 4 or not output.ndim or len(output) != rows:
        return
    if _may_be_time(model, inputs):
        return
    training = {module: module.training for module in model.modules()}
    model.eval()
    try:
        with torch.no_grad():
            worst = _difference(model, inputs, forward, rows)
    except Exception:  # not made for another number of rows
        return
    finally:
        for module, mode in training.items():
            module.training = mode
    if worst is None:
        return
    steps = [s for s in chain(output) if s.name in ("softmax", "log_softmax")]
    if steps and steps[0].axis == 0:
        found.add(
            "softmax-wrong-dim",
            f"The {steps[0].name.replace('_', '-')} at the end is taken over the batch "
            f"(size {rows}): in eval mode a row's output changes by up to {worst:.2g} "
            "of the spread when half of the rows are left out.",
            "normalise over the classes: dim=1, or dim=-1 where they stand last",
            cause=id(steps[0].node),
        )
        return
    if found.has("softmax-wrong-dim"):
        return
    found.add(
        "outputs-depend-on-batch",
        f"In eval mode a row's output changes by up to {worst:.2g} of the outputs' "
        f"spread when half of the {rows} rows are left out: a prediction depends on "
        "which rows are beside it.",
        "look for softmax(dim=0), statistics or sums over axis 0, an RNN or attention "
        "without batch_first=True, batch norm with track_running_stats=False",
    )


def _rows(inputs: Any) -> int | None:
    """The common first axis of all input tensors; None where there is none."""
    sizes = {t.shape[0] if t.ndim else -1 for t in tensors(inputs)}
    return sizes.pop() if len(sizes) == 1 and -1 not in sizes else None


def _may_be_time(model: nn.Module, inputs: Any) -> bool:
    """A single sequence without a batch axis: its rows are steps, and belong together.

    So may be one index for each row, or one vector, where layers of sequences are.
    """
    sequential = any(isinstance(m, _SEQUENTIAL) for m in model.modules())
    flat = all(t.ndim <= (2 if t.is_floating_point() else 1) for t in tensors(inputs))
    return sequential and flat


def _difference(
    model: nn.Module, inputs: Any, forward: Forward, rows: int
) -> float | None:
    whole = _output(forward(inputs))
    if not torch.equal(whole, _output(forward(inputs))):
        return None  # it draws at random
    if not whole.is_floating_point() or not bool(whole.isfinite().all()):
        return None
    worst = 0.0
    spread = float(whole.std()) or 1.0
    halves = (torch.arange(0, rows, 2), torch.arange(rows - 1, -1, -2))
    for picked in halves:
        part = mapped(inputs, partial(_picked, picked))
        got = _output(forward(part))
        if got.shape[1:] != whole.shape[1:] or len(got) != len(picked):
            return None
        distance = (got - whole[picked.to(whole.device)]).abs().max()
        worst = max(worst, float(distance) / spread)
    if worst < _FAR or _second_axis_is_batch(inputs, forward, whole):
        return None
    return worst


def _picked(rows: Tensor, tensor: Tensor) -> Tensor:
    return tensor[rows.to(tensor.device)]


def _second_axis_is_batch(inputs: Any, forward: Forward, whole: Tensor) -> bool:
    """Time first, batch second, as recurrent layers take it by default?"""
    if whole.ndim < 2 or any(t.ndim < 2 for t in tensors(inputs)):
        return False
    sizes = {t.shape[1] for t in tensors(inputs)}
    if len(sizes) != 1:
        return False
    size = sizes.pop()
    picked = torch.arange(0, size, 2)
    if size < 2 or whole.shape[1] != size:
        return False
    try:
        part = mapped(inputs, lambda t: t[:, picked.to(t.device)])
        got = _output(forward(part))
    except Exception:
        return False
    expected = whole[:, picked.to(whole.device)]
    spread = float(whole.std()) or 1.0
    return got.shape == expected.shape and bool(
        ((got - expected).abs() / spread < _FAR).all()
    )


def _output(value: Any) -> Tensor:
    """The first floating-point tensor of an output."""
    return next(t for t in tensors(value) if t.is_floating_point())


def check_dead(
    output: Tensor,
    parameters: list[nn.Parameter],
    inputs: Any,
    dead_layers: int,
    last_dead: tuple[int, ...],
    found: Findings,
) -> None:
    """Outputs that are the same for all rows, and that no parameter can move."""
    if found.has(
        "single-output-softmax", "no-gradient-to-parameters", "activation-on-logits"
    ):
        return
    if dead_layers:
        found.add(
            "dead-outputs",
            f"A ReLU gives 0 for every unit and every row (shape {last_dead}): nothing "
            "behind it depends on the input, and nothing before it gets a gradient.",
            "lower the learning rate or the scale of weights and inputs; look at the "
            "sign of the bias before that ReLU",
        )
        return
    if output.ndim != 2 or len(output) < 4 or output.grad_fn is None:
        return
    # Constant by design are masked scores and a reference class: no activation is last.
    last = chain(output)[:1]
    if not last or last[0].name not in _SATURATING:
        return
    if not any(_differ(t) for t in tensors(inputs)):
        return
    flat = (output.detach() == output.detach()[:1]).all(0).nonzero().flatten().tolist()
    dead = []
    for column in flat[:8]:
        moves = torch.autograd.grad(
            output[:, column].sum(), parameters, retain_graph=True, allow_unused=True
        )
        if not any(m is not None and bool(m.any()) for m in moves):
            dead.append(column)
    if dead:
        value = float(output.detach()[0, dead[0]])
        found.add(
            "dead-outputs",
            f"{len(flat)} of {output.shape[1]} outputs are the same for all "
            f"{len(output)} rows (column {dead[0]}: {value:.4g}), and no parameter can "
            "move them.",
            "look for a ReLU or a saturated function after the last layer",
        )


def _differ(inputs: Tensor) -> bool:
    return inputs.ndim > 0 and len(inputs) > 1 and bool((inputs != inputs[:1]).any())
