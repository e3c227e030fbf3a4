"""How numbers are spread: what decides between squared, Huber and absolute error.

skewness     mean of ((y - mean) / sd)^3; 0 for symmetric targets
far rows     rows more than 4 standard deviations from the mean; of a normal law
             one in 16,000 is
variance / mean of counts    1 for independent events; above: overdispersion
"""

import numpy as np
from numpy import ndarray
from torch import Tensor

from dovetail import tasks
from dovetail._phrases import ROWS, Phrase, Said, joined
from dovetail.report._text import number, percent
from dovetail.tasks import Task

FAR = 4.0  # standard deviations
GAP = 0.1  # standard deviations from which mean and median are two answers
PILED = 0.02  # share of rows at one end that looks like a limit
MANY = 50  # distinct values of a quantity that has no steps
MOST_COLUMNS = 8
MOST_PAIRS = 3
TOGETHER = 0.3  # absolute correlation of two targets that is worth a line
OVERDISPERSED, UNDERDISPERSED = 1.5, 0.67


_RANGE = Phrase(
    "{rows} from {low} to {high}: mean {mean}, median {median}, standard deviation "
    "{sd}.",
    "{rows}，从 {low} 到 {high}：均值 {mean}，中位数 {median}，标准差 {sd}。",
)
_COLUMN = Phrase(
    "{name}: from {low} to {high}, mean {mean}, median {median}, standard deviation "
    "{sd}.",
    "{name}：从 {low} 到 {high}，均值 {mean}，中位数 {median}，标准差 {sd}。",
)
_MORE = Phrase("and {n:,} more columns.", "另有 {n:,} 列。")
_SEVERAL = Phrase("{rows} with {n} numbers each.", "{rows}，每行 {n} 个数值。")
_APART = Phrase(
    "Skewness {skew:+.1f}: the mean is {gap} standard deviations {side} the median, so "
    "it matters which one is asked for; squared error aims at the mean, absolute error "
    "(--loss mae) at the median.",
    "偏度 {skew:+.1f}：均值比中位数{side} {gap} 个标准差，要哪一个并不等价；平方误差以"
    "均值为目标，绝对误差（--loss mae）以中位数为目标。",
)
_ABOVE, _BELOW = Said("above", "高"), Said("below", "低")
_NEAR = Phrase(
    "Skewness {skew:+.1f}: mean and median nearly agree.",
    "偏度 {skew:+.1f}：均值与中位数相近。",
)
_PILED = Phrase(
    "{rows} ({share}) have exactly {value}, the {end}: perhaps a limit of what was "
    "measured or written down, beyond which nothing can be learnt.",
    "{rows}（{share}）恰好等于{end} {value}：也许是测量或记录的上下限，超出部分无从学"
    "起。",
)
_LARGEST, _SMALLEST = Said("largest value", "最大值"), Said("smallest value", "最小值")
_FAR = Phrase(
    "{rows} ({share}) more than 4 standard deviations from the mean carry {weight} of "
    "the squared error at the start; if they are mistakes, --loss huber gives them "
    "less.",
    "{rows}（{share}）离均值超过 4 个标准差，占起步时平方误差的 {weight}；若它们是错"
    "误，--loss huber 会降低其影响。",
)
_NONE_FAR = Said(
    "No row is more than 4 standard deviations from the mean, so squared error is not "
    "at the mercy of a few.",
    "没有哪一行离均值超过 4 个标准差，因此平方误差不会被少数行左右。",
)
_CORRELATED = Phrase(
    "The targets go together: {pairs}; one network learns them jointly.",
    "各目标相互关联：{pairs}；同一个网络一并学习它们。",
)
_PAIR = Phrase("{a} and {b} {r:+.2f}", "{a} 与 {b} {r:+.2f}")
_UNCORRELATED = Phrase(
    "The targets hardly go together (largest correlation {r:+.2f}).",
    "各目标之间几乎没有关联（相关系数最大为 {r:+.2f}）。",
)
_COUNTS = Phrase(
    "{rows} from {low} to {high}: mean {mean}, median {median}, {zeros} are 0.",
    "{rows}，从 {low} 到 {high}：均值 {mean}，中位数 {median}，{zeros} 的行为 0。",
)
_OVER = Phrase(
    "The variance is {variance}, {ratio} times the mean: more scatter than independent "
    "events have (overdispersion). The Poisson loss still finds the mean; part of the "
    "scatter is what the inputs may explain.",
    "方差为 {variance}，是均值的 {ratio} 倍：比独立事件更分散（过离散）。泊松损失求得"
    "的仍是均值；其中一部分离散正是输入可能解释的。",
)
_UNDER = Phrase(
    "The variance is {variance}, {ratio} times the mean: less scatter than independent "
    "events have (underdispersion). The Poisson loss still finds the mean.",
    "方差为 {variance}，是均值的 {ratio} 倍：不如独立事件分散（欠离散）。泊松损失求得"
    "的仍是均值。",
)
_POISSON = Phrase(
    "The variance is {variance}, {ratio} times the mean: as independent events "
    "scatter.",
    "方差为 {variance}，是均值的 {ratio} 倍：与独立事件的离散程度相当。",
)


