"""From a plan to a trained, scored model."""

import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from os import PathLike
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from dovetail import report
from dovetail.data import Features, Schema
from dovetail.data import Rows as RowNumbers
from dovetail.errors import DovetailWarning
from dovetail.estimator import networks
from dovetail.estimator.model import Model
from dovetail.estimator.planning import Planned, plan
from dovetail.tasks import Task
from dovetail.train import Plan as TrainPlan
from dovetail.train import (
    Progress,
    Rows,
    Trained,
    cuda_devices,
    raw_outputs,
    threads,
    train,
)

EXAMPLES = 5  # rows kept with their answers in examples.json

Report = Callable[[Progress], None]


@dataclass(frozen=True)
class _Fitted:
    """One trained network with what was learnt for it."""

    task: Task
    schema: Schema
    network: nn.Module
    spec: dict[str, Any]
    trained: Trained
    start_loss: float  # mean over the training rows, of the bias alone

    @property
    def threads(self) -> int | None:
        """How many threads it was trained with: its answers depend on them."""
        choices = self.trained.choices
        return None if choices is None else choices.threads

    def answers(self, features: Features) -> tuple[Tensor, Tensor]:
        """Raw outputs of the network, and of the best constant, both (n, k)."""
        with threads(self.threads):
            raw = raw_outputs(self.network, features.numbers, features.categories)
        constant = torch.tensor(self.task.bias, dtype=torch.float64)
        return raw.double(), constant.expand(raw.shape)


@dataclass(frozen=True)
class _Scored:
    """Raw outputs for rows that decided nothing, in the units of ``task``."""

    task: Task
    raw: Tensor
    constant: Tensor
    target: Tensor
    weights: Tensor | None


def fit(
    data: Any,
    target: Any = None,
    *,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Report | None = None,
    **options: Any,
) -> Model:
    """Train a model for ``target`` from the other columns of ``data``.

    Args:
        data: a file (CSV, TSV, JSON lines, Parquet, Feather, ARFF, npz), or pandas,
            Polars, PyArrow, NumPy, torch data with n rows.
        target: name(s), glob or range of the column(s) to predict; or, for a matrix,
            the n targets themselves.
        out: folder to save the model in; ``force`` replaces a model that is there.
        progress: called some ten times a second with a ``Progress``.
        **options: see below; everything left out follows from the data.

    Options, choices:
        task: name ("ordinal", "binary(head='softmax')"), class or ``Task``; read from
            the target if not given.
        model: "auto", an ``nn.Module`` (a copy is trained), or a function
            ``(in_features, outputs) -> nn.Module``. It gets one float matrix and must
            return raw outputs.
        loss: name ("huber(delta=2)", "BCEWithLogitsLoss"), ``Loss``, torch loss, or a
            function ``(raw, target) -> (n,)``.
        optimizer: name ("sgd(momentum=0.9)", "tutorial-adam"), ``optim.Spec``, or a
            function ``parameters -> torch.optim.Optimizer``.
        lr: float; epochs, batch_size: int.

    Options, data:
        valid, test: a file or frame, or ``(X, y)``, that picks the epoch or gives the
            score; split off ``data`` if not given.
        drop: columns to leave out. kinds: ``{"zip": "category"}``.
        weight, group, time: the column of row weights; of groups that stay together;
            of times, to train first and score last.
        folds: int, cross-fit in so many folds. positive: the positive label.
        columns, sep, encoding: how a file is to be read. on_bad: "fail" or "skip".

    Options, running:
        seed: int, 0. device: "auto", "cpu", "cuda", or a ``torch.device``.

    Returns:
        The trained model; its score was measured on rows that decided nothing.

    Raises:
        DataError, TargetError, SchemaError: data that cannot be used.
        ConfigError: choices that do not fit together.
        NotFiniteError: training diverged.
    """
    started, start = datetime.now(UTC), time.perf_counter()
    if out is not None:
        Model.refuse_folder(out, force=force)
    model = fit_planned(plan(data, target, **options), progress=progress)
    model.started = started
    model.seconds = time.perf_counter() - start
    if out is not None:
        model.save(out, force=force)
    for warning in model.document["warnings"]:
        warnings.warn(warning, DovetailWarning, stacklevel=2)
    return model


def fit_planned(planned: Planned, *, progress: Report | None = None) -> Model:
    """Train what was planned: one network, or one for each fold and one for all."""
    main, folds, refit = planned.given.main, planned.row_plan.folds, planned.refit
    fitted: list[_Fitted] = []
    scored: list[_Scored] = []
    history: list[dict[str, Any]] = []
    for number, fold in enumerate(folds, start=1):
        name = number if refit else None
        schema = planned.learn_schema(fold.train) if refit else planned.schema
        one = _fit_one(planned, schema, fold, progress, fold_number=name)
        history += [{"fold": name, **line} for line in one.trained.history]
        fitted.append(one)
        if len(fold.score):
            part = main.take(fold.score)
            features = part.features(one.schema)
            target = one.task.truth(part.target)
            scored.append(
                _Scored(one.task, *one.answers(features), target, part.weights)
            )

    final = fitted[0]
    if refit:
        epochs = round(median(one.trained.best_epoch for one in fitted))
        nothing = np.arange(0)
        everything = RowNumbers(np.arange(len(main)), nothing, nothing)
        final = _fit_one(
            planned, planned.schema, everything, progress, stop_after=max(1, epochs)
        )
        history += [{"fold": "all", **line} for line in final.trained.history]

    if planned.given.test is not None:
        test = planned.given.test
        features = test.features(final.schema)
        target = final.task.truth(test.target)
        scored = [_Scored(final.task, *final.answers(features), target, test.weights)]
    return _scored_model(planned, fitted, final, scored, history)


