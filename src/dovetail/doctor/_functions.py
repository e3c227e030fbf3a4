"""Functions and methods of libraries: builtins, torch, and what makes objects."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from dovetail.doctor._arithmetic import binary
from dovetail.doctor._attributes import WRAPPERS, Super, set_attribute
from dovetail.doctor._builtins import call_builtin
from dovetail.doctor._constructed import construct
from dovetail.doctor._containers import dict_method, list_method, string_method
from dovetail.doctor._data import make_data
from dovetail.doctor._frames import Frame
from dovetail.doctor._frameworks import call_framework
from dovetail.doctor._library import (
    ACTIVATION_FUNCTIONS,
    ACTIVATION_METHODS,
    LOSS_FUNCTIONS,
    SELF_METHODS,
    WITH_DIM,
)
from dovetail.doctor._losses import use_function
from dovetail.doctor._tensors import apply, combined, operate
from dovetail.doctor._values import (
    UNKNOWN,
    Bound,
    ClassInfo,
    Const,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    LibMethod,
    Mapping,
    Partial,
    Tensor,
    Union,
    Unknown,
    Value,
    each,
    join,
    number,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]
# What gives its first argument back, perhaps wrapped.
_PASSED_ON: Final = frozenset(
    (
        "copy.deepcopy",
        "copy.copy",
        "torch.compile",
        "torch.jit.script",
        "torch.jit.trace",
        "torch.nn.DataParallel",
        "torch.nn.parallel.DataParallel",
        "torch.nn.parallel.DistributedDataParallel",
        "torch.distributed.fsdp.FullyShardedDataParallel",
        "torch.nn.SyncBatchNorm.convert_sync_batchnorm",
        "torch.nn.utils.weight_norm",
        "torch.nn.utils.spectral_norm",
        "torch.nn.utils.parametrizations.weight_norm",
        "torch.nn.utils.parametrizations.spectral_norm",
        "torch.autograd.Variable",
        "torch.quantization.prepare_qat",
        "tqdm.tqdm",
        "tqdm.auto.tqdm",
        "tqdm.notebook.tqdm",
        "tqdm.tqdm_notebook",
        "tqdm.contrib.tenumerate",
        "rich.progress.track",
        "typing.cast",
    )
)


def call_function(
    run: "Interpreter",
    frame: Frame,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """Call a thing of a library by its full name."""
    if name.startswith("builtins."):
        return call_builtin(run, frame, name[9:], args, kwargs, node)
    if name in _PASSED_ON or name.rpartition(".")[2] in WRAPPERS:
        at = 1 if name == "typing.cast" else 0
        given = [*args, *kwargs.values()]
        return given[at] if len(given) > at else UNKNOWN
    if name == "functools.partial":
        if not args:
            return UNKNOWN
        return Partial(args[0], tuple(args[1:]), tuple(kwargs.items()))
    if (loss := LOSS_FUNCTIONS.get(name)) is not None:
        return use_function(run, frame, loss, args, kwargs, node)
    if op := ACTIVATION_FUNCTIONS.get(name):
        operand = (
            args[0] if args else kwargs.get("input", kwargs.get("logits", UNKNOWN))
        )
        at = 3 if op == "gumbel_softmax" else 1
        dim = kwargs.get("dim", args[at] if len(args) > at else None)
        return apply(run, frame, node, op, operand, dim if op in WITH_DIM else None)
    if (made := make_data(run, frame, name, args, kwargs, node)) is not None:
        return made
    if (known := call_framework(run, frame, name, args, kwargs, node)) is not None:
        return known
    if name.startswith(("torch.", "numpy.", "jax.numpy.")):
        found = _tensor_function(run, frame, name, args, kwargs, node)
        if found is not None:
            return found
    return construct(run, frame, name, args, kwargs, node)


def _tensor_function(
    run: "Interpreter",
    frame: Frame,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value | None:
    short = name.rpartition(".")[2]
    if short in ("cat", "concat", "stack", "hstack", "vstack", "concatenate"):
        parts = args[0] if args else kwargs.get("tensors", UNKNOWN)
        dim = number(kwargs.get("dim", args[1] if len(args) > 1 else Const(0)))
        return combined(frame, node, short, parts, dim)
    if short in ("matmul", "mm", "bmm") and len(args) == 2:
        return binary(run, frame, node, ast.MatMult(), args[0], args[1])
    if short == "linear" and len(args) >= 2:
        return Tensor(
            "linear", node, frame.source, dtype="float", traits=frozenset({"model"})
        )
    if short == "where":
        if len(args) == 3:
            return join(args[1], args[2])
        return UNKNOWN
    operand = args[0] if args else kwargs.get("input")
    rest = args[1:]
    if operand is None or short[:1].isupper():
        return None
    numpy = name.startswith(("numpy.", "jax."))
    return operate(run, frame, node, short, operand, rest, kwargs, numpy=numpy)


def call_method(
    run: "Interpreter",
    frame: Frame,
    value: Value,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """Call a method that the project does not define."""
    from dovetail.doctor._calls import call, call_instance

    if name == "__call__" and isinstance(value, Instance | Layer | Items):
        return call(run, frame, value, args, kwargs, node)
    match value:
        case Super(self=self_value, owner=owner):
            return _call_super(run, frame, self_value, owner, name, args, kwargs, node)
        case Union():
            return each(
                value,
                lambda o: call_method(run, frame, o, name, args, kwargs, node),
            )
        case Instance():
            if name in SELF_METHODS:
                return value
            if name == "forward" and value.layer is not None:
                return call_instance(run, frame, value, args, kwargs, node)
            if name == "add_module" and len(args) > 1 and isinstance(args[0], Const):
                if isinstance(value.layer, Items) and value.layer.items is not None:
                    run.write(value.layer, "items", (*value.layer.items, args[1]))
                else:
                    run.write(value, str(args[0].value), args[1])
                return UNKNOWN
            if name == "register_module" and len(args) > 1:
                return call_method(run, frame, value, "add_module", args, kwargs, node)
            if value.layer is not None:
                return call_method(run, frame, value.layer, name, args, kwargs, node)
            if name in ("register_buffer", "register_parameter") and len(args) > 1:
                if isinstance(args[0], Const):
                    run.write(value, str(args[0].value), args[1])
            return UNKNOWN
        case Layer():
            if name in SELF_METHODS and not value.name.endswith(".ModuleTrainer"):
                return value
            if name == "forward":
                return call(run, frame, value, args, kwargs, node)
            return _layer_method(run, frame, value, name, args, kwargs, node)
        case Items():
            return list_method(run, frame, value, name, args, kwargs, node)
        case Mapping():
            return dict_method(run, frame, value, name, args, kwargs, node)
        case Const(value=str() as text):
            return string_method(text, name, args)
        case Tensor() | Unknown():
            return _method_of_tensor(run, frame, value, name, args, kwargs, node)
        case LibMethod(self=Layer() as layer):
            # model.classifier.add_module(...), accelerator.x.y(...): not followed.
            return layer if name in SELF_METHODS else UNKNOWN
        case Func() | Bound() | ClassInfo() | Lib():
            return UNKNOWN
    return UNKNOWN


def _method_of_tensor(
    run: "Interpreter",
    frame: Frame,
    value: Tensor | Unknown,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    if op := ACTIVATION_METHODS.get(name):
        dim = kwargs.get("dim", args[0] if args else None)
        return apply(run, frame, node, op, value, dim if op in WITH_DIM else None)
    if (
        isinstance(value, Unknown)
        and name in SELF_METHODS
        and name
        not in (
            "float",
            "half",
            "double",
            "bfloat16",
            "type",
            "to",
        )
    ):
        return value
    found = operate(run, frame, node, name, value, args, kwargs)
    if found is None:
        return UNKNOWN if isinstance(value, Unknown) else Tensor()
    return found


def _call_super(
    run: "Interpreter",
    frame: Frame,
    self_value: Value,
    owner: ClassInfo,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    from dovetail.doctor._calls import call

    if not isinstance(self_value, Instance):
        return UNKNOWN
    if name == "__init__":
        for base in self_value.info.library_bases():
            if base not in ("torch.nn.Module", "builtins.object", "abc.ABC"):
                made = construct(run, frame, base, args, kwargs, node)
                if isinstance(made, Layer | Items):
                    self_value.layer = made
                    self_value.version += 1
                return UNKNOWN
        return UNKNOWN
    if name == "forward" and self_value.layer is not None:
        return call(run, frame, self_value.layer, args, kwargs, node)
    if name == "__setattr__" and len(args) == 2 and isinstance(args[0], Const):
        set_attribute(run, frame, self_value, str(args[0].value), args[1])
    if name in SELF_METHODS:
        return self_value
    return UNKNOWN


def _layer_method(
    run: "Interpreter",
    frame: Frame,
    value: Layer,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    from dovetail.doctor._frameworks import method_of_framework

    if name in ("parameters", "children", "modules", "state_dict", "named_parameters"):
        return UNKNOWN
    return method_of_framework(run, frame, value, name, args, kwargs, node)
