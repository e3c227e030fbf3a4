"""One rule, one file; they are found by their names, ``dtNNN_what_is_wrong.py``."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from dovetail.doctor._base import Rule

__all__ = ["every_rule", "rule_named"]


@cache
def every_rule() -> tuple[Rule, ...]:
    """All rules, by code."""
    found: list[Rule] = []
    for info in sorted(iter_modules(__path__), key=lambda i: i.name):
        if not info.name.startswith("dt"):
            continue
        module = import_module(f"{__name__}.{info.name}")
        for value in vars(module).values():
            if (
                isinstance(value, type)
                and issubclass(value, Rule)
                and value is not Rule
            ):
                found.append(value())
    return tuple(found)


def rule_named(name: str) -> Rule | None:
    """A rule by its code (DT101, any case) or its id."""
    wanted = name.strip().lower()
    for rule in every_rule():
        if wanted in (rule.code.lower(), rule.id):
            return rule
    return None
