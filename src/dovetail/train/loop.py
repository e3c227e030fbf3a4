"""The one training loop, read from top to bottom.

    for each epoch:     the order of rows and all noise, pure functions of (seed, epoch)
      for each step:    a contiguous slice -> raw outputs -> loss per row -> mean
                        -> gradient -> clip -> update -> average       (train/step.py)
      every so often:   losses are read from the device: finite? time up? a signal?
                        a checkpoint is due?
      at its end:       the metric on the tune rows; the best weights so far are kept
    then:               the best weights go back into the network

It trains M networks of equal shape as one program; one network is the ordinary case.
It knows networks, losses, optimizer specs, tensors and functions that score; it knows
nothing of tables, tasks, files or terminals.
"""

import math
import signal
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from dovetail.errors import Interrupted
from dovetail.losses import Loss
from dovetail.optim import Spec
from dovetail.train import trouble
from dovetail.train.checkpoint import Checkpoints
from dovetail.train.choices import Choices
from dovetail.train.clock import Clock
from dovetail.train.feed import as_they_were
from dovetail.train.members import given_back
from dovetail.train.noise import placed_dropout
from dovetail.train.order import cuda_devices
from dovetail.train.plan import Plan
from dovetail.train.prepare import (
    check_compiled,
    check_counts,
    check_members,
    chosen,
    feed_of,
    give_program,
)
from dovetail.train.probe import probe
from dovetail.train.rows import Rows
from dovetail.train.run import Run
from dovetail.train.step import products_in
from dovetail.train.stop import Stop
from dovetail.train.threads import threads
from dovetail.train.trained import Trained


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where training stands; given to the callback some ten times a second."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float  # mean per row since the start of the epoch, of one member
    rows_per_s: float
    eta_s: float
    metric: str = ""
    value: float | None = None  # on the tune rows, at the end of an epoch
    best: float | None = None
    fold: int | None = None
    folds: int | None = None
    doing: str = "training"  # or "compiling", which takes some seconds


Score = Callable[[], float]
Report = Callable[[Progress], None]


def train(
    network: nn.Module,
    loss: Loss,
    optimizer_spec: Spec,
    rows: Rows | Iterable[Any],
    plan: Plan,
    *,
    score: Score | None = None,
    metric: str = "",
    higher_is_better: bool = False,
    report: Report | None = None,
    checkpoints: Checkpoints | None = None,
    stop: Stop | None = None,
) -> Trained:
    """Train ``network`` in place; afterwards it holds its best weights.

    Args:
        rows: the training rows in memory; or a sized iterable of batches (a DataLoader)
            of ``Rows``, (x, target) or (x, target, weights). Its order is the plan's
            seed's; ``feed.LoaderFeed`` says what of it repeats when a run goes on.
        score: gives the metric on the tune rows; without it the last weights are kept.
        checkpoints: where to save the run, and to go on from if it was saved there.
        stop: asked between steps whether to end before the last epoch.

    Raises:
        NotFiniteError: loss or gradient left the finite numbers, four times.
        Interrupted: a signal came; the run is saved, if there are ``checkpoints``.
    """
    [trained] = train_members(
        [network], [loss], [optimizer_spec], rows, plan,
        scores=None if score is None else [score], metric=metric,
        higher_is_better=higher_is_better, report=report, checkpoints=checkpoints,
        stop=stop,
    )  # fmt: skip
    return trained


