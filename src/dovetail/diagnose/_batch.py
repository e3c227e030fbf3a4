"""A batch as loaders give it: what goes into the model, what is to be predicted.

    (x, y)                        model(x), loss(output, y)
    (x1, x2, ..., y)              model(x1, x2, ...), loss(output, y)
    ((x1, x2), y)                 model(x1, x2) if forward takes two, else the pair
    ({"a": ..., "b": ...}, y)     model(a=..., b=...) if forward has those names
    {"input": ..., "labels": ...} the target by its name; the rest by forward's names
    a tensor, or (x,)             model(x), loss(output, x): an autoencoder

Anything else is told by ``forward=``, a function of the model and the batch that
returns the arguments of the loss.
"""

import dataclasses
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
from torch import Tensor, nn

from dovetail.errors import UsageError

_TARGETS: Final = (
    *("labels", "label", "targets", "target", "y", "ys", "y_true", "gt"),
    *("mask", "masks", "class", "classes"),
)
_INPUTS: Final = (
    *("x", "xs", "input", "inputs", "image", "images", "img"),
    *("pixel_values", "input_ids", "features", "data"),
)


@dataclass
class Batch:
    """Arguments of the model, and the target (None where the model is given it)."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    target: Any


def split(model: nn.Module, batch: Any, *, wants_target: bool) -> Batch:
    """Take a batch apart; ``wants_target`` if a loss is to be given one."""
    if dataclasses.is_dataclass(batch) and not isinstance(batch, type):
        batch = {f.name: getattr(batch, f.name) for f in dataclasses.fields(batch)}
    if isinstance(batch, Tensor):
        return Batch((batch,), {}, batch)
    if isinstance(batch, Mapping):
        return _of_mapping(model, dict(batch), wants_target=wants_target)
    if isinstance(batch, Sequence) and not isinstance(batch, str):
        parts = list(batch)
        if not parts:
            raise UsageError("The batch is empty.", fix="give (inputs, targets)")
        if len(parts) == 1:
            return Batch((parts[0],), {}, parts[0])
        if not wants_target:
            return Batch(tuple(parts), {}, None)
        return _with_target(model, parts[:-1], parts[-1])
    raise UsageError(
        f"A batch of {type(batch).__name__} cannot be taken apart.",
        fix="give (inputs, targets), or forward=: a function of model and batch that "
        "returns the arguments of the loss",
    )


def _with_target(model: nn.Module, inputs: list[Any], target: Any) -> Batch:
    if len(inputs) > 1:
        return Batch(tuple(inputs), {}, target)
    only = inputs[0]
    names = _parameters(model)
    if isinstance(only, Mapping):
        by_name = _takes_any(model) if names is None else set(only) <= set(names)
        if by_name:
            return Batch((), dict(only), target)
    several = isinstance(only, list | tuple) and not hasattr(only, "_fields")
    if several and names is not None and len(_needed(model)) == len(only) > 1:
        return Batch(tuple(only), {}, target)
    return Batch((only,), {}, target)


def _of_mapping(
    model: nn.Module, batch: dict[str, Any], *, wants_target: bool
) -> Batch:
    names = _parameters(model)
    if not wants_target:
        if names is None:
            return Batch((), batch, None)
        return Batch((), {k: v for k, v in batch.items() if k in names}, None)
    lower = {key.lower(): key for key in batch if isinstance(key, str)}
    key = next((lower[name] for name in _TARGETS if name in lower), None)
    if key is None:
        raise UsageError(
            f"None of {', '.join(map(repr, batch))} is known to be the target.",
            fix="call it 'labels' or 'target', or give forward=: a function of model "
            "and batch that returns the arguments of the loss",
        )
    target = batch[key]
    rest = {k: v for k, v in batch.items() if k != key}
    if len(rest) == 1 and (names is None or next(iter(rest)) not in names):
        return Batch((next(iter(rest.values())),), {}, target)
    if names is not None and rest.keys() & set(names):
        return Batch((), {k: v for k, v in rest.items() if k in names}, target)
    known = [lower[name] for name in _INPUTS if name in lower]
    if known:
        return Batch((batch[known[0]],), {}, target)
    return Batch((rest,), {}, target)


def _signature(model: nn.Module) -> inspect.Signature | None:
    try:
        return inspect.signature(model.forward)
    except (TypeError, ValueError):
        return None


def _parameters(model: nn.Module) -> list[str] | None:
    """Names of forward's arguments; None where any name is taken or none is known."""
    signature = _signature(model)
    if signature is None:
        return None
    kinds = {p.kind for p in signature.parameters.values()}
    if inspect.Parameter.VAR_KEYWORD in kinds:
        return None
    return list(signature.parameters)


def _takes_any(model: nn.Module) -> bool:
    """Does forward take names only, and any?"""
    signature = _signature(model)
    return signature is not None and not _needed(model)


def _needed(model: nn.Module) -> list[str]:
    signature = _signature(model)
    if signature is None:
        return []
    return [
        name
        for name, p in signature.parameters.items()
        if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]


def mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """The same structure with each tensor changed.

    >>> mapped({"a": (torch.ones(2), "b")}, lambda t: t + 1)
    {'a': (tensor([2., 2.]), 'b')}
    """
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, Mapping):
        changed = {k: mapped(v, change) for k, v in value.items()}
        return changed if type(value) is dict else _again(value, changed)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(v, change) for v in value))
    if isinstance(value, list | tuple):
        return type(value)(mapped(v, change) for v in value)
    return value


def _again(value: Any, changed: dict[Any, Any]) -> Any:
    try:
        return type(value)(changed)
    except (TypeError, ValueError):
        return changed


def tensors(value: Any, depth: int = 4) -> list[Tensor]:
    """Every tensor in a structure of tuples, lists, dicts and dataclasses."""
    if isinstance(value, Tensor):
        return [value]
    if depth == 0 or isinstance(value, str | bytes):
        return []
    if isinstance(value, Mapping):
        parts: list[Any] = list(value.values())
    elif isinstance(value, list | tuple | set):
        parts = list(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, f.name) for f in dataclasses.fields(value)]
    else:
        parts = [
            part
            for name in ("loss", "logits", "mean", "logits_per_image")
            if isinstance(part := getattr(value, name, None), Tensor)
        ]
    return [tensor for part in parts for tensor in tensors(part, depth - 1)]


def to_device(value: Any, device: torch.device) -> Any:
    """Every tensor on the device; those that are there are not copied."""
    return mapped(value, lambda t: t if t.device == device else t.to(device))
