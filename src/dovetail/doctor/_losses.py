"""A loss is called: who meets whom is what the rules look at."""

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from dovetail.doctor._facts import LossUse
from dovetail.doctor._frames import Frame
from dovetail.doctor._library import Loss
from dovetail.doctor._values import NONE, UNKNOWN, Layer, Tensor, Value

if TYPE_CHECKING:
    from dovetail.doctor._interpret import Interpreter

_PREDICTION = ("input", "inputs", "inp", "x", "pred", "logits", "output")
_TARGET = ("target", "targets", "targ", "label", "labels")


def use_function(
    run: "Interpreter",
    frame: Frame,
    loss: Loss,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """The functional form: ``F.cross_entropy(prediction, target)``."""
    return _use(run, frame, loss, args, kwargs, node, kwargs.get("weight"), None)


def use_object(
    run: "Interpreter",
    frame: Frame,
    loss: Loss,
    layer: Layer,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
) -> Value:
    """A loss that was made before: ``criterion(prediction, target)``.

    One of several, called under a choice: the two choices are one, most likely, and
    then most of what could meet never does. Nothing is noted.
    """
    if run.tied:
        return Tensor("loss", node, frame.source)
    return _use(run, frame, loss, args, kwargs, node, _weight(layer), layer)


def _weight(layer: Layer) -> Value | None:
    return layer.argument(0, "weight") if "." in layer.name else None


def _use(
    run: "Interpreter",
    frame: Frame,
    loss: Loss,
    args: Sequence[Value],
    kwargs: dict[str, Value],
    node: ast.AST,
    weight: Value | None,
    maker: Value | None,
) -> Value:
    prediction = _argument(args, kwargs, 0, _PREDICTION)
    target = _argument(args, kwargs, 1, _TARGET)
    run.note(
        LossUse(
            loss,
            prediction,
            target,
            node,
            frame.source,
            weight=weight is not None and weight != NONE,
            maker=maker,
        )
    )
    return Tensor("loss", node, frame.source)


def _argument(
    args: Sequence[Value], kwargs: dict[str, Value], at: int, names: Sequence[str]
) -> Value:
    if len(args) > at:
        return args[at]
    return next((kwargs[name] for name in names if name in kwargs), UNKNOWN)
