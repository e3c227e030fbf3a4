"""Data as programs make it: random tensors, data sets, loaders, splits.

What is known of targets (kind of number, rank) comes from here.
"""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dovetail.doctor._frames import Frame
from dovetail.doctor._tensors import dtype_of
from dovetail.doctor._values import (
    NONE,
    UNKNOWN,
    Const,
    Func,
    Instance,
    Items,
    Layer,
    Mapping,
    Tensor,
    Unknown,
    Value,
    number,
    options_of,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]
_MAKERS: Final = {
    **{f"torch.{n}": n for n in ("randn", "rand", "zeros", "ones", "empty", "full")},
    "numpy.random.randn": "randn",
    "numpy.random.rand": "rand",
    "numpy.zeros": "zeros",
    "numpy.ones": "ones",
}
_SIZED: Final = {
    "torch.randint": "randint",
    "numpy.random.randint": "randint",
    "torch.normal": "normal",
    "numpy.random.normal": "normal",
    "numpy.random.uniform": "uniform",
}
# Images of exactly one class each.
_IMAGES: Final = [
    "MNIST",
    "FashionMNIST",
    "KMNIST",
    "EMNIST",
    "QMNIST",
    "CIFAR10",
    "CIFAR100",
    "SVHN",
    "STL10",
    "ImageFolder",
    "ImageNet",
    "Flowers102",
    "Food101",
    "GTSRB",
    "DTD",
    "EuroSAT",
    "OxfordIIITPet",
    "StanfordCars",
    "Caltech101",
]
_CLASSES: Final = ("load_iris", "load_digits", "load_wine", "load_breast_cancer")
_NUMBERS: Final = ("load_diabetes", "fetch_california_housing")


