"""Which network a fit trains: ours for tables, or the user's own module."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from dovetail import heads
from dovetail.backbones import Flat, Network, Tabular, TabularShape, flat_width
from dovetail.data import Features
from dovetail.errors import ConfigError
from dovetail.tasks import Task

ACTIVATIONS_NOT_TO_END_IN = (nn.Softmax, nn.LogSoftmax, nn.Sigmoid, nn.LogSigmoid)


def build(
    model: Any,
    features: Features,
    cardinalities: tuple[int, ...],
    task: Task,
    target: Tensor,
    weights: Tensor | None,
    *,
    dropout: bool = True,
) -> tuple[nn.Module, dict[str, Any]]:
    """The network for these training rows, and the document to build it again."""
    if isinstance(model, str):
        if model != "auto":
            raise ConfigError(
                f"Unknown model {model!r}.",
                fix="use 'auto', your own nn.Module, or a function that makes one",
            )
        shape, edges = TabularShape.for_data(
            features.numbers, cardinalities, dropout=dropout
        )
        backbone = Tabular(shape, edges)
        head = task.head(backbone.out_features, target, weights)
        spec = {**shape.to_json(), "outputs": task.head_size}
        return Network(backbone, head), spec
    module = own_module(model, features.numbers.shape[1], cardinalities, task)
    network = Flat(module, cardinalities)
    _check_own(network, features, task)
    return network, {
        "name": "own",
        "class": f"{type(module).__module__}.{type(module).__qualname__}",
        "cardinalities": list(cardinalities),
        "inputs": flat_width(features.numbers.shape[1], cardinalities),
        "outputs": task.head_size,
    }


def rebuild(spec: Mapping[str, Any], model: nn.Module | None = None) -> nn.Module:
    """The network of a saved model, without its weights."""
    if spec["name"] == "tabular":
        shape = TabularShape.from_json(
            {k: v for k, v in spec.items() if k != "outputs"}
        )
        backbone = Tabular(shape)
        head = heads.linear(backbone.out_features, torch.zeros(spec["outputs"]))
        return Network(backbone, head)
    if model is None:
        raise ConfigError(
            f"This model was trained on your own module {spec['class']}; a model "
            "folder holds no code.",
            fix="give the module: dovetail.load(folder, model=YourModule())",
        )
    return Flat(copy.deepcopy(model), spec["cardinalities"])


def own_module(
    model: nn.Module | Callable[[int, int], nn.Module],
    numbers: int,
    cardinalities: tuple[int, ...],
    task: Task,
) -> nn.Module:
    """A copy of the user's module, or what their function makes for these sizes."""
    if isinstance(model, nn.Module):
        return copy.deepcopy(model)
    if callable(model):
        made = model(flat_width(numbers, cardinalities), task.head_size)
        if isinstance(made, nn.Module):
            return made
        raise ConfigError(
            f"model= gave a {type(made).__name__}, an nn.Module was needed.",
            fix="give a function (in_features, outputs) -> nn.Module",
        )
    raise ConfigError(
        f"model= is a {type(model).__name__}.",
        fix="give 'auto', an nn.Module, or a function (in_features, outputs) -> module",
    )


def _check_own(network: Flat, features: Features, task: Task) -> None:
    """The module must give raw outputs of the right shape, and no probabilities."""
    last = [m for m in network.module.modules() if not list(m.children())][-1:]
    if last and isinstance(last[0], ACTIVATIONS_NOT_TO_END_IN):
        raise ConfigError(
            f"Your module ends in {type(last[0]).__name__}, but the loss "
            f"{type(task.loss).__name__} takes raw outputs and applies its own link.",
            fix="remove the last activation; predict_proba gives probabilities",
        )
    width = flat_width(features.numbers.shape[1], network.cardinalities)
    network.eval()
    try:
        with torch.no_grad():
            raw = network(features.numbers[:2], features.categories[:2])
    except RuntimeError as error:
        raise ConfigError(
            f"Your module failed on a float matrix of {width} columns: {error}",
            fix="its first layer must take that many inputs; or give a function "
            "(in_features, outputs) -> module",
        ) from error
    rows = min(2, len(features))
    if tuple(raw.shape) != (rows, task.head_size):
        raise ConfigError(
            f"Your module gives shape {tuple(raw.shape)} for {rows} rows; "
            f"({rows}, {task.head_size}) raw outputs were needed.",
            fix=f"end with {type(task).__name__}'s head: nn.Linear(d, "
            f"{task.head_size}), or task.head(d)",
        )
