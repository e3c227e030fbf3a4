"""``dovetail explain``: the chain from target to metrics, in words."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from dovetail.cli._command import Option, command
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

LANG = Option(
    "--lang",
    heading="running",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the text: English or Chinese.",
)


@command(
    "explain",
    usage="DATA --target COL [COL ...] [OPTIONS] | MODEL",
    examples=[
        "dovetail explain houses.csv --target price",
        "dovetail explain houses.csv --target price --loss SmoothL1Loss",
        "dovetail explain houses.csv --target price --lang zh",
        "dovetail explain models/houses-price",
    ],
    options=[DATA_ARGUMENT, *DATA, *CHOICES, LANG, JSON, QUIET, DEBUG],
)
@click.pass_context
def explain(
    ctx: click.Context, /, as_json: bool, quiet: bool, lang: str, **given: Any
) -> None:
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
        told: Any = model
    else:
        told = estimator.plan(data, target(given), **for_estimator(given))
    if as_json:
        chain = told.chain_in(lang)
        emit_json([{"stage": stage, "text": said} for stage, said in chain])
    else:
        emit(told.explain(lang=lang))