def make_data(
    run: "Interpreter",
    frame: Frame,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value | None:
    """Data that a function of a library makes, or None if it makes none."""
    short = name.rpartition(".")[2]
    if kind := _MAKERS.get(name):
        if kind == "full":
            sizes: Sequence[Value] = args[:1]
        else:
            sizes = args or [v for k, v in kwargs.items() if k in ("size", "shape")]
        made = _random(kind, sizes)
        if kwargs.get("dtype", NONE) != NONE:  # of another tensor: not known
            made = replace(made, dtype=dtype_of(kwargs["dtype"]))
        if kwargs.get("requires_grad") == Const(True):
            made = replace(made, op="parameter")
        return made
    if kind := _SIZED.get(name):
        return _sized(kind, args, kwargs)
    if name in (
        "torch.FloatTensor",
        "torch.LongTensor",
        "torch.Tensor",
        "torch.DoubleTensor",
    ):
        return _typed(run, frame, name, args, node)
    if name in (
        "torch.randn_like",
        "torch.rand_like",
        "torch.zeros_like",
        "torch.ones_like",
    ):
        like = args[0] if args else UNKNOWN
        rank = like.rank if isinstance(like, Tensor) else None
        dtype = dtype_of(kwargs.get("dtype"))
        if name.startswith("torch.rand") and not dtype:
            dtype = "float"  # others are as what they are like
        elif not dtype and isinstance(like, Tensor) and "dtype" not in kwargs:
            dtype = like.dtype
        return Tensor("data", rank=rank, dtype=dtype)
    if name.startswith("sklearn.datasets.") or short in (*_CLASSES, *_NUMBERS):
        return _sklearn(short, args, kwargs)
    if kwargs.get("return_X_y") == Const(True):
        return Items("tuple", (Tensor("data", rank=2), Tensor("data", rank=1)))
    if name.endswith("train_test_split"):
        return Items("list", tuple(p for a in args for p in (a, a)))
    if name in ("torch.utils.data.random_split",):
        return Items("list", (args[0] if args else UNKNOWN,), repeated=True)
    if name in ("torch.utils.data.Subset", "torch.utils.data.dataset.Subset"):
        return args[0] if args else UNKNOWN
    if name in ("numpy.loadtxt", "numpy.genfromtxt"):
        return Tensor("data", rank=2, dtype="float")
    if name.startswith("pandas.") and (
        short.startswith("read_") or short == "DataFrame"
    ):
        return Layer("pandas.DataFrame", tuple(args), dict(kwargs), node, frame.source)
    return None


def _random(kind: str, sizes: Sequence[Value]) -> Tensor:
    if len(sizes) == 1 and isinstance(sizes[0], Items):
        sizes = sizes[0].items or ()
        if not sizes:
            return Tensor("data", dtype="float")
    known = not any(isinstance(s, Items) for s in sizes) and bool(sizes)
    # One unknown size may be a whole shape.
    if len(sizes) == 1 and number(sizes[0]) is None and not _is_count(sizes[0]):
        known = False
    width = number(sizes[-1]) if known and len(sizes) > 1 else None
    traits = {"randn": {"normal"}, "rand": {"unit"}}.get(kind, set())
    return Tensor(
        "data",
        rank=len(sizes) if known else None,
        width=width,
        dtype="float",
        traits=frozenset(traits),
    )


def _is_count(value: Value) -> bool:
    return isinstance(value, Unknown) and value.name.lower() in (
        "n",
        "num",
        "size",
        "b",
    )


def _sized(kind: str, args: Sequence[Value], kwargs: Kwargs) -> Tensor:
    size = kwargs.get("size")
    for arg in args:
        if isinstance(arg, Items):
            size = arg
    if size is None and len(args) == 3:
        size = args[2]
    sizes: Sequence[Value] = ()
    if isinstance(size, Items):
        sizes = size.items or ()
    elif size is not None and number(size) is not None:
        sizes = (size,)
    rank = len(sizes) or None
    width = number(sizes[-1]) if len(sizes) > 1 else None
    if kind == "randint":
        numbers = [number(a) for a in args[:2]] + [number(kwargs.get("high"))]
        zero_one = 2 in numbers and all(n in (0, 2, None) for n in numbers[:2])
        op = "multihot" if zero_one and rank and rank > 1 and width != 1 else "data"
        dtype = dtype_of(kwargs.get("dtype")) or "int"
        return Tensor(op, rank=rank, width=width, dtype=dtype)
    traits = frozenset({"normal"}) if kind == "normal" else frozenset[str]()
    return Tensor("data", rank=rank, width=width, dtype="float", traits=traits)


def _typed(
    run: "Interpreter", frame: Frame, name: str, args: Sequence[Value], node: ast.AST
) -> Value:
    from dovetail.doctor._tensors import operate

    dtype = "int" if "Long" in name else "float"
    if args and all(number(a) is not None for a in args):
        width = number(args[-1]) if len(args) > 1 else None
        return Tensor("data", rank=len(args), width=width, dtype=dtype)
    given = operate(run, frame, node, "tensor", args[0], [], {}) if args else None
    if isinstance(given, Tensor):
        return replace(given, dtype=dtype)
    named = given.name if isinstance(given, Unknown) else ""
    return Tensor(dtype=dtype, name=named)


def _sklearn(short: str, args: Sequence[Value], kwargs: Kwargs) -> Value | None:
    features = Tensor("data", rank=2, dtype="float")
    if (
        short in _CLASSES
        or short in ("make_moons", "make_circles", "make_blobs")
        or short == "make_classification"
    ):
        target = Tensor("data", rank=1, dtype="int", traits=frozenset({"labels"}))
    elif short in _NUMBERS or short == "make_regression":
        target = Tensor("data", rank=1, dtype="float", traits=frozenset({"normal"}))
    elif short == "make_multilabel_classification":
        target = Tensor("multihot", rank=2, dtype="int")
    else:
        return None
    if short.startswith("make_") or kwargs.get("return_X_y") == Const(True):
        return Items("tuple", (features, target))
    return Mapping("namespace", {"data": features, "target": target})


def batch_of(run: "Interpreter", frame: Frame, value: Value) -> Value | None:
    """What a loop over a loader meets."""
    if isinstance(value, Layer) and value.name.endswith("DataLoader"):
        data = value.argument(0, "dataset")
        if value.argument(-1, "collate_fn") is not None or data is None:
            return None
        for option in options_of(data):
            if (sample := _sample(run, frame, option)) is not None:
                return sample
    return None


def _sample(run: "Interpreter", frame: Frame, data: Value) -> Value | None:
    from dovetail.doctor._calls import enter

    match data:
        case Layer(name=name, args=args) if name.endswith(".TensorDataset"):
            return Items("tuple", tuple(_row_wise(a) for a in args))
        case Layer(name=name) if name.startswith("torchvision.datasets."):
            if name.rpartition(".")[2] in _IMAGES:
                image = Tensor("data", rank=4, dtype="float", traits=_DATA)
                labels = Tensor("data", rank=1, dtype="int", traits=_DATA | {"labels"})
                return Items("tuple", (image, labels))
        case Instance(info=info):
            found = info.find("__getitem__")
            if isinstance(found, Func):
                item = enter(run, found, data, [Const(0)], {}, found.node)
                return _batched(item)
            if isinstance(data.layer, Layer):
                return _sample(run, frame, data.layer)
        case Items(kind="list", items=(Items(kind="tuple") as pair, *_)):
            return _batched(pair)
    return None


_DATA: Final = frozenset({"data"})


def _row_wise(value: Value) -> Value:
    if isinstance(value, Tensor):
        return replace(value, traits=value.traits | {"data"})
    return Unknown(getattr(value, "name", ""), True)


def _batched(item: Value) -> Value:
    match item:
        case Items(items=tuple() as items) if not item.repeated:
            return Items(item.kind, tuple(_batched(i) for i in items))
        case Mapping(items=items):
            return Mapping(
                item.kind, {k: _batched(v) for k, v in items.items()}, item.rest
            )
        case Tensor(rank=rank):
            wider = rank + 1 if rank is not None else None
            if item.op in ("argmax", "round", "mask"):
                item = replace(item, op="data")
            width = item.width if rank else None
            return replace(
                item,
                rank=wider,
                width=width,
                traits=(item.traits | {"data"}) - {"item"},
            )
        case Const(value=bool()):
            return Unknown("", True)
        case Const(value=int()):
            return Tensor("data", rank=1, dtype="int", traits=_DATA)
        case Const(value=float()):
            return Tensor("data", rank=1, dtype="float", traits=_DATA)
        case Unknown(name=name):
            return Unknown(name, True)
    return Unknown("", True)
