"""``dovetail explain``: the chain from target to metrics, in words."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from dovetail.cli._command import command
from dovetail.cli._options import (
    CHOICES,
    DATA,
    DATA_ARGUMENT,
    DEBUG,
    JSON,
    QUIET,
    columns_of,
    for_estimator,
    needed,
    target,
)
from dovetail.cli._output import emit, emit_json
from dovetail.errors import UsageError


@command(
    "explain",
    usage="DATA --target COL [COL ...] [OPTIONS] | MODEL",
    examples=[
        "dovetail explain houses.csv --target price",
        "dovetail explain houses.csv --target price --loss SmoothL1Loss",
        "dovetail explain models/houses-price",
    ],
    options=[DATA_ARGUMENT, *DATA, *CHOICES, JSON, QUIET, DEBUG],
)
@click.pass_context
def explain(ctx: click.Context, /, as_json: bool, quiet: bool, **given: Any) -> None:
    """Say what follows from the target, and why.

    Takes a table and a target, and trains nothing; or the folder of a model.
    """
    data = needed(given["data"], "DATA or MODEL", "explain")
    is_folder = Path(data).is_dir()
    if is_folder:
        for option in (*DATA, *CHOICES):
            source = ctx.get_parameter_source(str(option.name))
            if source is not ParameterSource.DEFAULT:
                raise UsageError(
                    f"dovetail explain: {option.opts[0]} does not go with a model "
                    f"folder ({data}).",
                    fix=f"leave it out: dovetail explain {data}",
                )
    elif not given["target"]:
        raise UsageError(
            f"dovetail explain: --target is missing.{columns_of(data, given)}",
            fix=f"name the column to predict: dovetail explain {data} --target COL",
        )
    from dovetail import estimator

    if is_folder:
        model = estimator.load(data)
        chain, text = model.chain, model.explain()
    else:
        planned = estimator.plan(data, target(given), **for_estimator(given))
        chain, text = planned.chain, planned.explain()
    if as_json:
        emit_json([{"stage": stage, "text": said} for stage, said in chain])
    else:
        emit(text)
