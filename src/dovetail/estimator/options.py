"""What a user may say of a fit, checked once at the border."""

import math
import os
from typing import Any

import torch
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from dovetail._names import suggest
from dovetail.errors import ConfigError
from dovetail.estimator import presets
from dovetail.train.choices import PRECISIONS

MOST_SEED = 2**63 - 1  # torch's generators take no larger one, NumPy's do
LEAST = {
    "epochs": 1,
    "batch_size": 1,
    "folds": 2,
    "seed": 0,
    "threads": 1,
    "micro_batch": 1,
    "members": 1,
    "patience": 1,
}
ONE_OF = {
    "on_bad": ("fail", "skip"),
    "precision": ("auto", *PRECISIONS),
    "preset": tuple(presets.PRESETS),
}


class Options(BaseModel):
    """The choices; ``None`` and "auto" leave one to us."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    task: Any = None
    model: Any = "auto"
    loss: Any = None
    optimizer: Any = None
    lr: float | None = None
    preset: str = presets.DEFAULT
    epochs: int | None = None
    batch_size: int | None = None
    patience: int | None = None
    clip: float | None = None  # inf: never
    average: bool | None = None
    valid: Any = None
    test: Any = None
    drop: tuple[str, ...] = ()
    kinds: dict[str, str] = {}
    columns: tuple[str, ...] | None = None
    sep: str | None = None
    encoding: str | None = None
    on_bad: str = "fail"
    weight: Any = None
    group: str | None = None
    time: str | None = None
    folds: int | None = None
    positive: Any = None
    members: int | None = None
    seed: int = 0
    device: str = "auto"
    threads: int | None = None
    precision: str = "auto"
    compiled: bool | None = None
    micro_batch: int | None = None
    time_limit: float | None = None  # seconds
    resume: bool = False
    checkpoint_every: float = 30.0  # seconds
    keep_checkpoints: bool = False

    @field_validator("drop", "columns", mode="before")
    @classmethod
    def _one_name_is_a_list_of_one(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("device", mode="before")
    @classmethod
    def _device_by_name(cls, value: Any) -> Any:
        return str(value) if isinstance(value, torch.device) else value


def checked(options: dict[str, Any]) -> Options:
    """The options as one value; what cannot be meant is refused, with its name."""
    known = Options.model_fields
    for name in options:
        if name not in known:
            raise ConfigError(
                f"Unknown option {name!r}.{suggest(name, known)}",
                fix=f"options: {', '.join(sorted(known))}",
            )
    try:
        said = Options(**options)
    except ValidationError as error:
        first = error.errors()[0]
        name, value = str(first["loc"][0]), first["input"]
        wanted = str(known[name].annotation).removeprefix("<class '").removesuffix("'>")
        raise ConfigError(
            f"{name} is {_short(value)}: {first['msg'].lower()}.",
            fix=f"give {name} as {wanted}",
        ) from None
    for name, least in LEAST.items():
        value = getattr(said, name)
        if value is not None and value < least:
            raise ConfigError(
                f"{name} is {value}.", fix=f"give a whole number from {least} on"
            )
    if said.seed > MOST_SEED:
        raise ConfigError(
            f"seed is {said.seed}.", fix=f"give a whole number from 0 to {MOST_SEED}"
        )
    for name, known_values in ONE_OF.items():
        value = getattr(said, name)
        if value not in known_values:
            raise ConfigError(
                f"{name} is {value!r}.{suggest(value, known_values)}",
                fix=f"choose one of: {', '.join(known_values)}",
            )
    if said.clip is not None and not said.clip > 0:
        raise ConfigError(
            f"clip is {said.clip:g}.", fix="give a norm above 0, or inf for never"
        )
    _check_seconds(said)
    if said.compiled and said.micro_batch is not None:
        raise ConfigError(
            "compiled and micro_batch were both given; a compiled step takes its batch "
            "whole.",
            fix="leave one of them out",
        )
    return said


def _check_seconds(said: Options) -> None:
    limit, every = said.time_limit, said.checkpoint_every
    if limit is not None and not 0 < limit < math.inf:
        raise ConfigError(
            f"time_limit is {limit:g}.", fix="give a number of seconds above 0"
        )
    if not 0 <= every < math.inf:
        raise ConfigError(
            f"checkpoint_every is {every:g}.", fix="give a number of seconds from 0 on"
        )


def device(name: str) -> str:
    """The device to train on, tried once; "auto" is the GPU where there is one."""
    if name == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    fix = "use --device cpu, or auto to take what there is"
    try:
        found = torch.device(name)
    except RuntimeError:
        hint = suggest({"gpu": "cuda"}.get(name.lower(), name), ("cpu", "cuda", "auto"))
        raise ConfigError(
            f"There is no device named {name!r}.{hint}", fix=fix
        ) from None
    try:
        torch.zeros(1, device=found)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(
            f"The device {name!r} cannot be used here: {why.rstrip('.')}.", fix=fix
        ) from None
    return str(found)


def is_path(data: Any) -> bool:
    """Is this the name of a file rather than data?"""
    return isinstance(data, str | os.PathLike)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"a {type(value).__name__}"
