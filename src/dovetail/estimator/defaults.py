"""Sizes chosen from the number of rows, where the user does not say.

The rules were found on scikit-learn's bundled sets and made-up tables;
docs/benchmarks.md tells what of the judged sets was seen meanwhile.
"""

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


def batch_size(rows: int) -> int:
    """A power of two, at most 1/64 of the rows, from 32 to 1,024.

    Of few rows larger batches do as well or better (iris, wine, diabetes), in half the
    time and less.

    >>> batch_size(200), batch_size(400), batch_size(600)
    (128, 64, 32)
    >>> batch_size(10_000), batch_size(500_000)
    (128, 1024)
    """
    if rows < 512:
        return 128 if rows < 256 else 64
    size = 32
    while size * 2 <= rows / 64 and size < 1_024:
        size *= 2
    return size


def epochs(rows: int) -> int:
    """Enough for a million and a half rows in all, from 12 to 100 epochs.

    >>> epochs(500), epochs(30_000), epochs(500_000)
    (100, 50, 12)
    """
    return max(12, min(100, 1_500_000 // max(1, rows)))


def patience(epochs: int) -> int:
    """Epochs without improvement before stopping: a fifth, at least 6."""
    return max(6, epochs // 5)
