"""How far the gradient of the loss reaches, and which parameters nobody holds."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn

from dovetail.diagnose import _graph as graph
from dovetail.diagnose._findings import Findings
from dovetail.diagnose._numbers import entries
from dovetail.diagnose._trace import Trace
from dovetail.doctor._base import Severity

_SHOWN = 4


def named(items: Iterable[str]) -> str:
    """The first few names, and how many more.

    >>> named(["a", "b", "c", "d", "e", "f"])
    'a, b, c, d and 2 more'
    """
    names = list(items)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def share(model: nn.Module, names: Iterable[str]) -> str:
    """How many of the trainable numbers these parameters hold."""
    sizes = {name: p.numel() for name, p in trainable(model).items()}
    some = sum(sizes.get(name, 0) for name in names)
    return f"{some:,} of {sum(sizes.values()):,} numbers"


def trainable(model: nn.Module) -> dict[str, nn.Parameter]:
    """Parameters that ask for a gradient; a tied one stands once."""
    return {name: p for name, p in model.named_parameters() if p.requires_grad}


def detached(
    model: nn.Module, loss: Any, outputs: list[Tensor], found: Findings
) -> bool:
    """Has the loss lost its way to the parameters?"""
    parameters = trainable(model)
    if not parameters:
        return True
    is_tensor = isinstance(loss, Tensor)
    if is_tensor and loss.grad_fn is not None:
        reached = {id(leaf) for leaf in graph.leaves(graph.nodes([loss.grad_fn]))}
        if any(id(p) in reached for p in parameters.values()):
            return False
    with_gradient = any(t.grad_fn is not None for t in outputs)
    kind = "a tensor without a gradient" if is_tensor else f"a {type(loss).__name__}"
    if is_tensor and loss.requires_grad:
        kind = "a tensor made anew from numbers"
    if with_gradient:
        found.add(
            "loss-detached",
            f"The output of the model carries a gradient, but the loss is {kind}: "
            f"backward() reaches none of the {len(parameters)} trainable parameters.",
            "compute the loss from the output with torch, without item(), detach(), "
            ".data, numpy, argmax or torch.tensor()",
        )
    else:
        found.add(
            "no-gradient-to-parameters",
            "The output of the model carries no gradient: none of the "
            f"{len(parameters)} trainable parameters can learn.",
            "look in forward for no_grad, detach(), .data, numpy, argmax or "
            "torch.tensor()",
        )
    return True


def unreached(
    model: nn.Module,
    loss: Tensor,
    outputs: list[Tensor],
    trace: Trace,
    cuts: list[graph.Node],
    held: set[int] | None,
    found: Findings,
) -> None:
    """Trainable parameters that the loss does not depend on.

    ``cuts`` are the nodes behind which a forward went on without a gradient. ``held``
    are the parameters of the optimizers; None where none was given.
    """
    used = graph.nodes([loss.grad_fn])
    below = {id(leaf) for leaf in graph.leaves(used)}
    lost = {n: p for n, p in trainable(model).items() if id(p) not in below}
    if held is not None:  # trained by another loss, or not at all
        lost = {n: p for n, p in lost.items() if id(p) in held}
    if not lost:
        return
    shown = {
        id(leaf) for leaf in graph.leaves(graph.nodes([t.grad_fn for t in outputs]))
    }
    severed = {id(leaf) for leaf in graph.leaves(graph.nodes(cuts))}
    modules = dict(model.named_modules())
    cut, idle = [], []
    for name, parameter in lost.items():
        if id(parameter) in shown:
            continue  # of an output that this loss does not look at
        owner = modules[name.rpartition(".")[0]]
        if id(parameter) in severed:
            cut.append(name)
        elif trace.called.get(owner) and not trace.with_gradient(owner):
            continue  # its call stands under no_grad
        elif not _beside(model, name, parameter, trace, used):
            idle.append(name)
    cut = [name for name in cut if held is not None or not _has_twin(model, name)]
    if cut:
        add_cut(model, cut, found)
    if idle:
        found.add(
            "no-gradient-to-parameters",
            f"{named(idle)} ({share(model, idle)}): trainable, but the loss does not "
            "depend on them.",
            "use them in forward, remove them, or set requires_grad_(False)",
            severity=Severity.WARNING,
            cause="idle",
        )


def add_cut(model: nn.Module, cut: list[str], found: Findings) -> None:
    """The finding of parameters that a forward cuts off."""
    found.add(
        "no-gradient-to-parameters",
        f"{named(cut)} ({share(model, cut)}): used in forward, but no gradient of "
        "the loss comes back, since it is cut between them and the output.",
        "look for detach(), .data, numpy, argmax or torch.tensor() behind them; if "
        "that is meant, set requires_grad_(False)",
    )


def cut_off(
    model: nn.Module, cuts: list[graph.Node], seen: list[graph.Node]
) -> set[int]:
    """Trainable parameters behind the cuts that ``seen`` does not depend on."""
    below = {id(leaf) for leaf in graph.leaves(graph.nodes(seen))}
    severed = {id(leaf) for leaf in graph.leaves(graph.nodes(cuts))}
    lost = {n: p for n, p in trainable(model).items() if id(p) in severed - below}
    return {id(p) for name, p in lost.items() if not _has_twin(model, name)}


def _beside(
    model: nn.Module,
    name: str,
    parameter: nn.Parameter,
    trace: Trace,
    used: set[graph.Node],
) -> bool:
    """Is it of one of several outputs of a part, of which another one is used?

    Encoders return a pooled vector beside the states, and many heads take one of them.
    """
    path = name.split(".")[:-1]
    for depth in range(1, len(path)):
        part = model.get_submodule(".".join(path[:depth]))
        ends = trace.ends.get(part, [])
        if not any(end in used for end in ends):
            continue
        if id(parameter) in {id(leaf) for leaf in graph.leaves(trace.reach(part))}:
            return True
    return False


def _has_twin(model: nn.Module, name: str) -> bool:
    """Is it part of a module that stands there twice, as teacher and student do?"""
    children = dict(model.named_children())
    own = children.pop(name.partition(".")[0], None)
    if own is None:
        return False

    def shapes(module: nn.Module) -> list[tuple[str, torch.Size]]:
        return [(n, p.shape) for n, p in module.named_parameters()]

    return any(shapes(other) == shapes(own) != [] for other in children.values())


def all_zero(
    gradients: dict[str, Tensor], loss: float, steps: tuple[Any, ...], found: Findings
) -> None:
    """A loss that is not at its least, and a gradient of exactly zero."""
    if not gradients or not math.isfinite(loss) or abs(loss) < 1e-6:
        return
    if any(entries(g).any() for g in gradients.values()):
        return
    flat = [s.name for s in steps if s.name in ("round", "sign", "floor", "ceil")]
    why = f": {flat[0]} has the gradient 0 everywhere" if flat else ""
    found.add(
        "no-gradient-to-parameters",
        f"The gradient of the loss ({loss:.4g}) is exactly 0 for all "
        f"{len(gradients)} parameters{why}.",
        "compute the loss from scores, before any rounding, comparison or saturation",
    )


def unregistered(
    model: nn.Module,
    ends: Iterable[Any],
    known: Iterable[Tensor],
    held: Callable[[], list[Tensor]],
    again: Callable[[], Any],
    found: Findings,
) -> None:
    """Leaves that the model depends on and ``model.parameters()`` does not hold.

    ``ends`` are the nodes of its outputs, or of the loss. ``held`` gives what the
    optimizers hold, ``again`` computes the loss once more.
    """
    registered = {id(p) for p in model.parameters()} | {id(t) for t in known}
    below = graph.leaves(graph.nodes(ends))
    strange = [leaf for leaf in below if id(leaf) not in registered]
    if strange:  # only then, since the optimizers may have to be looked for
        elsewhere = {id(p) for p in held()}
        strange = [leaf for leaf in strange if id(leaf) not in elsewhere]
    places = [place for leaf in strange if (place := where(model, leaf)) is not None]
    made = [leaf for leaf in strange if isinstance(leaf, nn.Parameter)]
    if not places and made:
        _made_in_forward(made, again, found)
    if places:
        found.add(
            "unregistered-parameters",
            f"{named(sorted(set(places)))}: the loss depends on them, but "
            "model.parameters() does not hold them: no optimizer made from it trains "
            "them, and state_dict(), to() and cuda() pass them by.",
            "keep layers in nn.ModuleList or nn.ModuleDict, tensors in nn.Parameter",
        )


def _made_in_forward(
    made: list[nn.Parameter], again: Callable[[], Any], found: Findings
) -> None:
    """Are they others in the next forward? Then they are made anew each time."""
    loss = again()
    if not isinstance(loss, Tensor) or loss.grad_fn is None:
        return
    now = {id(leaf) for leaf in graph.leaves(graph.nodes([loss.grad_fn]))}
    fresh = [leaf for leaf in made if id(leaf) not in now]
    if fresh:
        found.add(
            "unregistered-parameters",
            f"{len(fresh)} parameters (of shape {tuple(fresh[0].shape)} ...) are made "
            "anew in each forward: whatever they learn is thrown away.",
            "make layers in __init__ and use them in forward",
        )


def where(model: nn.Module, leaf: Tensor) -> str | None:
    """The attribute of the model's modules in which an unregistered leaf lies."""
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if name.startswith("_"):
                continue
            if _holds(value, leaf):
                return f"{path}.{name}" if path else name
    return None


def _holds(value: Any, leaf: Tensor, depth: int = 3) -> bool:
    if isinstance(value, Tensor):
        return value is leaf
    if isinstance(value, nn.Module):
        return any(p is leaf for p in value.parameters())
    if depth == 0 or isinstance(value, str | bytes):
        return False
    if isinstance(value, dict):
        return any(_holds(v, leaf, depth - 1) for v in value.values())
    if isinstance(value, list | tuple | set):
        return any(_holds(v, leaf, depth - 1) for v in value)
    return False
