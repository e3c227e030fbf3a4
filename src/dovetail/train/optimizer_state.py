"""What an optimizer of torch's kind remembers, as named tensors and a document.

    its class has a state_dict of its own    what that gives
    others                                   state, settings of the groups, attributes
    optimizers that it holds (SAM ...)       likewise, each by itself

Of attributes those count that are numbers, text, tensors and containers of these; code,
networks and parameters are no state. What has no place in a checkpoint (a deque, a
generator) is ``kept`` as it is: enough to go back to, and refused when it is written.
"""

import random
from collections import deque
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from dovetail.errors import ConfigError

_PLAIN = (bool, int, float, str, type(None))
_KEPT = (
    deque, set, frozenset, bytes, bytearray, complex, np.generic, np.ndarray,
    np.random.Generator, np.random.RandomState, random.Random, torch.Generator,
)  # fmt: skip
# Of torch's own base class: kept elsewhere, or nothing that a step changes.
_OTHERS = ("state", "param_groups", "defaults")
_HOOKS = "_optimizer_"


@final
class OptimizerState:
    """The state of one optimizer and of those inside it, to read and to put back."""

    def __init__(self, optimizer: Any) -> None:
        self.parts = list(_with_inner(optimizer, set()))

    def tensors(self) -> dict[str, Tensor]:
        """The tensors themselves, by where they stand."""
        found: dict[str, Tensor] = {}
        for number, part in enumerate(self.parts):
            _collect(_content(part), f"optimizer.{number}", found)
        return found

    def document(self) -> dict[str, Any]:
        """All the rest, and where tensors stand; nothing in it changes any more."""
        return {
            "parts": [
                _written(_content(part), f"optimizer.{number}", _pinned(part))
                for number, part in enumerate(self.parts)
            ]
        }

    def load(
        self,
        tensors: Mapping[str, Tensor],
        document: Mapping[str, Any],
        device: torch.device,
    ) -> None:
        """Back to what ``tensors`` and ``document`` gave."""
        for part, saved in zip(self.parts, document["parts"], strict=True):
            content = _read(saved, tensors, device, _pinned(part))
            if _has_own_state_dict(part):
                part.load_state_dict(content)
            else:
                _put(part, content)


def check_writable(document: Mapping[str, Any]) -> None:
    """Raise a ConfigError where a checkpoint cannot hold ``document``."""
    for part in document.get("parts", ()):
        for value in _kept(part):
            raise ConfigError(
                f"The optimizer keeps a {type(value).__name__} in its state, which a "
                "checkpoint cannot hold.",
                fix="keep tensors, numbers, text, lists and dicts there, give its "
                "class state_dict and load_state_dict, or train without a folder to "
                "save to",
            )


def _with_inner(optimizer: Any, seen: set[int]) -> Iterator[Any]:
    if id(optimizer) in seen:
        return
    seen.add(id(optimizer))
    yield optimizer
    for value in getattr(optimizer, "__dict__", {}).values():
        inner = value if isinstance(value, list | tuple) else [value]
        for one in inner:
            if isinstance(one, Optimizer):
                yield from _with_inner(one, seen)


def _has_own_state_dict(optimizer: Any) -> bool:
    return type(optimizer).state_dict is not Optimizer.state_dict


def _content(optimizer: Any) -> dict[Any, Any]:
    """Everything to remember, as it is now."""
    if _has_own_state_dict(optimizer):
        given: dict[Any, Any] = optimizer.state_dict()
        return given
    number = {id(p): i for i, p in enumerate(_parameters(optimizer))}
    return {
        "groups": [
            {key: value for key, value in group.items() if key != "params"}
            for group in optimizer.param_groups
        ],
        "state": {
            number.get(id(key), key): value for key, value in optimizer.state.items()
        },
        "attributes": _attributes(optimizer),
    }


