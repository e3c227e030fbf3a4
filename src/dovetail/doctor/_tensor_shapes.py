"""What is known of a tensor's shape: its rank, and the size of its axis of scores."""

import ast
from collections.abc import Mapping as Kwargs
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dovetail.doctor._frames import Frame
from dovetail.doctor._values import Const, Items, Tensor, Value, number

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter


def is_scores_axis(tensor: Tensor, dim: int) -> bool | None:
    """Is ``dim`` the axis whose size is ``width``? None if not known."""
    if dim == tensor.axis:
        return True
    if not tensor.rank:
        return None
    return dim % tensor.rank == tensor.axis % tensor.rank


def viewed(tensor: Tensor, args: Sequence[Value]) -> Tensor:
    """``x.view(...)``: the rank is the number of sizes, the width the last one."""
    if len(args) == 1 and isinstance(args[0], Items):
        args = args[0].items or ()
        if not args:
            return replace(tensor, rank=None, width=None, axis=-1)
    if not args or (len(args) == 1 and number(args[0]) is None):
        return replace(tensor, rank=None, width=None, axis=-1)
    last = number(args[-1])
    width = last if last is not None and last > 0 and len(args) > 1 else None
    if len(args) == 2 and last == -1 and tensor.axis == -1 and tensor.rank == 2:
        width = tensor.width
    return replace(tensor, rank=len(args), width=width, axis=-1)


def squeezed(
    tensor: Tensor, args: Sequence[Value], kwargs: Kwargs[str, Value]
) -> Tensor:
    """``x.squeeze(...)``: an axis of size one goes away."""
    given = args[0] if args else kwargs.get("dim", kwargs.get("axis"))
    rank = tensor.rank
    if given is None:
        if tensor.width == 1:
            fewer = rank - 1 if rank else None
            return replace(tensor, rank=fewer, width=None, axis=-1).having("column")
        if rank == 1 or (rank == 2 and tensor.width is not None):
            return tensor
        return replace(tensor, rank=None, width=None).having("squeezed")
    dim = number(given)
    if dim is None:
        return replace(tensor, rank=None, width=None)
    on_scores = is_scores_axis(tensor, dim)
    if on_scores is None and tensor.width == 1 and dim == 1:
        on_scores = True  # (N, 1), whatever its rank is said to be
    if on_scores:
        if tensor.width == 1:
            fewer = rank - 1 if rank else None
            return replace(tensor, rank=fewer, width=None, axis=-1).having("column")
        if tensor.width is not None:
            return tensor
    if rank == 1:
        return tensor
    width = tensor.width if on_scores is False else None
    return replace(tensor, rank=None, width=width).having("squeezed")


def unsqueezed(
    tensor: Tensor, args: Sequence[Value], kwargs: Kwargs[str, Value]
) -> Tensor:
    """``x.unsqueeze(dim)``."""
    dim = number(args[0] if args else kwargs.get("dim"))
    rank = tensor.rank + 1 if tensor.rank is not None else None
    if dim is not None and (dim == -1 or (rank is not None and dim == rank - 1)):
        return replace(tensor, rank=rank, width=1, axis=-1)
    return replace(tensor, rank=rank, width=tensor.width if tensor.axis == -1 else None)


def flattened(
    tensor: Tensor, args: Sequence[Value], kwargs: Kwargs[str, Value]
) -> Tensor:
    """``x.flatten(start)``: from 0 a vector, from 1 a matrix."""
    start = number(args[0]) if args else number(kwargs.get("start_dim", Const(0)))
    if len(args) > 1 or "end_dim" in kwargs:
        return replace(tensor, rank=None, width=None, axis=-1)
    if start is None or start < 0:
        return replace(tensor, rank=None, width=None, axis=-1)
    same = tensor.rank == start + 1
    return replace(
        tensor, rank=start + 1, width=tensor.width if same else None, axis=-1
    )


def reduced(
    tensor: Tensor, args: Sequence[Value], kwargs: Kwargs[str, Value]
) -> Tensor:
    """mean, sum, amax ... over one axis or all; the space of numbers is lost."""
    given = args[0] if args else kwargs.get("dim", kwargs.get("axis"))
    traits = tensor.traits & {"model"}
    if given is None:
        return Tensor(rank=0, traits=traits, dtype=tensor.dtype)
    keep = kwargs.get("keepdim", args[1] if len(args) > 1 else Const(False))
    dim = number(given)
    rank = tensor.rank
    if rank is not None and not (isinstance(keep, Const) and keep.value):
        rank = rank - 1 if dim is not None else None
    return Tensor(rank=rank, traits=traits, dtype=tensor.dtype)


def indexed(
    run: "Interpreter", frame: Frame, tensor: Tensor, index: ast.expr
) -> Tensor:
    """``x[...]``: numbers take an axis away, slices keep it, None adds one."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    rank: int | None = tensor.rank
    width: int | None = tensor.width
    axis = 0
    for part in parts:
        if isinstance(part, ast.Slice):
            axis += 1
            continue
        if isinstance(part, ast.Constant) and part.value is Ellipsis:
            continue
        value = run.eval(frame, part)
        if isinstance(value, Const) and value.value is None:
            if not isinstance(part, ast.Constant):  # a default nobody leaves at that
                return replace(tensor, rank=None, width=None)
            rank = None if rank is None else rank + 1
            if part is parts[-1]:
                width = 1
        elif number(value) is not None:
            on_scores = is_scores_axis(tensor, axis)
            if on_scores or (len(parts) == 2 and axis == 1 and on_scores is None):
                width = None
            rank = None if rank is None else max(rank - 1, 0)
            axis += 1
        else:
            rank, width = (None, width if axis == 0 and len(parts) == 1 else None)
            if isinstance(value, Tensor) and value.op == "mask":
                rank = None
            axis += 1
    if isinstance(parts[-1], ast.Slice) and _cuts(parts[-1]) and len(parts) > 1:
        width = None
    if isinstance(parts[-1], ast.Constant) and parts[-1].value is Ellipsis:
        width = tensor.width
    return replace(tensor, rank=rank, width=width, traits=tensor.traits | {"indexed"})


def _cuts(part: ast.Slice) -> bool:
    return part.lower is not None or part.upper is not None or part.step is not None
