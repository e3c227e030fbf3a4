"""From trained networks to a model that knows its score."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from dovetail import report
from dovetail.data import Features, Schema
from dovetail.estimator.config import Config
from dovetail.estimator.model import Model
from dovetail.estimator.planning import Planned
from dovetail.tasks import Task
from dovetail.train import Trained, raw_outputs, threads

EXAMPLES = 5  # rows kept with their answers in examples.json


@dataclass(frozen=True)
class Fitted:
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

    def as_computed(self, config: Config) -> Config:
        """``config`` with what was chosen where it was left open."""
        choices = self.trained.choices
        used = {} if choices is None else choices.to_json()
        return config.model_copy(update=used)

    def answers(self, features: Features) -> tuple[Tensor, Tensor]:
        """Raw outputs of the network, and of the best constant, both (n, k)."""
        with threads(self.threads):
            raw = raw_outputs(self.network, features.numbers, features.categories)
        constant = torch.tensor(self.task.bias, dtype=torch.float64)
        return raw.double(), constant.expand(raw.shape)


@dataclass(frozen=True)
class Scored:
    """Raw outputs for rows that decided nothing, in the units of ``task``."""

    task: Task
    raw: Tensor
    constant: Tensor
    target: Tensor
    weights: Tensor | None


def scored_model(
    planned: Planned,
    fitted: list[Fitted],
    final: Fitted,
    scored: list[Scored],
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
    told = (note for one in [*fitted, final] for note in one.trained.notes)
    notes = list(dict.fromkeys([*planned.notes, *told]))
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
        "stopped": _stopped([*fitted, final]),
        "metrics": measured,
        "clipped": final.trained.clipped,
        "start_loss": final.start_loss,
        "figures": report.figures(to, raw, target, name=planned.target[0]),
        "notes": notes,
        "warnings": list(planned.warnings),
    }
    if first["value"] is not None and not _beats(first):
        document["warnings"].append(
            f"The model is no better than the baseline: {planned.metric} "
            f"{first['value']:.4g} against {first['baseline']:.4g}."
        )
    config = final.as_computed(config)
    chain = planned.chain_with(document, to, config)
    document["chain"] = [list(pair) for pair in chain]
    main = planned.given.main
    return Model(
        task=to,
        schema=final.schema,
        target=planned.target,
        network=final.network,
        network_spec=final.spec,
        config=config,
        document=document,
        history=history,
        examples=main.table.select(list(final.schema.columns)).slice(0, EXAMPLES),
    )


def _stopped(runs: list[Fitted]) -> str:
    """Why training ended; a time limit that cut any of the runs is told."""
    reasons = [one.trained.stopped for one in runs]
    return "time" if "time" in reasons else reasons[0]


def _beats(measured: dict[str, Any]) -> bool:
    value, baseline = measured["value"], measured["baseline"]
    if baseline is None:
        return True
    return bool(value > baseline if measured["higher_is_better"] else value < baseline)
