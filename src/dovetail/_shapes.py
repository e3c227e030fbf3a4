"""Shape, dtype and domain checks, with one wording for all.

Shapes and dtypes are always checked. Values are read only where that is free of side
effects: not while ``torch.compile`` traces, not under ``torch.func`` transforms (there
is no number to look at), not on an accelerator (reading would wait for the device).
``who`` is the name of the loss or function that asks.
"""

import torch
from torch import Tensor

from dovetail.errors import DataError, TargetError

HALF = (torch.float16, torch.bfloat16)


def eager() -> bool:
    """Are operations carried out one by one: not traced, not under a transform?

    >>> eager()
    True
    """
    return (
        not torch.compiler.is_compiling()
        and not torch._C._are_functorch_transforms_active()
    )


def values_readable(tensor: Tensor) -> bool:
    """May the numbers in ``tensor`` be looked at here, at no cost?

    >>> values_readable(torch.ones(2))
    True
    """
    return eager() and tensor.device.type == "cpu"


def check_raw(raw: Tensor, who: str, *, outputs: int | None = None) -> None:
    """Raw outputs are floating point (n, k); ``outputs`` fixes k.

    >>> check_raw(torch.zeros(3), "Squared")
    Traceback (most recent call last):
    ...
    dovetail.errors.DataError: Squared needs raw outputs (n, k), got shape (3,).
    What to do: give one column for each output: raw.unsqueeze(1) makes (3,) into (3, 1)
    """
    k = "k" if outputs is None else str(outputs)
    shape = tuple(raw.shape)
    if raw.ndim == 1:
        raise DataError(
            f"{who} needs raw outputs (n, {k}), got shape {shape}.",
            fix="give one column for each output: "
            f"raw.unsqueeze(1) makes {shape} into {(*shape, 1)}",
        )
    if raw.ndim != 2 or raw.shape[1] == 0 or outputs not in (None, raw.shape[1]):
        raise DataError(
            f"{who} needs raw outputs (n, {k}), got shape {shape}.",
            fix="check the head: its out_features is the second size",
        )
    if not raw.is_floating_point():
        raise DataError(
            f"{who} needs floating-point raw outputs, got {_name(raw.dtype)}.",
            fix="give the head's outputs as they are, without argmax or rounding",
        )


def check_target(
    target: Tensor, raw: Tensor, who: str, *, columns: int | None = None
) -> None:
    """A floating-point target (n, m), one row for each row of ``raw``.

    ``columns`` is m; without it m is the number of raw outputs. Nothing is broadcast.

    >>> check_target(torch.zeros(3), torch.zeros(3, 1), "Squared")
    Traceback (most recent call last):
    ...
    dovetail.errors.TargetError: Squared needs a target (3, 1) for raw outputs (3, 1), \
got shape (3,).
    What to do: target.unsqueeze(1) makes (3,) into (3, 1)
    """
    needed = (raw.shape[0], raw.shape[1] if columns is None else columns)
    shape = tuple(target.shape)
    if shape != needed:
        raise TargetError(
            f"{who} needs a target {needed} for raw outputs {tuple(raw.shape)}, "
            f"got shape {shape}.",
            fix=_reshape(shape, needed),
        )
    if not target.is_floating_point():
        raise TargetError(
            f"{who} needs a floating-point target, got {_name(target.dtype)}.",
            fix="convert it with target.float()",
        )
    _check_device(target, raw, who)


def check_index(target: Tensor, raw: Tensor, who: str, *, classes: int) -> None:
    """A class index: int64 (n,), each in 0..classes-1.

    >>> check_index(torch.tensor([0, 3]), torch.zeros(2, 3), "CE", classes=3)
    Traceback (most recent call last):
    ...
    dovetail.errors.TargetError: CE needs class indices 0 to 2, got 3 in row 1.
    What to do: encode the labels as 0 to 2, one raw output or rank for each class
    """
    needed, shape = (raw.shape[0],), tuple(target.shape)
    if shape != needed:
        raise TargetError(
            f"{who} needs class indices {needed} for raw outputs "
            f"{tuple(raw.shape)}, got shape {shape}.",
            fix=_reshape(shape, needed),
        )
    if target.dtype != torch.int64:
        raise TargetError(
            f"{who} needs class indices of dtype int64, got {_name(target.dtype)}.",
            fix="convert them with target.long(), if they are whole numbers from 0",
        )
    _check_device(target, raw, who)
    if values_readable(target):
        outside = (target < 0) | (target >= classes)
        if bool(outside.any()):
            row = int(outside.nonzero()[0])
            raise TargetError(
                f"{who} needs class indices 0 to {classes - 1}, "
                f"got {int(target[row])} in row {row}.",
                fix=f"encode the labels as 0 to {classes - 1}, "
                "one raw output or rank for each class",
            )


