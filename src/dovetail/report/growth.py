"""A learning curve in words: scores by number of rows, and whether more would help."""

from collections.abc import Mapping
from typing import Any

from dovetail._phrases import Phrase, Said, joined
from dovetail.report._text import number

BAR = 30  # columns of the longest bar

CURVE = Said("Learning curve", "学习曲线")
MORE = Said("More rows", "更多行")

_HEAD = Phrase(
    "{metric} on the same {rows:,} held-out rows after training on nested parts of the "
    "training rows ({better}; 95 % intervals over the held-out rows):",
    "在训练行的嵌套子集上训练后，于同样的 {rows:,} 行留出数据上的 {metric}（{better}；"
    "95% 区间针对留出行）：",
)
_HIGHER, _LOWER = (
    Said("higher is better", "越高越好"),
    Said("lower is better", "越低越好"),
)
_LINE = Phrase(
    "{rows:>{digits},} rows  {score:>{wide}}  ({low} to {high})  {bar}",
    "{rows:>{digits},} 行  {score:>{wide}}  ({low} 到 {high})  {bar}",
)
_BASE = Phrase(
    "The best answer that ignores the inputs has {baseline}.",
    "不看输入的最佳回答为 {baseline}。",
)
_YES = Phrase(
    "Yes: twice as many training rows ({rows:,}) are expected to bring {metric} from "
    "{now} to about {then}, a gain of {gain} (95 % interval {low} to {high}).",
    "有帮助：训练行增加一倍（{rows:,} 行）后，{metric} 预计从 {now} 变为约 {then}，改"
    "善 {gain}（95% 区间 {low} 到 {high}）。",
)
_LITTLE = Phrase(
    "A little: twice as many training rows ({rows:,}) are expected to bring {metric} "
    "from {now} to about {then}, a gain of {gain} (95 % interval {low} to {high}), "
    "less than 1 % of the error at hand.",
    "略有帮助：训练行增加一倍（{rows:,} 行）后，{metric} 预计从 {now} 变为约 {then}，"
    "改善 {gain}（95% 区间 {low} 到 {high}），不到当前误差的 1%。",
)
_HARDLY = Phrase(
    "Hardly: twice as many training rows ({rows:,}) would improve {metric} by about "
    "{gain} (95 % interval {low} to {high}), less than 1 % of the error at hand. Other "
    "columns would help more than other rows.",
    "作用不大：训练行增加一倍（{rows:,} 行）只会使 {metric} 改善约 {gain}（95% 区间 "
    "{low} 到 {high}），不到当前误差的 1%。增加列比增加行更有用。",
)
_UNSURE = Phrase(
    "It cannot be told: the fitted curve gives {gain} for twice as many training rows "
    "({rows:,}), but its 95 % interval is {low} to {high}, and the points lie "
    "{scatter} from the curve. The noise is as large as the differences; more "
    "held-out rows (--test) or several seeds would tell.",
    "无法判断：按拟合曲线，训练行增加一倍（{rows:,} 行）可改善 {gain}，但其 95% 区间"
    "为 {low} 到 {high}，各点与曲线相差 {scatter}。噪声与差别一样大；更多留出行"
    "（--test）或多个种子才能说明问题。",
)
_ONE_RUN = Said(
    "Each point is one training run; another seed moves it a little.",
    "每个点只训练一次；换一个种子会略有变动。",
)
_ANSWERS = {"yes": _YES, "little": _LITTLE, "hardly": _HARDLY, "unsure": _UNSURE}


def learning_curve(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Headings and text of what ``LearningCurve.to_json`` gives."""
    metric, points = document["metric"], document["points"]
    better = _HIGHER if document["higher_is_better"] else _LOWER
    head = _HEAD(metric=metric, rows=document["score_rows"], better=better)
    largest = max(abs(point["score"]) for point in points) or 1.0
    digits = max(len(f"{point['rows']:,}") for point in points)
    wide = max(len(number(point["score"])) for point in points)
    lines = [
        _LINE(
            rows=point["rows"],
            digits=digits,
            score=number(point["score"]),
            wide=wide,
            low=number(point["low"]),
            high=number(point["high"]),
            bar="#" * max(1, round(BAR * abs(point["score"]) / largest)),
        )
        for point in points
    ]
    base = _BASE(baseline=number(document["baseline"]))
    found = document["doubling"]
    answer = _ANSWERS[found["helps"]](
        metric=metric,
        rows=found["rows"],
        now=number(points[-1]["score"]),
        then=number(found["score"]),
        gain=number(found["gain"]),
        low=number(found["low"]),
        high=number(found["high"]),
        scatter=number(found["scatter"]),
    )
    return [
        (CURVE, joined([head, *lines, base], "\n", "\n")),
        (MORE, joined([answer, _ONE_RUN])),
    ]
