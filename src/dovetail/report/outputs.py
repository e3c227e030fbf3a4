"""How many raw outputs the head has, and why so many."""

from dovetail import tasks
from dovetail._phrases import Noun, Phrase, Said, joined, listed
from dovetail.report._names import classes_of, labels_of
from dovetail.tasks import Task

RAW = Noun("raw output", "raw outputs", "个原始输出")

_EACH = Phrase("{outputs}: one for each of {names}.", "{outputs}：{names} 各一个。")
_COUNTED = Phrase("{outputs}.", "{outputs}。")
_NO_ACTIVATION = Said(
    "The network ends without an activation, because the loss takes raw outputs.",
    "网络末端没有激活函数，因为损失函数直接接收原始输出。",
)

_ONE_LOGIT = Phrase(
    "{outputs}, the log odds of {yes}: two classes need one number, since P({no}) = "
    "1 - P({yes}).",
    "{outputs}，即 {yes} 的对数几率：两个类别只需一个数，因为 P({no}) = 1 - P({yes})。",
)
_TWO_LOGITS = Phrase(
    "{outputs}: one for each of {names}. Only their difference counts, so it is the "
    "same model as with one output.",
    "{outputs}：{names} 各一个。起作用的只有二者之差，因此与单个输出是同一个模型。",
)
_CLASSES = Phrase(
    "{outputs}: one for each of {names}. They compete: softmax makes them shares of "
    "one whole.",
    "{outputs}：{names} 各一个。它们相互竞争：softmax 使其成为同一个整体的占比。",
)
_THRESHOLDS = Phrase(
    "{outputs} = {classes} classes - 1: one for each step from a class to the next. "
    "Output j says how likely y is beyond class j where it has come that far, so P(y > "
    "j) can only fall with j.",
    "{outputs} = {classes} 个类别 - 1：从一个类别到下一个类别的每一步各一个。第 j 个输"
    "出表示在 y 已达到类别 j 的条件下越过它的可能性，因此 P(y > j) 只会随 j 下降。",
)
_LABELS = Phrase(
    "{outputs}: one for each of {names}. Each label is a yes or no of its own, so they "
    "do not compete, and a row may have all of them or none.",
    "{outputs}：{names} 各一个。每个标签都是独立的是/否判断，互不竞争，一行可以全有，也"
    "可以全无。",
)
_MEAN = Phrase(
    "{outputs}: the number itself, in standard deviations of the training rows around "
    "their mean.",
    "{outputs}：即数值本身，以训练行的均值为零点、标准差为单位。",
)
_MEANS = Phrase(
    "{outputs}: one for each of {names}, each in its own standard deviations, so that "
    "no column outweighs another by its unit.",
    "{outputs}：{names} 各一个，各以自身的标准差为单位，因此没有哪一列因单位大而占优。",
)
_LOG_MEAN = Phrase(
    "{outputs}: the log of the mean. exp of any number is positive, as a mean of "
    "counts has to be.",
    "{outputs}：均值的对数。任何数取 exp 都为正，计数的均值必须如此。",
)


def outputs(task: Task) -> Said:
    """How many and why.

    >>> from dovetail.tasks import Ordinal
    >>> print(outputs(Ordinal((3, 4, 5)))[:30])
    2 raw outputs = 3 classes - 1:
    """
    return joined([_which(task), _NO_ACTIVATION])


def _which(task: Task) -> Said:
    count = RAW(task.head_size)
    each = classes_of(task) or labels_of(task) or task.columns
    names = listed([str(name) for name in each], 6)
    if isinstance(task, tasks.Binary):
        no, yes = task.classes
        if task.outputs == 1:
            return _ONE_LOGIT(outputs=count, no=no, yes=yes)
        return _TWO_LOGITS(outputs=count, names=names)
    if isinstance(task, tasks.Multiclass):
        return _CLASSES(outputs=count, names=names)
    if isinstance(task, tasks.Ordinal):
        return _THRESHOLDS(outputs=count, classes=len(task.classes))
    if isinstance(task, tasks.MultiLabel):
        return _LABELS(outputs=count, names=names)
    if isinstance(task, tasks.Regression):
        return _MEANS(outputs=count, names=names) if each else _MEAN(outputs=count)
    if isinstance(task, tasks.Count):
        return _LOG_MEAN(outputs=count)
    if len(each) == task.head_size > 1:
        return _EACH(outputs=count, names=names)
    return _COUNTED(outputs=count)
