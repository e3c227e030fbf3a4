"""Functions and methods of libraries: builtins, torch, and what makes objects."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from dovetail.doctor._attributes import WRAPPERS, Super, set_attribute
from dovetail.doctor._builtins import call_builtin
from dovetail.doctor._data import make_data
from dovetail.doctor._frameworks import call_framework
from dovetail.doctor._library import (
    ACTIVATION_FUNCTIONS,
    ACTIVATION_METHODS,
    LOSS_FUNCTIONS,
    WITH_DIM,
    loss_class,
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
    from dovetail.doctor._interpret import Frame, Interpreter

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
_SELF_METHODS: Final = frozenset(
    [
        "to",
        "cuda",
        "cpu",
        "train",
        "eval",
        "half",
        "float",
        "double",
        "bfloat16",
        "requires_grad_",
        "apply",
        "xpu",
        "share_memory",
        "type",
        "zero_grad",
        "compile",
    ]
)


def call_function(
    run: "Interpreter",
    frame: "Frame",
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


def construct(
    run: "Interpreter",
    frame: "Frame",
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """Make an object of a class of a library."""
    short = name.rpartition(".")[2]
    if name == "torch.nn.Sequential":
        return _sequential(frame, args, node)
    if name == "torch.nn.ModuleList":
        given = args[0] if args else Items("list", ())
        items = given.items if isinstance(given, Items) else None
        repeated = isinstance(given, Items) and given.repeated
        return Items("modulelist", items, node, frame.source, repeated)
    if name == "torch.nn.ModuleDict":
        given = args[0] if args else Mapping("dict", {})
        if isinstance(given, Mapping):
            return Mapping("moduledict", dict(given.items), given.rest)
        return Mapping("moduledict", {}, UNKNOWN)
    if name in ("torch.nn.Parameter", "torch.nn.parameter.Parameter"):
        given = args[0] if args else UNKNOWN
        rank = given.rank if isinstance(given, Tensor) else None
        width = given.width if isinstance(given, Tensor) else None
        return Tensor("parameter", rank=rank, width=width)
    if name in ("types.SimpleNamespace", "argparse.Namespace"):
        return Mapping("namespace", dict(kwargs))
    if name == "collections.OrderedDict" and not args:
        return Mapping("dict", dict(kwargs))
    if name in ("collections.OrderedDict", "easydict.EasyDict"):
        return _ordered(args[0])
    is_class = short[:1].isupper()  # by how people write names
    if is_class or name == "dataclasses.field" or loss_class(name) is not None:
        return Layer(name, tuple(args), dict(kwargs), node, frame.source)
    return Unknown()


def _sequential(frame: "Frame", args: Sequence[Value], node: ast.AST) -> Value:
    if len(args) == 1 and isinstance(args[0], Mapping):
        given = args[0]
        keys = tuple(str(k) for k in given.items)
        items: tuple[Value, ...] | None = tuple(given.items.values())
        if given.rest is not None:
            items = None
        return Items("sequential", items, node, frame.source, keys=keys)
    if len(args) == 1 and isinstance(args[0], Items) and args[0].kind == "list":
        return Items("sequential", args[0].items, node, frame.source)
    return Items("sequential", tuple(args), node, frame.source)


def _ordered(given: Value) -> Value:
    """OrderedDict([...pairs...])."""
    if isinstance(given, Mapping):
        return given
    items: dict[Any, Value] = {}
    if isinstance(given, Items) and given.items is not None and not given.repeated:
        for pair in given.items:
            if not (isinstance(pair, Items) and pair.items and len(pair.items) == 2):
                return Mapping("dict", {}, UNKNOWN)
            name = pair.items[0]
            items[name.value if isinstance(name, Const) else len(items)] = pair.items[1]
        return Mapping("dict", items)
    return Mapping("dict", {}, UNKNOWN)


def _tensor_function(
    run: "Interpreter",
    frame: "Frame",
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
        from dovetail.doctor._expressions import binary

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
    frame: "Frame",
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
            if name in _SELF_METHODS:
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
            if name in _SELF_METHODS and not value.name.endswith(".ModuleTrainer"):
                return value
            if name == "forward":
                return call(run, frame, value, args, kwargs, node)
            return _layer_method(run, frame, value, name, args, kwargs, node)
        case Items():
            return _list_method(run, frame, value, name, args, kwargs, node)
        case Mapping():
            return _dict_method(run, frame, value, name, args, kwargs, node)
        case Const(value=str() as text):
            return _string_method(text, name, args)
        case Tensor() | Unknown():
            return _method_of_tensor(run, frame, value, name, args, kwargs, node)
        case LibMethod(self=Layer() as layer):
            # model.classifier.add_module(...), accelerator.x.y(...): not followed.
            return layer if name in _SELF_METHODS else UNKNOWN
        case Func() | Bound() | ClassInfo() | Lib():
            return UNKNOWN
    return UNKNOWN


def _method_of_tensor(
    run: "Interpreter",
    frame: "Frame",
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
        and name in _SELF_METHODS
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
    frame: "Frame",
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
    if name in _SELF_METHODS:
        return self_value
    return UNKNOWN


def _layer_method(
    run: "Interpreter",
    frame: "Frame",
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


def _list_method(
    run: "Interpreter",
    frame: "Frame",
    value: Items,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    from dovetail.doctor._calls import call

    items = value.items
    if name in _SELF_METHODS:
        return value
    if name == "forward" and value.kind == "sequential":
        return call(run, frame, value, args, kwargs, node)
    if name in ("append", "add", "appendleft") and args:
        if items is not None and len(items) < 4000:
            run.write(value, "items", (*items, args[0]))
        return value if value.kind in ("sequential", "modulelist") else UNKNOWN
    if name == "add_module" and len(args) > 1:
        if items is not None:
            label = str(args[0].value) if isinstance(args[0], Const) else ""
            value.keys = (*value.keys, label) if len(value.keys) == len(items) else ()
            run.write(value, "items", (*items, args[1]))
        return UNKNOWN
    if name == "extend" and args:
        other = args[0]
        if isinstance(other, Items) and items is not None and other.items is not None:
            run.write(value, "items", items + other.items)
            value.repeated |= other.repeated
        else:
            run.write(value, "items", None)
        return value if value.kind in ("sequential", "modulelist") else UNKNOWN
    if name == "insert" and len(args) == 2:
        at = number(args[0])
        if items is not None and at is not None:
            changed = list(items)
            changed.insert(at, args[1])
            run.write(value, "items", tuple(changed))
        else:
            run.write(value, "items", None)
    if name == "pop":
        at = number(args[0]) if args else -1
        if items and at is not None and -len(items) <= at < len(items):
            changed = list(items)
            out = changed.pop(at)
            if not value.repeated:
                run.write(value, "items", tuple(changed))
            return out
        run.write(value, "items", None)
    if name in ("children", "modules"):
        return Items("list", items, value.node, value.source, value.repeated)
    if name in ("clear", "reverse", "sort", "remove"):
        run.write(value, "items", () if name == "clear" else None)
    if name == "copy":
        return Items(value.kind, items, value.node, value.source, value.repeated)
    return UNKNOWN


def _dict_method(
    run: "Interpreter",
    frame: "Frame",
    value: Mapping,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    from dovetail.doctor._attributes import item

    every = tuple(value.items.values())
    known = value.rest is None
    match name:
        case "get" | "pop" | "setdefault" if args:
            found = item(run, frame, value, args[0]) or UNKNOWN
            if found is UNKNOWN and isinstance(args[0], Const) and known:
                return args[1] if len(args) > 1 else Const(None)
            return found
        case "items":
            pairs = tuple(Items("tuple", (Const(k), v)) for k, v in value.items.items())
            return Items("list", pairs if known else None)
        case "values":
            return Items("list", every if known else None)
        case "keys":
            return Items(
                "list", tuple(Const(k) for k in value.items) if known else None
            )
        case "update":
            given: dict[Any, Value] = dict(kwargs)
            if args and isinstance(args[0], Mapping):
                given = {**args[0].items, **given}
            run.write(value, "items", {**value.items, **given})
        case "to" | "cuda" | "cpu" | "copy" | "train" | "eval":
            return value
    return UNKNOWN


def _string_method(text: str, name: str, args: Sequence[Value]) -> Value:
    if name in ("lower", "upper", "strip", "title", "capitalize") and not args:
        return Const(getattr(text, name)())
    if all(isinstance(a, Const) for a in args):
        values = [a.value for a in args if isinstance(a, Const)]
        if name in ("startswith", "endswith", "format", "replace", "split"):
            try:
                result = getattr(text, name)(*values)
            except (TypeError, ValueError, IndexError, KeyError):
                return UNKNOWN
            if isinstance(result, list):
                return Items("list", tuple(Const(r) for r in result))
            return Const(result)
    return UNKNOWN