def check_domain(
    target: Tensor,
    who: str,
    *,
    low: float = float("-inf"),
    high: float = float("inf"),
    unknown: bool = False,
) -> None:
    """Each cell is finite and in [low, high]; ``unknown`` lets NaN pass.

    >>> check_domain(torch.tensor([[0.5], [1.5]]), "BCE", low=0, high=1)
    Traceback (most recent call last):
    ...
    dovetail.errors.TargetError: BCE needs target values in [0, 1], got 1.5 in row 1, \
column 0.
    What to do: check how the target is encoded
    """
    if not values_readable(target):
        return
    wrong = ~((target >= low) & (target <= high) & target.isfinite())
    if unknown:
        wrong &= ~target.isnan()
    if not bool(wrong.any()):
        return
    row, column = wrong.nonzero()[0].tolist()
    value = float(target[row, column])
    bounds = (low != float("-inf"), high != float("inf"))
    words = {
        (True, True): f"in [{low:g}, {high:g}]",
        (True, False): f">= {low:g}",
        (False, True): f"<= {high:g}",
        (False, False): "that are finite",
    }[bounds]
    missing = value != value
    raise TargetError(
        f"{who} needs target values {words}, got {value:g} in row {row}, "
        f"column {column}.",
        fix="leave out rows without a target" if missing
        else "check how the target is encoded",
    )  # fmt: skip


def check_row_sums(target: Tensor, who: str) -> None:
    """Soft rows are distributions: each sums to 1.

    >>> check_row_sums(torch.tensor([[0.5, 0.5], [0.5, 0.6]]), "CE")
    Traceback (most recent call last):
    ...
    dovetail.errors.TargetError: CE needs soft rows that sum to 1, got 1.1 in row 1.
    What to do: divide each row by its sum, or use a multi-label loss if labels are \
independent
    """
    if not values_readable(target):
        return
    sums = target.double().sum(dim=1)
    far = (sums - 1).abs() > (1e-2 if target.dtype in HALF else 1e-3)
    if bool(far.any()):
        row = int(far.nonzero()[0])
        raise TargetError(
            f"{who} needs soft rows that sum to 1, got {float(sums[row]):g} "
            f"in row {row}.",
            fix="divide each row by its sum, "
            "or use a multi-label loss if labels are independent",
        )


def check_weights(weights: Tensor, rows: int, who: str) -> None:
    """Row weights (n,): finite, not negative, not all zero."""
    if tuple(weights.shape) != (rows,):
        raise DataError(
            f"{who} needs row weights ({rows},), got shape {tuple(weights.shape)}.",
            fix="give one weight for each row",
        )
    if not values_readable(weights):
        return
    values = weights.double()
    if not bool((values.isfinite() & (values >= 0)).all()):
        row = int((~(values.isfinite() & (values >= 0))).nonzero()[0])
        raise DataError(
            f"{who} needs row weights >= 0, got {float(values[row]):g} in row {row}.",
            fix="use 0 to leave a row out",
        )
    if not bool(values.any()):
        raise DataError(
            f"{who} needs at least one row of positive weight, got none in {rows}.",
            fix="check the weight column",
        )


def _reshape(shape: tuple[int, ...], needed: tuple[int, ...]) -> str:
    """How to get from one shape to the other, where only an axis of size 1 differs."""
    if (*shape, 1) == needed:
        return f"target.unsqueeze(1) makes {shape} into {needed}"
    if shape == (*needed, 1):
        return f"target.squeeze(1) makes {shape} into {needed}"
    if shape[:1] != needed[:1]:
        return "give as many targets as there are rows of raw outputs"
    return f"give the target with shape {needed}"


def _check_device(target: Tensor, raw: Tensor, who: str) -> None:
    if target.device != raw.device:
        raise TargetError(
            f"{who} needs raw outputs and target on one device, "
            f"got {raw.device} and {target.device}.",
            fix="move the target with target.to(raw.device)",
        )


def _name(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")
