"""From what a user gives to an optimizer spec: text, JSON, a class, a callable.

Names are read in any spelling ("AdamW", "schedule-free", "torch.optim.SGD"), with
settings in brackets; a first setting without a name is the learning rate.
"""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

from torch.optim import Optimizer

from dovetail._names import key, parse_call, suggest
from dovetail.errors import ConfigError
from dovetail.optim._base import Spec
from dovetail.optim.adagrad import Adagrad
from dovetail.optim.adam import Adam, AdamW
from dovetail.optim.custom import Custom
from dovetail.optim.lbfgs import LBFGS
from dovetail.optim.lion import Lion
from dovetail.optim.muon import Muon
from dovetail.optim.nadam import NAdam
from dovetail.optim.radam import RAdam
from dovetail.optim.rmsprop import RMSprop
from dovetail.optim.schedule_free import ScheduleFree
from dovetail.optim.schedules import Constant, OneCycle, Schedule, WarmupCosine
from dovetail.optim.sgd import SGD

# Every optimizer with its defaults, under the name that help and errors print.
SPECS: Final[dict[str, Spec]] = {
    "adamw": AdamW(),
    "adam": Adam(),
    "sgd": SGD(),
    "rmsprop": RMSprop(),
    "nadam": NAdam(),
    "radam": RAdam(),
    "adagrad": Adagrad(),
    "muon": Muon(),
    "schedule-free": ScheduleFree(),
    "lion": Lion(),
    "lbfgs": LBFGS(),
}

# The settings that widely read tutorials give, to the letter, and ours for tables.
PRESETS: Final[dict[str, Spec]] = {
    "tutorial-sgd": SGD(
        lr=0.01, momentum=0.9, nesterov=False, weight_decay=0.0, schedule=Constant()
    ),
    "tutorial-adam": Adam(lr=1e-3, schedule=Constant()),
    "tutorial-rmsprop": RMSprop(lr=1e-3, schedule=Constant()),
    "tabular-adamw": AdamW(lr=4e-3, betas=(0.9, 0.95), weight_decay=0.1),
}

SCHEDULES: Final[dict[str, Schedule]] = {
    "warmup-cosine": WarmupCosine(),
    "one-cycle": OneCycle(),
    "constant": Constant(),
}

_SPELLINGS: Final[dict[str, Spec]] = {
    **{key(name): spec for name, spec in (SPECS | PRESETS).items()},
    "schedulefreeadamw": ScheduleFree(),
}
_SCHEDULE_SPELLINGS: Final[dict[str, Schedule]] = {
    **{key(name): schedule for name, schedule in SCHEDULES.items()},
    "cosine": WarmupCosine(),
}
_T = TypeVar("_T", Spec, Schedule)


def names() -> list[str]:
    """Every name that errors list: the optimizers, then the presets.

    >>> names()[:3]
    ['adamw', 'adam', 'sgd']
    """
    return [*SPECS, *PRESETS]


def by_name(text: str, lr: float | None = None) -> Spec:
    """The spec that ``text`` names; ``lr`` wins over a learning rate in the text.

    >>> by_name("SGD(0.01, nesterov=False)", lr=0.1).lr
    0.1
    """
    name, positional, settings = _call(text, what="optimizer")
    name = name.removeprefix("torch.").removeprefix("optim.")
    spec = _SPELLINGS.get(key(name))
    if spec is None:
        raise ConfigError(
            f"Unknown optimizer {text!r}.{suggest(name, names())}",
            fix=f"choose one of: {', '.join(names())}",
        )
    if len(positional) > 1 or (positional and "lr" in settings):
        raise ConfigError(
            f"{text!r}: the learning rate alone may stand without a name, and once.",
            fix=f"name the settings, as in {key(name)}(lr=0.01, weight_decay=0)",
        )
    if positional:
        settings["lr"] = positional[0]
    if isinstance(settings.get("schedule"), str):
        settings["schedule"] = schedule_by_name(settings["schedule"])
    spec = _changed(spec, settings, text)
    return spec if lr is None else spec.with_lr(lr)


