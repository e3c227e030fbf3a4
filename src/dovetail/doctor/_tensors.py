"""Functions and methods on tensors: what space their result lies in.

``torch.f(x, ...)`` and ``x.f(...)`` are the same here. What is not named loses what was
known: silence is better than a guess.
"""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dovetail.doctor._facts import Decision, Operation
from dovetail.doctor._frames import Frame
from dovetail.doctor._library import WITH_DIM
from dovetail.doctor._tensor_shapes import (
    flattened,
    reduced,
    squeezed,
    unsqueezed,
    viewed,
)
from dovetail.doctor._values import (
    UNKNOWN,
    Const,
    Items,
    Tensor,
    Union,
    Unknown,
    Value,
    each,
    number,
    options_of,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]
PROBABILITIES: Final = {
    "softmax",
    "sigmoid",
    "gumbel_softmax",
    "hardsigmoid",
    "softmin",
}
# The numbers stay as they are.
SAME: Final = frozenset(
    [
        "to",
        "cuda",
        "cpu",
        "contiguous",
        "clone",
        "requires_grad_",
        "retain_grad",
        "numpy",
        "detach",
        "detach_",
        "copy",
        "deepcopy",
        "pin_memory",
        "share_memory_",
        "as_tensor",
        "from_numpy",
        "asarray",
        "nan_to_num",
        "to_dense",
        "dropout",
        "dropout1d",
        "dropout2d",
        "dropout3d",
        "feature_dropout",
        "alpha_dropout",
        "xpu",
        "unwrap",
        "rename",
        "refine_names",
        "coalesce",
        "tensor",
        "array",
        "Variable",
    ]
)
FLOAT: Final = frozenset(["float", "double", "half", "bfloat16"])
INT: Final = frozenset(["long", "int", "short", "byte", "char"])
# The numbers stay, the shape changes in a way that is not followed.
MOVED: Final = frozenset(
    [
        "expand",
        "expand_as",
        "repeat",
        "repeat_interleave",
        "gather",
        "index_select",
        "masked_select",
        "take_along_dim",
        "narrow",
        "movedim",
        "moveaxis",
        "tile",
        "roll",
        "flip",
        "interpolate",
        "upsample",
        "masked_fill",
        "masked_fill_",
        "broadcast_to",
        "unfold",
        "pad",
    ]
)
REDUCED: Final = frozenset(
    ["sum", "mean", "median", "amax", "amin", "std", "var", "norm", "prod", "logsumexp"]
)


def operate(
    run: "Interpreter",
    frame: Frame,
    node: ast.AST,
    name: str,
    operand: Value,
    args: Sequence[Value],
    kwargs: Kwargs,
    *,
    numpy: bool = False,
) -> Value | None:
    """The result of an operation on a value; None if the name is not known."""
    if isinstance(operand, Union):

        def of_one(option: Value) -> Value:
            made = operate(run, frame, node, name, option, args, kwargs, numpy=numpy)
            return UNKNOWN if made is None else made

        return each(operand, of_one)
    if name in SAME and isinstance(operand, Unknown | Const | Items):
        return _made(operand, name, args, kwargs)
    tensor = as_tensor(operand)
    if name in SAME:
        changed = _cast(tensor, [*args, *kwargs.values()])
        if "dtype" in kwargs:
            changed = replace(changed, dtype=dtype_of(kwargs["dtype"]))
        return changed.having("detached") if name == "detach" else changed
    if name in FLOAT:
        return replace(tensor, dtype="float")
    if name in INT:
        return replace(tensor, dtype="int")
    if name == "bool":
        return replace(tensor, dtype="bool")
    if name in ("type", "astype", "type_as"):
        return _cast(replace(tensor, dtype=""), [*args, *kwargs.values()])
    if name in ("view", "reshape", "view_as", "reshape_as", "resize_"):
        return (
            replace(tensor, rank=None, width=None)
            if "_as" in name
            else viewed(tensor, args)
        )
    if name == "squeeze" or name == "squeeze_":
        return squeezed(tensor, args, kwargs)
    if name in ("unsqueeze", "unsqueeze_", "expand_dims"):
        return unsqueezed(tensor, args, kwargs)
    if name in ("flatten", "ravel"):
        return flattened(tensor, args, kwargs)
    if name in ("permute", "transpose", "swapaxes", "transpose_", "t", "swapdims"):
        return replace(tensor, width=None, axis=-1)
    if name in MOVED:
        return replace(tensor, rank=None, width=None)
    if name in REDUCED:
        return reduced(tensor, args, kwargs)
    if name == "item":
        return tensor.having("detached", "item")
    if name == "tolist":
        return tensor.having("detached")
    return _decided(run, frame, node, name, tensor, args, kwargs, numpy)


