"""Losses at the border: from text, JSON or another library's object to a ``Loss``.

Nothing further in reads a name. Names of torch, Keras and scikit-learn are accepted
for what they mean here; a note says what became of them and why.
"""

import inspect
from dataclasses import MISSING, dataclass, fields, replace
from typing import Any

from torch import nn

from dovetail import _names
from dovetail._phrases import Phrase, joined
from dovetail.errors import ConfigError
from dovetail.losses._aliases import ALIASES, Alias
from dovetail.losses._base import Loss
from dovetail.losses._carry import carry
from dovetail.losses._elsewhere import known_elsewhere
from dovetail.losses._known import KNOWN
from dovetail.losses.custom import Custom

Types = tuple[type[Loss], ...]

_AS_GIVEN = Phrase(
    "{name} is used as given, on raw outputs.", "{name} 按原样使用，作用于原始输出。"
)


@dataclass(frozen=True)
class Named:
    """A loss and, in plain words, what became of the name; empty if nothing did."""

    loss: Loss
    note: str = ""


def by_name(text: str, fits: Types | None = None, task: str = "") -> Named:
    """The loss meant by ``text``: a name, or ``name(key=value)``.

    ``fits``: the losses that fit the task, its default first; the member of the name's
    family among them is taken. ``task`` names the task in errors.

    >>> by_name("huber(delta=2)").loss
    Huber(delta=2.0)
    >>> by_name("NLLLoss").note
    'NLLLoss on log-softmax is softmax cross-entropy; it is computed from raw outputs \
in one step.'
    """
    name, positional, keywords = _names.parse_call(text, what="loss", error=ConfigError)
    alias = _alias(name, fits)
    chosen = _choose(alias, fits, task)
    if positional:
        keywords = {**_only_parameter(chosen, positional, text), **keywords}
    return _build(alias, chosen, keywords)


def resolve(value: Any, fits: Types | None = None, task: str = "") -> Named:
    """A ``Loss`` from a loss, its class, a name, a torch loss, or any function.

    A torch loss (class, instance or function of ``torch.nn.functional``) becomes ours
    with its parameters; what cannot be carried over is refused. Any other function of
    raw outputs and target becomes ``Custom`` and must return one value for each row.

    >>> resolve(nn.HuberLoss(delta=2.0)).loss
    Huber(delta=2.0)
    """
    if isinstance(value, str):
        return by_name(value, fits, task)
    if isinstance(value, type) and issubclass(value, Loss):
        return _build(Alias(value.__name__, (value,)), value, {}, fits, task)
    if isinstance(value, Loss):
        if not isinstance(value, Custom):
            _choose(Alias(type(value).__name__, (type(value),)), fits, task)
        return Named(value)
    if isinstance(value, type) and issubclass(value, nn.Module):
        value = _instance(value)
    if _is_torch(value):
        return _from_torch(value, fits, task)
    if not callable(value):
        raise ConfigError(
            f"A loss is a name, a loss or a function of raw outputs and target, "
            f"got {repr(value)[:60]}.",
            fix=f"choose one of: {_listed(fits)}",
        )
    _refuse_reduction(value)
    _refuse_arity(value)
    loss = Custom(function=value)
    return Named(loss, _AS_GIVEN(name=loss.name))


def from_json(values: dict[str, Any]) -> Loss:
    """Read back what ``Loss.to_json`` gave.

    >>> from_json({"name": "Huber", "delta": 2.0})
    Huber(delta=2.0)
    """
    rest = dict(values)
    name = rest.pop("name", None)
    kind = KNOWN.get(str(name))
    if kind is None:
        raise ConfigError(
            f"No loss is called {name!r}.{_names.suggest(str(name), KNOWN)}",
            fix="the file was changed, or written by a newer dovetail",
        )
    _check_names(kind, rest)
    return kind.from_values(rest)


def _alias(name: str, fits: Types | None) -> Alias:
    """What a name stands for; prefixes such as ``torch.nn.`` do not count."""
    typed = name.rsplit(".", 1)[-1]
    bare = _names.key(typed)
    if bare in ALIASES:
        alias = replace(ALIASES[bare], name=typed)
        # Our own class name, spelt as ours, needs no explanation.
        return replace(alias, note=None) if typed in KNOWN else alias
    for own, kind in KNOWN.items():
        if _names.key(own) == bare and kind is not Custom:
            return Alias(typed, (kind,))
    fitting = set(fits or KNOWN.values()) - {Custom}
    if known_elsewhere(typed):
        raise _not_here(typed, f"choose one of: {_listed(fits)}")
    # Only what fits is offered; our own names stand last, where they win.
    offered = [a.name for a in ALIASES.values() if fitting.intersection(a.family)]
    offered += [own for own, kind in KNOWN.items() if kind in fitting]
    raise ConfigError(
        f"No loss is called {name!r}.{_names.suggest(typed, offered)}",
        fix=f"choose one of: {_listed(fits)}",
    )


