"""From a plan to a trained, scored model."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from os import PathLike
from statistics import median
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy import ndarray
from torch import Tensor, nn

from dovetail import report
from dovetail.data import Features, Schema
from dovetail.estimator import networks
from dovetail.estimator.given import Part
from dovetail.estimator.model import Model
from dovetail.estimator.plan import Planned, plan
from dovetail.tasks import Task
from dovetail.train import Plan as TrainPlan
from dovetail.train import Progress, Rows, Trained, raw_outputs, train

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
        **options: ``task``, ``model``, ``loss``, ``optimizer``, ``lr``, ``epochs``,
            ``batch_size``; ``valid``, ``test``, ``drop``, ``kinds``, ``columns``,
            ``sep``, ``encoding``, ``on_bad``, ``weight``, ``group``, ``time``,
            ``folds``, ``positive``; ``seed``, ``device``.

    Returns:
        The trained model; its score was measured on rows that decided nothing.

    Raises:
        DataError, TargetError, SchemaError: data that cannot be used.
        ConfigError: choices that do not fit together.
        NotFiniteError: training diverged.
    """
    if out is not None:
        Model.refuse_folder(out, force=force)
    start = time.perf_counter()
    planned = plan(data, target, **options)
    model = fit_planned(planned, progress=progress)
    model.seconds = time.perf_counter() - start
    if out is not None:
        model.save(out, force=force)
    return model


def fit_planned(planned: Planned, *, progress: Report | None = None) -> Model:
    """Train what was planned: one network, or one for each fold and one for all."""
    main, folds = planned.given.main, planned.row_plan.folds
    fitted: list[_Fitted] = []
    scored: list[tuple[Task, Tensor, Tensor, ndarray]] = []
    history: list[dict[str, Any]] = []
    for number, fold in enumerate(folds, start=1):
        name = number if planned.row_plan.refit else None
        tune = planned.given.valid
        if tune is None and len(fold.tune):
            tune = _take(main, fold.tune)
        rows = _take(main, fold.train)
        one = _fit_one(planned, rows, tune, progress, fold=name, runs=len(folds))
        history += [{"fold": name, **line} for line in one.trained.history]
        fitted.append(one)
        if len(fold.score):
            part = _take(main, fold.score)
            raw, constant = _raw(one, part)
            scored.append((one.task, raw, constant, fold.score))

    final = fitted[0]
    if planned.row_plan.refit:
        epochs = round(median(f.trained.best_epoch for f in fitted))
        final = _fit_one(
            planned, main, None, progress, fold=None, runs=1, stop_after=max(1, epochs)
        )
        history += [{"fold": "all", **line} for line in final.trained.history]

    task, raw, constant, target, weights = _scored_rows(planned, final, scored)
    measured = report.evaluate(
        task, raw, target, constant=constant, weights=weights, seed=planned.config.seed
    )
    metric = planned.metric
    document = {
        "task": planned.config.task,
        "target": list(planned.target),
        "metric": metric,
        "score": measured[metric]["value"],
        "baseline": measured[metric]["baseline"],
        "higher_is_better": measured[metric]["higher_is_better"],
        "rows": planned.rows,
        "rule": planned.rule,
        "seed": planned.config.seed,
        "folds": planned.config.folds,
        "epochs": max(len(f.trained.history) for f in fitted),
        "best_epoch": final.trained.best_epoch,
        "stopped": fitted[0].trained.stopped,
        "metrics": measured,
        "figures": report.figures(task, raw, target),
        "notes": list(planned.notes),
        "warnings": list(planned.warnings),
        "chain": [list(pair) for pair in planned.chain()],
    }
    used = [n for n in final.schema.columns if n in main.table.column_names]
    return Model(
        task=final.task,
        schema=final.schema,
        target=planned.target,
        network=final.network,
        network_spec=final.spec,
        config=planned.config,
        document=document,
        history=history,
        examples=main.table.select(used).slice(0, EXAMPLES),
    )


def _fit_one(
    planned: Planned,
    rows: Part,
    tune: Part | None,
    progress: Report | None,
    *,
    fold: int | None,
    runs: int,
    stop_after: int | None = None,
) -> _Fitted:
    """Learn units, schema and network from ``rows`` alone; ``tune`` picks the epoch."""
    config, options = planned.config, planned.options
    names = rows.table.column_names
    schema = Schema.fit(
        rows.table,
        target=planned.given.aside,
        drop=[d for d in planned.schema.dropped if d in names],
        kinds={**planned.schema.kinds, **options.kinds},
    )
    task = planned.task.learn(rows.target, rows.weights)
    features = schema.transform(rows.table, where=rows.where)
    target = task.encode(rows.target)
    device = torch.device(config.device)

    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        torch.manual_seed(config.seed)
        network, spec = networks.build(
            options.model,
            features,
            schema.cardinalities,
            task,
            target,
            rows.weights,
            dropout=not planned.optimizer.full_batch,
        )
    network.to(device)
    metric = task.metrics[0]
    score = None
    if tune is not None:
        tune_features = schema.transform(tune.table, where=tune.where)
        tune_target = task.encode(tune.target)

        def score() -> float:
            raw = raw_outputs(
                network, tune_features.numbers, tune_features.categories
            ).double()
            return metric(*task.views(raw, tune_target)[metric.takes], tune.weights)

    def tell(event: Progress) -> None:
        if progress is not None:
            progress(replace(event, fold=fold, folds=runs if fold else None))

    trained = train(
        network,
        task.loss,
        planned.optimizer,
        _rows(features, target, rows.weights).to(device),
        TrainPlan(
            epochs=config.epochs,
            batch_size=config.batch_size,
            seed=config.seed,
            patience=config.patience,
            clip=config.clip,
            stop_after=stop_after,
        ),
        score=score,
        metric=metric.name,
        higher_is_better=metric.higher_is_better,
        report=tell,
    )
    network.cpu()
    return _Fitted(task, schema, network, spec, trained)


def _scored_rows(
    planned: Planned,
    final: _Fitted,
    scored: list[tuple[Task, Tensor, Tensor, ndarray]],
) -> tuple[Task, Tensor, Tensor, Tensor, Tensor | None]:
    """Raw outputs, baseline outputs and targets of the rows that decided nothing."""
    test, main = planned.given.test, planned.given.main
    task = final.task
    if test is not None:
        raw, constant = _raw(final, test)
        return task, raw, constant, task.encode(test.target), test.weights
    # Each fold learnt its own units; all go into the final model's.
    raw = torch.cat([t.rescaled(r, task) for t, r, _, _ in scored])
    constant = torch.cat([t.rescaled(c, task) for t, _, c, _ in scored])
    index = np.concatenate([i for _, _, _, i in scored])
    part = _take(main, index)
    return task, raw, constant, task.encode(part.target), part.weights


def _raw(fitted: _Fitted, part: Part) -> tuple[Tensor, Tensor]:
    """Raw outputs of the network, and of the best constant, for each row (n, k)."""
    features = fitted.schema.transform(part.table, where=part.where)
    raw = raw_outputs(fitted.network, features.numbers, features.categories).double()
    constant = torch.tensor(fitted.task.bias, dtype=torch.float64)
    return raw, constant.expand_as(raw)


def _rows(features: Features, target: Tensor, weights: Tensor | None) -> Rows:
    plain = None if weights is None else weights.float()
    return Rows(features.numbers, features.categories, target, plain)


def _take(part: Part, index: ndarray) -> Part:
    rows = pa.array(index)
    weights = None if part.weights is None else part.weights[torch.from_numpy(index)]
    return Part(part.table.take(rows), part.target.take(rows), weights, part.where)