def _put(optimizer: Optimizer, content: dict[str, Any]) -> None:
    for group, saved in zip(optimizer.param_groups, content["groups"], strict=True):
        for key in group.keys() - saved.keys() - {"params"}:
            del group[key]
        group.update(saved)
    parameters = _parameters(optimizer)
    optimizer.state.clear()
    for key, value in content["state"].items():
        optimizer.state[parameters[key] if isinstance(key, int) else key] = value
    now, saved = _attributes(optimizer), content["attributes"]
    for name in now.keys() - saved.keys():
        delattr(optimizer, name)
    for name, value in saved.items():
        setattr(optimizer, name, _into(now.get(name), value))


def _parameters(optimizer: Any) -> list[Tensor]:
    return [p for group in optimizer.param_groups for p in group["params"]]


def _pinned(optimizer: Any) -> dict[int, Tensor]:
    """For copies: a parameter inside of what is kept stays that parameter."""
    return {id(p): p for p in _parameters(optimizer)}


def _attributes(optimizer: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(optimizer).items()
        if name not in _OTHERS and not name.startswith(_HOOKS) and _is_state(value)
    }


def _is_state(value: Any) -> bool:
    if isinstance(value, Tensor):
        return not isinstance(value, nn.Parameter)
    if isinstance(value, list | tuple):
        return all(map(_is_state, value))
    if isinstance(value, dict):
        return all(map(_is_state, value.values()))
    return isinstance(value, _PLAIN + _KEPT)


def _into(now: Any, saved: Any) -> Any:
    """``saved``, in the memory of ``now`` if that is alike: others may look there."""
    if isinstance(now, Tensor) and isinstance(saved, Tensor):
        if (now.shape, now.dtype) == (saved.shape, saved.dtype):
            return now.copy_(saved)
    elif isinstance(now, list) and isinstance(saved, list) and len(now) == len(saved):
        return [_into(one, other) for one, other in zip(now, saved, strict=True)]
    return saved


def _is_plain(value: dict[Any, Any]) -> bool:
    return all(isinstance(key, str | int) for key in value)


def _collect(value: Any, name: str, into: dict[str, Tensor]) -> None:
    if isinstance(value, Tensor):
        into[name] = value
    elif isinstance(value, list | tuple):
        for number, one in enumerate(value):
            _collect(one, f"{name}.{number}", into)
    elif isinstance(value, dict) and _is_plain(value):
        for key, one in value.items():
            _collect(one, f"{name}.{key}", into)


def _written(value: Any, name: str, pinned: dict[int, Tensor]) -> Any:
    """JSON of nested containers; a tensor becomes the name it is kept under."""
    if isinstance(value, Tensor):
        # torch's own optimizers count their steps on the host, whatever the device.
        return {"on host" if value.device.type == "cpu" else "on device": name}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {kind: [_written(v, f"{name}.{i}", pinned) for i, v in enumerate(value)]}
    if isinstance(value, dict) and _is_plain(value):
        return {
            "dict": [[k, _written(v, f"{name}.{k}", pinned)] for k, v in value.items()]
        }
    if isinstance(value, _PLAIN) and not isinstance(value, np.generic):
        return {"value": value}
    return {"kept": deepcopy(value, {**pinned})}


def _read(
    document: Any,
    tensors: Mapping[str, Tensor],
    device: torch.device,
    pinned: dict[int, Tensor],
) -> Any:
    ((kind, value),) = document.items()
    match kind:
        case "on host":
            return tensors[value].cpu().clone()
        case "on device":
            return tensors[value].to(device, copy=True)
        case "list":
            return [_read(one, tensors, device, pinned) for one in value]
        case "tuple":
            return tuple(_read(one, tensors, device, pinned) for one in value)
        case "dict":
            return {key: _read(one, tensors, device, pinned) for key, one in value}
        case "kept":
            return deepcopy(value, {**pinned})
    return value


def _kept(document: Any) -> Iterator[Any]:
    ((kind, value),) = document.items()
    if kind == "kept":
        yield value
    elif kind in ("list", "tuple"):
        for one in value:
            yield from _kept(one)
    elif kind == "dict":
        for _, one in value:
            yield from _kept(one)
