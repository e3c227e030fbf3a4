"""Libraries around torch: ready models with a new head, and loops that call the loss.

skorch, fastai, ignite and accelerate call model and loss themselves; torchvision, timm
and transformers make models whose last layer is a ``Linear``.
"""

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from dovetail.doctor._facts import LossUse
from dovetail.doctor._frames import Frame
from dovetail.doctor._layers import run_layer
from dovetail.doctor._library import LOSS_FUNCTIONS, loss_class
from dovetail.doctor._losses import use_object
from dovetail.doctor._values import (
    NONE,
    UNKNOWN,
    ClassInfo,
    Const,
    Func,
    Instance,
    Items,
    Layer,
    Lib,
    Mapping,
    Partial,
    Scope,
    Tensor,
    Unknown,
    Value,
    each,
    number,
    options_of,
)

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

Kwargs = dict[str, Value]
# Attributes that hold the last layer of a ready model.
_HEADS: Final = (
    "fc",
    "classifier",
    "head",
    "heads",
    "last_linear",
    "_fc",
    "last_layer",
    "output_layer",
)
_TORCHVISION: Final = [
    "resnet",
    "resnext",
    "wide_resnet",
    "vgg",
    "alexnet",
    "densenet",
    "mobilenet",
    "efficientnet",
    "shufflenet",
    "mnasnet",
    "regnet",
    "convnext",
    "vit_",
    "swin",
    "maxvit",
]
_SKORCH: Final = {
    "NeuralNetClassifier": "torch.nn.NLLLoss",
    "NeuralNetBinaryClassifier": "torch.nn.BCEWithLogitsLoss",
    "NeuralNetRegressor": "torch.nn.MSELoss",
    "NeuralNet": "",
}
_SPAWNERS: Final = {
    "torch.multiprocessing.spawn": 1,
    "torch.multiprocessing.spawn.spawn": 1,
    "accelerate.notebook_launcher": 0,
    "fire.Fire": 0,
    "typer.run": 0,
    "absl.app.run": 0,
}