def as_tensor(value: Value) -> Tensor:
    """A value as a tensor, with the name by which it is known."""
    if isinstance(value, Tensor):
        return value
    if isinstance(value, Unknown):
        traits = frozenset({"data"}) if value.data else frozenset[str]()
        return Tensor(name=value.name, traits=traits)
    return Tensor()


def apply(
    run: "Interpreter",
    frame: Frame,
    node: ast.AST,
    op: str,
    operand: Value,
    dim: Value | None,
    *,
    at: ast.AST | None = None,
) -> Value:
    """An activation; ``at`` is where it is reported, if not where it is called."""
    if isinstance(operand, Union):
        return each(operand, lambda o: apply(run, frame, node, op, o, dim, at=at))
    if isinstance(operand, Items | Const):
        return UNKNOWN
    before = as_tensor(operand)
    result = Tensor(
        op,
        node,
        frame.source,
        _trimmed(operand),
        number(dim),
        before.width,
        before.axis,
        before.rank,
        "float",
        before.traits & {"model", "detached"},
        before.name,
    )
    if op in WITH_DIM or op in ("sigmoid", "log"):
        run.note(Operation(result, node, frame.source, frame.node))
    return result


def _trimmed(value: Value, depth: int = 3) -> Value:
    """A value with its origin, but not with all of its history."""
    if not isinstance(value, Tensor) or value.of is None:
        return value
    if depth == 0:
        return replace(value, of=None)
    of = _trimmed(value.of, depth - 1)
    return value if of is value.of else replace(value, of=of)


def _decided(
    run: "Interpreter",
    frame: Frame,
    node: ast.AST,
    name: str,
    tensor: Tensor,
    args: Sequence[Value],
    kwargs: Kwargs,
    numpy: bool,
) -> Value | None:
    given = args[0] if args else kwargs.get("dim", kwargs.get("axis"))
    match name:
        case "argmax" | "argsort":
            dim = number(given)
            run.note(Decision("argmax", tensor, node, frame.source, None, dim))
            rank = tensor.rank
            rank = None if rank is None else rank - 1 if dim is not None else 0
            return Tensor(
                "argmax", node, frame.source, tensor, dim=dim, dtype="int", rank=rank
            )
        case "max" | "min" | "topk" | "sort":
            return _max(run, frame, node, name, tensor, given)
        case "round" | "round_" | "rint" | "around":
            run.note(Decision("round", tensor, node, frame.source))
            return replace(tensor, op="round", node=node, of=tensor, dtype="float")
        case "gt" | "ge" | "lt" | "le" | "greater" | "greater_equal" | "less":
            if isinstance(given, Const) and isinstance(given.value, int | float):
                run.note(
                    Decision(
                        "threshold", tensor, node, frame.source, float(given.value)
                    )
                )
            return Tensor("mask", node, frame.source, rank=tensor.rank, dtype="bool")
        case "eq" | "ne":
            return Tensor("mask", node, frame.source, rank=tensor.rank, dtype="bool")
        case "log" | "log_":
            if numpy:
                return Tensor("numpy_log", rank=tensor.rank)
            return apply(run, frame, node, "log", tensor, None)
        case "exp" | "exp_":
            op = {"log_softmax": "softmax", "logsigmoid": "sigmoid"}.get(
                tensor.op, "exp"
            )
            if op == "exp":
                return replace(Tensor("exp", node, frame.source), rank=tensor.rank)
            return replace(tensor, op=op, node=node, of=tensor)
        case "clamp" | "clamp_" | "clip" | "clamp_min" | "clamp_max":
            if tensor.op in PROBABILITIES:
                return tensor.having("guarded")
            return Tensor("clamp", node, frame.source, tensor, rank=tensor.rank)
        case "add" | "add_" | "sub" | "sub_":
            if isinstance(given, Const) and isinstance(given.value, int | float):
                if abs(given.value) <= 1e-2:
                    return tensor.having("guarded")
            return Tensor(rank=tensor.rank)
        case "one_hot":
            classes = number(args[0] if args else kwargs.get("num_classes"))
            rank = None if tensor.rank is None else tensor.rank + 1
            return Tensor(
                "onehot",
                node,
                frame.source,
                tensor,
                width=classes,
                rank=rank,
                dtype="int",
            )
        case "size":
            return UNKNOWN
        case "backward" | "step":
            return UNKNOWN
        case "normalize" | "cosine_similarity":
            return Tensor("bounded", node, frame.source, rank=tensor.rank)
        case "unbind" | "split" | "chunk" | "tensor_split":
            part = replace(tensor, rank=None, width=None)
            return Items("tuple", (part,), node, frame.source, True)
    return None


