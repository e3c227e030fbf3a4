"""A trained model: what the three doors open to."""

from dataclasses import replace
from datetime import UTC, datetime
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy import ndarray
from torch import Tensor, nn

from dovetail import artifact, report
from dovetail._folder import check_free
from dovetail.data import Schema
from dovetail.errors import ConfigError, SchemaError, TargetError
from dovetail.estimator import networks
from dovetail.estimator.again import Tell, read_again
from dovetail.estimator.config import Config
from dovetail.estimator.given import Part, apart, weights_of
from dovetail.estimator.options import is_path
from dovetail.tasks import Task
from dovetail.train import row_outputs, threads


class Model:
    """Task, schema, network and history, joined.

    Attributes:
        task: the frozen ``Task`` with what it learnt from training targets.
        schema: what was learnt about the feature columns.
        target: names of the target columns.
        network: the ``nn.Module``; its outputs are raw.
        history: one dict for each epoch, and member where there are several.
        document: scores, baselines, rows and rule; what ``metrics.json`` holds.
        config: every resolved choice.
        folder: where it was saved to or loaded from, else None.
        started, seconds: when the fit began and how long it took; None after ``load``.
        record: of a fit with ``out``, what ``run.json`` says of its command.
    """

    def __init__(
        self,
        *,
        task: Task,
        schema: Schema,
        target: tuple[str, ...],
        network: nn.Module | None,
        network_spec: dict[str, Any],
        config: Config,
        document: dict[str, Any],
        history: list[dict[str, Any]],
        examples: pa.Table,
        folder: Path | None = None,
    ) -> None:
        self.task = task
        self.schema = schema
        self.target = target
        self._network = network
        self.config = config
        self.document = document
        self.history = history
        self.folder = folder
        self.started = datetime.now(UTC)
        self.seconds: float | None = None
        self.record: dict[str, Any] = {}
        self._network_spec = network_spec
        self._examples = examples

    def __repr__(self) -> str:
        d = self.document
        return (
            f"Model({d['task']} of {', '.join(self.target)}: "
            f"{d['metric']} {d['score']:.4g}, baseline {d['baseline']:.4g})"
        )

    @property
    def network(self) -> nn.Module:
        """The trained network: raw outputs from ``(numbers, categories)``."""
        if self._network is None:
            own = networks.own_class(self._network_spec)
            raise ConfigError(
                f"This model was trained on your own module {own}; a model folder "
                "holds no code.",
                fix="give the module: dovetail.load(folder, model=YourModule())",
            )
        return self._network

    @property
    def chain(self) -> list[tuple[str, str]]:
        """What was chosen and why: pairs of heading and sentence."""
        return [(heading, sentence) for heading, sentence in self.document["chain"]]

    # -- answers ----------------------------------------------------------------------

    def raw(self, data: Any, *, tell: Tell | None = None, **reading: Any) -> Tensor:
        """Raw outputs (n, k), float64, for a file or a frame of rows.

        ``reading`` takes ``columns``, ``sep``, ``encoding``, ``on_bad`` for files;
        ``tell`` is called with what reading noticed, such as lines it left out.
        """
        table = self._read(data, reading, tell)
        return self._raw(Part.whole(table, table, _where(data)))

    def predict_table(
        self,
        data: Any,
        proba: bool = False,
        *,
        tell: Tell | None = None,
        **reading: Any,
    ) -> pa.Table:
        """Decisions in the target's column(s); ``proba`` adds the probabilities."""
        raw = self.raw(data, tell=tell, **reading)
        name = self.target[0]
        table = self.task.decode_table(self.task.decide(raw), name)
        if proba:
            probabilities = self._probabilities(raw)
            for column in probabilities.column_names:
                table = table.append_column(column, probabilities.column(column))
        return table

    def predict(self, data: Any, **reading: Any) -> ndarray:
        """Decisions (n,), or (n, target columns) where there are several of them."""
        table = self.predict_table(data, **reading)
        columns = [_numpy(column) for column in table.columns]
        return np.stack(columns, axis=1) if self.task.columns else columns[0]

    def predict_proba(self, data: Any, **reading: Any) -> ndarray:
        """Probabilities (n, C) in the order of the classes, or (n, L) of the labels."""
        table = self._probabilities(self.raw(data, **reading))
        return np.stack([column.to_numpy() for column in table.columns], axis=1)

    def evaluate(
        self,
        data: Any,
        target: Any = None,
        *,
        tell: Tell | None = None,
        **reading: Any,
    ) -> dict[str, Any]:
        """Every metric on labelled rows, with interval and baseline.

        ``target`` gives targets that are no columns of ``data``, as in ``fit(X, y)``.

        Rows count by the weight column of training where it is there; ``tell`` hears
        where it is not.
        """
        table = self._read(data, reading, tell)
        targets = self._targets(table, target, _where(data))
        part = Part.whole(table, targets, _where(data))
        part = replace(part, weights=self._weights(part, tell))
        with part.located():
            known = self.task.known(targets)
        if not known.any():
            raise TargetError(
                f"Every target in {_where(data)} is missing.",
                fix="evaluate needs the true targets; predict does without",
            )
        part = part.keep(known)
        with part.located():
            truth = self.task.truth(part.target)
        raw = self._raw(part)
        measured = report.evaluate(
            self.task, raw, truth, weights=part.weights, seed=self.config.seed
        )
        return {
            "task": self.document["task"],
            "rows": len(part),
            "missing_target": int((~known).sum()),
            "metrics": measured,
        }

    def _targets(self, table: pa.Table, target: Any, where: str) -> pa.Table:
        if target is not None:
            return apart(table, target)
        missing = [n for n in self.target if n not in table.column_names]
        if missing:
            raise SchemaError(
                f"Target column {missing[0]!r} is not in {where}.",
                fix="evaluate needs the true targets; predict does without",
            )
        return table.select(list(self.target))

    def _weights(self, part: Part, tell: Tell | None) -> Tensor | None:
        name = self.config.weight
        if name is None:
            return None
        if name in part.table.column_names:
            return weights_of(part, name)
        if tell is not None:
            tell(f"there is no weight column {name!r}, so every row counts once.")
        return None

    def _read(
        self, data: Any, reading: dict[str, Any], tell: Tell | None = None
    ) -> pa.Table:
        return read_again(data, self.config, self.schema.columns, reading, tell).table

    def _raw(self, part: Part) -> Tensor:
        try:
            features = part.features(self.schema)
        except SchemaError as error:
            fix = error.fix or ""
            if "--kind" in fix:  # which is settled when a model is trained
                fix = "correct the cell: the column was read otherwise in training"
            raise SchemaError(error.message, fix=fix) from None
        with threads(self.config.threads):
            return row_outputs(
                self.network,
                features.numbers,
                features.categories,
                precise=not networks.own_class(self._network_spec),
            ).double()

    def _probabilities(self, raw: Tensor) -> pa.Table:
        table = self.task.proba_table(raw, self.target[0])
        if table is None:
            raise self._no_probabilities()
        return table

    def _no_probabilities(self) -> ConfigError:
        return ConfigError(
            f"A {type(self.task).__name__} model predicts numbers, it has no "
            "probabilities.",
            fix="use predict without probabilities",
        )

    # -- words ------------------------------------------------------------------------

    def explain(self, lang: str = "en") -> str:
        """The chain in words, in English ("en") or Chinese ("zh").

        Raises:
            ConfigError: another language, or Chinese of a model that was saved before
                it was told in Chinese.
        """
        return report.as_text(self.chain_in(lang))

    def chain_in(self, lang: str) -> list[tuple[str, str]]:
        """The chain in this language."""
        return report.chain_in(self.chain, lang)

    def report(self, path: str | PathLike[str] | None = None) -> str:
        """One self-contained HTML page; written to ``path`` if given."""
        page = report.page(
            self.task,
            self.document,
            self.history,
            self.schema.describe(),
            self.chain,
            self.config.model_dump(mode="json"),
        )
        if path is not None:
            Path(path).write_text(page, encoding="utf-8")
        return page

    def summary(self) -> dict[str, Any]:
        """What ``fit --json`` answers."""
        d = self.document
        measured = d["metrics"][d["metric"]]
        return {
            "task": d["task"],
            "target": list(self.target),
            "model": self.config.model,
            "members": d.get("members", 1),
            "loss": self.config.loss["name"],
            "optimizer": self.config.optimizer["name"],
            "metric": d["metric"],
            "score": d["score"],
            "baseline": d["baseline"],
            "interval": [measured["low"], measured["high"]],
            "higher_is_better": d["higher_is_better"],
            "rows": d["rows"]["total"],
            "parts": d["rows"],
            "rule": d["rule"],
            "epochs": d["epochs"],
            "best_epoch": d["best_epoch"],
            "stopped": d["stopped"],
            "seconds": self.seconds,
            "folder": None if self.folder is None else str(self.folder),
            "notes": d["notes"],
            "warnings": d["warnings"],
        }

    # -- folder -----------------------------------------------------------------------

    @staticmethod
    def refuse_folder(folder: str | PathLike[str], *, force: bool) -> None:
        """Raise before training where saving to ``folder`` would be refused."""
        check_free(folder, force=force)

    def save(self, folder: str | PathLike[str], *, force: bool = False) -> Path:
        """Write the model folder; readable without dovetail, no code in it."""
        answers = self.predict_table(self._examples)
        parts = artifact.Parts(
            task=self.task,
            schema=self.schema,
            target=self.target,
            network_spec=self._network_spec,
            weights=self.network.state_dict(),
            config=self.config.model_dump(mode="json"),
            document=self.document,
            history=self.history,
            examples={
                "rows": self._examples.to_pylist(),
                "answers": answers.to_pylist(),
            },
            card=report.card(
                self.task, self.document, self.schema.describe(), self.chain
            ),
            report=self.report(),
        )
        self.folder = artifact.save(
            folder,
            parts,
            artifact.run_record(self.started, self.seconds or 0.0, **self.record),
            force=force,
        )
        return self.folder


def load(folder: str | PathLike[str], model: nn.Module | None = None) -> Model:
    """Read a model folder; a changed, missing or unlisted file is refused.

    Args:
        folder: what ``save`` or ``dovetail fit`` wrote.
        model: the module, for a model trained on the user's own one.

    Raises:
        FolderError: with the name of the file that is not as it was written.
    """
    parts = artifact.load(folder)
    config = Config(**parts.config)
    network = networks.rebuild(parts.network_spec, parts.weights, model)
    return Model(
        task=parts.task,
        schema=parts.schema,
        target=parts.target,
        network=network,
        network_spec=dict(parts.network_spec),
        config=config,
        document=dict(parts.document),
        history=[dict(line) for line in parts.history],
        examples=pa.Table.from_pylist(parts.examples["rows"]),
        folder=Path(folder),
    )


def _where(data: Any) -> str:
    return Path(data).name if is_path(data) else "the data"


def _numpy(column: pa.ChunkedArray) -> ndarray:
    if pa.types.is_string(column.type) or pa.types.is_list(column.type):
        cells = column.to_pylist()
        array = np.empty(len(cells), dtype=object)
        array[:] = cells
        return array
    return np.asarray(column.to_numpy())
