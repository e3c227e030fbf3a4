"""Where training starts: what the head's bias says before anything is learnt.

The bias is the best constant, so step 0 predicts the same for every row, and the loss
there is the null model's. Where the task is one of classes both follow from the bias
alone; elsewhere the loss needs the targets, and the caller gives it.
"""

import torch
from torch import Tensor

from dovetail import losses
from dovetail.report._names import classes_of, labels_of
from dovetail.report._text import listed, number, percent
from dovetail.tasks import Task

LOPSIDED = 0.8  # from this share of one class on, accuracy says little


def shares(task: Task) -> list[tuple[str, float]]:
    """Classes or labels and their shares of the training rows, as the bias has them.

    >>> from dovetail.tasks import Binary
    >>> task = Binary.from_targets(["ham"] * 3 + ["spam"])
    >>> [(label, round(share, 3)) for label, share in shares(task)]  # (1 + 1) / (4 + 2)
    [('ham', 0.667), ('spam', 0.333)]
    """
    names = classes_of(task) or labels_of(task)
    if task.bias is None or not names:
        return []
    probs = task.inverse_link(_raw(task))[0].tolist()
    if len(probs) == 1 and classes_of(task):  # one output tells of two classes
        probs = [1 - probs[0], *probs]
    return [(str(name), share) for name, share in zip(names, probs, strict=True)]


def loss_at_start(task: Task) -> float | None:
    """The mean loss per row of the bias alone, where the bias tells it.

    >>> from dovetail.tasks import Binary
    >>> task = Binary.from_targets([0, 1])
    >>> round(loss_at_start(task), 4)  # log 2
    0.6931
    """
    if task.bias is None:
        return None
    raw = _raw(task)
    probs = torch.tensor([share for _, share in shares(task)], dtype=torch.float64)
    if classes := classes_of(task):
        each = task.loss(raw.expand(len(probs), -1), task.encode(list(classes)))
        return float(probs @ each.double())
    if isinstance(task.loss, losses.MultiLabelCrossEntropy):
        return float(task.loss(raw, probs[None]))  # linear in the target
    if isinstance(task.loss, losses.Squared) and not bool(raw.abs().gt(1e-6).any()):
        return 1.0  # the variance of a standardised target
    return None


def start(task: Task, loss: float | None = None) -> str:
    """The start in words; ``loss`` is the mean training loss there, where known.

    >>> from dovetail.tasks import Binary
    >>> print(start(Binary.from_targets([0, 0, 0, 1])))
    The head starts at zero weights and the bias -0.6931, so that step 0 predicts 1 \
with probability 33.3 % for every row; the loss there is 0.6365.
    """
    if task.bias is None:
        return "The bias of the head is found from the training targets."
    values = [number(round(b, 6) + 0.0) for b in task.bias]
    noun = "the bias" if len(values) == 1 else "the biases"
    begin = f"The head starts at zero weights and {noun} {listed(values, 5)}"
    loss = loss_at_start(task) if loss is None else loss
    end = "" if loss is None else f"; the loss there is {number(loss)}"
    return f"{begin}, so that step 0 predicts {_predicted(task)} for every row{end}."


def balance(task: Task) -> str:
    """How the classes or labels share the training rows; empty for numbers."""
    found = sorted(shares(task), key=lambda pair: -pair[1])
    if not found:
        return ""
    (most, highest), (least, lowest) = found[0], found[-1]
    if labels_of(task):
        mean = sum(share for _, share in found)
        text = (
            f"A training row has {number(mean)} of the {len(found)} labels on average"
        )
        return (
            f"{text}; the most frequent is {most} ({percent(highest)}), "
            f"the rarest {least} ({percent(lowest)})."
        )
    told = listed([f"{label} ({percent(share)})" for label, share in found], 6)
    text = f"Shares of the training rows: {told}."
    if len(found) > 6:
        text += f" The rarest is {least} with {percent(lowest)}."
    if highest >= LOPSIDED:
        text += (
            f" Always answering {most} would be right in {percent(highest)} of the "
            "rows, so accuracy alone says little."
        )
    return text


def _predicted(task: Task) -> str:
    if labels_of(task):
        return "the shares of the labels"
    if told := shares(task):
        name, share = told[-1]
        certain = f"{name} with probability {percent(share)}"
        return certain if len(told) == 2 else "the shares of the classes"
    answers = task.decode_table(task.decide(_raw(task))).to_pylist()[0]
    points = [number(value) for value in answers.values()]
    named = [f"{c} = {v}" for c, v in zip(task.columns, points, strict=False)]
    return listed(named or points, 5)


def _raw(task: Task) -> Tensor:
    return torch.tensor([task.bias], dtype=torch.float64)