def train_members(
    networks: Sequence[nn.Module],
    losses: Sequence[Loss],
    specs: Sequence[Spec],
    rows: Rows | Iterable[Any],
    plan: Plan,
    *,
    noise_seeds: Sequence[int] | None = None,
    scores: Sequence[Score] | None = None,
    metric: str = "",
    higher_is_better: bool = False,
    report: Report | None = None,
    checkpoints: Checkpoints | None = None,
    stop: Stop | None = None,
) -> list[Trained]:
    """Train M networks of equal shape as one program, each with its loss and optimizer.

    They share rows and order (``plan.seed``); ``noise_seeds`` are those of their
    dropout, ``plan.seed`` if not given. Members that follow one another with equal
    losses and optimizers of one class are computed together. A member whose loss is
    no longer finite is marked ``stopped="diverged"`` and the rest go on.
    See ``train`` for the other arguments.
    """
    networks, stop = tuple(networks), stop or Stop()
    check_counts(
        networks, losses=losses, specs=specs, noise_seeds=noise_seeds, scores=scores
    )
    check_members(networks)
    if noise_seeds is None:
        noise_seeds = [plan.seed] * len(networks)
    feed = feed_of(networks, specs, rows, plan.batch_size)
    check_compiled(feed, specs, plan)
    for network, loss in zip(networks, losses, strict=True):
        loss.check(probe(network, feed.rows), feed.rows.target[:1])
    last_epoch = min(plan.epochs, plan.stop_after or plan.epochs)
    saved = None if checkpoints is None else checkpoints.newest()
    choices = (
        chosen(networks, losses, specs, feed, plan, last_epoch, stop.left_s)
        if saved is None
        else Choices.from_json(saved.document["choices"])
    )
    devices = cuda_devices(feed.rows.target.device)
    with (
        threads(choices.threads),
        products_in(choices.precision),
        given_back(networks),
        placed_dropout(networks),
        as_they_were(feed.generators),
        torch.random.fork_rng(devices=devices),
    ):
        run = Run(
            networks, losses, specs, feed, choices,
            seed=plan.seed, noise_seeds=noise_seeds, total=plan.epochs * feed.steps,
            clip=plan.clip, average=plan.average,
        )  # fmt: skip
        if saved is not None:
            run.resume(saved)
        clock = Clock(run.steps, last_epoch * feed.steps, plan.checkpoint_every_s)

        def tell(values: list[float] | None = None, doing: str = "training") -> None:
            if report is not None:
                # Of members the first that is neither stopped nor diverged.
                shown = run.active.index(True) if any(run.active) else 0
                report(
                    Progress(
                        epoch=run.epoch + 1, epochs=last_epoch,
                        step=run.steps, steps=clock.steps, loss=means[shown],
                        rows_per_s=clock.rows_per_s(rows_seen),
                        eta_s=clock.eta_s(run.steps), metric=metric,
                        value=None if values is None else values[shown],
                        best=run.trained[shown].best_value, doing=doing,
                    )
                )  # fmt: skip

        while not run.finished:
            run.train(True)
            if not run.begun:  # it was where a whole epoch was taken back
                run.begin_epoch()
            clock.begin_epoch(run.record.rows(run.place))
            means, rows_seen = [math.nan] * len(networks), 0
            while run.place < feed.steps and not (run.place and stop.late):
                if run.wants_program():
                    tell(doing="compiling")
                    give_program(run, stop)
                    if stop.signal is not None:
                        raise _interrupted(run, checkpoints, stop.signal)
                if not trouble.advanced(run):
                    continue
                if stop.signal is not None:
                    raise _interrupted(run, checkpoints, stop.signal)
                if clock.wants_reading():
                    means, rows_seen = run.record.running(run.place)
                    if trouble.went_back(run, means, "training loss"):
                        continue
                    tell()
                    if checkpoints is not None and clock.wants_checkpoint():
                        checkpoints.save(run.checkpoint())

            means, rows_seen = (
                run.record.means(run.place),
                run.record.rows(run.place),
            )
            if trouble.went_back(run, means, "training loss"):
                continue
            # A gradient can be not finite where the loss is, also in the last step.
            if trouble.went_back(run, run.largest_weights(), "largest weight"):
                continue
            run.train(False)
            values = None if scores is None else run.score(scores, higher_is_better)
            if values and trouble.went_back(run, values, f"{metric} on tune rows"):
                continue
            _note(run, means, values, metric)
            tell(values)
            cut = run.place < feed.steps
            run.end_epoch()
            late = cut or (stop.late and run.epoch < last_epoch)
            _end(run, plan, last_epoch, late=late, scored=scores is not None)
            if checkpoints is not None and (run.finished or clock.wants_checkpoint()):
                run.train(True)  # schedule-free optimizers keep two sets of weights
                checkpoints.save(run.checkpoint())
        run.take_best()
        return run.trained


def _note(
    run: Run, means: list[float], values: list[float] | None, metric: str
) -> None:
    """A line of history for each member that is still in the race."""
    rates = run.update.rates(run.steps - 1, 1, run.total, run.scale)[0]
    for number, trained in enumerate(run.trained):
        if run.active[number]:
            line = {
                "epoch": run.epoch + 1,
                "step": run.steps,
                "lr": float(rates[number]),
                "loss": means[number],
            }
            if values is not None:
                line[metric] = values[number]
            trained.history.append(line)


def _end(run: Run, plan: Plan, last_epoch: int, *, late: bool, scored: bool) -> None:
    """Who has reached an end, and is the whole run there?"""
    for number, trained in enumerate(run.trained):
        waited = run.epoch - trained.best_epoch
        if scored and run.active[number] and waited >= plan.patience:
            run.active[number], trained.stopped = False, "early"
    run.finished = late or run.epoch >= last_epoch or not any(run.active)
    for number, trained in enumerate(run.trained):
        if late and run.active[number]:
            trained.stopped = "time"
    if run.finished and not scored:
        run.keep_last()


def _interrupted(
    run: Run, checkpoints: Checkpoints | None, number: signal.Signals
) -> Interrupted:
    """Save the run; what to raise then."""
    if checkpoints is not None:
        checkpoints.save(run.checkpoint(), wait=True)
    return Interrupted(number, saved=checkpoints is not None)
