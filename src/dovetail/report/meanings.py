"""What each metric tells, in a line."""

from collections.abc import Mapping

from dovetail._phrases import Phrase, Said, joined
from dovetail.metrics import Metric, OfColumn
from dovetail.tasks import Task

# By the metric's class.
MEANINGS: Mapping[str, Said] = {
    "LogLoss": Said(
        "how surprised the probabilities are by the truth; 0 is perfect",
        "概率对真实结果的意外程度；0 为完美",
    ),
    "Accuracy": Said("share of rows decided rightly", "判断正确的行的占比"),
    "BalancedAccuracy": Said(
        "mean share of each class that is found, rare ones counting as much",
        "各类别被找出的比例的平均，稀有类别同等重要",
    ),
    "AUROC": Said(
        "chance that a positive row ranks above a negative one; 0.5 is guessing",
        "正例排在负例之前的概率；0.5 相当于乱猜",
    ),
    "AveragePrecision": Said(
        "mean precision down the ranking; guessing gives the share of positives",
        "沿排序的平均精确率；乱猜时等于正例占比",
    ),
    "F1": Said("harmonic mean of precision and recall", "精确率与召回率的调和平均"),
    "Precision": Said(
        "share of rows called positive that are", "判为正例的行中确为正例的占比"
    ),
    "Recall": Said("share of positive rows that are found", "正例中被找出的占比"),
    "Specificity": Said(
        "share of negative rows that are left alone", "负例中未被误报的占比"
    ),
    "MCC": Said(
        "correlation of decision and truth; 0 is guessing, 1 perfect",
        "判断与真实的相关系数；0 相当于乱猜，1 为完美",
    ),
    "Brier": Said(
        "squared error of the probabilities; 0 is perfect", "概率的平方误差；0 为完美"
    ),
    "CalibrationError": Said(
        "how far probabilities are from the shares that come true",
        "概率与实际发生比例的差距",
    ),
    "MacroF1": Said(
        "F1 of each class or label, averaged; rare ones count as much",
        "各类别或标签的 F1 取平均；稀有者同等重要",
    ),
    "MacroPrecision": Said(
        "precision of each class or label, averaged", "各类别或标签的精确率取平均"
    ),
    "MacroRecall": Said(
        "recall of each class or label, averaged", "各类别或标签的召回率取平均"
    ),
    "TopK": Said(
        "share of rows whose class is among the k most probable",
        "真实类别在概率最大的 k 个之中的行的占比",
    ),
    "Hamming": Said("share of label cells that are wrong", "判错的标签格的占比"),
    "SubsetAccuracy": Said(
        "share of rows whose whole set of labels is right", "整个标签集合全对的行的占比"
    ),
    "MicroF1": Said(
        "F1 over all label cells together; frequent labels count most",
        "全部标签格合在一起的 F1；常见标签影响最大",
    ),
    "MicroPrecision": Said(
        "share of given labels that are right", "给出的标签中正确的占比"
    ),
    "MicroRecall": Said(
        "share of true labels that are given", "真实标签中被给出的占比"
    ),
    "SampleF1": Said("F1 of each row's set, averaged", "每行标签集合的 F1 取平均"),
    "SamplePrecision": Said(
        "precision of each row's set, averaged", "每行标签集合的精确率取平均"
    ),
    "SampleRecall": Said(
        "recall of each row's set, averaged", "每行标签集合的召回率取平均"
    ),
    "RankingLoss": Said(
        "share of pairs in which an absent label ranks above a present one",
        "不具有的标签排在具有的标签之前的配对占比",
    ),
    "PrecisionAt": Said(
        "share of the k most probable labels that are right",
        "概率最大的 k 个标签中正确的占比",
    ),
    "RankError": Said(
        "how many classes the decision is off on average", "判断平均相差几个类别"
    ),
    "WithinOne": Said(
        "share of rows at most one class off", "相差不超过一个类别的行的占比"
    ),
    "QuadraticKappa": Said(
        "agreement beyond chance, far misses counting by their square",
        "超出偶然的一致程度，相差越远按平方计",
    ),
    "RPS": Said(
        "squared error of the cumulated probabilities, which respects the order",
        "累积概率的平方误差，考虑了顺序",
    ),
    "RMSE": Said(
        "root mean squared error in the target's unit; far misses weigh most",
        "均方根误差，单位与目标相同；相差大的影响最大",
    ),
    "MAE": Said(
        "mean absolute error in the target's unit", "平均绝对误差，单位与目标相同"
    ),
    "R2": Said(
        "share of the variance that is explained; 0 is the mean, 1 perfect",
        "被解释的方差占比；0 相当于只报均值，1 为完美",
    ),
    "RelativeRMSE": Said(
        "RMSE in standard deviations, averaged over the columns; 1 is the mean",
        "以标准差为单位的 RMSE，对各列取平均；1 相当于只报均值",
    ),
    "RelativeMAE": Said(
        "MAE in standard deviations, averaged over the columns",
        "以标准差为单位的 MAE，对各列取平均",
    ),
    "PoissonDeviance": Said(
        "twice the lack of Poisson likelihood against knowing the truth; 0 is perfect",
        "与已知真实值相比所欠泊松对数似然的两倍；0 为完美",
    ),
    "Pinball": Said("the loss of the quantile asked for", "所求分位数的损失"),
    "CoverageGap": Said(
        "how far the share of rows below the quantile is from its level",
        "低于该分位数的行的占比与其水平的差距",
    ),
}

MOST = 12  # lines; of many columns each has metrics of its own

_FIRST = Phrase(
    "{name} picks the best epoch: {meaning}.", "{name} 挑选最佳轮次：{meaning}。"
)
_FIRST_ALONE = Phrase("{name} picks the best epoch.", "{name} 挑选最佳轮次。")
_LINE = Phrase("{name}: {meaning}.", "{name}：{meaning}。")
_ALONE = Phrase("{name}.", "{name}。")
_OF_COLUMNS = Phrase("And {names} of each column.", "另有每一列各自的 {names}。")
_ALSO = Said("Also reported:", "同时报告：")


def meaning(metric: Metric) -> Said:
    """What the metric tells, or nothing.

    >>> from dovetail.metrics import Accuracy
    >>> meaning(Accuracy())
    'share of rows decided rightly'
    """
    return MEANINGS.get(type(metric).__name__, Said("", ""))


def told(task: Task) -> Said:
    """Which metric picks the epoch, and what each one tells: a line for each."""
    first, *others = task.metrics
    said = meaning(first)
    head = (
        _FIRST(name=first.name, meaning=said) if said else _FIRST_ALONE(name=first.name)
    )
    lines = [
        _LINE(name=m.name, meaning=meaning(m)) if meaning(m) else _ALONE(name=m.name)
        for m in others
        if not isinstance(m, OfColumn)
    ][:MOST]
    each = dict.fromkeys(m.metric.name for m in others if isinstance(m, OfColumn))
    if each:
        lines.append(_OF_COLUMNS(names=", ".join(each)))
    if not lines:
        return head
    return joined([joined([head, _ALSO]), *lines], "\n", "\n")