def schedule_by_name(text: str) -> Schedule:
    """The schedule that ``text`` names.

    >>> schedule_by_name("cosine(warmup=0.1)")
    WarmupCosine(warmup=0.1)
    """
    name, positional, settings = _call(text, what="schedule")
    schedule = _SCHEDULE_SPELLINGS.get(key(name))
    if schedule is None:
        raise ConfigError(
            f"Unknown schedule {text!r}.{suggest(name, _SCHEDULE_SPELLINGS)}",
            fix=f"choose one of: {', '.join(SCHEDULES)}",
        )
    if positional:
        raise ConfigError(
            f"{text!r} has a setting without a name.",
            fix=f"name the settings, as in {name}(warmup=0.1)",
        )
    return _changed(schedule, settings, text)


def resolve(value: object, lr: float | None = None) -> Spec:
    """A spec from text, a spec, or a callable that takes parameters.

    A callable (a class of ``torch.optim``, a ``functools.partial`` of one, a function)
    is wrapped in ``Custom`` and used as it is. A built optimizer is refused: it holds
    the parameters of a network that exists already.
    """
    if isinstance(value, str):
        return by_name(value, lr)
    if isinstance(value, Spec):
        return value if lr is None else value.with_lr(lr)
    if isinstance(value, Optimizer):
        kind = type(value).__name__
        raise ConfigError(
            f"The optimizer is a built {kind}: it holds the parameters of another "
            "network, and the one to train is made later.",
            fix=f"give the class ({kind}), functools.partial({kind}, lr=...), or a "
            f"name such as {names()[0]!r}",
        )
    if isinstance(value, type) and issubclass(value, Spec):
        raise ConfigError(
            f"The optimizer is the class {value.__name__}, without settings.",
            fix=f"call it: {value.__name__}(), or {value.__name__}(lr=...)",
        )
    if callable(value):
        return Custom(make=value, lr=lr)
    raise ConfigError(
        f"Cannot use {repr(value)[:60]} as an optimizer.",
        fix=f"give a name ({', '.join(names())}), a spec such as optim.AdamW(lr=1e-3), "
        "or a callable that takes parameters",
    )


def from_json(values: Mapping[str, Any]) -> Spec:
    """The spec that ``Spec.to_json`` wrote.

    >>> from_json(AdamW(lr=0.5).to_json()) == AdamW(lr=0.5)
    True
    """
    settings = dict(values)
    name = settings.pop("name", None)
    if name == "Custom":
        raise ConfigError(
            f"The optimizer was the callable {settings.get('make')!r}, and code is not "
            "restored from a file.",
            fix="give the same optimizer again",
        )
    spec = next((s for s in SPECS.values() if type(s).__name__ == name), None)
    if spec is None:
        raise ConfigError(
            f"Unknown optimizer {name!r} in JSON.",
            fix=f"choose one of: {', '.join(type(s).__name__ for s in SPECS.values())}",
        )
    if "schedule" in settings:
        settings["schedule"] = _schedule_from_json(settings["schedule"])
    return _changed(spec, settings, f"{name} in JSON")


def _schedule_from_json(values: Any) -> Schedule:
    settings = dict(values) if isinstance(values, Mapping) else {}
    name = settings.pop("name", None)
    for schedule in SCHEDULES.values():
        if type(schedule).__name__ == name:
            return _changed(schedule, settings, f"{name} in JSON")
    raise ConfigError(
        f"Unknown schedule {values!r} in JSON.",
        fix="give a name and its settings, as Schedule.to_json writes them",
    )


def _call(text: str, *, what: str) -> tuple[str, list[Any], dict[str, Any]]:
    """``parse_call`` for names with hyphens or spaces: one-cycle(warmup=0.1)."""
    name, bracket, rest = text.strip().partition("(")
    name = re.sub(r"[\s\-]+", "_", name.strip())
    return parse_call(name + bracket + rest, what=what, error=ConfigError)


def _changed(value: _T, settings: dict[str, Any], said: str) -> _T:
    """``value`` with ``settings``, or an error that lists what it has."""
    known = [f.name for f in fields(value) if f.init]
    for setting in settings:
        if setting not in known:
            raise ConfigError(
                f"{said!r}: {type(value).__name__} has no setting {setting!r}."
                f"{suggest(setting, known)}",
                fix=f"its settings are: {', '.join(known)}",
            )
    return replace(value, **settings)