def _fit_one(
    planned: Planned,
    schema: Schema,
    fold: RowNumbers,
    progress: Report | None,
    *,
    fold_number: int | None = None,
    stop_after: int | None = None,
) -> _Fitted:
    """Learn units and network from ``fold.train`` alone; tune rows pick the epoch."""
    config, options = planned.config, planned.options
    part = planned.given.main.take(fold.train)
    task = planned.task.learn(part.target, part.weights)
    features = part.features(schema)
    target = task.encode(part.target)
    device = torch.device(config.device)

    with torch.random.fork_rng(devices=cuda_devices(device)):
        torch.manual_seed(config.seed)
        network, spec = networks.build(
            options.model,
            features,
            schema.cardinalities,
            task,
            target,
            part.weights,
            dropout=not planned.optimizer.full_batch,
        )
    network.to(device)
    metric = task.metrics[0]

    start = time.perf_counter()

    def tell(event: Progress) -> None:
        if progress is None:
            return
        # The runs still to come are taken to last as long as this one.
        this_run = time.perf_counter() - start + event.eta_s
        to_come = planned.runs - (fold_number or planned.runs)
        eta = event.eta_s + to_come * this_run
        folds = planned.config.folds if fold_number else None
        progress(replace(event, fold=fold_number, folds=folds, eta_s=eta))

    trained = train(
        network,
        task.loss,
        planned.optimizer,
        _rows(features, target, part.weights).to(device),
        TrainPlan(
            epochs=config.epochs,
            batch_size=config.batch_size,
            seed=config.seed,
            patience=config.patience,
            clip=config.clip,
            stop_after=stop_after,
            average=config.average,
        ),
        score=None if stop_after else _scorer(planned, schema, task, network, fold),
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        report=tell,
    )
    network.cpu()
    start_loss = _start_loss(task, target, part.weights)
    return _Fitted(task, schema, network, spec, trained, start_loss)


def _start_loss(task: Task, target: Tensor, weights: Tensor | None) -> float:
    """The mean loss at step 0, where the head's bias is all there is."""
    constant = torch.tensor(task.bias, dtype=torch.float64).expand(len(target), -1)
    exact = target.double() if target.is_floating_point() else target
    rows = task.loss.rows(constant, exact)
    return float(rows.mean() if weights is None else (rows @ weights) / weights.sum())


def _scorer(
    planned: Planned, schema: Schema, task: Task, network: nn.Module, fold: RowNumbers
) -> Callable[[], float] | None:
    """The first metric on the tune rows (a file's, or the fold's), if there are any."""
    tune = planned.given.valid
    if tune is None:
        if not len(fold.tune):
            return None
        tune = planned.given.main.take(fold.tune)
    features = tune.features(schema)
    target, weights, metric = task.truth(tune.target), tune.weights, task.metrics[0]

    def score() -> float:
        raw = raw_outputs(network, features.numbers, features.categories).double()
        return metric(*task.views(raw, target)[metric.takes], weights)

    return score


def _scored_model(
    planned: Planned,
    fitted: list[_Fitted],
    final: _Fitted,
    scored: list[_Scored],
    history: list[dict[str, Any]],
) -> Model:
    """The final model with the scores of rows that decided nothing."""
    # Each fold learnt its own units; all go into the final model's.
    to, config = final.task, planned.config
    raw = torch.cat([s.task.rescaled(s.raw, to) for s in scored])
    constant = torch.cat([s.task.rescaled(s.constant, to) for s in scored])
    target = torch.cat([s.task.rescaled(s.target, to) for s in scored])
    weights = None
    if scored[0].weights is not None:
        weights = torch.cat([s.weights for s in scored if s.weights is not None])
    measured = report.evaluate(
        to, raw, target, constant=constant, weights=weights, seed=config.seed
    )
    first = measured[planned.metric]
    document = {
        "task": config.task,
        "target": list(planned.target),
        "metric": planned.metric,
        "score": first["value"],
        "baseline": first["baseline"],
        "higher_is_better": first["higher_is_better"],
        "rows": planned.rows,
        "rule": planned.rule,
        "seed": config.seed,
        "folds": config.folds,
        "epochs": max(len(one.trained.history) for one in fitted),
        "best_epoch": final.trained.best_epoch,
        "stopped": fitted[0].trained.stopped,
        "metrics": measured,
        "clipped": final.trained.clipped,
        "start_loss": final.start_loss,
        "figures": report.figures(to, raw, target, name=planned.target[0]),
        "notes": list(planned.notes),
        "warnings": list(planned.warnings),
    }
    if first["value"] is not None and not _beats(first):
        document["warnings"].append(
            f"The model is no better than the baseline: {planned.metric} "
            f"{first['value']:.4g} against {first['baseline']:.4g}."
        )
    document["chain"] = [list(pair) for pair in planned.chain_with(document, to)]
    main = planned.given.main
    return Model(
        task=to,
        schema=final.schema,
        target=planned.target,
        network=final.network,
        network_spec=final.spec,
        config=config.model_copy(update={"threads": final.threads}),
        document=document,
        history=history,
        examples=main.table.select(list(final.schema.columns)).slice(0, EXAMPLES),
    )


def _beats(measured: dict[str, Any]) -> bool:
    value, baseline = measured["value"], measured["baseline"]
    if baseline is None:
        return True
    return bool(value > baseline if measured["higher_is_better"] else value < baseline)


def _rows(features: Features, target: Tensor, weights: Tensor | None) -> Rows:
    plain = None if weights is None else weights.float()
    return Rows(features.numbers, features.categories, target, plain)
