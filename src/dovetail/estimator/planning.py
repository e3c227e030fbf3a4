"""What a fit would do, before anything is trained: ``--dry-run`` and ``explain``."""

from dataclasses import dataclass
from functools import cached_property, partial
from inspect import signature
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from numpy import ndarray

from dovetail import losses, optim, report
from dovetail._names import parse_call
from dovetail.data import Plan as RowPlan
from dovetail.data import Schema, select_columns
from dovetail.errors import ConfigError
from dovetail.estimator import (
    asides,
    defaults,
    members,
    networks,
    presets,
    steps,
    traps,
)
from dovetail.estimator.config import Config
from dovetail.estimator.counted import counted
from dovetail.estimator.dividing import divide
from dovetail.estimator.given import Given, gather, set_aside_unknown
from dovetail.estimator.options import Options, checked, device
from dovetail.estimator.start_loss import start_loss
from dovetail.tasks import Binary, Reading, Task, by_name, infer_task
from dovetail.train import check_precision


@dataclass(frozen=True)
class Planned:
    """Everything decided; nothing trained."""

    given: Given
    options: Options
    reading: Reading | None
    task: Task
    loss_note: str
    optimizer: optim.Spec
    row_plan: RowPlan
    order: ndarray  # of the main data's rows, in which all of them are learnt from
    schema: Schema
    config: Config
    missing_target: int
    notes: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def target(self) -> tuple[str, ...]:
        """The target columns' names."""
        return self.given.target_names

    @property
    def refit(self) -> bool:
        """Do folds choose, and a last network learn from all rows?"""
        return self.row_plan.refit

    def learn_schema(self, rows: ndarray) -> Schema:
        """The schema learnt from these training rows; kinds are the plan's."""
        kinds = {column.name: column.kind for column in self.schema.inputs}
        return Schema.fit(
            self.given.main.table.select(list(self.schema.columns)),
            target=(),
            kinds=kinds,
            rows=rows,
        )

    @property
    def runs(self) -> int:
        """How many networks are trained: one, or one a fold and one on all rows."""
        return len(self.row_plan.folds) + self.refit

    @cached_property
    def chain(self) -> list[tuple[str, str]]:
        """What is chosen and why: pairs of heading and sentence."""
        return self.chain_with(None)

    def chain_with(
        self,
        document: dict[str, Any] | None,
        task: Task | None = None,
        config: Config | None = None,
    ) -> list[tuple[str, str]]:
        """The chain of the trained ``task``, the results of ``document`` at its end."""
        notes = self.notes if document is None else document["notes"]
        main, told = self.given.main, task or self.task
        return report.chain(
            told,
            reading=self.reading,
            loss_note=self.loss_note,
            columns=self.schema.describe(),
            table=main.table,
            truth=told.truth(main.target),
            start_loss=self.start_loss if document is None else None,
            rows=self.rows,
            rule=self.rule,
            notes=notes,
            warnings=self.warnings,
            config=(config or self.config).model_dump(mode="json"),
            target=self.target,
            document=document,
        )

    @property
    def metric(self) -> str:
        """The metric that picks the best epoch and is reported as the score."""
        return self.task.metrics[0].name

    @property
    def rule(self) -> str:
        """Which rows decide what, in words."""
        return self.row_plan.rule

    @cached_property
    def rows(self) -> dict[str, int]:
        """How many rows play which part."""
        given, folds = self.given, self.row_plan.folds
        main, one = given.main, folds[0]
        tune = one.tune  # of each fold, where there are several
        score = np.concatenate([fold.score for fold in folds])
        train = self.order if self.refit else one.train
        total = sum(part.count() for part in given.parts)
        aside = self.missing_target + given.bad_rows + given.weightless
        return {
            "total": total + aside,
            "missing_target": self.missing_target,
            "bad": given.bad_rows,
            "weightless": given.weightless,
            "train": main.count(train),
            "tune": given.valid.count() if given.valid else main.count(tune),
            "score": given.test.count() if given.test else main.count(score),
        }

    @cached_property
    def baseline(self) -> float:
        """The metric of the best constant, learnt on training rows, on all rows."""
        main, metric = self.given.main.take(self.order), self.task.metrics[0]
        truth = self.task.truth(main.target)
        raw = torch.tensor(self.task.bias, dtype=torch.float64).expand(len(main), -1)
        return metric(*self.task.views(raw, truth)[metric.takes], main.weights)

    @cached_property
    def start_loss(self) -> float:
        """The mean loss of the head's bias alone over the rows it was learnt from."""
        main = self.given.main
        learners = main if self.refit else main.take(self.row_plan.folds[0].train)
        target = self.task.encode(learners.target)
        return start_loss(self.task, target, learners.weights)

    def explain(self, lang: str = "en") -> str:
        """The chain in words as text, in English ("en") or Chinese ("zh")."""
        return report.as_text(self.chain_in(lang))

    def chain_in(self, lang: str) -> list[tuple[str, str]]:
        """The chain in this language."""
        return report.chain_in(self.chain, lang)

    def document(self) -> dict[str, Any]:
        """The plan as JSON."""
        reading = self.reading
        return {
            "task": type(self.task).__name__,
            "target": list(self.target),
            "reason": reading.reason if reading else "chosen by you",
            "runner_up": _name(reading.runner_up) if reading else None,
            "columns": self.schema.describe(),
            "rows": self.rows,
            "rule": self.rule,
            "loss": type(self.task.loss).__name__,
            "loss_note": self.loss_note,
            "optimizer": type(self.optimizer).__name__,
            "metric": self.metric,
            "baseline": self.baseline,
            "notes": list(self.notes),
            "warnings": list(self.warnings),
            "config": self.config.model_dump(mode="json"),
        }


