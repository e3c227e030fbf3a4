"""``dovetail explain``: the chain from target to metrics, in words."""

from collections.abc import Sequence
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
from dovetail.cli._talk import ProgressTalk
from dovetail.errors import UsageError

LANG = Option(
    "--lang",
    heading="running",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    help="Language of the text: English or Chinese.",
)

CURVE = Option(
    "--learning-curve",
    heading="running",
    is_flag=True,
    help="Train on 1/8, 1/4, 1/2 and all of the training rows, and say whether more "
    "rows would help.",
)


@command(
    "explain",
    usage="DATA --target COL [COL ...] [OPTIONS] | MODEL",
    examples=[
        "dovetail explain houses.csv --target price",
        "dovetail explain houses.csv --target price --loss SmoothL1Loss",
        "dovetail explain houses.csv --target price --lang zh",
        "dovetail explain houses.csv --target price --learning-curve",
        "dovetail explain models/houses-price",
    ],
    options=[DATA_ARGUMENT, *DATA, *CHOICES, LANG, CURVE, JSON, QUIET, DEBUG],
)
@click.pass_context
def explain(
    ctx: click.Context,
    /,
    as_json: bool,
    quiet: bool,
    lang: str,
    learning_curve: bool,
    **given: Any,
) -> None:
    """Say what follows from the target, and why.

    Takes a table and a target, and trains nothing but a learning curve where asked; or
    the folder of a model.
    """
    data = needed(given["data"], "DATA or MODEL", "explain")
    is_folder = Path(data).is_dir()
    if is_folder:
        for option in (*DATA, *CHOICES, CURVE):
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

    told: Any
    if is_folder:
        told = estimator.load(data)
    else:
        told = estimator.plan(data, target(given), **for_estimator(given))
    links = _links(told.chain_in(lang))
    if not as_json:
        emit(told.explain(lang=lang))
    if learning_curve:
        with ProgressTalk(quiet=quiet) as talk:
            curve = estimator.curve_of(told, progress=talk)
        links += _links(curve.chain_in(lang))
        links[-1]["figures"] = curve.to_json()
        if not as_json:
            emit(curve.explain(lang=lang))
    if as_json:
        emit_json(links)


def _links(chain: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [{"stage": heading, "text": text} for heading, text in chain]
