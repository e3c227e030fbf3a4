"""Why this loss, and not one of those that stand beside it in the tutorials."""

import math
from collections.abc import Mapping
from typing import Any

from dovetail._phrases import Phrase, Said, joined
from dovetail.losses import Loss
from dovetail.report._names import classes_of
from dovetail.report._text import number
from dovetail.tasks import Task

# For each loss by its class's name: what it is instead of, and what that would cost.
WHY_NOT: Mapping[str, tuple[Phrase, ...]] = {
    "BinaryCrossEntropy": (
        Phrase(
            "Not a sigmoid followed by BCELoss: in float32 a probability is exactly 1 "
            "from logit 17 on, and the gradient of a confidently wrong row is 0 there.",
            "不用 sigmoid 加 BCELoss：float32 中 logit 超过 17 时概率恰为 1，判错却很"
            "自信的行梯度为 0。",
        ),
        Phrase(
            "Not softmax over two outputs: the same model with an output too many.",
            "不用两个输出的 softmax：同一个模型，只是多一个输出。",
        ),
        Phrase(
            "Not the squared error of the probability: its gradient vanishes where the "
            "model is surely wrong.",
            "不用概率的平方误差：模型自信地判错时，它的梯度趋于零。",
        ),
    ),
    "SoftmaxCrossEntropy": (
        Phrase(
            "Not softmax in the network and again in the loss: with {classes} classes "
            "that loss cannot fall below {floor}, and its gradient at the start is "
            "{classes} times smaller.",
            "不在网络里再加一次 softmax：{classes} 个类别时，重复 softmax 的损失无法低"
            "于 {floor}，起步时的梯度也只有 1/{classes}。",
        ),
        Phrase(
            "Not a sigmoid for each class: a row has exactly one, and the "
            "probabilities would not sum to 1.",
            "不用每个类别一个 sigmoid：每行恰属一个类别，而那样概率之和不为 1。",
        ),
        Phrase(
            "Sparse and categorical cross-entropy are this very loss, of class numbers "
            "and of one-hot rows.",
            "稀疏交叉熵与分类交叉熵就是这个损失，只是目标写成类别编号或独热行。",
        ),
    ),
    "MultiLabelCrossEntropy": (
        Phrase(
            "Not softmax cross-entropy: its probabilities sum to 1 in each row, so "
            "that no row could have two labels, or none.",
            "不用 softmax 交叉熵：它使每行概率之和为 1，一行便不可能有两个标签，也不可"
            "能没有标签。",
        ),
        Phrase(
            "Not a sigmoid in front of it: positives could not fall below 0.3133, "
            "negatives not below 0.6931, and p > 0.5 would mean a true probability "
            "above 0.622.",
            "前面不加 sigmoid：否则正例的损失无法低于 0.3133，负例无法低于 0.6931，而 "
            "p > 0.5 将意味着真实概率高于 0.622。",
        ),
        Phrase(
            "Each label is learnt for itself: that is right for Hamming loss and F1; "
            "it does not aim at the exact set.",
            "每个标签各学各的：这适合汉明损失与 F1，但并不以整个标签集合完全正确为目"
            "标。",
        ),
    ),
    "CORN": (
        Phrase(
            "Not softmax cross-entropy, which forgets the order: {low} for {high} "
            "would be no worse a mistake than {low} for {next}.",
            "不用 softmax 交叉熵，它忘掉了顺序：把 {high} 判成 {low} 与把 {next} 判成 "
            "{low} 会被视为同样的错误。",
        ),
        Phrase(
            "Not squared error of the class number, which takes all steps as equal and "
            "gives no probabilities.",
            "不用类别编号的平方误差，它把每一步都当作等距，也给不出概率。",
        ),
    ),
    "Squared": (
        Phrase(
            "Not absolute error, which estimates the median: totals and averages of "
            "its predictions come out wrong where the target is skewed.",
            "不用绝对误差，它估计的是中位数：目标有偏时，按其预测求得的总和与平均都会"
            "偏离。",
        ),
        Phrase(
            "Not Huber, unless far values are mistakes: it gives them less weight, "
            "real ones too.",
            "不用 Huber，除非极端值是错误：它会降低极端值的影响，真实的也不例外。",
        ),
    ),
    "Absolute": (
        Phrase(
            "Not squared error: there one row 10 standard deviations off weighs as "
            "much as 100 rows that are 1 off.",
            "不用平方误差：那里一行偏离 10 个标准差，抵得上 100 行各偏离 1 个。",
        ),
        Phrase(
            "Not Huber: it is between the two and estimates neither mean nor median.",
            "不用 Huber：它介于两者之间，既不估计均值也不估计中位数。",
        ),
    ),
    "Huber": (
        Phrase(
            "Not squared error: beyond delta an error counts in proportion to its "
            "size, not to its square, so that outliers pull less.",
            "不用平方误差：误差超过 delta 后按其大小而不是平方计算，离群值的牵引更小。",
        ),
        Phrase(
            "Not absolute error: within delta it is smooth, which is easier to learn "
            "at the end.",
            "不用绝对误差：在 delta 之内它是光滑的，训练末期更容易收敛。",
        ),
        Phrase(
            "Not SmoothL1, which is Huber divided by its parameter: the two agree "
            "only at 1.",
            "不用 SmoothL1，它等于 Huber 除以自己的参数：二者仅在参数为 1 时相同。",
        ),
    ),
    "SmoothL1": (
        Phrase(
            "Not Huber, which is SmoothL1 times its parameter: the two agree only at "
            "1.",
            "不用 Huber，它等于 SmoothL1 乘以自己的参数：二者仅在参数为 1 时相同。",
        ),
        Phrase(
            "Not squared error: beyond beta an error counts in proportion to its "
            "size, so that outliers pull less.",
            "不用平方误差：误差超过 beta 后按其大小计算，离群值的牵引更小。",
        ),
    ),
    "LogCosh": (
        Phrase(
            "Not squared error: large errors count in proportion to their size, so "
            "that outliers pull less.",
            "不用平方误差：大误差按其大小计算，离群值的牵引更小。",
        ),
        Phrase(
            "Not absolute error: near 0 it is smooth. Huber does the same with a "
            "border that can be set.",
            "不用绝对误差：它在 0 附近是光滑的。Huber 与之类似，而且分界可以设定。",
        ),
    ),
    "Pinball": (
        Phrase(
            "Not squared or absolute error: they estimate mean and median, whatever "
            "quantile is wanted.",
            "不用平方误差或绝对误差：无论想要哪个分位数，它们估计的都是均值和中位数。",
        ),
    ),
    "Poisson": (
        Phrase(
            "Not squared error: it may predict less than 0 events, and an error of 5 "
            "counts as much where 500 are expected as where 5 are.",
            "不用平方误差：它可能预测出负的次数，而且期望为 500 时与期望为 5 时，同样"
            "差 5 被视为同样严重。",
        ),
        Phrase(
            "Not squared error of log(y), which does not exist at y = 0 and whose exp "
            "is not the mean.",
            "不用 log(y) 的平方误差，它在 y = 0 处不存在，取 exp 后也不是均值。",
        ),
        Phrase(
            "Not softmax cross-entropy of the values, which forgets the order and "
            "knows no count that training did not have.",
            "不用各取值上的 softmax 交叉熵，它忘掉了顺序，也不认识训练中没有的次数。",
        ),
    ),
    "MultiHotCrossEntropy": (
        Phrase(
            "It ranks labels against each other and has no threshold: for yes or no "
            "of each label take MultiLabelCrossEntropy.",
            "它让标签相互排序，没有阈值：若要逐个标签判断是否，请用 "
            "MultiLabelCrossEntropy。",
        ),
    ),
    "Custom": (
        Phrase(
            "Nothing is known of a function of your own: its outputs are not promised "
            "to be probabilities.",
            "对自定义函数一无所知：不能保证其输出是概率。",
        ),
    ),
}


def why_not(task: Task, loss: Loss) -> Said:
    """The neighbours of ``loss`` and why they are not taken, with the task's numbers.

    >>> from dovetail.tasks import Multiclass
    >>> task = Multiclass(("a", "b", "c"))
    >>> "cannot fall below 0.5514" in why_not(task, task.loss)  # log(e + 2) - 1
    True
    """
    values = _values(task)
    known = WHY_NOT.get(type(loss).__name__, ())
    fitting = (p for p in known if Phrase.places(p.en) <= values.keys())
    return joined(phrase(**values) for phrase in fitting)


def _values(task: Task) -> dict[str, Any]:
    classes = classes_of(task)
    if not classes:
        return {}
    # Softmax of softmax gives the true class e / (e + C - 1) at most.
    floor = math.log(math.e + len(classes) - 1) - 1
    low, following, high = classes[0], classes[1], classes[-1]
    return {
        "classes": len(classes),
        "floor": number(floor),
        "low": low,
        "next": following,
        "high": high,
    }
