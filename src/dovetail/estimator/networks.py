"""Which network a fit trains: ours for tables, or the user's own module."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from dovetail import heads, losses
from dovetail.backbones import (
    Ensemble,
    Flat,
    Network,
    Tabular,
    TabularShape,
    flat_width,
)
from dovetail.data import Features
from dovetail.errors import ConfigError
from dovetail.tasks import Task

PROBE = 16  # rows given to a user's module before training
ACTIVATIONS_NOT_TO_END_IN = (nn.Softmax, nn.LogSoftmax, nn.Sigmoid, nn.LogSigmoid)


def build(
    model: Any,
    features: Features,
    cardinalities: tuple[int, ...],
    task: Task,
    target: Tensor,
    weights: Tensor | None,
    *,
    blocks: int,
    width: int,
    dropout: float,
) -> tuple[nn.Module, dict[str, Any]]:
    """The network for these training rows, and the document to build it again."""
    if isinstance(model, str):
        shape, edges = TabularShape.for_data(
            features.numbers,
            cardinalities,
            blocks=blocks,
            width=width,
            dropout=dropout,
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


def rebuild(
    spec: Mapping[str, Any], weights: Mapping[str, Tensor], model: nn.Module | None
) -> nn.Module | None:
    """The network of a saved model; None for a user's own one that was not given."""
    if model is None and spec.get("member", spec)["name"] == "own":
        return None
    network = _unfilled(spec, model)
    try:
        network.load_state_dict(dict(weights))
    except RuntimeError as error:
        raise ConfigError(
            f"The saved weights are not of this module: {str(error).splitlines()[-1]}",
            fix=f"give a module built as the one trained, {own_class(spec)}",
        ) from error
    return network.eval()


def joined(
    members: Sequence[nn.Module], spec: Mapping[str, Any]
) -> tuple[nn.Module, dict[str, Any]]:
    """Networks of one ``spec`` as an ensemble, and the document to build it again."""
    document = {"name": "ensemble", "members": len(members), "member": dict(spec)}
    return Ensemble(members), document


def own_class(spec: Mapping[str, Any]) -> str:
    """The class of the user's own module; empty where the network is ours."""
    return str(spec.get("member", spec).get("class", ""))


def _unfilled(spec: Mapping[str, Any], model: nn.Module | None) -> nn.Module:
    """The network of ``spec``, its weights still to be loaded."""
    if spec["name"] == "ensemble":
        return Ensemble(
            _unfilled(spec["member"], model) for _ in range(spec["members"])
        )
    if spec["name"] == "own":
        assert model is not None
        return Flat(copy.deepcopy(model), spec["cardinalities"])
    shape = TabularShape.from_json({k: v for k, v in spec.items() if k != "outputs"})
    backbone = Tabular(shape)
    head = heads.linear(backbone.out_features, torch.zeros(spec["outputs"]))
    return Network(backbone, head)


def check(model: Any) -> None:
    """Raise where ``model`` is nothing that could be trained."""
    if isinstance(model, str) and model != "auto":
        raise ConfigError(
            f"Unknown model {model!r}.",
            fix="use 'auto', your own nn.Module, or a function that makes one",
        )
    if not (isinstance(model, str | nn.Module) or callable(model)):
        raise ConfigError(
            f"model= is a {type(model).__name__}.",
            fix="give 'auto', an nn.Module, or a function (in_features, outputs) -> "
            "module",
        )


def copy_of(module: nn.Module) -> nn.Module:
    """A copy that learns as the module would: with its hooks on gradients, which
    torch's copy of a parameter leaves behind."""
    copied = copy.deepcopy(module)
    for old, new in zip(module.parameters(), copied.parameters(), strict=True):
        for hook in (old._backward_hooks or {}).values():
            new.register_hook(hook)  # type: ignore[no-untyped-call]
        after = getattr(old, "_post_accumulate_grad_hooks", None) or {}
        for hook in after.values():
            new.register_post_accumulate_grad_hook(hook)  # type: ignore[no-untyped-call]
    return copied


def own_module(
    model: nn.Module | Callable[[int, int], nn.Module],
    numbers: int,
    cardinalities: tuple[int, ...],
    task: Task,
) -> nn.Module:
    """A copy of the user's module, or what their function makes for these sizes."""
    if isinstance(model, nn.Module):
        return copy_of(model)
    made = model(flat_width(numbers, cardinalities), task.head_size)
    if not isinstance(made, nn.Module):
        raise ConfigError(
            f"model= gave a {type(made).__name__}, an nn.Module was needed.",
            fix="give a function (in_features, outputs) -> nn.Module",
        )
    return made


def _check_own(network: Flat, features: Features, task: Task) -> None:
    """The module must give raw outputs of the right shape, and no probabilities."""
    last = [m for m in network.module.modules() if not list(m.children())][-1:]
    # Softmax cross-entropy of a log-softmax is the same number: redundant, not wrong.
    harmless = isinstance(task.loss, losses.SoftmaxCrossEntropy) and isinstance(
        last[0] if last else None, nn.LogSoftmax
    )
    if last and isinstance(last[0], ACTIVATIONS_NOT_TO_END_IN) and not harmless:
        raise ConfigError(
            f"Your module ends in {type(last[0]).__name__}, but the loss "
            f"{type(task.loss).__name__} takes raw outputs and applies its own link.",
            fix="remove the last activation; predict_proba gives probabilities",
        )
    width = flat_width(features.numbers.shape[1], network.cardinalities)
    network.eval()
    try:
        with torch.no_grad():
            raw = network(features.numbers[:PROBE], features.categories[:PROBE])
            far = network(100 * features.numbers[:PROBE], features.categories[:PROBE])
    except Exception as error:  # whatever the user's own code raises
        raise ConfigError(
            f"Your module failed on a float matrix of {width} columns: "
            f"{type(error).__name__}: {error}",
            fix="its first layer must take that many inputs; or give a function "
            "(in_features, outputs) -> module",
        ) from error
    rows = min(PROBE, len(features))
    if tuple(raw.shape) != (rows, task.head_size):
        raise ConfigError(
            f"Your module gives shape {tuple(raw.shape)} for {rows} rows; "
            f"({rows}, {task.head_size}) raw outputs were needed.",
            fix=f"end with {type(task).__name__}'s head: nn.Linear(d, "
            f"{task.head_size}), or task.head(d)",
        )
    if task.loss.estimates == "probability":
        _refuse_probabilities(raw, far, type(task.loss).__name__)


def _refuse_probabilities(raw: Tensor, far: Tensor, loss: str) -> None:
    """An activation written as a function leaves no layer to find, but its range.

    ``far`` are the outputs for inputs a hundred times as large: raw outputs leave
    [0, 1] there, a sigmoid's or softmax's do not. Outputs that never vary say nothing.
    """
    both = torch.cat([raw, far])
    if bool((both < 0).any()) or bool((both > 1).any()) or not bool(both.std() > 0):
        return
    sums = both.sum(dim=1)
    softmax = both.shape[1] > 1 and torch.allclose(
        sums, torch.ones_like(sums), atol=1e-4
    )
    name = "softmax" if softmax else "sigmoid"
    raise ConfigError(
        f"All outputs of your module lie in [0, 1], whatever it is given: it seems to "
        f"end in {name}, but the loss {loss} takes raw outputs and applies its own.",
        fix="return the raw outputs; predict_proba gives probabilities",
    )
