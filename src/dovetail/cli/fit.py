"""``dovetail fit``: train a model on a table and write its folder."""

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from dovetail._folder import check_free, checkpoints_beside
from dovetail.cli._blocks import fit_block
from dovetail.cli._command import Option, command
from dovetail.cli._config import settle
from dovetail.cli._errors import Terminated
from dovetail.cli._options import (
    CHOICES,
    DATA,
    DATA_ARGUMENT,
    DEBUG,
    DEVICE,
    ENGINE,
    FILE,
    FORCE,
    JSON,
    QUIET,
    RESUME,
    SEED,
    SETTABLE,
    columns_of,
    for_estimator,
    needed,
    target,
)
from dovetail.cli._output import emit, emit_json, refuse_place
from dovetail.cli._talk import ProgressTalk, say
from dovetail.errors import Interrupted, UsageError

RUNNING = [
    SEED,
    DEVICE,
    *ENGINE,
    Option(
        "--set",
        "settings",
        heading="running",
        several=True,
        metavar="KEY=VALUE...",
        help="Override any option by its name, or set one that has no flag: "
        f"{', '.join(str(o.name) for o in SETTABLE)}. The value is YAML.",
    ),
    Option(
        "--config",
        heading="running",
        type=FILE,
        metavar="FILE",
        help="YAML file of options; the command line wins over it.",
    ),
    Option(
        "--out",
        heading="running",
        type=FILE,
        metavar="DIR",
        help="Model folder  [default: models/<data>-<target>]",
    ),
    RESUME,
    FORCE,
    Option(
        "--dry-run",
        heading="running",
        is_flag=True,
        help="Show what would be done, and why; train nothing.",
    ),
    JSON,
    QUIET,
    DEBUG,
]


@command(
    "fit",
    usage="DATA --target COL [COL ...] [OPTIONS]",
    examples=[
        "dovetail fit houses.csv --target price",
        "dovetail fit yeast.csv --target 'class_*' --test yeast-test.csv",
        "dovetail fit adult.csv --target income --drop fnlwgt --out models/adult",
        "dovetail fit wine.csv --target quality --task Ordinal --dry-run",
    ],
    options=[DATA_ARGUMENT, *DATA, *CHOICES, *RUNNING],
)
@click.pass_context
def fit(
    ctx: click.Context,
    /,
    config: str | None,
    settings: Sequence[str],
    **_: Any,
) -> None:
    """Train a model on the table DATA and write its folder.

    Task, loss, metrics and decision follow from the target; every choice can be made
    by hand.
    """
    given = settle(ctx, config, settings, SETTABLE)
    data = needed(given["data"], "DATA", "fit")
    if not given["target"]:
        raise UsageError(
            f"dovetail fit: --target is missing.{columns_of(data, given)}",
            fix=f"name the column to predict: dovetail fit {data} --target COL",
        )
    words = for_estimator(given)
    if given["dry_run"]:
        _dry_run(data, given, words)
        return
    out = Path(given["out"] or default_folder(data, given["target"]))
    if not given["resume"]:
        check_free(out, force=given["force"])
    refuse_place(out)
    say(f"Reading {data}", quiet=given["quiet"])
    from dovetail import estimator

    talk = ProgressTalk(quiet=given["quiet"])
    try:
        with talk:
            model = estimator.fit(
                data,
                target(given),
                out=out,
                force=given["force"],
                progress=talk,
                tell=lambda sentence: say(sentence, quiet=given["quiet"]),
                **words,
            )
    except (KeyboardInterrupt, Terminated) as error:
        if isinstance(error, Interrupted):
            saved = error.saved
        else:  # outside the loop, where what was saved before may stand
            begun = bool(talk.where or given["resume"])
            saved = begun and checkpoints_beside(out).is_dir()
        if not saved:
            raise
        code = getattr(error, "exit_code", 130)  # a plain KeyboardInterrupt is Ctrl-C
        by = "Ctrl-C" if code == 130 else "SIGTERM"
        again = resuming(ctx.obj, anew=given["force"] and bool(config or settings))
        say(
            f"Interrupted by {by}{talk.where}. The run is saved; go on with:\n  {again}"
        )
        ctx.exit(code)
    summary = model.summary()
    if given["as_json"]:
        emit_json(summary)
    else:
        emit(
            fit_block(
                summary,
                target=tuple(model.target),
                why=dict(model.chain).get("Task", ""),
                test=given["test"],
            )
        )


def default_folder(data: str, targets: Sequence[str]) -> Path:
    """The model folder when ``--out`` is not given.

    >>> str(default_folder("data/adult.csv.gz", ["income"]))
    'models/adult-income'
    >>> str(default_folder("emotions.csv", ["is_*", "other"]))
    'models/emotions-is-and-1-more'
    """
    stem = Path(data).name.split(".")[0] or "data"
    name = re.sub(r"[^\w+-]+", "_", targets[0]).strip("_") or "target"
    more = f"-and-{len(targets) - 1}-more" if len(targets) > 1 else ""
    # A file name has at most 255 bytes; a letter of UTF-8 has at most 4.
    return Path("models") / f"{stem[:25]}-{name[:25]}{more}"


def resuming(line: Sequence[str], *, anew: bool = False) -> str:
    """The command that goes on with the fit of ``line``, ready to be typed.

    ``anew``: ``force`` may stand in a file or with ``--set``, and is to be taken back.

    >>> resuming(["fit", "my data.csv", "--target", "y", "--force"])
    "dovetail fit 'my data.csv' --target y --resume"
    """
    end = line.index("--") if "--" in line else len(line)
    options = [word for word in line[:end] if word not in ("--force", "--resume")]
    more = ["--resume", *(["--set=force=false"] if anew else [])]
    return shlex.join(["dovetail", *options, *more, *line[end:]])


def _dry_run(data: str, given: dict[str, Any], words: dict[str, Any]) -> None:
    from dovetail import estimator

    planned = estimator.plan(data, target(given), **words)
    if given["as_json"]:
        emit_json(planned.document())
    else:
        emit(planned.explain())
        say("Nothing was trained (--dry-run).", quiet=given["quiet"])