def _max(
    run: "Interpreter",
    frame: Frame,
    node: ast.AST,
    name: str,
    tensor: Tensor,
    given: Value | None,
) -> Value:
    if given is None and name in ("max", "min"):
        return Tensor(rank=0)
    dim = number(given)
    if name == "max":
        run.note(Decision("argmax", tensor, node, frame.source, None, dim))
    if name == "topk":
        run.note(Decision("topk", tensor, node, frame.source))
    rank = None if tensor.rank is None or name != "max" else tensor.rank - 1
    values = Tensor("extreme", node, frame.source, tensor, rank=rank)
    places = Tensor("argmax", node, frame.source, tensor, rank=rank, dtype="int")
    return Items("tuple", (values, places), node, frame.source)


def _cast(tensor: Tensor, given: Sequence[Value]) -> Tensor:
    """``.to(torch.float)``, ``.type(torch.LongTensor)``, ``.astype("int64")``."""
    for value in given:
        if dtype := dtype_of(value):
            tensor = replace(tensor, dtype=dtype)
        elif isinstance(value, Tensor):  # as that one
            tensor = replace(tensor, dtype=value.dtype)
        elif str(getattr(value, "name", "")).lower().endswith("dtype"):
            tensor = replace(tensor, dtype="")  # some other tensor's
    return tensor


def dtype_of(value: Value | None) -> str:
    """The kind of number that a dtype stands for, or ""."""
    name = getattr(value, "name", "") or getattr(value, "value", "")
    if not isinstance(name, str):
        return ""
    name = name.rpartition(".")[2].lower()
    if "tensor" in name and name != "tensor":
        name = name.replace("tensor", "")
    if name in ("long", "int", "short", "byte", "uint8") or name.startswith("int"):
        return "int"
    if name in ("double", "half", "bfloat16") or name.startswith("float"):
        return "float"
    return "bool" if name == "bool" else ""


def _made(operand: Value, name: str, args: Sequence[Value], kwargs: Kwargs) -> Value:
    """``torch.tensor(...)`` of what is no tensor yet, or the same thing moved."""
    dtype = ""
    for value in (*args, *kwargs.values()):
        dtype = dtype_of(value) or dtype
    if isinstance(operand, Unknown):
        if not dtype:
            return operand
        return replace(as_tensor(operand), dtype=dtype)
    if isinstance(operand, Const):
        if not isinstance(operand.value, int | float):
            return operand
        kind = "int" if isinstance(operand.value, int) else "float"
        return Tensor("data", rank=0, dtype=dtype or kind)
    if isinstance(operand, Items) and name in (
        "tensor",
        "array",
        "asarray",
        "as_tensor",
    ):
        return _from_list(operand, dtype)
    if name in ("to", "cuda", "cpu", "float", "half", "double", "deepcopy", "copy"):
        return operand
    return UNKNOWN


def _from_list(operand: Items, dtype: str) -> Tensor:
    items = operand.items
    if not items or operand.repeated:
        return Tensor("data", dtype=dtype)
    first = items[0]
    if isinstance(first, Const) and isinstance(first.value, int | float):
        ints = all(isinstance(i, Const) and isinstance(i.value, int) for i in items)
        kind = "int" if ints else "float"
        return Tensor("data", rank=1, dtype=dtype or kind, width=len(items))
    if isinstance(first, Items):
        inner = _from_list(first, dtype)
        rank = None if inner.rank is None else inner.rank + 1
        return Tensor("data", rank=rank, dtype=inner.dtype, width=inner.width)
    return Tensor("data", dtype=dtype)


def combined(
    frame: Frame, node: ast.AST, name: str, parts: Value, dim: int | None
) -> Value:
    """cat and stack: alike parts stay what they are."""
    items = parts.items if isinstance(parts, Items) else None
    if not items:
        return Tensor()
    tensors = [o for i in items for o in options_of(i)]
    if not all(isinstance(t, Tensor) for t in tensors):
        return Tensor()
    first = tensors[0]
    assert isinstance(first, Tensor)
    ops = {t.op for t in tensors if isinstance(t, Tensor)}
    if len(ops) != 1:
        return Tensor(traits=first.traits & {"model"})
    rank = first.rank
    if rank is not None and name in ("stack", "hstack", "vstack"):
        rank = rank + 1 if name == "stack" else None
    repeated = isinstance(parts, Items) and parts.repeated
    width = first.width if repeated or dim == 0 else None
    return replace(first, rank=rank, width=width, traits=first.traits - {"unit"})