def plan(data: Any, target: Any, **options: Any) -> Planned:
    """Read, infer, check and split; see ``fit`` for the options."""
    said = checked(options)
    networks.check(said.model)
    named = defaults.optimizer(said.optimizer, said.lr, 1)  # a wrong name: at once
    members.check(said.members or 1, said.model, named)
    chosen_device = device(said.device)
    check_precision(said.precision, torch.device(chosen_device))
    given = counted(gather(data, target, said))
    reading, task = _task(given, said)
    loss_note = ""
    if said.loss is not None:
        loss = losses.resolve(said.loss, task.fitting_losses, type(task).__name__)
        task, loss_note = task.with_loss(loss.loss), loss.note
    given, missing = set_aside_unknown(given, task)
    for part in given.parts:
        with part.located():  # a label never seen is refused before training
            task.encode(part.target)
    drop = _dropped(given, said)
    learn_schema = partial(
        Schema.fit,
        given.main.table,
        target=[n for n in given.aside if n in given.main.table.column_names],
        drop=drop,
        kinds={**_kinds_of_matrix(data, given), **said.kinds},
        where=given.main.where,
        numbers=given.main.numbers,
    )
    row_plan, order, schema = divide(given, task, said, learn_schema)
    first = row_plan.folds[0]
    learners = given.main.take(order if row_plan.refit else first.train)
    task = task.learn(learners.target, learners.weights)
    for part in given.parts[1:]:
        part.features(schema)
    preset = presets.PRESETS[said.preset]
    batch_size = said.batch_size or presets.batch_size(len(learners))
    epochs = said.epochs or preset.epochs(len(learners), batch_size)
    optimizer = defaults.optimizer(said.optimizer, said.lr, batch_size)
    steps.check(said, optimizer)
    average = steps.average(said.average, said.model, optimizer)
    count = said.members or members.of_preset(preset, said.model, optimizer)
    config = Config(
        task=type(task).__name__,
        target=given.target_names,
        model="tabular" if isinstance(said.model, str) else "own",
        loss=task.loss.to_json(),
        optimizer=optimizer.to_json(),
        preset=preset.name,
        epochs=epochs,
        batch_size=batch_size,
        patience=said.patience or presets.patience(epochs, averaged=average),
        clip=steps.clip(said.clip, task, optimizer),
        average=average,
        members=count,
        device=chosen_device,
        folds=len(row_plan.folds) if len(row_plan.folds) > 1 else None,
        **said.model_dump(
            include={
                "columns", "drop", "kinds", "seed", "on_bad", "sep", "encoding",
                "precision", "compiled", "threads", "micro_batch",
            }
        ),
        weight=given.weight,
        group=given.group,
        time=given.time,
        positive=None if said.positive is None else str(said.positive),
    )  # fmt: skip
    trapped = (_with_targets(given), list(given.target_names), list(schema.columns))
    aside = (
        *asides.rows(missing),
        *asides.columns(schema, drop),
        *asides.unsure(reading),
    )
    return Planned(
        given=given,
        options=said,
        reading=reading,
        task=task,
        loss_note=loss_note,
        optimizer=optimizer,
        row_plan=row_plan,
        order=order,
        schema=schema,
        config=config,
        missing_target=missing,
        notes=(*given.notes, *row_plan.notes, *aside, *traps.notes(*trapped)),
        warnings=traps.warnings(*trapped),
    )


