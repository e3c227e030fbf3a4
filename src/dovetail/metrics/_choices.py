"""Checks of a metric's own parameters; what is wrong is a choice."""

from typing import Any

from dovetail.errors import ConfigError


def whole_number(value: Any, name: str, who: str) -> None:
    """Refuse what is not an int >= 1.

    >>> whole_number(0, "k", "TopK")
    Traceback (most recent call last):
    ...
    dovetail.errors.ConfigError: TopK needs a whole number k >= 1, got 0.
    What to do: give a number such as k=5
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(
            f"{who} needs a whole number {name} >= 1, got {value!r}.",
            fix=f"give a number such as {name}=5",
        )