def told(task: Task, truth: Tensor) -> Said:
    """A target of numbers in words; ``truth`` is encoded."""
    cells = task.point(truth) if isinstance(task, tasks.Regression) else truth
    values = cells.double().cpu().numpy().reshape(len(truth), -1)
    if isinstance(task, tasks.Count):
        return _counts(values[:, 0])
    if values.shape[1] == 1:
        about = _RANGE(rows=ROWS(len(values)), **_five(values[:, 0]))
        return joined([about, *_shape(values[:, 0])])
    return _columns(task.columns, values)


def _five(values: ndarray) -> dict[str, str]:
    return {
        "low": number(values.min()),
        "high": number(values.max()),
        "mean": number(values.mean()),
        "median": number(float(np.median(values))),
        "sd": number(values.std()),
    }


def _shape(values: ndarray) -> list[Said]:
    sd = values.std()
    if not sd > 0:
        return []
    z = (values - values.mean()) / sd
    skew = round(float((z**3).mean()), 1) + 0.0  # no -0.0
    gap = -float(np.median(z))
    if abs(gap) >= GAP:
        side = _ABOVE if gap > 0 else _BELOW
        told = [_APART(skew=skew, gap=number(round(abs(gap), 2)), side=side)]
    else:
        told = [_NEAR(skew=skew)]
    far = np.abs(z) > FAR
    if far.any():
        weight = percent(float((z[far] ** 2).sum() / (z**2).sum()))
        rows = ROWS(int(far.sum()))
        told.append(_FAR(rows=rows, share=percent(far.mean()), weight=weight))
    else:
        told.append(_NONE_FAR)
    return told + _piles(values)


def _piles(values: ndarray) -> list[Said]:
    """Many rows that share the largest or the smallest of many values."""
    found, counts = np.unique(values, return_counts=True)
    if len(found) < MANY:
        return []
    return [
        _PILED(
            rows=ROWS(int(counts[at])),
            share=percent(counts[at] / len(values)),
            value=number(float(found[at])),
            end=end,
        )
        for at, end in ((-1, _LARGEST), (0, _SMALLEST))
        if counts[at] >= PILED * len(values)
    ]


def _columns(names: tuple[str, ...], values: ndarray) -> Said:
    lines = [_SEVERAL(rows=ROWS(len(values)), n=values.shape[1])]
    for name, column in list(zip(names, values.T, strict=True))[:MOST_COLUMNS]:
        about = _COLUMN(name=name, **_five(column))
        lines.append(joined([about, *_shape(column)[:1]]))
    if len(names) > MOST_COLUMNS:
        lines.append(_MORE(n=len(names) - MOST_COLUMNS))
    lines.append(_correlations(names, values))
    return joined(lines, "\n", "\n")


def _correlations(names: tuple[str, ...], values: ndarray) -> Said:
    varying = np.flatnonzero(values.std(axis=0) > 0)
    if len(varying) < 2:
        return Said("", "")
    r = np.corrcoef(values[:, varying], rowvar=False)
    pairs = sorted(
        (
            (float(r[i, j]), names[varying[i]], names[varying[j]])
            for i, j in zip(*np.triu_indices(len(varying), 1), strict=True)
        ),
        key=lambda found: -abs(found[0]),
    )
    strong = [p for p in pairs if abs(p[0]) >= TOGETHER][:MOST_PAIRS]
    if not strong:
        return _UNCORRELATED(r=pairs[0][0])
    said = joined((_PAIR(a=a, b=b, r=c) for c, a, b in strong), ", ", "，")
    return _CORRELATED(pairs=said)


def _counts(values: ndarray) -> Said:
    mean, variance = float(values.mean()), float(values.var())
    five = _five(values)
    five.pop("sd")
    zeros = percent(float((values == 0).mean()))
    about = _COUNTS(rows=ROWS(len(values)), zeros=zeros, **five)
    if not mean > 0:
        return about
    ratio = variance / mean
    phrase = (
        _OVER
        if ratio > OVERDISPERSED
        else _UNDER
        if ratio < UNDERDISPERSED
        else _POISSON
    )
    return joined([about, phrase(variance=number(variance), ratio=number(ratio))])
