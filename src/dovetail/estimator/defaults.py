"""The optimizer, where the user leaves something of it open."""

from typing import Any

from dovetail.errors import ConfigError
from dovetail.optim import SGD, Spec, resolve


def optimizer(said: Any, lr: float | None, batch_size: int) -> Spec:
    """The optimizer asked for, or AdamW with the rate and momentum that suit tables.

    SGD's default rate is meant for batches of 256 and goes with the batch size.

    >>> optimizer("sgd", None, 128).lr, optimizer("sgd", 0.1, 128).lr
    (0.025, 0.1)
    """
    spec = resolve("tabular-adamw" if said is None else said, lr=lr)
    if isinstance(said, str) and "(" in said and lr is not None:
        named = resolve(said).lr
        if named != lr and named != resolve(said.split("(")[0]).lr:
            raise ConfigError(
                f"The optimizer {said} says lr={named:g}, the option lr={lr:g}.",
                fix="give the learning rate once",
            )
    rate_left_open = lr is None and isinstance(said, str) and "(" not in said
    if rate_left_open and spec == SGD():
        return spec.with_lr(0.05 * batch_size / 256)
    return spec
