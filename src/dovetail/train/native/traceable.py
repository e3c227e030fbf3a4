"""May a network's forward be recorded once and replayed for every step?

A recording holds tensor operations and nothing of Python: a counter that a forward
keeps, a coin it tosses with ``random``, would be frozen at what they were. Layers of
torch and ours are known to be free of that. In code of a user's own the instructions
tell: nothing may be stored outside local variables, and nothing that draws or reads the
clock may be named.
"""

import dis
from types import CodeType, FunctionType

from torch import nn

from dovetail.train import noise

_STORING = ("STORE_ATTR", "STORE_GLOBAL", "DELETE_ATTR", "STORE_SUBSCR", "STORE_DEREF")
_SUSPECT = {"random", "randint", "choice", "time", "perf_counter", "monotonic", "next"}


def why_not(network: nn.Module) -> str:
    """Why its steps cannot be recorded; empty where they can."""
    if _hooked(network):
        return "the network has hooks, which may do anything"
    if noise.has_layers_that_draw(network):
        return "a layer draws from torch's generator inside"
    if any("forward" in vars(m) for m in network.modules()):
        return "a layer's forward was replaced"
    for kind in _unknown_classes(network):
        for name, function in vars(kind).items():
            if not isinstance(function, FunctionType) or name == "__init__":
                continue
            if found := _suspect(function.__code__):
                return f"{kind.__qualname__}.{name} {found}"
    return ""


def replaced_buffer(network: nn.Module) -> str:
    """The buffer that a user's forward assigns anew; empty where there is none.

    Members share one recording of a forward, in which a new tensor under an old name
    would be lost; what is changed in place is not.
    """
    names = {n.rpartition(".")[2] for n, _ in network.named_buffers()}
    for kind in _unknown_classes(network):
        for function in vars(kind).values():
            if isinstance(function, FunctionType) and function.__name__ != "__init__":
                for one in dis.get_instructions(function.__code__):
                    if one.opname == "STORE_ATTR" and one.argval in names:
                        return f"{kind.__qualname__}.{one.argval}"
    return ""


def _unknown_classes(network: nn.Module) -> list[type]:
    """The classes of its layers and their bases that are neither torch's nor ours."""
    kinds = {kind for m in network.modules() for kind in type(m).__mro__}
    unknown = [k for k in kinds if k is not object and not noise.is_known(k)]
    return sorted(unknown, key=lambda kind: kind.__qualname__)


def _hooked(network: nn.Module) -> bool:
    return any(
        m._forward_hooks or m._forward_pre_hooks or m._backward_hooks
        for m in network.modules()
    )


def _suspect(code: CodeType) -> str:
    for instruction in dis.get_instructions(code):
        if instruction.opname in _STORING:
            return f"stores something ({instruction.argval})"
    if found := _SUSPECT & set(code.co_names):
        return f"uses {', '.join(sorted(found))}"
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and (inner := _suspect(constant)):
            return inner
    return ""
