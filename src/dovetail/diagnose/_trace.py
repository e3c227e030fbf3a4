"""Which modules a forward went through, and what it left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from dovetail.diagnose._batch import tensors
from dovetail.diagnose._graph import Node, nodes


@dataclass
class Trace:
    """The calls of every module: was a gradient kept, and from which nodes?"""

    called: dict[nn.Module, list[bool]] = field(default_factory=dict)
    ends: dict[nn.Module, list[Node]] = field(default_factory=dict)

    def with_gradient(self, module: nn.Module) -> bool:
        """Was it called while gradients were kept?"""
        return any(self.called.get(module, []))

    def reach(self, module: nn.Module) -> set[Node]:
        """All that the outputs of this module depend on."""
        return nodes(self.ends.get(module, []))


@contextmanager
def traced(model: nn.Module) -> Iterator[Trace]:
    """Hooks on every module, for as long as one forward takes."""
    trace = Trace()

    def seen(module: nn.Module, args: Any, output: Any) -> None:
        trace.called.setdefault(module, []).append(torch.is_grad_enabled())
        ends = trace.ends.setdefault(module, [])
        ends += [t.grad_fn for t in tensors(output) if t.grad_fn is not None]

    handles = [
        module.register_forward_hook(seen)
        for module in model.modules()
        if not isinstance(module, torch.jit.ScriptModule)  # takes no hooks
    ]
    try:
        yield trace
    finally:
        for handle in handles:
            handle.remove()


def left_on(model: nn.Module) -> list[Tensor]:
    """Tensors with a gradient that a forward stored as attributes of its modules."""
    return [
        tensor
        for module in model.modules()
        for name, value in vars(module).items()
        if not name.startswith("_")
        for tensor in tensors(value, depth=2)
        if tensor.grad_fn is not None
    ]
