"""Where training starts: what the head's bias says before anything is learnt.

The bias is the best constant, so step 0 predicts the same for every row, and the loss
there is the null model's. Where the task is one of classes both follow from the bias
alone; elsewhere the loss needs the targets, and the caller gives it.
"""

import torch
from torch import Tensor

from dovetail import losses
from dovetail._phrases import Phrase, Said, joined, listed
from dovetail.report._names import classes_of, labels_of
from dovetail.report._text import number, percent
from dovetail.tasks import Task

_NOT_YET = Said(
    "The bias of the head is found from the training targets.",
    "输出层的偏置由训练目标求得。",
)
_BIAS = Phrase(
    "The head starts at zero weights and the bias {bias}, so that step 0 predicts "
    "{predicted} for every row",
    "输出层以零权重和偏置 {bias} 起步，因此第 0 步对每一行都预测{predicted}",
)
_BIASES = Phrase(
    "The head starts at zero weights and the biases {bias}, so that step 0 predicts "
    "{predicted} for every row",
    "输出层以零权重和偏置 {bias} 起步，因此第 0 步对每一行都预测{predicted}",
)
_LOSS = Phrase("{start}; the loss there is {loss}.", "{start}；此时的损失为 {loss}。")
_WITHOUT_LOSS = Phrase("{start}.", "{start}。")
_LEARNT = Said(
    "Whatever the loss falls below that is learnt from the inputs.",
    "损失低于它的部分，才是从输入中学到的。",
)
_PROBABILITY = Phrase("{name} with probability {share}", " {name} 的概率为 {share}")
_SHARES_OF_CLASSES = Said("the shares of the classes", "各类别的占比")
_SHARES_OF_LABELS = Said("the shares of the labels", "各标签的占比")
_POINT = Phrase("{values}", " {values}")


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


def start(task: Task, loss: float | None = None) -> Said:
    """The start in words; ``loss`` is the mean training loss there, where known.

    >>> from dovetail.tasks import Binary
    >>> print(start(Binary.from_targets([0, 0, 0, 1])))
    The head starts at zero weights and the bias -0.6931, so that step 0 predicts 1 \
with probability 33.3 % for every row; the loss there is 0.6365. Whatever the loss \
falls below that is learnt from the inputs.
    """
    if task.bias is None:
        return _NOT_YET
    values = [number(round(b, 6) + 0.0) for b in task.bias]
    begin = (_BIAS if len(values) == 1 else _BIASES)(
        bias=listed(values, 5), predicted=_predicted(task)
    )
    loss = loss_at_start(task) if loss is None else loss
    if loss is None:
        return _WITHOUT_LOSS(start=begin)
    return joined([_LOSS(start=begin, loss=number(loss)), _LEARNT])


def _predicted(task: Task) -> Said:
    if labels_of(task):
        return _SHARES_OF_LABELS
    if told := shares(task):
        name, share = told[-1]
        certain = _PROBABILITY(name=name, share=percent(share))
        return certain if len(told) == 2 else _SHARES_OF_CLASSES
    answers = task.decode_table(task.decide(_raw(task))).to_pylist()[0]
    points = [number(value) for value in answers.values()]
    named = [f"{c} = {v}" for c, v in zip(task.columns, points, strict=False)]
    return _POINT(values=listed(named or points, 5))


def _raw(task: Task) -> Tensor:
    return torch.tensor([task.bias], dtype=torch.float64)
