"""The checks that all decision rules share."""

from torch import Tensor

from dovetail.errors import DataError


def check_probs(probs: Tensor, who: str, *, columns: int | None = None) -> None:
    """Floating-point (n, k); ``columns`` fixes k.

    >>> import torch
    >>> check_probs(torch.zeros(3), "Argmax")
    Traceback (most recent call last):
    ...
    dovetail.errors.DataError: Argmax needs one row of probabilities for each sample, \
(n, k), got shape (3,).
    What to do: give one column for each class, label or number
    """
    k = "k" if columns is None else str(columns)
    if probs.ndim != 2 or probs.shape[1] == 0 or columns not in (None, probs.shape[1]):
        raise DataError(
            f"{who} needs one row of probabilities for each sample, (n, {k}), "
            f"got shape {tuple(probs.shape)}.",
            fix="give one column for each class, label or number",
        )
    if not probs.is_floating_point():
        raise DataError(
            f"{who} needs floating-point probabilities, got {probs.dtype}.",
            fix="give the output of task.inverse_link(raw)",
        )
