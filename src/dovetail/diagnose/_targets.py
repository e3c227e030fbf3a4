"""The target against the loss: dtype, shape and range; weights against the classes."""

from typing import Any

import torch
from torch import Tensor

from dovetail.diagnose._findings import Findings
from dovetail.diagnose._kinds import Kind
from dovetail.diagnose._numbers import shape_text, span
from dovetail.diagnose._record import Call, Table, broadcast, makes_table
from dovetail.doctor._base import Severity


def check_target(call: Call, found: Findings) -> None:
    """Findings of one loss call on what it was given to compare with."""
    if swapped(call, found):
        return
    check_weights(call, found)
    target = call.target
    if target is None or not target.numel():
        return
    if call.kind.wants == "class":
        _class_target(call, target, found)
    elif call.kind.wants == "cell":
        _cell_target(call, target, found)
    elif call.kind.wants == "sign":
        _sign_target(call, target, found)
    if call.kind.wants in ("values", "sign") and not target.requires_grad:
        _table(call.input, target, call.kind.name, found)


def check_tables(tables: list[Table], found: Findings) -> None:
    """Findings of losses written by hand."""
    for table in tables:
        _add_table(table.prediction, table.target, "the loss", found)


def swapped(call: Call, found: Findings) -> bool:
    """Was the target given first? Where the two are exchangeable, nothing is lost."""
    target, kind = call.target, call.kind
    if target is None or kind.symmetric or kind.wants == "nothing":
        return False
    by_grad = target.requires_grad and not call.input.requires_grad
    if kind.name == "KLDivLoss":
        # Of two laws the reverse divergence may be meant; of plain labels it is not.
        by_grad = by_grad and bool((call.input > 1e-6).any())
    by_type = not call.input.is_floating_point() and target.is_floating_point()
    if not by_grad and not (by_type and target.numel() >= call.input.numel()):
        return False
    why = (
        "the gradient goes to the second"
        if target.requires_grad
        else "the first holds whole numbers"
    )
    found.add(
        "swapped-loss-arguments",
        f"{kind.name} takes the prediction first and the target second, but {why}: "
        f"first {shape_text(call.input)} {_dtype(call.input)}, second "
        f"{shape_text(target)} {_dtype(target)}.",
        "call loss(prediction, target)",
    )
    return True


def check_weights(call: Call, found: Findings) -> None:
    """Class weights: one for each class, on the device of the scores."""
    x = call.input
    for name in ("weight", "pos_weight"):
        weight = call.named.get(name)
        if not isinstance(weight, Tensor):
            continue
        if weight.device != x.device and weight.ndim:
            found.add(
                "class-weight-device",
                f"{name}= {shape_text(weight)} of {call.kind.name} is on "
                f"{weight.device}, the prediction {shape_text(x)} on {x.device}.",
                f"move it with the model: {name}={name}.to(device), or loss.to(device)",
            )
        if call.kind.wants == "class" and x.ndim:
            count = x.shape[call.axis]
            wrong = weight.numel() != count
        elif call.kind.wants == "cell":
            count = x.shape[-1] if x.ndim > 1 else 1
            wrong = not _fits(tuple(weight.shape), tuple(x.shape))
        else:
            continue
        if wrong:
            found.add(
                "class-weight-length",
                f"{name}= of {call.kind.name} has shape {shape_text(weight)}, but the "
                f"prediction {shape_text(x)} has {count} "
                f"{'classes' if call.kind.wants == 'class' else 'outputs'}.",
                f"give one weight for each of the {count}",
            )


