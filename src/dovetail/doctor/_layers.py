"""Layers of torch.nn: what comes out of them."""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dovetail.doctor._frames import Frame
from dovetail.doctor._library import ACTIVATION_LAYERS, WITH_DIM
from dovetail.doctor._tensors import apply, as_tensor
from dovetail.doctor._values import (
    UNKNOWN,
    Const,
    Items,
    Layer,
    Tensor,
    Union,
    Unknown,
    Value,
    each,
    join,
    number,
    options_of,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]
_CONV: Final = {
    "torch.nn.Conv1d": 3,
    "torch.nn.Conv2d": 4,
    "torch.nn.Conv3d": 5,
    "torch.nn.ConvTranspose1d": 3,
    "torch.nn.ConvTranspose2d": 4,
    "torch.nn.ConvTranspose3d": 5,
}
# Scores stay what they are; Identity, Dropout, resizing.
_SAME: Final = frozenset(
    f"torch.nn.{n}"
    for n in (
        "Identity",
        "Dropout",
        "Dropout1d",
        "Dropout2d",
        "Dropout3d",
        "AlphaDropout",
        "FeatureAlphaDropout",
        "Upsample",
        "UpsamplingBilinear2d",
        "UpsamplingNearest2d",
        "ZeroPad2d",
    )
)
_NORMS: Final = ("BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm", "SyncBatchNorm")
_POOLS: Final = ("MaxPool", "AvgPool", "AdaptiveAvgPool", "AdaptiveMaxPool", "LPPool")


def run_layer(
    run: "Interpreter",
    frame: Frame,
    layer: Layer,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """The output of a layer of torch.nn that is called."""
    given = args[0] if args else next(iter(kwargs.values()), UNKNOWN)
    if isinstance(given, Union) and layer.name.startswith("torch.nn."):
        return each(
            given,
            lambda option: run_layer(run, frame, layer, [option, *args[1:]], {}, node),
        )
    name = layer.name
    if op := ACTIVATION_LAYERS.get(name):
        dim = layer.argument(0, "dim") if op in WITH_DIM else None
        if name == "torch.nn.Softmax2d":
            dim = Const(1)
        return apply(run, frame, node, op, given, dim)
    tensor = as_tensor(given)
    traits = frozenset({"model"}) | (tensor.traits & {"detached"})
    if name in ("torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.Bilinear"):
        at = {"Linear": 1, "LazyLinear": 0, "Bilinear": 2}[name.rpartition(".")[2]]
        width = layer.number(at, "out_features")
        # Known by where the layer is made: it may be called in several places.
        return Tensor(
            "linear",
            layer.node,
            layer.source,
            None,
            None,
            width,
            -1,
            tensor.rank,
            "float",
            traits,
        )
    if name in _CONV:
        width = layer.number(1, "out_channels")
        return Tensor(
            "linear",
            layer.node,
            layer.source,
            None,
            None,
            width,
            1,
            _CONV[name],
            "float",
            traits,
        )
    if name in _SAME:
        return given
    short = name.rpartition(".")[2]
    if name.startswith("torch.nn.") and short.startswith(_NORMS):
        # Of both signs and without bound, as scores are.
        if tensor.op == "linear":
            return tensor
        return Tensor("norm", node, frame.source, rank=tensor.rank, traits=traits)
    if name == "torch.nn.Flatten":
        start = number(layer.argument(0, "start_dim") or Const(1))
        if start == 1 and layer.argument(1, "end_dim") is None:
            width = tensor.width if tensor.rank == 2 else None
            return replace(tensor, rank=2, width=width, axis=-1)
        return replace(tensor, rank=None, width=None, axis=-1)
    if name.startswith("torch.nn.") and short.startswith(_POOLS):
        rank = {"1": 3, "2": 4, "3": 5}.get(short[-2:-1])
        return Tensor("pool", node, frame.source, rank=rank, traits=traits)
    if name in ("torch.nn.LSTM", "torch.nn.GRU", "torch.nn.RNN"):
        hidden = Tensor("recurrent", node, frame.source, rank=3, traits=traits)
        state: Value = replace(hidden)
        if name == "torch.nn.LSTM":
            state = Items("tuple", (hidden, hidden))
        return Items("tuple", (hidden, state))
    if name == "torch.nn.Embedding":
        rank = None if tensor.rank is None else tensor.rank + 1
        return Tensor("embedding", node, frame.source, rank=rank, traits=traits)
    if name == "torch.nn.MultiheadAttention":
        return Items("tuple", (Tensor(traits=traits), Tensor(traits=traits)))
    if name.startswith("torch.nn."):
        return Tensor(traits=traits)
    return UNKNOWN


def run_sequence(
    run: "Interpreter",
    frame: Frame,
    layers: Items,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """The output of an nn.Sequential: each item is called on what came before."""
    from dovetail.doctor._calls import call

    value = args[0] if args else next(iter(kwargs.values()), UNKNOWN)
    if layers.items is None:
        return Unknown()
    for item in layers.items:
        # Report at the item, which is where a layer of a Sequential is written.
        value = _through(run, frame, item, value, node)
        if value is UNKNOWN and not isinstance(item, Layer):
            value = Tensor() if call is None else UNKNOWN
    return value


def _through(
    run: "Interpreter", frame: Frame, item: Value, value: Value, node: ast.AST
) -> Value:
    from dovetail.doctor._calls import call
    from dovetail.doctor._values import Scope

    if isinstance(item, Union):
        results = [_through(run, frame, o, value, node) for o in options_of(item)]
        return join(*results)
    if isinstance(item, Layer):
        scope = Scope(item.source, {}, frame.scope.globals())
        inside = Frame(scope, frame.node)
        return call(run, inside, item, [value], {}, item.node)
    return call(run, frame, item, [value], {}, node)
