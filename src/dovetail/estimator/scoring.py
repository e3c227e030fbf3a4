"""From trained networks to a model that knows its score."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from dovetail import report
from dovetail._phrases import Phrase
from dovetail.estimator.config import Config
from dovetail.estimator.fitted import Fitted
from dovetail.estimator.model import Model
from dovetail.estimator.planning import Planned
from dovetail.tasks import Task

EXAMPLES = 5  # rows kept with their answers in examples.json

_NO_BETTER = Phrase(
    "The model is no better than the baseline: {metric} {value:.4g} against "
    "{baseline:.4g}.",
    "模型不优于基线：{metric} 为 {value:.4g}，基线为 {baseline:.4g}。",
)
_MEMBERS_OF_FOLDS = Phrase(
    "{n} members in each fold, best epochs {epochs}.",
    "每折 {n} 个成员，各自的最佳轮次：{epochs}。",
)
_MEMBERS = Phrase(
    "{n} members, best epochs {epochs}.", "{n} 个成员，各自的最佳轮次：{epochs}。"
)


@dataclass(frozen=True)
class Scored:
    """Raw outputs for rows that decided nothing, in the units of ``task``."""

    task: Task
    raw: Tensor
    constant: Tensor
    target: Tensor
    weights: Tensor | None


def pool(scored: Sequence[Scored], to: Task) -> Scored:
    """The rows of all folds, which learnt units of their own, in those of ``to``."""
    weights = [s.weights for s in scored if s.weights is not None]
    return Scored(
        to,
        raw=torch.cat([s.task.rescaled(s.raw, to) for s in scored]),
        constant=torch.cat([s.task.rescaled(s.constant, to) for s in scored]),
        target=torch.cat([s.task.rescaled(s.target, to) for s in scored]),
        weights=torch.cat(weights) if weights else None,
    )


def scored_model(
    planned: Planned,
    fitted: list[Fitted],
    final: Fitted,
    scored: list[Scored],
    history: list[dict[str, Any]],
) -> Model:
    """The final model with the scores of rows that decided nothing.

    ``epochs`` and ``best_epoch`` of an ensemble are the members' largest number and
    their median.
    """
    to, config = final.task, planned.config
    pooled = pool(scored, to)
    raw, target = pooled.raw, pooled.target
    measured = report.evaluate(
        to,
        raw,
        target,
        constant=pooled.constant,
        weights=pooled.weights,
        seed=config.seed,
    )
    first = measured[planned.metric]
    told = (note for one in [*fitted, final] for note in one.notes)
    notes = list(dict.fromkeys([*planned.notes, *told, *_best_epochs(fitted, config)]))
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
        "members": len(final.kept),
        "epochs": max(one.epochs for one in fitted),
        "best_epoch": final.best_epoch,
        "stopped": _stopped([*fitted, final]),
        "metrics": measured,
        "clipped": final.clipped,
        "start_loss": final.start_loss,
        "figures": report.figures(to, raw, target, name=planned.target[0]),
        "notes": notes,
        "warnings": list(planned.warnings),
    }
    if first["value"] is not None and not _beats(first):
        document["warnings"].append(
            _NO_BETTER(
                metric=planned.metric, value=first["value"], baseline=first["baseline"]
            )
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
    reasons = [one.stopped for one in runs]
    return "time" if "time" in reasons else reasons[0]


def _best_epochs(fitted: list[Fitted], config: Config) -> tuple[str, ...]:
    """Those of all members in words, fold by fold."""
    if config.members == 1:
        return ()
    epochs = "; ".join(", ".join(map(str, one.best_epochs)) for one in fitted)
    if len(fitted) > 1:
        return (_MEMBERS_OF_FOLDS(n=config.members, epochs=epochs),)
    return (_MEMBERS(n=len(fitted[0].kept), epochs=epochs),)


def _beats(measured: dict[str, Any]) -> bool:
    value, baseline = measured["value"], measured["baseline"]
    if baseline is None:
        return True
    return bool(value > baseline if measured["higher_is_better"] else value < baseline)