def _not_here(name: str, fix: str) -> ConfigError:
    return ConfigError(
        f"{name} is known, but dovetail has no such loss in this version.", fix=fix
    )


def _choose(alias: Alias, fits: Types | None, task: str) -> type[Loss]:
    """The member of the alias's family that fits: our own name first, then by task."""
    if fits is None:
        return alias.family[0]
    for kind in alias.family:
        if kind in fits and _names.key(kind.__name__) == _names.key(alias.name):
            return kind
    for kind in fits:
        if kind in alias.family:
            return kind
    meant = alias.family[0]
    fix = f"choose one of: {_listed(fits)}"
    owner = ""
    if meant.task and meant.task != task:
        owner = f"is a loss of {meant.task} and "
        fix += f"; or choose --task {meant.task.lower()} if the target is {meant.takes}"
    raise ConfigError(
        f"{alias.name} does not fit {task or 'this task'}: {meant.__name__} {owner}"
        f"needs {meant.takes}, but here the target is {fits[0].takes}.",
        fix=fix,
    )


def _build(
    alias: Alias,
    chosen: type[Loss],
    given: dict[str, Any],
    fits: Types | None = None,
    task: str = "",
) -> Named:
    if fits is not None:
        chosen = _choose(alias, fits, task)
    values, notes = carry(alias, chosen, given)
    _check_names(chosen, values)
    note = joined([*alias.told(chosen), *notes])
    return Named(chosen.from_values(values), note)


def _check_names(kind: type[Loss], values: dict[str, Any]) -> None:
    """Refuse parameters the loss does not have, and a missing one it needs."""
    known = {f.name: f for f in fields(kind)}
    for name in values:
        if name not in known:
            has = ", ".join(known) or "none"
            raise ConfigError(
                f"{kind.__name__} has no parameter {name!r}."
                f"{_names.suggest(name, known)}",
                fix=f"its parameters: {has}",
            )
    for name, f in known.items():
        if f.default is MISSING and name not in values:
            raise ConfigError(
                f"{kind.__name__} needs {name}.",
                fix=f"write {_names_example(kind, name)}",
            )


def _names_example(kind: type[Loss], name: str) -> str:
    example = "[0.1, 0.5, 0.9]" if name == "taus" else "..."
    return f"{kind.__name__}({name}={example})"


def _only_parameter(
    kind: type[Loss], positional: list[Any], text: str
) -> dict[str, Any]:
    """``huber(2)`` can only mean one thing; with two parameters a name is needed."""
    names = [f.name for f in fields(kind)]
    if len(names) == 1 and len(positional) == 1:
        return {names[0]: positional[0]}
    example = ", ".join(f"{name}=..." for name in names)
    raise ConfigError(
        f"{text!r} does not say which parameter of {kind.__name__} is meant.",
        fix=f"write {kind.__name__}({example})"
        if names
        else f"{kind.__name__} has no parameters",
    )


def _is_torch(value: Any) -> bool:
    """Is it a loss of torch itself, not one of the user's that derives from it?"""
    if isinstance(value, nn.Module):
        return type(value).__module__.startswith("torch.nn.")
    return getattr(value, "__module__", None) in (
        "torch.nn.functional",
        "torch._C._nn",
    )


def _from_torch(value: Any, fits: Types | None, task: str) -> Named:
    module = isinstance(value, nn.Module)
    name = type(value).__name__ if module else value.__name__
    if _names.key(name) not in ALIASES:
        raise _not_here(
            name,
            f"choose one of: {_listed(fits)}; or give a function of raw outputs and "
            "target that returns one value for each row",
        )
    alias = _alias(name, fits)
    given = {}
    if module:
        taken = inspect.signature(type(value)).parameters
        given = {key: getattr(value, key) for key in taken if hasattr(value, key)}
    return _build(alias, _choose(alias, fits, task), given)


def _instance(kind: type[nn.Module]) -> nn.Module:
    try:
        return kind()
    except TypeError as error:
        raise ConfigError(
            f"{kind.__name__} cannot be made without arguments: {error}.",
            fix=f"give an instance: {kind.__name__}(...)",
        ) from None


def _refuse_reduction(function: Any) -> None:
    reduction = getattr(function, "reduction", "none")
    if reduction in ("mean", "sum"):
        raise ConfigError(
            f"{type(function).__name__} reduces a batch to one number "
            f"(reduction={reduction!r}); a loss gives one value for each row.",
            fix="use reduction='none'; rows are averaged afterwards",
        )


def _refuse_arity(function: Any) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):  # some builtins have none
        return
    try:
        signature.bind(None, None)
    except TypeError:
        raise ConfigError(
            f"The loss function takes {signature}, not raw outputs and target.",
            fix="give a function (raw, target) -> one value for each row",
        ) from None


def _listed(fits: Types | None) -> str:
    """The losses to choose from: those that fit, or all where no task is known."""
    kinds = KNOWN.values() if fits is None else fits
    return ", ".join(kind.__name__ for kind in kinds if kind is not Custom)
