"""The options of the commands, each said once, and how they reach ``estimator``.

A command takes lists of them: ``options=[*DATA, *CHOICES, JSON, ...]``.
"""

import csv
from collections.abc import Mapping
from typing import Any, final

import click

from dovetail.cli._command import Option
from dovetail.errors import DovetailError


@final
class KindType(click.ParamType):
    """``COL=KIND`` as a pair; the last ``=`` divides, since kinds have none."""

    name = "COL=KIND"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, str]:
        """Split the text; a pair is left as it is."""
        if isinstance(value, tuple):
            return value
        column, equals, kind = str(value).rpartition("=")
        if not (column and equals and kind):
            self.fail(f"{value!r} is not COL=KIND, such as zip=category", param, ctx)
        return column, kind


@final
class NamesType(click.ParamType):
    """``a,b,c`` as names; a name with a comma stands in double quotes."""

    name = "a,b,c"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[str, ...]:
        """Split the text; names already split are left as they are."""
        if isinstance(value, tuple | list):
            return tuple(str(name) for name in value)
        return tuple(next(csv.reader([str(value)], skipinitialspace=True), ()))


@final
class NumberType(click.ParamType):
    """A number, with the refusal in our words."""

    def __init__(self, kind: type[int] | type[float]) -> None:
        self.kind = kind
        self.name = "N" if kind is int else "X"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | float:
        """Read the text; ``3.0`` is no integer."""
        if isinstance(value, self.kind):
            return value
        try:
            return self.kind(str(value))
        except ValueError:
            word = "a whole number" if self.kind is int else "a number"
            self.fail(f"{value!r} is not {word}", param, ctx)


WHOLE, NUMBER = NumberType(int), NumberType(float)
FILE = click.Path()  # names are checked where they are read; this completes them

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
        type=NamesType(),
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
        type=KindType(),
        several=True,
        metavar="COL=KIND...",
        help="number, category, boolean, datetime, text or identifier.",
    ),
    *READING,
    _data("--weight", metavar="COL", help="Column with the weight of each row."),
    _data("--group", metavar="COL", help="Rows of one group stay together in a split."),
    _data("--time", metavar="COL", help="Split by time: train first, score last."),
    _data(
        "--folds",
        type=WHOLE,
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
        help="A loss that fits the task: focal, 'huber(delta=2)'.",
    ),
    _choice("--optimizer", metavar="NAME", help="adamw, 'sgd(momentum=0.9)', lion ..."),
    _choice("--lr", type=NUMBER, metavar="X", help="Learning rate."),
    _choice("--epochs", type=WHOLE, metavar="N", help="Passes over the rows, at most."),
    _choice("--batch-size", type=WHOLE, metavar="N", help="Rows of one step."),
]


def _running(*names: str, **attrs: Any) -> Option:
    return Option(*names, heading="running", **attrs)


SEED = _running(
    "--seed",
    type=WHOLE,
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
_HANDED_ON = [*DATA[1:], *CHOICES, SEED, DEVICE]


def for_estimator(given: Mapping[str, Any]) -> dict[str, Any]:
    """Keyword arguments for ``plan`` and ``fit``: every option that they take.

    Raises UsageError if one column is given two kinds.
    """
    words: dict[str, Any] = {}
    for option in _HANDED_ON:
        name = str(option.name)
        if name in given:
            words[_ESTIMATOR.get(name, name)] = given[name]
    words["kinds"] = dict(words["kinds"])
    return words


def target(given: Mapping[str, Any]) -> str | list[str]:
    """One column as its name, several as a list."""
    columns = list(given["target"])
    return columns[0] if len(columns) == 1 else columns


def columns_of(data: str, given: Mapping[str, Any]) -> str:
    """The columns of a file in words, for the error that no target was named."""
    if given["columns"]:
        names = list(given["columns"])
    else:
        from dovetail.data.read import read

        try:
            names = read(data, sep=given["sep"], encoding=given["encoding"]).column_names
        except DovetailError:
            return ""
    shown = ", ".join(map(repr, names[:20]))
    more = f" and {len(names) - 20} more" if len(names) > 20 else ""
    return f" Its columns: {shown}{more}."
