"""``dovetail evaluate``: the metrics of a model on labelled rows."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import click

from dovetail._names import key, suggest
from dovetail.cli._blocks import evaluate_block, number
from dovetail.cli._command import Option, command
from dovetail.cli._options import (
    DATA_ARGUMENT,
    DEBUG,
    JSON,
    MODEL_ARGUMENT,
    QUIET,
    READING,
    needed,
)
from dovetail.cli._output import emit, emit_json
from dovetail.cli._talk import noted, say
from dovetail.errors import CheckFailed, ConfigError


def bound(text: str) -> tuple[str, float]:
    """``METRIC=X`` as a pair of name and finite number.

    >>> bound("accuracy=0.9")
    ('accuracy', 0.9)
    """
    metric, _, number = text.rpartition("=")
    try:
        limit = float(number)
    except ValueError:
        limit = math.nan
    if not metric or not math.isfinite(limit):
        raise click.BadParameter(f"{text!r} is not METRIC=X, such as accuracy=0.9.")
    return metric, limit


@command(
    "evaluate",
    usage="MODEL DATA [OPTIONS]",
    examples=[
        "dovetail evaluate models/adult-income test.csv",
        "dovetail evaluate models/adult-income test.csv --min-score log_loss=0.3",
    ],
    options=[
        MODEL_ARGUMENT,
        DATA_ARGUMENT,
        Option(
            "--min-score",
            heading="check",
            type=bound,
            several=True,
            metavar="METRIC=X...",
            help="Exit code 8 where missed: at least X where higher is better "
            "(accuracy), at most X where lower is (log_loss, rmse).",
        ),
        *READING,
        JSON,
        QUIET,
        DEBUG,
    ],
)
def evaluate(
    folder: str | None,
    data: str | None,
    min_score: Sequence[tuple[str, float]],
    as_json: bool,
    quiet: bool,
    **reading: Any,
) -> None:
    """Score the model on DATA, which has the target too."""
    folder = needed(folder, "MODEL", "evaluate")
    data = needed(data, "DATA", "evaluate")
    from dovetail import estimator

    model = estimator.load(folder)
    known = list(model.document["metrics"])
    wanted = [(_metric(name, known), limit) for name, limit in min_score]
    document = model.evaluate(data, tell=noted(quiet), **reading)
    if as_json:
        names = ("task", "rows", "missing_target", "metrics")
        emit_json({name: document[name] for name in names})
    else:
        emit(evaluate_block(document))
    _check(document["metrics"], wanted, quiet=quiet)


def _metric(name: str, known: Sequence[str]) -> str:
    for metric in known:
        if key(metric) == key(name):
            return metric
    raise ConfigError(
        f"--min-score: this model has no metric {name!r}.{suggest(name, known)}",
        fix=f"choose one of {', '.join(known)}",
    )


def _check(
    metrics: Mapping[str, Any], wanted: Sequence[tuple[str, float]], *, quiet: bool
) -> None:
    """Raise CheckFailed naming every bound that was missed."""
    missed = []
    for name, limit in wanted:
        value, higher = metrics[name]["value"], metrics[name]["higher_is_better"]
        met = value is not None and (value >= limit if higher else value <= limit)
        asked = f"at {'least' if higher else 'most'} {limit:g}"
        if met:
            say(f"{name} is {number(value)}, {asked} as asked.", quiet=quiet)
        else:
            missed.append(f"{name} is {number(value)}, but {asked} was asked")
    if missed:
        raise CheckFailed(
            f"--min-score: {'; '.join(missed)}.",
            fix="train a better model, or ask for less",
        )
