"""Checks of a loss's own parameters, with one wording; what is wrong is a choice."""

import math
from collections.abc import Sequence
from numbers import Real
from typing import Any

from dovetail.errors import ConfigError


def positive(value: Any, name: str, who: str) -> float:
    """``value`` as a float, finite and > 0.

    >>> positive(2, "delta", "Huber")
    2.0
    """
    number = real(value, name, who)
    if not 0 < number < math.inf:
        raise ConfigError(
            f"{who} needs {name} > 0 and finite, got {value!r}.",
            fix=f"give a positive number, such as {name}=1.0",
        )
    return number


def share(value: Any, name: str, who: str) -> float:
    """``value`` as a float in [0, 1).

    >>> share(0.1, "smoothing", "SoftmaxCrossEntropy")
    0.1
    """
    number = real(value, name, who)
    if not 0 <= number < 1:
        raise ConfigError(
            f"{who} needs {name} in [0, 1), got {value!r}.",
            fix=f"give a share, such as {name}=0.1",
        )
    return number


def positives(values: Any, name: str, who: str) -> tuple[float, ...]:
    """A sequence of numbers > 0 as a tuple of floats.

    >>> positives([1, 3], "weight", "SoftmaxCrossEntropy")
    (1.0, 3.0)
    """
    if isinstance(values, str) or not isinstance(values, Sequence) or not len(values):
        raise ConfigError(
            f"{who} needs {name} as a sequence of numbers, got {values!r}.",
            fix=f"give one number for each output: {name}=[1.0, 2.0]",
        )
    return tuple(positive(v, f"each {name}", who) for v in values)


def match(values: tuple[float, ...], outputs: int, name: str, who: str) -> None:
    """Refuse a per-output parameter whose length is not the number of outputs."""
    if len(values) != outputs:
        raise ConfigError(
            f"{who} needs {name} for {outputs} outputs, got {len(values)} numbers.",
            fix=f"give one number for each of the {outputs} outputs",
        )


def real(value: Any, name: str, who: str) -> float:
    """``value`` as a float; text and booleans are not numbers."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise ConfigError(
            f"{who} needs a number for {name}, got {value!r}.",
            fix=f"write {name} as a plain number",
        )
    return float(value)
