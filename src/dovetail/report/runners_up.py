"""What else the target could have been read as, and what would be different then."""

from collections.abc import Mapping

from dovetail._phrases import Phrase, Said
from dovetail.tasks import Reading

_OTHER = Phrase(
    "The other reading is {task}; --task chooses it.",
    "另一种读法是 {task}；用 --task 选择。",
)
_OTHER_WHY = Phrase(
    "The other reading is {task}, {why}; --task chooses it.",
    "另一种读法是 {task}，{why}；用 --task 选择。",
)
_NONE = Said("No other reading fits.", "没有其他合适的读法。")
# (taken, the other one): what the other one would do.
WHAT_CHANGES: Mapping[tuple[str, str], Said] = {
    ("Ordinal", "Multiclass"): Said(
        "which forgets the order of the classes", "它会忘掉类别的顺序"
    ),
    ("Ordinal", "Regression"): Said(
        "which takes all steps as equal and may answer between two classes",
        "它把每一步视为等距，回答可以落在两个类别之间",
    ),
    ("Multiclass", "Ordinal"): Said(
        "which believes in an order of the classes, and needs one that is true",
        "它相信类别有顺序，而且需要给出正确的顺序",
    ),
    ("Multiclass", "MultiLabel"): Said(
        "which would allow rows with no label or several",
        "它允许一行没有标签或有多个标签",
    ),
    ("Binary", "MultiLabel"): Said(
        "which would allow rows with both labels or neither",
        "它允许一行同时有两个标签或都没有",
    ),
    ("Binary", "Regression"): Said(
        "which predicts a number between the two values", "它预测两个值之间的数"
    ),
    ("MultiLabel", "Multiclass"): Said(
        "which takes each whole set as a class and knows no set that training did not "
        "have",
        "它把每个集合整体当作一个类别，不认识训练中没有的集合",
    ),
    ("Count", "Regression"): Said(
        "which lets every value scatter alike and may answer below 0",
        "它认为各处的离散程度相同，回答可能低于 0",
    ),
    ("Regression", "Count"): Said(
        "which takes the values as numbers of events, whose scatter grows with their "
        "mean",
        "它把数值看作事件次数，其离散程度随均值增大",
    ),
    ("Regression", "Ordinal"): Said(
        "which answers with one of the values seen and does not take the steps as "
        "equal",
        "它只回答见过的取值之一，且不把各步视为等距",
    ),
    ("Regression", "Multiclass"): Said(
        "which takes each row as shares of one whole", "它把每行看作一个整体的占比"
    ),
}


def other_reading(reading: Reading) -> Said:
    """The runner-up and what it would change, or that there is none.

    >>> from dovetail.tasks import infer_task
    >>> print(other_reading(infer_task([0, 1, 2, 1, 2, 0, 2])))
    The other reading is Multiclass, which forgets the order of the classes; --task \
chooses it.
    """
    if reading.runner_up is None:
        # A task that this version lacks may well fit; Reading.unavailable names it.
        return Said("", "") if reading.unavailable else _NONE
    taken, other = type(reading.task).__name__, type(reading.runner_up).__name__
    why = WHAT_CHANGES.get((taken, other))
    return _OTHER(task=other) if why is None else _OTHER_WHY(task=other, why=why)
