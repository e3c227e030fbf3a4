"""The values an optimizer spec may hold, checked once, with one wording for all."""

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

from dovetail.errors import ConfigError


def _number(value: Any) -> bool:
    """Is it a finite real number? ``True`` is a number to Python and not to us."""
    return (
        isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    )


def _fraction(value: Any) -> bool:
    return _number(value) and 0 <= value < 1


def _pair(value: Any) -> bool:
    return (
        isinstance(value, tuple | list)
        and len(value) == 2
        and all(map(_fraction, value))
    )


def _count(value: Any) -> bool:
    return (
        isinstance(value, Integral) and not isinstance(value, bool) and int(value) > 0
    )


# A rule is: is the value good, the words for what is needed, the plain value to keep.
_Rule = tuple[Callable[[Any], bool], str, Callable[[Any], Any]]
_POSITIVE: _Rule = (lambda v: _number(v) and v > 0, "a finite number above 0", float)
_FROM_ZERO: _Rule = (lambda v: _number(v) and v >= 0, "a finite number >= 0", float)
_FRACTION: _Rule = (_fraction, "a number in [0, 1)", float)
_COUNT: _Rule = (_count, "an integer >= 1", int)

# By name of the field, since a name means the same in every spec; "Owner.name" where
# one owner needs more.
_RULES: dict[str, _Rule] = {
    "lr": _POSITIVE,
    "momentum": _FRACTION,
    "alpha": _FRACTION,
    "betas": (
        _pair,
        "two numbers in [0, 1)",
        lambda v: (float(v[0]), float(v[1])),
    ),
    "ScheduleFree.betas": (
        lambda v: _pair(v) and v[0] > 0,
        "two numbers in [0, 1), the first above 0",
        lambda v: (float(v[0]), float(v[1])),
    ),
    "eps": _POSITIVE,
    "weight_decay": _FROM_ZERO,
    "initial_accumulator_value": _FROM_ZERO,
    "tolerance_grad": _FROM_ZERO,
    "tolerance_change": _FROM_ZERO,
    "nesterov": (lambda v: isinstance(v, bool), "True or False", bool),
    "history_size": _COUNT,
    "max_iter": _COUNT,
    "warmup": _FRACTION,
    "start": (lambda v: _number(v) and 0 < v <= 1, "a number in (0, 1]", float),
    "make": (callable, "a callable that takes parameters", lambda v: v),
    "end": (lambda v: _number(v) and 0 <= v <= 1, "a number in [0, 1]", float),
}


def checked(owner: str, name: str, value: Any) -> Any:
    """``value`` as a plain Python value, or a ConfigError that shows it.

    >>> checked("SGD", "lr", 1)
    1.0
    """
    good, needed, plain = _RULES.get(f"{owner}.{name}") or _RULES[name]
    if not good(value):
        raise ConfigError(
            f"{owner}: {name} is {value!r}; needed: {needed}.",
            fix=f"give {name} as {needed}",
        )
    return plain(value)
