"""May a network's forward and its loss be recorded once and replayed for every step?

A recording holds tensor operations and nothing of Python: a counter that a forward
keeps, a coin it tosses with ``random``, would be frozen at what they were. Layers of
torch and ours are known to be free of that. In code of a user's own the instructions
tell: nothing may be stored outside local variables, and nothing that draws or reads the
clock may be named. Functions of the same package that the code names are read as well;
what else it calls is not.
"""

import contextlib
import dis
from collections.abc import Iterator, Sequence
from functools import partial
from types import CodeType, FunctionType, MethodType
from typing import Any

from torch import nn

from dovetail.losses import Custom, Loss
from dovetail.train import noise

_STORING = ("STORE_ATTR", "STORE_GLOBAL", "DELETE_ATTR", "STORE_SUBSCR", "STORE_DEREF")
_SUSPECT = {"random", "randint", "choice", "time", "perf_counter", "monotonic", "next"}


def why_not(network: nn.Module, losses: Sequence[Loss] = ()) -> str:
    """Why its steps cannot be recorded; empty where they can."""
    if _hooked(network) or gradient_hook(network):
        return "the network has hooks, which may do anything"
    if noise.has_layers_that_draw(network):
        return "a layer draws from torch's generator inside"
    if any("forward" in vars(m) for m in network.modules()):
        return "a layer's forward was replaced"
    kinds = [type(m) for m in network.modules()]
    found = _suspect_class(kinds)
    for loss in losses:
        found = found or _suspect_loss(loss)
    return found


def gradient_hook(network: nn.Module) -> str:
    """What of the network has a hook on gradients; empty where nothing has.

    A program and members compute gradients of tensors that only look like the
    network's parameters; such a hook would not be called.
    """
    for name, p in network.named_parameters():
        if p._backward_hooks or getattr(p, "_post_accumulate_grad_hooks", None):
            return name
    for name, m in network.named_modules():
        if m._backward_hooks or m._backward_pre_hooks:
            return name or type(m).__qualname__
    return ""


def replaced_buffer(network: nn.Module) -> str:
    """The buffer that a user's forward assigns anew; empty where there is none.

    Members share one recording of a forward, in which a new tensor under an old name
    would be lost; what is changed in place is not.
    """
    names = {n.rpartition(".")[2] for n, _ in network.named_buffers()}
    for kind in _unknown([type(m) for m in network.modules()]):
        for function in vars(kind).values():
            if isinstance(function, FunctionType) and function.__name__ != "__init__":
                for one in dis.get_instructions(function.__code__):
                    if one.opname == "STORE_ATTR" and one.argval in names:
                        return f"{kind.__qualname__}.{one.argval}"
    return ""


def _unknown(kinds: Sequence[type]) -> list[type]:
    """Of these classes and their bases those that are neither torch's nor ours."""
    found = {kind for one in kinds for kind in one.__mro__}
    unknown = [k for k in found if k is not object and not noise.is_known(k)]
    return sorted(unknown, key=lambda kind: kind.__qualname__)


def _hooked(network: nn.Module) -> bool:
    return any(m._forward_hooks or m._forward_pre_hooks for m in network.modules())


def _suspect_class(kinds: Sequence[type]) -> str:
    for kind in _unknown(kinds):
        for name, function in vars(kind).items():
            if not isinstance(function, FunctionType) or name == "__init__":
                continue
            if found := _suspect(function, set()):
                return f"{kind.__qualname__}.{name} {found}"
    return ""


def _suspect_loss(loss: Loss) -> str:
    function: Any = loss.function if isinstance(loss, Custom) else loss
    while isinstance(function, partial | MethodType):
        function = function.func if isinstance(function, partial) else function.__func__
    if isinstance(function, nn.Module):
        found = why_not(function)
        return found and f"in the loss {type(function).__qualname__} {found}"
    if not isinstance(function, FunctionType):
        return _suspect_class([type(function)])
    if _package(function) in ("torch", "dovetail"):
        return ""
    found = _suspect(function, set())
    return found and f"{function.__qualname__} {found}"


def _suspect(function: FunctionType, seen: set[FunctionType]) -> str:
    """What the function does, or one it names does, that no recording holds."""
    if found := _suspect_code(function.__code__):
        return found
    seen.add(function)
    for helper in _helpers(function):
        if helper not in seen and (found := _suspect(helper, seen)):
            return f"calls {helper.__qualname__}, which {found}"
    return ""


def _helpers(function: FunctionType) -> Iterator[FunctionType]:
    """The functions it names that are of its own package."""
    named = [function.__globals__.get(name) for name in _names(function.__code__)]
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):  # an empty one
            named.append(cell.cell_contents)
    for value in named:
        if isinstance(value, FunctionType) and _package(value) == _package(function):
            yield value


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _package(function: FunctionType) -> str:
    return (function.__module__ or "").partition(".")[0]


def _suspect_code(code: CodeType) -> str:
    for instruction in dis.get_instructions(code):
        if instruction.opname in _STORING:
            return f"stores something ({instruction.argval})"
    if found := _SUSPECT & set(code.co_names):
        return f"uses {', '.join(sorted(found))}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and (inner := _suspect_code(constant)):
            return inner
    return ""
