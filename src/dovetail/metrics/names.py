"""From a metric's name, as a user types it, to the metric."""

from collections.abc import Sequence

from dovetail._names import key, suggest
from dovetail.errors import ConfigError
from dovetail.metrics._base import Metric


def by_name(text: str, known: Sequence[Metric]) -> Metric:
    """The metric of this name among ``known``, in any spelling.

    >>> from dovetail.metrics import Accuracy, LogLoss
    >>> by_name("Log-Loss", [LogLoss(), Accuracy()])
    LogLoss(exclusive=False)
    """
    by_key = {key(metric.name): metric for metric in known}
    if key(text) not in by_key:
        names = [metric.name for metric in known]
        raise ConfigError(
            f"No metric {text!r} for this task.{suggest(text, names)}",
            fix=f"choose one of: {', '.join(names)}",
        )
    return by_key[key(text)]