def call_framework(
    run: "Interpreter",
    frame: Frame,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value | None:
    """A function of a library that meets models or losses, or None."""
    from dovetail.doctor._calls import call

    short = name.rpartition(".")[2]
    if name.startswith(("torchvision.models.", "timm.")) and not short[:1].isupper():
        return Layer(name, tuple(args), dict(kwargs), node, frame.source)
    if name in ("torch.hub.load", "torchvision.models.get_model"):
        return Layer(name, tuple(args), dict(kwargs), node, frame.source)
    if short in ("from_pretrained", "from_name", "from_config"):
        return Layer(name, tuple(args), dict(kwargs), node, frame.source)
    if name in _SPAWNERS:
        given = kwargs.get("args", args[1] if len(args) > 1 else UNKNOWN)
        items = given.items if isinstance(given, Items) else None
        function = (
            args[0] if args else kwargs.get("fn", kwargs.get("function", UNKNOWN))
        )
        before: list[Value] = [UNKNOWN] * _SPAWNERS[name]
        call(run, frame, function, [*before, *(items or ())], {}, node)
        return UNKNOWN
    if name.startswith("skorch.") and short in _SKORCH:
        return _skorch(run, frame, short, args, kwargs, node)
    if name.startswith(("fastai.", "fastai2.")) and short in (
        "Learner",
        "TabularLearner",
    ):
        model = kwargs.get("model", args[1] if len(args) > 1 else UNKNOWN)
        loss = kwargs.get("loss_func", args[2] if len(args) > 2 else UNKNOWN)
        pair(run, frame, model, loss, node)
        return Layer(name, tuple(args), dict(kwargs), node, frame.source)
    if name.startswith("ignite.") and short == "create_supervised_trainer":
        model = kwargs.get("model", args[0] if args else UNKNOWN)
        loss = kwargs.get("loss_fn", args[2] if len(args) > 2 else UNKNOWN)
        pair(run, frame, model, loss, node)
        return UNKNOWN
    if name.startswith("poutyne.") and short in ("Model", "ModelBundle", "Experiment"):
        at = 0 if short == "Model" else 1
        model = kwargs.get("network", args[at] if len(args) > at else UNKNOWN)
        loss = kwargs.get("loss_function", args[2] if len(args) > 2 else UNKNOWN)
        pair(run, frame, model, loss, node)
        return UNKNOWN
    if name.startswith("torchbearer.") and short in ("Trial", "Model"):
        model = kwargs.get("model", args[0] if args else UNKNOWN)
        loss = kwargs.get("criterion", args[2] if len(args) > 2 else UNKNOWN)
        pair(run, frame, model, loss, node)
        return UNKNOWN
    if name.startswith("ignite.") and short == "create_supervised_evaluator":
        model = kwargs.get("model", args[0] if args else UNKNOWN)
        metrics = kwargs.get("metrics", args[1] if len(args) > 1 else UNKNOWN)
        for metric in metrics.items.values() if isinstance(metrics, Mapping) else ():
            if isinstance(metric, Layer) and metric.name == "ignite.metrics.Loss":
                loss = metric.argument(0, "loss_fn") or UNKNOWN
                pair(run, frame, model, loss, node)
        return UNKNOWN
    if short == "initialize" and name.partition(".")[0] in ("apex", "deepspeed"):
        given_model = kwargs.get("model", args[0] if args else UNKNOWN)
        return Items("tuple", (given_model, *(args[1:] or [UNKNOWN])))
    return None


def pair(
    run: "Interpreter",
    frame: Frame,
    model: Value,
    loss: Value,
    node: ast.AST,
    *,
    target: Value = UNKNOWN,
) -> None:
    """A library will call ``loss(model(x), y)``."""
    from dovetail.doctor._calls import call

    for one in options_of(model):
        if isinstance(one, ClassInfo):
            one = call(run, frame, one, [], {}, node)
        if not isinstance(one, Instance | Layer | Items):
            continue
        output = call(run, frame, one, [Unknown("x", True)], {}, node)
        for criterion in options_of(loss):
            if isinstance(criterion, Const):
                # Poutyne, torchsample: the name of a function of torch.
                criterion = Lib(f"torch.nn.functional.{criterion.value}")
                if criterion.name not in LOSS_FUNCTIONS:
                    continue
            if isinstance(criterion, Lib) and loss_class(criterion.name):
                criterion = call(run, frame, criterion, [], {}, node)
            call(run, frame, criterion, [output, target], {}, node)


def _skorch(
    run: "Interpreter",
    frame: Frame,
    short: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    from dovetail.doctor._calls import call

    module = args[0] if args else kwargs.get("module", UNKNOWN)
    default = Lib(_SKORCH[short]) if _SKORCH[short] else UNKNOWN
    criterion = kwargs.get("criterion", args[1] if len(args) > 1 else default)
    if isinstance(module, ClassInfo | Partial):
        own = {k[8:]: v for k, v in kwargs.items() if k.startswith("module__")}
        module = call(run, frame, module, [], own, node)
    made = Layer(f"skorch.{short}", tuple(args), dict(kwargs), node, frame.source)
    if not isinstance(module, Instance | Items | Layer):
        return made
    output = call(run, frame, module, [Unknown("X", True)], {}, node)
    if isinstance(output, Items) and output.kind == "tuple" and output.items:
        output = output.items[0]
    name = _criterion_name(criterion)
    loss = loss_class(name) if name else None
    if loss is not None:
        if short == "NeuralNetClassifier" and loss.family == "nll":
            # skorch takes the logarithm itself: there NLLLoss wants probabilities.
            output = _logged(output, node, frame)
        weight = kwargs.get("criterion__weight")
        run.note(
            LossUse(
                loss,
                output,
                UNKNOWN,
                node,
                frame.source,
                weight=weight is not None and weight != NONE,
                framework="skorch",
            )
        )
    elif isinstance(criterion, ClassInfo | Instance):
        if isinstance(criterion, ClassInfo):
            criterion = call(run, frame, criterion, [], {}, node)
        call(run, frame, criterion, [output, UNKNOWN], {}, node)
    return made


def _criterion_name(criterion: Value) -> str:
    if isinstance(criterion, Lib | Layer):
        return criterion.name
    return ""


def _logged(output: Value, node: ast.AST, frame: Frame) -> Value:
    def log(o: Value) -> Value:
        if not isinstance(o, Tensor):
            return UNKNOWN
        return Tensor(
            "log", node, frame.source, of=o, width=o.width, axis=o.axis, rank=o.rank
        )

    return each(output, log)


def call_library_object(
    run: "Interpreter",
    frame: Frame,
    layer: Layer,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """Call an object of a library's class: a loss, a layer, a ready model."""
    if (loss := loss_class(layer.name)) is not None:
        return use_object(run, frame, loss, layer, args, kwargs, node)
    if layer.name.startswith("torch.nn."):
        return run_layer(run, frame, layer, args, kwargs, node)
    return _ready_model(run, frame, layer, args, kwargs, node)


def _ready_model(
    run: "Interpreter",
    frame: Frame,
    layer: Layer,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    from dovetail.doctor._calls import call

    name = layer.name
    for attribute in reversed(layer.attrs):
        first = attribute.partition("[")[0].partition(".")[0]
        if first in _HEADS and "squeezenet" not in name:
            features = Tensor(rank=2, traits=frozenset({"model"}))
            return call(run, frame, layer.attrs[attribute], [features], {}, node)
    if (heads := _transformers(layer, kwargs, frame)) is not None:
        return heads
    width = number(layer.argument(-1, "num_classes"))
    scores = Tensor(
        "linear",
        layer.node,
        layer.source,
        width=width,
        rank=2,
        dtype="float",
        traits=frozenset({"model"}),
    )
    short = name.rpartition(".")[2]
    if name.startswith("torchvision.models."):
        parts = name.split(".")
        if any(
            p in parts for p in ("segmentation", "detection", "video", "optical_flow")
        ):
            return _segmented(scores) if "segmentation" in parts else UNKNOWN
        if short.lower().startswith(tuple(_TORCHVISION)):
            return scores
    if name in ("timm.create_model", "timm.models.create_model"):
        if number(layer.argument(-1, "num_classes")) == 0:
            return UNKNOWN
        if layer.argument(-1, "features_only") is not None:
            return UNKNOWN
        return scores
    if name.startswith("efficientnet_pytorch."):
        return scores
    if name.startswith("dgl.nn."):
        return _with_activation(run, frame, layer, scores)
    if name.startswith("segmentation_models_pytorch."):
        return _smp(run, frame, layer, scores, node)
    return UNKNOWN


def _with_activation(
    run: "Interpreter", frame: Frame, layer: Layer, scores: Tensor
) -> Value:
    """A layer that applies ``activation=`` itself: only where that is a softmax."""
    from dovetail.doctor._calls import call

    activation = layer.argument(-1, "activation")
    if not isinstance(activation, Lib | Partial | Layer | Func):
        return UNKNOWN
    inside = Frame(Scope(layer.source, {}, frame.scope.globals()), frame.node)
    made = call(run, inside, activation, [replace(scores, rank=None)], {}, layer.node)
    of_classes = isinstance(made, Tensor) and made.op in ("softmax", "log_softmax")
    return made if of_classes else UNKNOWN


def _segmented(scores: Tensor) -> Value:
    return Mapping("output", {"out": replace(scores, rank=4, axis=1)})


def _smp(
    run: "Interpreter", frame: Frame, layer: Layer, scores: Tensor, node: ast.AST
) -> Value:
    from dovetail.doctor._tensors import apply

    width = number(layer.argument(-1, "classes"))
    raw = replace(scores, rank=4, axis=1, width=width)
    activation = layer.argument(-1, "activation")
    if activation is None or activation == NONE:
        return raw
    word = activation.value if isinstance(activation, Const) else ""
    op = {"sigmoid": "sigmoid", "softmax": "softmax", "softmax2d": "softmax"}.get(
        str(word)
    )
    if op is None:
        return UNKNOWN
    return apply(run, frame, layer.node, op, raw, Const(1))


def _transformers(layer: Layer, kwargs: Kwargs, frame: Frame) -> Value | None:
    """An output with ``logits``, and ``loss`` in front of it where labels are given."""
    parts = layer.name.split(".")
    if "transformers" not in parts:
        return None
    owner = parts[-2] if parts[-1] in ("from_pretrained", "from_config") else parts[-1]
    if "Classification" not in owner:
        return UNKNOWN
    scores = Tensor(
        "linear",
        layer.node,
        layer.source,
        width=number(layer.argument(-1, "num_labels")),
        dtype="float",
        traits=frozenset({"model"}),
    )
    items: dict[str, Value] = {"logits": scores}
    if "labels" in kwargs and kwargs["labels"] != NONE:
        items = {"loss": Tensor("loss"), **items}
    return Mapping("output", dict(items))


def method_of_framework(
    run: "Interpreter",
    frame: Frame,
    value: Layer,
    name: str,
    args: Sequence[Value],
    kwargs: Kwargs,
    node: ast.AST,
) -> Value:
    """A method of an object of a library."""
    if name in (
        "prepare",
        "setup",
        "setup_module",
        "prepare_model",
        "setup_dataloaders",
    ):
        given = [*args, *kwargs.values()]
        if len(given) == 1:
            return given[0]
        return Items("tuple", tuple(given)) if given else UNKNOWN
    if name in ("fit", "train", "run") and "catalyst" in value.name:
        model, loss = kwargs.get("model"), kwargs.get("criterion")
        if model is not None and loss is not None:
            pair(run, frame, model, loss, node)
    if value.name.endswith(".ModuleTrainer") and name in ("compile", "set_loss"):
        model = value.argument(0, "model")
        loss = kwargs.get("loss", args[-1] if args and name == "set_loss" else None)
        if loss is None and name == "compile" and len(args) > 1:
            loss = args[1]
        if model is not None and loss is not None:
            pair(run, frame, model, loss, node)
    return UNKNOWN