def _task(given: Given, said: Options) -> tuple[Reading | None, Task]:
    reading = None
    table = given.main.target
    if isinstance(said.task, Task):
        task = said.task
    elif said.task is not None:
        return None, _named_task(table, said)
    else:
        name = given.target_names[0] if len(given.target_names) == 1 else None
        with given.main.located():
            reading = infer_task(table, name=name)
        task = reading.task
    if said.positive is not None:
        if not isinstance(task, Binary):
            raise _positive_not_binary(type(task).__name__)
        task = Binary.discover(table, positive=said.positive)
    return reading, task


def _named_task(table: pa.Table, said: Options) -> Task:
    """The task of a name, a call such as ``binary(head='softmax')``, or a class."""
    extra: dict[str, Any] = {}
    if isinstance(said.task, type) and issubclass(said.task, Task):
        kind = said.task
    else:
        if not isinstance(said.task, str):
            raise ConfigError(
                f"task is a {type(said.task).__name__}.",
                fix="give a name such as 'Multiclass', or a task",
            )
        name, positional, extra = parse_call(said.task, what="task", error=ConfigError)
        kind = by_name(name)
        known = [n for n in signature(kind.discover).parameters if n != "values"]
        wrong = [*map(repr, positional), *(n for n in extra if n not in known)]
        if wrong:
            raise ConfigError(
                f"{kind.__name__} takes no option {wrong[0]}.",
                fix=f"options: {', '.join(known) or 'none'}, as in name(key=value)",
            )
    if said.positive is not None:
        if kind is not Binary:
            raise _positive_not_binary(kind.__name__)
        extra["positive"] = said.positive
    return kind.discover(table, **extra)


def _positive_not_binary(name: str) -> ConfigError:
    return ConfigError(
        f"A positive label was given, but the task is {name}.",
        fix="leave it out, or choose a target with two values",
    )


def _kinds_of_matrix(data: Any, given: Given) -> dict[str, str]:
    """Columns of a matrix are numbers; only a table's may be row numbers or codes."""
    columns = [n for n in given.main.table.column_names if n not in given.aside]
    if isinstance(data, list | tuple):  # of lists; those of dicts name their columns
        rows = [] if isinstance(data[0], dict) else columns
        types = given.main.table.schema
        return {n: "number" for n in rows if pa.types.is_primitive(types.field(n).type)}
    if not isinstance(data, ndarray | torch.Tensor) or data.dtype == object:
        return {}
    return dict.fromkeys(columns, "number")


def _dropped(given: Given, said: Options) -> tuple[str, ...]:
    names = given.main.table.column_names
    return select_columns(said.drop, names, "drop") if said.drop else ()


def _with_targets(given: Given) -> pa.Table:
    """All columns in one table, also where the targets came apart."""
    table = given.main.table
    for name in given.target_names:
        if name not in table.column_names:
            table = table.append_column(name, given.main.target.column(name))
    return table


def _name(task: Task | None) -> str | None:
    return None if task is None else type(task).__name__
