"""The options of the commands, each said once, and how they reach ``estimator``.

A command takes lists of them: ``options=[*DATA, *CHOICES, JSON, ...]``.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from dovetail.cli._command import Option
from dovetail.errors import DovetailError, UsageError


def kind_of(text: str) -> tuple[str, str]:
    """``COL=KIND`` as a pair; the last ``=`` divides, since kinds have none.

    >>> kind_of("a=b=category")
    ('a=b', 'category')
    """
    column, _, kind = text.rpartition("=")
    if not (column and kind):
        raise click.BadParameter(f"{text!r} is not COL=KIND, such as zip=category.")
    return column, kind


def names(text: str) -> tuple[str, ...]:
    """``a,b,c`` as names; a name with a comma stands in double quotes.

    >>> names('id,"size, m2",price')
    ('id', 'size, m2', 'price')
    """
    return tuple(next(csv.reader([text], skipinitialspace=True), ()))


def whole(text: str) -> int:
    """A whole number; ``3.0`` is none."""
    try:
        return int(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a whole number.") from None


def number(text: str) -> float:
    """A number."""
    try:
        return float(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a number.") from None


FILE = click.Path(
    readable=False
)  # names are checked where they are read; this completes them

DATA_ARGUMENT = click.Argument(["data"], required=False, metavar="DATA", type=FILE)
MODEL_ARGUMENT = click.Argument(["folder"], required=False, metavar="MODEL", type=FILE)

TARGET = Option(
    "--target",
    heading="data",
    several=True,
    metavar="COL...",
    help="Column(s) to predict: names, globs ('label_*') or ranges (a:b).",
)


def _data(*names: str, **attrs: Any) -> Option:
    return Option(*names, heading="data", **attrs)


# How a table is read; the same for training and for prediction.
READING = [
    _data(
        "--columns",
        type=names,
        metavar="a,b,c",
        help="Column names of a file without a header line.",
    ),
    _data("--sep", metavar="CHAR", help="Separator of the cells; found if not given."),
    _data("--encoding", metavar="NAME", help="Encoding; found if not given."),
    _data(
        "--on-bad",
        type=click.Choice(["fail", "skip"]),
        default="fail",
        show_default=True,
        help="What to do with a line that cannot be read.",
    ),
]

DATA = [
    TARGET,
    _data(
        "--valid",
        type=FILE,
        metavar="FILE",
        help="Rows that choose the best epoch; split off DATA if not given.",
    ),
    _data(
        "--test",
        type=FILE,
        metavar="FILE",
        help="Rows that give the score; split off DATA if not given.",
    ),
    _data("--drop", several=True, metavar="COL...", help="Columns to leave out."),
    _data(
        "--kind",
        type=kind_of,
        several=True,
        metavar="COL=KIND...",
        help="number, category, boolean or datetime; text and identifier are not used.",
    ),
    *READING,
    _data("--weight", metavar="COL", help="Column with the weight of each row."),
    _data("--group", metavar="COL", help="Rows of one group stay together in a split."),
    _data("--time", metavar="COL", help="Split by time: train first, score last."),
    _data(
        "--folds",
        type=whole,
        metavar="K",
        help="Cross-fit in K folds; chosen by the number of rows if not given.",
    ),
    _data("--positive", metavar="LABEL", help="The positive label of a binary target."),
]


def _choice(*names: str, **attrs: Any) -> Option:
    return Option(*names, heading="choices", **attrs)


CHOICES = [
    _choice(
        "--task", metavar="NAME", help="Read the target as this task, such as Ordinal."
    ),
    _choice(
        "--loss",
        metavar="NAME",
        help="A loss that fits the task: L1Loss, 'huber(delta=2)'.",
    ),
    _choice(
        "--optimizer",
        metavar="NAME",
        help="How weights are moved: adamw, 'sgd(momentum=0.9)', lion ...",
    ),
    _choice(
        "--preset",
        type=click.Choice(["fast", "good", "best"]),
        default="fast",
        show_default=True,
        help="Size and number of networks, and their steps: about 1, 5 and 25 times "
        "the time.",
    ),
    _choice("--lr", type=number, metavar="X", help="Learning rate."),
    _choice("--epochs", type=whole, metavar="N", help="Passes over the rows, at most."),
    _choice("--batch-size", type=whole, metavar="N", help="Rows of one step."),
]


def _running(*names: str, **attrs: Any) -> Option:
    return Option(*names, heading="running", **attrs)


SEED = _running(
    "--seed",
    type=whole,
    default=0,
    metavar="N",
    show_default=True,
    help="Fixes split, weights and order of rows.",
)
DEVICE = _running(
    "--device",
    default="auto",
    metavar="NAME",
    show_default=True,
    help="auto, cpu, cuda or cuda:1.",
)
RESUME = _running(
    "--resume",
    is_flag=True,
    help="Go on from the last checkpoint of this fit; start where there is none.",
)
# How the training runs; its result is the same, or as good.
ENGINE = [
    _running(
        "--time-limit",
        type=number,
        metavar="S",
        help="Seconds for the whole fit, also over several --resume; then the best "
        "model so far is saved.",
    ),
    _running(
        "--threads",
        type=whole,
        metavar="N",
        help="Processor threads; chosen by the size of the network if not given.",
    ),
    _running(
        "--precision",
        type=click.Choice(["auto", "float32", "tf32", "bfloat16"]),
        default="auto",
        show_default=True,
        help="Of matrix products.",
    ),
]
# Reached by --set and --config alone: few need them.
SETTABLE = [
    _running("--members", type=whole, help="Networks in an ensemble."),
    _running("--patience", type=whole, help="Epochs to wait for a better score."),
    _running("--clip", type=number, help="Largest norm of a gradient; inf for none."),
    _running(
        "--average", is_flag=True, default=None, help="Keep the weights' average."
    ),
    _running(
        "--compiled", is_flag=True, default=None, help="Steps as native programs."
    ),
    _running("--micro-batch", type=whole, help="Rows in the network at once."),
    _running(
        "--checkpoint-every", type=number, default=30.0, help="Seconds between two."
    ),
    _running("--keep-checkpoints", is_flag=True, help="Leave them when all is done."),
]
JSON = _running("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
QUIET = _running("--quiet", is_flag=True, help="No talk on stderr; errors remain.")
FORCE = _running("--force", is_flag=True, help="Replace what stands at --out.")
DEBUG = _running(
    "--debug",
    is_flag=True,
    expose_value=False,  # read from the command line where errors are shown
    help="Traceback with an error; warnings of libraries.",
)

_ESTIMATOR = {"kind": "kinds"}  # the option is for one column, the parameter for all
_HANDED_ON = [*DATA[1:], *CHOICES, SEED, DEVICE, RESUME, *ENGINE, *SETTABLE]


def for_estimator(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments for ``plan`` and ``fit``: every option that they take.

    Raises UsageError if one column is given two kinds.
    """
    words: dict[str, Any] = {}
    for option in _HANDED_ON:
        name = str(option.name)
        if name in given:
            words[_ESTIMATOR.get(name, name)] = given[name]
    kinds: dict[str, str] = {}
    for column, kind in words["kinds"]:
        if kinds.setdefault(column, kind) != kind:
            raise UsageError(
                f"--kind: column {column!r} has two: {kinds[column]} and {kind}.",
                fix="keep one of them",
            )
    words["kinds"] = kinds
    return words


def target(given: Mapping[str, Any]) -> str | list[str]:
    """One column as its name, several as a list."""
    columns = list(given["target"])
    return columns[0] if len(columns) == 1 else columns


def columns_of(data: str, given: Mapping[str, Any]) -> str:
    """The columns of a file in words, for the error that no target was named."""
    columns = given["columns"]
    if not columns:
        from dovetail.data import read_table

        try:
            read = read_table(
                Path(data), sep=given["sep"], encoding=given["encoding"], on_bad="skip"
            )
        except DovetailError:
            return ""  # the missing target is the error to report, not this one
        columns = read.table.column_names
    shown = ", ".join(map(repr, columns[:20]))
    more = f" and {len(columns) - 20} more" if len(columns) > 20 else ""
    return f" Its columns: {shown}{more}."


def needed(value: str | None, name: str, command: str) -> str:
    """The positional argument, or the error that it is missing."""
    if value is None:
        raise UsageError(
            f"dovetail {command}: {name} is missing.",
            fix=f"see dovetail {command} --help",
        )
    return value
