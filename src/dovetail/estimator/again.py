"""Data for a trained model: read by the rules that held in training."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dovetail._names import suggest
from dovetail.data import Read
from dovetail.errors import ConfigError, DataError
from dovetail.estimator.config import Config
from dovetail.estimator.given import read_any
from dovetail.estimator.options import Options, checked, is_path

READING = ("columns", "sep", "encoding", "on_bad")

Tell = Callable[[str], None]


def read_again(
    data: Any,
    config: Config,
    inputs: Sequence[str],
    said: Mapping[str, Any],
    tell: Tell | None,
) -> Read:
    """The rows of ``data`` with the columns named as in training.

    ``said`` are the reading options given now; without them those of training hold.
    A file without a header gets the names given in training, with or without the
    target's among them. ``tell`` hears what was noticed, such as skipped lines.
    """
    for name in said:
        if name not in READING:
            raise ConfigError(
                f"Unknown option {name!r}.{suggest(name, READING)}",
                fix=f"options: {', '.join(READING)}",
            )
    given = {name: value for name, value in said.items() if value is not None}
    trained = {"sep": config.sep, "encoding": config.encoding}
    options = checked({**trained, **given})
    known = (*inputs, *config.target)
    if config.columns is None or "columns" in given or not is_path(data):
        read = read_any(data, options, known=known)
    else:
        read = _named_as_in_training(data, config, options, inputs)
    if tell is not None:
        for note in read.notes:
            tell(note)
    return read


def _named_as_in_training(
    data: Any, config: Config, options: Options, inputs: Sequence[str]
) -> Read:
    read = read_any(data, options, known=inputs)
    if set(inputs) <= set(read.table.column_names):
        return read  # this file has a header, where the training file had none
    names = config.columns or ()
    without_target = tuple(n for n in names if n not in config.target)
    if len(read.table.column_names) == len(without_target):
        names = without_target
    try:
        return read_any(data, options.model_copy(update={"columns": names}))
    except DataError as error:
        raise DataError(
            error.message,
            fix=f"give the columns of training: {','.join(config.columns or ())}, "
            "with or without the target, or name others with --columns",
        ) from error
