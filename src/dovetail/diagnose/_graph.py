"""The autograd graph: what lies before a tensor, and which leaves it comes from."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from torch import Tensor

Node = Any  # torch.autograd.graph.Node; its saved values are no part of the type

# These move numbers or cast them, and change none (but for a clamp's ends).
_PASS: Final = frozenset(
    [
        "View",
        "UnsafeView",
        "ReshapeAlias",
        "Reshape",
        "T",
        "Transpose",
        "Permute",
        "Squeeze",
        "Unsqueeze",
        "Select",
        "Slice",
        "Index",
        "IndexSelect",
        "Clone",
        "ToCopy",
        "Expand",
        "Alias",
        "Unbind",
        "Split",
        "SplitWithSizes",
        "AsStrided",
        "Clamp",
        "ClampMin",
        "ClampMax",
        "NanToNum",
        "Narrow",
        "MaskedSelect",
        "MaskedFill",
        "Movedim",
        "Flatten",
        "Contiguous",
        "MT",
        "Swapaxes",
        "Repeat",
    ]
)
# With one operand that carries a gradient they move the range.
_MOVE: Final = frozenset(["Add", "Sub", "Rsub", "Mul", "Div", "Neg"])
_JOIN: Final = frozenset({"Cat", "Stack"})
_AFFINE: Final = frozenset({"Addmm", "Convolution", "Linear", "ThnnConv2D"})
_NAMES: Final = {
    "Softmax": "softmax",
    "LogSoftmax": "log_softmax",
    "Sigmoid": "sigmoid",
    "Hardsigmoid": "sigmoid",
    "LogSigmoid": "log_sigmoid",
    "Relu": "relu",
    "Threshold": "relu",
    "Hardtanh": "hardtanh",
    "Tanh": "tanh",
    "Softplus": "softplus",
    "Gelu": "gelu",
    "Silu": "silu",
    "Elu": "elu",
    "Celu": "celu",
    "Mish": "mish",
    "Hardswish": "hardswish",
    "LeakyRelu": "leaky_relu",
    "PreluKernel": "prelu",
    "RreluWithNoise": "rrelu",
    "Log": "log",
    "Exp": "exp",
    "Round": "round",
    "Sign": "sign",
    "Floor": "floor",
    "Ceil": "ceil",
}
# A function of the user's own says what it is by its name only.
_OWN: Final = (
    ("logsoftmax", "log_softmax"),
    ("log_softmax", "log_softmax"),
    ("softmax", "softmax"),
    ("logsigmoid", "log_sigmoid"),
    ("sigmoid", "sigmoid"),
)
_FAR = 64  # nodes between an output and its activation


@dataclass(frozen=True)
class Step:
    """An operation on the way: its name and its node.

    ``moved``: has its result been shifted or scaled before the next one?
    """

    name: str
    node: Node
    moved: bool = False

    @property
    def axis(self) -> int | None:
        """The axis of a softmax, counted from 0."""
        dim = getattr(self.node, "_saved_dim", None)
        result = getattr(self.node, "_saved_result", None)
        if dim is None or result is None:
            return None
        dim = dim - (1 << 64) if dim >= 1 << 63 else dim
        return int(dim % max(result.ndim, 1))

    @property
    def axis_size(self) -> int | None:
        """How many numbers a softmax shares its 1 among."""
        axis = self.axis
        if axis is None or not self.node._saved_result.ndim:
            return None
        return int(self.node._saved_result.shape[axis])


def kind_of(node: Node) -> str:
    """``Softmax`` for ``SoftmaxBackward0``."""
    return str(node.name()).rsplit("::", 1)[-1].rstrip("0123456789").removesuffix(
        "Backward"
    )  # fmt: skip


def chain(tensor: Tensor) -> tuple[Step, ...]:
    """The activations that end in this tensor, the last one first.

    Views, casts and clamps are passed; the first operation that mixes numbers ends the
    chain, and stands in it as ``affine`` where it is a layer with a bias of its own.

    >>> import torch
    >>> x = torch.nn.Linear(3, 2)(torch.ones(1, 3))
    >>> [step.name for step in chain(x.softmax(1).squeeze(0).log())]
    ['log', 'softmax', 'affine']
    """
    return tuple(_chain(tensor.grad_fn, moved=False, left=_FAR))


def _chain(node: Node, *, moved: bool, left: int) -> Iterator[Step]:
    while node is not None and left:
        left -= 1
        kind = kind_of(node)
        before = [n for n, _ in node.next_functions if n is not None]
        if by_hand := _by_hand(node, kind):
            yield Step(by_hand[0], by_hand[1], moved)
            moved, node = False, by_hand[2]
        elif name := _NAMES.get(kind) or _own(node):
            yield Step(name, node, moved)
            moved = False
            node = before[0] if before else None
        elif kind in _PASS and before:
            node = before[0]
        elif kind in _MOVE and len(before) == 1:
            moved, node = True, before[0]
        elif kind in _JOIN and before:
            ways = [tuple(_chain(n, moved=moved, left=left)) for n in before[:_FAR]]
            names = {tuple((s.name, s.moved) for s in way) for way in ways}
            if len(names) == 1:
                yield from ways[0]
            return
        else:
            layer = kind in _AFFINE and any(_is_leaf(n) for n in before)
            if layer or (kind == "Mm" and len(before) == 1 and _is_weight(before[0])):
                yield Step("affine", node, moved)
            return


def _own(node: Node) -> str | None:
    if not hasattr(node, "_forward_cls"):
        return None
    lower = str(node.name()).lower()
    return next((name for part, name in _OWN if part in lower), None)


def _is_leaf(node: Node) -> bool:
    return hasattr(node, "variable")


def _is_weight(node: Node) -> bool:
    return kind_of(node) == "T" and _is_leaf(node.next_functions[0][0])


def _edges(node: Node) -> list[Node]:
    return [] if node is None else [n for n, _ in node.next_functions]


def _by_hand(node: Node, kind: str) -> tuple[str, Node, Node] | None:
    """A softmax or sigmoid written with exp: its name, its node, what comes before."""
    if kind == "Div":
        over, under = [*_edges(node), None, None][:2]
        if over is not None and kind_of(over) == "Exp" and under is not None:
            reach = _through(under, {"Sum", "Expand", "Unsqueeze"})
            if reach is over and kind_of(under) in ("Sum", "Unsqueeze"):
                return "softmax", node, _edges(over)[0]
            if kind_of(under) == "Add" and over in _edges(under):
                return "sigmoid", node, _edges(over)[0]
        if over is None and under is not None:
            return _one_over(node, under)
    if kind == "Reciprocal":
        return _one_over(node, _edges(node)[0])
    if kind == "Mul":
        before = [n for n in _edges(node) if n is not None]
        if len(before) == 1 and kind_of(before[0]) == "Reciprocal":
            return _by_hand(before[0], "Reciprocal")
    return None


def _one_over(node: Node, under: Node) -> tuple[str, Node, Node] | None:
    before = [n for n in _edges(under) if n is not None]
    if kind_of(under) == "Add" and len(before) == 1 and kind_of(before[0]) == "Exp":
        return "sigmoid", node, _edges(before[0])[0]
    return None


def _through(node: Node, kinds: set[str]) -> Node:
    while node is not None and kind_of(node) in kinds:
        node = _edges(node)[0]
    return node


def nodes(roots: Iterable[Node]) -> set[Node]:
    """Every node that the roots depend on, themselves among them."""
    seen: set[Node] = set()
    waiting = [node for node in roots if node is not None]
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            waiting += [n for n, _ in node.next_functions if n is not None]
    return seen


def leaves(found: set[Node]) -> list[Tensor]:
    """The tensors among these nodes whose gradient would be kept."""
    return [node.variable for node in found if _is_leaf(node)]
