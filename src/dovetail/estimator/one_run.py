"""One run of a fit: a network learns from the rows of a fold, or from all."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, final

import torch
from torch import Tensor, nn

from dovetail.data import Features, Schema
from dovetail.data import Rows as RowNumbers
from dovetail.errors import Interrupted, NotFiniteError
from dovetail.estimator import members, networks, presets
from dovetail.estimator.fitted import Fitted
from dovetail.estimator.given import Part
from dovetail.estimator.planning import Planned
from dovetail.estimator.start_loss import start_loss
from dovetail.estimator.unfinished import Unfinished
from dovetail.tasks import Task
from dovetail.train import (
    Checkpoints,
    Plan,
    Progress,
    Rows,
    Stop,
    Trained,
    cuda_devices,
    raw_outputs,
    train_members,
)

Report = Callable[[Progress], None]


@final
@dataclass(frozen=True)
class Watch:
    """What goes on around the runs of a fit: progress, checkpoints, reasons to end."""

    planned: Planned
    stop: Stop
    place: Unfinished | None
    progress: Report | None

    def begin_run(self, name: str, to_come: int) -> Checkpoints | None:
        """A run begins, and so many come after it; where it is saved."""
        self.stop.begin_run(to_come + 1)
        return None if self.place is None else self.place.run(name)

    def reporter(self, name: str, fold: int | None, to_come: int) -> Report:
        """Hands on the progress of a run as progress of the whole fit."""
        start = time.perf_counter()
        folds = self.planned.config.folds if fold else None

        def tell(event: Progress) -> None:
            if self.place is not None:
                self.place.tell_damage(name)
                self.place.note_time(self.planned.options.checkpoint_every)
            if self.progress is not None:
                # The runs still to come are taken to last as long as this one.
                this_run = time.perf_counter() - start + event.eta_s
                eta = event.eta_s + to_come * this_run
                self.progress(replace(event, fold=fold, folds=folds, eta_s=eta))

        return tell

    def end_run(self, name: str) -> None:
        """A run is over; a signal that came meanwhile ends the fit.

        Raises:
            Interrupted: once the run is on the disk.
        """
        if self.place is not None:
            self.place.tell_damage(name)
        self.leave_if_asked()

    def leave_if_asked(self) -> None:
        """A signal outside the loop is seen here, between two pieces of work."""
        if self.stop.signal is not None:
            if self.place is not None:
                self.place.wait()
            raise Interrupted(self.stop.signal, saved=self.place is not None)


def fit_one(
    planned: Planned,
    schema: Schema,
    fold: RowNumbers,
    watch: Watch,
    *,
    fold_number: int | None = None,
    stop_after: int | None = None,
) -> Fitted:
    """Learn units and network from ``fold.train`` alone; tune rows pick the epoch."""
    config, options = planned.config, planned.options
    preset = presets.PRESETS[config.preset]
    part = planned.given.main.take(fold.train)
    task = planned.task.learn(part.target, part.weights)
    features = part.features(schema)
    target = task.encode(part.target)
    device = torch.device(config.device)
    seeds = members.seeds(config.seed, config.members)

    with torch.random.fork_rng(devices=cuda_devices(device)):
        begun = members.begin(
            lambda model: networks.build(
                model,
                features,
                schema.cardinalities,
                task,
                target,
                part.weights,
                blocks=preset.blocks,
                width=preset.width,
                # Noise would mislead an optimizer that looks for its step length.
                dropout=0.0 if planned.optimizer.full_batch else preset.dropout,
            ),
            options.model,
            seeds,
            features,
        )
    nets = [network.to(device) for network, _ in begun]
    metric = task.metrics[0]
    name = "all" if stop_after else f"fold-{fold_number}" if fold_number else "run"
    to_come = planned.runs - (fold_number or planned.runs)

    checkpoints = watch.begin_run(name, to_come)
    try:
        trained = train_members(
            nets,
            [task.loss] * len(nets),
            [planned.optimizer] * len(nets),
            _rows(features, target, part.weights).to(device),
            Plan(
                epochs=config.epochs,
                batch_size=config.batch_size,
                seed=config.seed,
                patience=config.patience,
                clip=config.clip,
                stop_after=stop_after,
                average=config.average,
                precision=options.precision,
                compiled=options.compiled,
                threads=options.threads,
                micro_batch=options.micro_batch,
                checkpoint_every_s=options.checkpoint_every,
            ),
            noise_seeds=seeds,
            scores=None if stop_after else _scorers(planned, schema, task, nets, fold),
            metric=metric.name,
            higher_is_better=metric.higher_is_better,
            report=watch.reporter(name, fold_number, to_come),
            checkpoints=checkpoints,
            stop=watch.stop,
        )
    except NotFiniteError as error:
        raise _as_the_user_counts(error, part) from error
    watch.end_run(name)
    network, spec = _as_one(nets, begun[0][1], trained)
    at_start = start_loss(task, target, part.weights)
    number = "all" if stop_after else fold_number
    return Fitted(task, schema, network, spec, tuple(trained), at_start, number)


def _as_one(
    nets: list[nn.Module], spec: dict[str, Any], trained: list[Trained]
) -> tuple[nn.Module, dict[str, Any]]:
    """The only network, or the ensemble of those that did not diverge."""
    if len(nets) == 1:
        return nets[0].cpu(), spec
    pairs = zip(nets, trained, strict=True)
    kept = [network.cpu() for network, one in pairs if one.stopped != "diverged"]
    if not kept:
        raise NotFiniteError(
            f"Every one of {len(nets)} members diverged. {trained[0].notes[-1]}",
            fix="lower the learning rate (--lr), or look for extreme values",
        )
    return networks.joined(kept, spec)


def _as_the_user_counts(error: NotFiniteError, part: Part) -> NotFiniteError:
    """The loop knows the rows it was given; the user knows those of the file."""
    if not error.rows:
        return error
    return NotFiniteError(
        error.what,
        fix=error.fix,
        rows=tuple(sorted({int(part.numbers[row]) for row in error.rows})),
        rows_of=part.where,
    )


def _scorers(
    planned: Planned,
    schema: Schema,
    task: Task,
    nets: list[nn.Module],
    fold: RowNumbers,
) -> list[Callable[[], float]] | None:
    """The first metric on the tune rows (a file's, or the fold's), if there are any."""
    tune = planned.given.valid
    if tune is None:
        if not len(fold.tune):
            return None
        tune = planned.given.main.take(fold.tune)
    features = tune.features(schema)
    target, weights, metric = task.truth(tune.target), tune.weights, task.metrics[0]

    def score(network: nn.Module) -> float:
        raw = raw_outputs(network, features.numbers, features.categories).double()
        return metric(*task.views(raw, target)[metric.takes], weights)

    return [partial(score, network) for network in nets]


def _rows(features: Features, target: Tensor, weights: Tensor | None) -> Rows:
    plain = None if weights is None else weights.float()
    return Rows(features.numbers, features.categories, target, plain)