def _fits(weight: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    try:
        return broadcast(weight, shape) == shape
    except RuntimeError:
        return False


def _class_target(call: Call, target: Tensor, found: Findings) -> None:
    x, name = call.input, call.kind.name
    count = x.shape[call.axis] if x.ndim else 1
    if target.is_floating_point() and target.shape == x.shape and x.ndim == 1:
        return  # one row of probabilities
    as_rows = target.shape == x.shape and x.ndim > 1
    if as_rows and (target.is_floating_point() is False or name == "NLLLoss"):
        found.add(
            "onehot-target-for-class-index",
            f"{name} takes class numbers of shape {_index_shape(call)}, but the "
            f"target is {_dtype(target)} {shape_text(target)}: a row for each example.",
            f"give target.argmax({call.axis}); if several labels of a row are true, "
            "use BCEWithLogitsLoss",
            severity=Severity.ERROR,
        )
    elif as_rows:
        _one_hot(call, target, count, found)
    elif target.is_floating_point():
        found.add(
            "float-target-for-cross-entropy",
            f"{name} takes class numbers as int64, but the target is "
            f"{_dtype(target)} {shape_text(target)}.",
            "give target.long(); for numbers to regress on, use MSELoss",
        )
    else:
        _index_target(call, target, count, found)


def _one_hot(call: Call, target: Tensor, count: int, found: Findings) -> None:
    if count < 2 or target.requires_grad or len(target) < 2:
        return
    hard = ((target == 0) | (target == 1)).all()
    if not bool(hard) or not bool((target.sum(call.axis) == 1).all()):
        return
    weighted = isinstance(call.named.get("weight"), Tensor)
    why = (
        "With weight= the mean is then over the rows, not over the sum of their "
        "weights: another number and another gradient."
        if weighted
        else f"The value is the same, the memory is {count} times that of class "
        "numbers, and ignore_index is not allowed."
    )
    found.add(
        "onehot-target-for-class-index",
        f"{call.kind.name} is given one-hot rows {shape_text(target)} where class "
        f"numbers {_index_shape(call)} will do. {why}",
        f"give target.argmax({call.axis})",
        severity=Severity.WARNING if weighted else None,
    )


def _index_target(call: Call, target: Tensor, count: int, found: Findings) -> None:
    x, name = call.input, call.kind.name
    needed = tuple(x.shape[:1] + x.shape[2:]) if x.ndim > 1 else ()
    if x.ndim == 1 and target.ndim == 1 and not x.requires_grad:
        return  # class numbers in the place of scores: there is no gradient either
    if tuple(target.shape) != needed:
        squeezed = tuple(s for s in target.shape if s != 1)
        fix = f"give the target with shape {needed}"
        if squeezed == tuple(s for s in needed if s != 1):
            fix = f"target.reshape({needed}) drops the axis of size 1"
        elif x.ndim > 2 and tuple(target.shape) == tuple(x.shape[:-1]):
            fix = "the classes stand on axis 1: output.movedim(-1, 1)"
        found.add(
            "target-shape-broadcast",
            f"{name} of a prediction {shape_text(x)} takes class numbers {needed}, but "
            f"the target is {shape_text(target)}.",
            fix,
        )
        return
    ignored = call.named.get("ignore_index", -100)
    counted = target[target != ignored] if target.dtype != torch.bool else target
    if not counted.numel():
        return
    low, high = int(counted.min()), int(counted.max())
    if low >= 0 and high < count:
        return
    _out_of_range(low, high, count, name, found)


def _out_of_range(low: int, high: int, count: int, name: str, found: Findings) -> None:
    if low == 1 and high == count:
        found.add(
            "labels-start-at-one",
            f"The labels run from 1 to {high}, but {name} counts the {count} classes "
            f"from 0 to {count - 1}: label {count} has no score.",
            "subtract 1 from the labels",
        )
        return
    more = ""
    if high == 255:
        more = "; 255 in a mask often means 'no class': ignore_index=255"
    elif low < 0:
        more = "; negative labels often mean 'no class': give them as ignore_index="
    found.add(
        "label-out-of-range",
        f"The labels run from {low} to {high}, but {name} has {count} scores for the "
        f"classes 0 to {count - 1}.",
        f"number the classes from 0, or give the last layer more outputs{more}",
    )


def _cell_target(call: Call, target: Tensor, found: Findings) -> None:
    x, kind = call.input, call.kind
    if kind.strict_dtype and not target.is_floating_point():
        more = ""
        if x.ndim == target.ndim + 1:
            more = "; class numbers are a matter for CrossEntropyLoss"
        found.add(
            "int-target-for-bce",
            f"{kind.name} takes targets as floating-point numbers, but they are "
            f"{_dtype(target)} {shape_text(target)}.",
            f"give target.float(){more}",
        )
        if more:
            return  # they are class numbers, and of another shape and range
    elif target.shape != x.shape:
        found.add(
            "target-shape-broadcast",
            f"{kind.name} takes a target of the prediction's shape {shape_text(x)}, "
            f"but it is {shape_text(target)}.",
            _reshape(tuple(x.shape), tuple(target.shape)),
        )
    known = target[~target.isnan()] if target.is_floating_point() else target
    if not known.numel() or known.dtype == torch.bool:
        return
    low, high = float(known.min()), float(known.max())
    if low >= -1e-6 and high <= 1 + 1e-6:
        return
    if (low, high) == (1.0, 2.0) and bool((known == known.round()).all()):
        found.add(
            "labels-start-at-one",
            f"The labels are 1 and 2, but {kind.name} takes 0 and 1.",
            "subtract 1 from the labels",
        )
        return
    pair = low == -1 and high == 1
    found.add(
        "label-out-of-range",
        f"{kind.name} takes targets in [0, 1], but they run from {span(known)}: the "
        "loss then has no lower bound.",
        "give (target + 1) / 2" if pair else "scale or recode the targets to [0, 1]",
    )


def _sign_target(call: Call, target: Tensor, found: Findings) -> None:
    if target.requires_grad or target.dtype == torch.bool:
        return
    values = torch.unique(target)
    if len(values) <= 2 and bool((values == 0).any()) and float(values.min()) == 0:
        found.add(
            "label-out-of-range",
            f"{call.kind.name} takes labels -1 and 1, but they are "
            f"{', '.join(f'{v:g}' for v in values.tolist())}: a 0 adds a constant and "
            "gives no gradient.",
            "give 2 * target - 1",
        )


def _table(x: Tensor, target: Tensor, name: str, found: Findings) -> None:
    if makes_table(x, target):
        _add_table(tuple(x.shape), tuple(target.shape), name, found)


def _add_table(
    x: tuple[int, ...], target: tuple[int, ...], name: str, found: Findings
) -> None:
    found.add(
        "target-shape-broadcast",
        f"A prediction {x} against a target {target}: {name} is taken over a table "
        f"{broadcast(x, target)}, each prediction against every target. The best it "
        "can learn is one constant for all rows.",
        _reshape(x, target),
    )


def _reshape(x: tuple[int, ...], target: tuple[int, ...]) -> str:
    if (*target, 1) == x:
        return f"prediction.squeeze({len(x) - 1}), or target.unsqueeze({len(target)})"
    if (*x, 1) == target:
        return f"target.squeeze({len(target) - 1})"
    return f"give both the shape {x}"


def _index_shape(call: Call) -> str:
    shape = list(call.input.shape)
    del shape[call.axis]
    return str(tuple(shape))


def _dtype(tensor: Tensor) -> str:
    return str(tensor.dtype).removeprefix("torch.")


def certain_failure(call: Call) -> bool:
    """Would this call end the process on an accelerator?"""
    found = Findings()
    check_target(call, found)
    return found.has("label-out-of-range", "labels-start-at-one")


def note(call: Call) -> str | None:
    """A word for a failure that no rule of the catalogue names."""
    target: Any = call.target
    kind: Kind = call.kind
    if target is None:
        return None
    if kind.wants == "class" and target.dtype in (torch.int32, torch.int16, torch.int8):
        return f"{kind.name} takes class numbers as int64: give target.long()"
    if target.device != call.input.device:
        return f"the target is on {target.device}: give target.to(output.device)"
    return None
