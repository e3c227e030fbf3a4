"""From a plan to a trained, scored model."""

import time
import warnings
from datetime import UTC, datetime
from os import PathLike
from statistics import median
from typing import Any

import numpy as np

from dovetail.data import Rows as RowNumbers
from dovetail.errors import ConfigError, DovetailWarning
from dovetail.estimator.command import command_of, own_network
from dovetail.estimator.fitted import Fitted
from dovetail.estimator.given import Part
from dovetail.estimator.model import Model, load
from dovetail.estimator.one_run import Report, Watch, fit_one
from dovetail.estimator.options import Options, checked
from dovetail.estimator.planning import Planned, plan
from dovetail.estimator.scoring import Scored, scored_model
from dovetail.estimator.unfinished import Tell, Unfinished
from dovetail.train import Stop, threads

ONLY_WITH_OUT = ("resume", "keep_checkpoints", "checkpoint_every")


def fit(
    data: Any,
    target: Any = None,
    *,
    out: str | PathLike[str] | None = None,
    force: bool = False,
    progress: Report | None = None,
    tell: Tell | None = None,
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
        tell: called with a sentence on what ``resume`` found.
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
        preset: "fast", "good" or "best", about 1, 5 and 25 times the time: size and
            number of networks, and their steps, so far as they are not given.
        lr: float; epochs, batch_size: int. patience: int, so many epochs without a
            better score on the tune rows end a run. clip: float, gradients are cut to
            this norm; ``math.inf`` for never. average: bool, score and keep the moving
            average of the weights (batch statistics are those of the last step).
        members: int, so many networks are trained at once from the seeds ``seed``,
            ``seed + 1`` ... and answer by the mean of their raw outputs. Of an own
            module the others begin with what ``reset_parameters`` draws; a function is
            called for each.

    Options, data:
        valid, test: a file or frame, or ``(X, y)``, that picks the epoch or gives the
            score; split off ``data`` if not given.
        drop: columns to leave out. kinds: ``{"zip": "category"}``.
        weight: the column of row weights, or n numbers. 0 leaves a row out; whole
            numbers, below 2,000 in all, are how often a row stands in the data.
        group, time: the column of groups that stay together; of times, to train first
            and score last.
        folds: int, cross-fit in so many folds. positive: the positive label.
        columns, sep, encoding: how a file is to be read. on_bad: "fail" or "skip".

    Options, running:
        seed: int, 0. device: "auto", "cpu", "cuda", or a ``torch.device``.
        threads: int, processor threads. precision: of matrix products, "auto",
            "float32", "tf32" (on a GPU) or "bfloat16". compiled: True or False, steps
            as native programs. micro_batch: int, rows that go through the network at
            once; the batch of a step stays. All chosen by rules on shapes and hardware
            if not given.
        time_limit: float, seconds for the whole fit, those before a ``resume`` counted
            too; then the best model so far is scored and saved.
        resume: bool, go on from the last checkpoint of the same fit; from the beginning
            where there is none. A fit that is done is loaded.
        checkpoint_every: float, seconds between two checkpoints, 30. They stand in
            ``<out>.checkpoints`` while the fit runs. keep_checkpoints: bool, leave them
            there.

    With ``out``, Ctrl-C and SIGTERM save a checkpoint before they end the fit; a second
    one ends it at once.

    Returns:
        The trained model; its score was measured on rows that decided nothing.

    Raises:
        DataError, TargetError, SchemaError: data that cannot be used.
        ConfigError: choices that do not fit together.
        NotFiniteError: training diverged; its ``rows`` are those of the step, counted
            as the user does.
        ResourceError: the disk is full or not writable, memory is short.
        Interrupted: a signal came (a ``KeyboardInterrupt``); the fit is saved.
    """
    started, start = datetime.now(UTC), time.perf_counter()
    said = checked(options)
    place = _place(out, said, force, tell)
    spent = 0.0 if place is None else place.spent_s  # by the calls before this one
    limit = said.time_limit
    stop = Stop(None if limit is None else max(0.0, limit - spent))
    with threads(None if place is None else place.threads):
        planned = plan(data, target, **options)
        if place is None:
            model = fit_planned(planned, progress=progress, stop=stop)
        elif not place.begin(command_of(planned)):
            model = _loaded(place, planned)
        else:
            with place.tidied(), stop.listening():
                model = fit_planned(planned, progress=progress, stop=stop, place=place)
            model.record = place.record
    if model.seconds is None:
        model.started = started
        model.seconds = round(spent + time.perf_counter() - start, 3)
    if place is not None:
        if model.folder is None:
            model.save(place.out, force=place.replaces)
        if said.keep_checkpoints:
            place.wait()
        else:
            place.remove()
    for warning in model.document["warnings"]:
        warnings.warn(warning, DovetailWarning, stacklevel=2)
    return model


def fit_planned(
    planned: Planned,
    *,
    progress: Report | None = None,
    stop: Stop | None = None,
    place: Unfinished | None = None,
) -> Model:
    """Train what was planned: one network, or one for each fold and one for all."""
    main, folds, refit = planned.given.main, planned.row_plan.folds, planned.refit
    watch = Watch(planned, stop or Stop(), place, progress)
    fitted: list[Fitted] = []
    scored: list[Scored] = []
    history: list[dict[str, Any]] = []
    for number, fold in enumerate(folds, start=1):
        name = number if refit else None
        schema = planned.learn_schema(fold.train) if refit else planned.schema
        one = fit_one(planned, schema, fold, watch, fold_number=name)
        history += one.history
        fitted.append(one)
        if len(fold.score):
            scored.append(score_of(one, main.take(fold.score)))

    final = fitted[0]
    if refit:
        epochs = round(median(best for one in fitted for best in one.best_epochs))
        nothing = np.arange(0)
        everything = RowNumbers(planned.order, nothing, nothing)
        final = fit_one(
            planned, planned.schema, everything, watch, stop_after=max(1, epochs)
        )
        history += final.history

    if planned.given.test is not None:
        scored = [score_of(final, planned.given.test)]
    model = scored_model(planned, fitted, final, scored, history)
    watch.leave_if_asked()
    return model


def _loaded(place: Unfinished, planned: Planned) -> Model:
    """The model that an earlier call of the same fit has saved."""
    model = load(place.out, own_network(planned))
    model.record, model.seconds = place.record, place.seconds
    return model


def _place(
    out: str | PathLike[str] | None, said: Options, force: bool, tell: Tell | None
) -> Unfinished | None:
    if out is not None:
        return Unfinished(out, resume=said.resume, force=force, tell=tell)
    for name in ONLY_WITH_OUT:
        if getattr(said, name) != Options.model_fields[name].default:
            raise ConfigError(
                f"{name} was given, but no folder.",
                fix="give out=; checkpoints stand beside the model folder",
            )
    return None


def score_of(fitted: Fitted, part: Part) -> Scored:
    """Answers for rows that decided nothing."""
    raw, constant = fitted.answers(part.features(fitted.schema))
    truth = fitted.task.truth(part.target)
    return Scored(fitted.task, raw, constant, truth, part.weights)
