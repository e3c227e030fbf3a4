"""The one training loop, read from top to bottom.

    for each epoch:   the order of rows, a pure function of (seed, epoch)
      for each step:  a contiguous slice -> raw outputs -> loss per row -> weighted mean
                      -> backward -> clip -> learning rate of the step -> update
      at its end:     the metric on the tune rows; the best weights so far are kept
    then:             the best weights go back into the network

It knows a network, a loss, an optimizer spec, tensors and a function that scores; it
knows nothing of tables, tasks, files or terminals.
"""

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from dovetail.errors import NotFiniteError
from dovetail.losses import Loss
from dovetail.optim import Spec, clip_by_global_norm, set_training
from dovetail.train.average import Average
from dovetail.train.order import cuda_devices, noise_seed, row_order
from dovetail.train.rows import Rows

REPORT_EVERY_S = 0.1  # how often the running loss is read from the device


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How long and how to train; the learning rate lives in the optimizer spec."""

    epochs: int
    batch_size: int
    seed: int
    patience: int  # epochs without improvement before stopping
    clip: float | None = None  # global gradient norm
    stop_after: int | None = None  # end here, on the schedule of ``epochs``
    average: bool = False  # score and keep the moving average of the weights


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where training stands; given to the callback some ten times a second."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float  # mean per row since the start of the epoch
    rows_per_s: float
    eta_s: float
    metric: str = ""
    value: float | None = None  # on the tune rows, at the end of an epoch
    best: float | None = None
    fold: int | None = None
    folds: int | None = None


@dataclass
class Trained:
    """What came out: curves, the best epoch, and why training ended."""

    history: list[dict[str, Any]] = field(default_factory=list)
    best_epoch: int = 0
    best_value: float | None = None
    stopped: str = "epochs"  # or "early"
    clipped: float = 0.0  # share of steps whose gradient was clipped


def train(
    network: nn.Module,
    loss: Loss,
    optimizer_spec: Spec,
    rows: Rows,
    plan: Plan,
    *,
    score: Callable[[], float] | None = None,
    metric: str = "",
    higher_is_better: bool = False,
    report: Callable[[Progress], None] | None = None,
) -> Trained:
    """Train ``network`` in place; afterwards it holds its best weights.

    ``score()`` gives the metric on the tune rows; without it the last weights are
    kept. Raises ``NotFiniteError`` when loss or weights leave the finite numbers.
    """
    loss.check(network_probe(network, rows), rows.target[:1])
    optimizer = optimizer_spec.build(network)
    batch = len(rows) if optimizer_spec.full_batch else min(plan.batch_size, len(rows))
    starts = _batch_starts(len(rows), batch)
    steps_per_epoch = len(starts) - 1
    total = plan.epochs * steps_per_epoch
    last_epoch = min(plan.epochs, plan.stop_after or plan.epochs)
    # Weights are relative: their mean over all rows counts as 1.
    mean_weight = None if rows.weights is None else rows.weights.mean()

    average = Average(network) if plan.average else None
    averaged = average.in_place if average is not None else nullcontext
    trained = Trained()
    best_weights: dict[str, Tensor] | None = None
    start = time.perf_counter()
    step = 0
    clipped = torch.zeros((), device=rows.target.device)

    def tell(mean_loss: float, rate: float, value: float | None = None) -> None:
        if report is None:
            return
        steps = last_epoch * steps_per_epoch
        pace = (time.perf_counter() - start) / step  # of the steps so far
        report(
            Progress(
                epoch=epoch, epochs=last_epoch, step=step, steps=steps,
                loss=mean_loss, rows_per_s=rate, eta_s=(steps - step) * pace,
                metric=metric, value=value, best=trained.best_value,
            )
        )  # fmt: skip

    with torch.random.fork_rng(devices=cuda_devices(rows.target.device)):
        for epoch in range(1, last_epoch + 1):
            torch.manual_seed(noise_seed(plan.seed, epoch))
            order = row_order(plan.seed, epoch, len(rows))
            shuffled = rows[order.to(rows.target.device)]
            total_loss = torch.zeros((), device=rows.target.device, dtype=torch.float64)
            seen = 0
            epoch_start = last_report = time.perf_counter()
            network.train()
            set_training(optimizer, True)

            for first, end in pairwise(starts):
                part = shuffled[first:end]
                factor = optimizer_spec.schedule(step, total)
                for group in optimizer.param_groups:
                    group["lr"] = group["initial_lr"] * factor

                def closure(part: Rows = part) -> Tensor:
                    optimizer.zero_grad(set_to_none=True)
                    raw = network(part.numbers, part.categories)
                    value = _mean(loss.rows(raw, part.target), part, mean_weight)
                    value.backward()  # type: ignore[no-untyped-call]
                    return value.detach()

                value: Tensor
                if optimizer_spec.full_batch:
                    value = optimizer.step(closure)  # type: ignore
                else:
                    value = closure()
                    if plan.clip is not None:
                        norm = clip_by_global_norm(network.parameters(), plan.clip)
                        clipped += norm > plan.clip
                    optimizer.step()
                if average is not None:
                    average.update()
                total_loss += value.double() * len(part)
                seen += len(part)
                step += 1

                now = time.perf_counter()
                if now - last_report > REPORT_EVERY_S:
                    last_report = now
                    mean_loss = _finite(total_loss.item() / seen, epoch, step)
                    tell(mean_loss, seen / (now - epoch_start))

            mean_loss = _finite(total_loss.item() / seen, epoch, step)
            set_training(optimizer, False)
            line = {
                "epoch": epoch,
                "step": step,
                "lr": optimizer.param_groups[0]["lr"],
                "loss": mean_loss,
            }
            value_now = None
            if score is not None:
                with averaged():
                    value_now = _finite(score(), epoch, step, f"{metric} on tune rows")
                    if _better(value_now, trained.best_value, higher_is_better):
                        trained.best_value, trained.best_epoch = value_now, epoch
                        best_weights = _copy(network)
                line[metric] = value_now
            trained.history.append(line)
            tell(mean_loss, seen / (time.perf_counter() - epoch_start), value_now)
            if score is not None and epoch - trained.best_epoch >= plan.patience:
                trained.stopped = "early"
                break

    if best_weights is None:
        trained.best_epoch = len(trained.history)
        with averaged():
            best_weights = _copy(network)
    network.load_state_dict(best_weights)
    trained.clipped = clipped.item() / max(1, step)
    network.eval()
    return trained


@torch.no_grad()
def network_probe(network: nn.Module, rows: Rows) -> Tensor:
    """Raw outputs of one row, so that shapes are checked before the first step."""
    was_training = network.training
    network.eval()
    raw = network(rows.numbers[:1], rows.categories[:1])
    network.train(was_training)
    return raw  # type: ignore[no-any-return]


def _batch_starts(rows: int, batch: int) -> list[int]:
    """Where batches begin, and the end; a last batch of one row joins the one before.

    Batch norm has no statistics of a single row.

    >>> _batch_starts(5, 2), _batch_starts(6, 4)
    ([0, 2, 5], [0, 4, 6])
    """
    starts = list(range(0, rows, batch))
    if len(starts) > 1 and rows - starts[-1] == 1:
        starts.pop()
    return [*starts, rows]


def _mean(per_row: Tensor, part: Rows, mean_weight: Tensor | None) -> Tensor:
    if part.weights is None or mean_weight is None:
        return per_row.mean()
    return (per_row * (part.weights / mean_weight)).mean()


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in network.state_dict().items()}


def _better(value: float, best: float | None, higher_is_better: bool) -> bool:
    if best is None:
        return True
    return value > best if higher_is_better else value < best


def _finite(value: float, epoch: int, step: int, what: str = "training loss") -> float:
    if math.isfinite(value):
        return value
    raise NotFiniteError(
        f"The {what} is {value} in epoch {epoch}, noticed at step {step}.",
        fix="lower the learning rate (--lr), or look for extreme values in the data",
    )
