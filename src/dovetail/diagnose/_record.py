"""Which losses were computed, from what: torch's functions seen while they are called.

A function mode sees ``nn.CrossEntropyLoss()``, ``F.cross_entropy`` and a lambda around
it alike, with the very tensors they were given.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode

from dovetail.diagnose._graph import Step, chain
from dovetail.diagnose._kinds import KINDS, SCORES_INSIDE, Kind, arguments

Phase = Literal["forward", "loss", "loop"]

_CASTS: Final = frozenset(
    [
        "float",
        "double",
        "half",
        "long",
        "int",
        "bool",
        "to",
        "type",
        "type_as",
        "view",
        "reshape",
        "squeeze",
        "unsqueeze",
        "flatten",
        "detach",
        "clone",
        "contiguous",
        "cuda",
        "cpu",
        "__getitem__",
        "requires_grad_",
    ]
)
_BETWEEN: Final = frozenset(
    [
        "sub",
        "__sub__",
        "__rsub__",
        "rsub",
        "subtract",
        "add",
        "__add__",
        "__radd__",
        "mul",
        "__mul__",
        "__rmul__",
        "multiply",
        "div",
        "__truediv__",
        "__rtruediv__",
        "true_divide",
        "minimum",
        "maximum",
    ]
)
_WIDE: Final = 12  # a narrower layer may be dead for a batch by chance
_RELU: Final = frozenset({"relu", "relu_", "relu6"})


@dataclass
class Call:
    """One loss computed from a prediction and a target."""

    kind: Kind
    named: dict[str, Any]
    steps: tuple[Step, ...]  # the activations before the prediction
    result: Tensor | None = None
    failed: Exception | None = None

    @property
    def input(self) -> Tensor:
        """The prediction."""
        given: Tensor = self.named["input"]
        return given

    @property
    def target(self) -> Tensor | None:
        """What it is compared with."""
        given = self.named.get("target")
        return given if isinstance(given, Tensor) else None

    @property
    def axis(self) -> int:
        """The axis of the classes of the prediction, counted from 0."""
        ndim = self.input.ndim
        if self.kind.inside and self.kind.of_classes:
            dim = self.named.get("dim")
            return (dim if isinstance(dim, int) else -1) % max(ndim, 1)
        return min(self.kind.axis % max(ndim, 1), max(ndim - 1, 0))

    @property
    def reduction(self) -> str:
        """How values are joined: mean, sum or none."""
        return str(self.named.get("reduction", "mean"))


@dataclass
class Table:
    """A prediction and a target of other shapes, joined by hand to a larger one."""

    prediction: tuple[int, ...]
    target: tuple[int, ...]


@dataclass
class Masked:
    """A mean over values of which some were set to 0 by a mask."""

    kept: int
    cells: int
    result: Tensor


@dataclass
class Record:
    """What was seen in one forward and loss."""

    calls: list[Call] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    masked: list[Masked] = field(default_factory=list)
    cuts: list[Any] = field(default_factory=list)  # nodes whose tensor went on without
    dead_layers: int = 0  # relu results without a single number above 0
    last_dead: tuple[int, ...] = ()
    # Kept alive, since what is known of a tensor is kept by its id.
    held: list[Tensor] = field(default_factory=list)

    def of_loss(self, found: set[Any]) -> list[Call]:
        """The calls that the loss was made of, or the one that failed."""
        return [
            call
            for call in self.calls
            if call.failed or call.result is None or call.result.grad_fn in found
        ]


class Recorder(TorchFunctionMode):
    """Watches torch's functions while it is entered; changes no result.

    ``before`` is asked before a loss is computed, and may raise: on an accelerator a
    wrong label would end the process. ``after`` is told of each loss that was computed
    or failed, ``backward`` of each tensor whose ``backward()`` is called.
    """

    def __init__(
        self,
        before: Callable[[Call], None] | None = None,
        after: Callable[[Call], None] | None = None,
        backward: Callable[[Tensor], None] | None = None,
    ) -> None:
        super().__init__()
        self.record = Record()
        self.phase: Phase = "forward"
        self.before, self.after, self.backward = before, after, backward
        self._targets: set[int] = set()
        self._per_cell: dict[int, Tensor] = {}  # results of losses without a mean
        self._products: dict[int, Tensor] = {}  # of those with a mask: the mask

    def forget(self) -> None:
        """Hold nothing of what was seen so far."""
        self.record = Record()
        for known in (self._targets, self._per_cell, self._products):
            known.clear()

    def mark_targets(self, tensors: list[Tensor]) -> None:
        """These hold what is to be predicted."""
        self.record.held += tensors
        self._targets |= {id(tensor) for tensor in tensors}

    @contextmanager
    def during(self, phase: Phase) -> Iterator[None]:
        """In the model's forward, or in the criterion."""
        outer, self.phase = self.phase, phase
        try:
            with self:
                yield
        finally:
            self.phase = outer

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        kind = KINDS.get(func)
        name = getattr(func, "__name__", "")
        if kind is None and self.phase == "loss" and name in SCORES_INSIDE:
            kind = SCORES_INSIDE[name]
        if func is torch.Tensor.backward and self.backward is not None:
            self.backward(args[0])
        if kind is None:
            result = func(*args, **kwargs)
            if self.phase == "forward":
                self._cut(name, args, result)
            if isinstance(result, Tensor) and self.phase != "loop":
                self._note(name, args, result)
            return result
        return self._loss(kind, func, args, kwargs)

    def _loss(
        self,
        kind: Kind,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        named = arguments(func, args, kwargs)
        if kind.inside and len(args) > 1:
            named.setdefault("dim", args[1])
        if not isinstance(named.get("input"), Tensor):
            return func(*args, **kwargs)
        call = Call(kind, named, chain(named["input"]))
        self.record.calls.append(call)
        if self.before is not None:
            self.before(call)
        try:
            result = func(*args, **kwargs)
        except Exception as error:
            call.failed = error
            if self.after is not None:
                self.after(call)
            raise
        if isinstance(result, Tensor):
            call.result = result
            if call.reduction == "none" and result.ndim:
                self._keep(self._per_cell, result, result)
        if self.after is not None:
            self.after(call)
        return result

    def _cut(self, name: str, args: tuple[Any, ...], result: Any) -> None:
        """Does the result of an operation no longer know where it came from?"""
        if not args or not isinstance(args[0], Tensor) or args[0].grad_fn is None:
            return
        lost = isinstance(result, Tensor) and not result.requires_grad
        if lost or name in ("numpy", "tolist", "item"):
            self.record.cuts.append(args[0].grad_fn)

    def _note(self, name: str, args: tuple[Any, ...], result: Tensor) -> None:
        if self.phase == "forward" and name in _RELU:
            wide = result.ndim > 1 and math.prod(result.shape[1:]) >= _WIDE
            if wide and len(result) > 1 and not result.any():
                self.record.dead_layers += 1
                self.record.last_dead = tuple(result.shape)
            return
        if not args or not isinstance(args[0], Tensor):
            return
        first = args[0]
        if name in _CASTS and id(first) in self._targets:
            self.mark_targets([result])
        if name in _CASTS and id(first) in self._per_cell:
            self._keep(self._per_cell, result, result)
        if name in _BETWEEN and len(args) > 1 and isinstance(args[1], Tensor):
            self._join(name, first, args[1], result)
        if name == "mean" and id(first) in self._products and not result.ndim:
            mask = self._products[id(first)]
            kept = int(mask.count_nonzero())
            self.record.masked.append(Masked(kept, mask.numel(), result))

    def _join(self, name: str, a: Tensor, b: Tensor, result: Tensor) -> None:
        for one, other in ((a, b), (b, a)):
            if id(one) in self._targets and other.requires_grad:
                if makes_table(other, one):
                    shapes = tuple(other.shape), tuple(one.shape)
                    self.record.tables.append(Table(*shapes))
            elif (
                "mul" in name
                and id(one) in self._per_cell
                and other.shape == one.shape
                and _is_mask(other)
            ):
                self._keep(self._products, result, other)

    def _keep(self, where: dict[int, Tensor], key: Tensor, value: Tensor) -> None:
        self.record.held.append(key)
        where[id(key)] = value


def makes_table(prediction: Tensor, target: Tensor) -> bool:
    """Do their shapes broadcast to more than either has, as (n, 1) and (n,) do?

    The same number of axes is taken for meant.

    >>> makes_table(torch.zeros(3, 1), torch.zeros(3))
    True
    >>> makes_table(torch.zeros(3, 1), torch.zeros(1, 3))  # pairs, as written
    False
    """
    if prediction.ndim == target.ndim:
        return False
    try:
        joined = math.prod(broadcast(prediction.shape, target.shape))
    except RuntimeError:
        return False
    return joined > max(prediction.numel(), target.numel())


def broadcast(one: Sequence[int], other: Sequence[int]) -> tuple[int, ...]:
    """The shape of two joined, as broadcasting makes it; RuntimeError if it cannot.

    >>> broadcast((3, 1), (3,))
    (3, 3)
    """
    return tuple(torch.broadcast_shapes(one, other))  # type: ignore[no-untyped-call]


def _is_mask(tensor: Tensor) -> bool:
    """Only 0 and 1, and some of both."""
    if tensor.requires_grad or tensor.numel() < 2:
        return False
    zero = int((tensor == 0).sum())
    ones = int((tensor == 1).sum())
    return zero > 0 and ones > 0 and zero + ones == tensor.numel()
