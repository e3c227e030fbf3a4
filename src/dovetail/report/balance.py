"""How classes, labels and numbers are spread over the rows: counts, not estimates."""

import torch
from torch import Tensor

from dovetail._phrases import ROWS, Phrase, Said, joined, listed
from dovetail.report import co_occurrence, spread
from dovetail.report._names import classes_of, labels_of
from dovetail.report._text import cut, number, percent, width
from dovetail.report.start import shares
from dovetail.tasks import Task

LOPSIDED = 0.8  # from this share of one class on, accuracy says little
MOST = 12  # classes in the table
BAR = 30  # columns of the longest bar
NAME = 24  # columns of a name


_LABELS_PER_ROW = Phrase(
    "A training row has {mean} of the {n} labels on average; the most frequent is "
    "{most} ({highest}), the rarest {least} ({lowest}).",
    "训练行平均有 {n} 个标签中的 {mean} 个；最常见的是 {most}（{highest}），最少的是 "
    "{least}（{lowest}）。",
)
_SHARE = Phrase("{label} ({share})", "{label}（{share}）")
_SHARES = Phrase("Shares of the training rows: {shares}.", "训练行中的占比：{shares}。")
_RAREST = Phrase(
    "The rarest is {label} with {share}.", "最少的是 {label}，占 {share}。"
)
_LOPSIDED = Phrase(
    "Always answering {label} would be right in {share} of the rows, so accuracy alone "
    "says little.",
    "总是回答 {label} 就能答对 {share} 的行，因此单看准确率说明不了什么。",
)
_CLASSES = Phrase("{n} classes in {rows}:", "{n} 个类别，共 {rows}：")
_MORE_CLASSES = Phrase(
    "and {n:,} more classes with {rows} together.", "其余 {n:,} 个类别合计 {rows}。"
)
_FEW = Phrase(
    "The rarest class, {label}, has {rows}: few to learn it from, and {held} of them "
    "or so to judge it by.",
    "最少的类别 {label} 只有 {rows}：可供学习的样本很少，可用于评判的约 {held} 行。",
)


def balance(task: Task, truth: Tensor | None = None) -> Said:
    """Classes, labels or numbers of the rows with the encoded targets ``truth``.

    Without ``truth`` the shares that the bias tells; empty for numbers then.
    """
    if truth is None:
        return _from_bias(task)
    if labels_of(task):
        return co_occurrence.told([str(label) for label in labels_of(task)], truth)
    if classes_of(task):
        return _table(task, truth)
    return spread.told(task, truth)


def _table(task: Task, truth: Tensor) -> Said:
    names = [str(name) for name in classes_of(task)]
    counts = _counts(truth, len(names))
    total = float(counts.sum())
    order = counts.argsort(descending=True, stable=True).tolist()
    # Few classes stand in their own order, which is that of the outputs.
    shown = list(range(len(names))) if len(names) <= MOST else order[: MOST - 1]
    lines = _bars(
        [names[k] for k in shown],
        [float(counts[k]) for k in shown],
        total,
    )
    parts = [_CLASSES(n=len(names), rows=ROWS(round(total))), *lines]
    if len(shown) < len(names):
        rest = total - sum(float(counts[k]) for k in shown)
        parts.append(_MORE_CLASSES(n=len(names) - len(shown), rows=ROWS(round(rest))))
    hints = []
    most, least = order[0], order[-1]
    if counts[most] >= LOPSIDED * total:
        share = percent(float(counts[most]) / total)
        hints.append(_LOPSIDED(label=names[most], share=share))
    rarest = round(float(counts[least]))
    if rarest < co_occurrence.FEW:
        held = round(0.15 * rarest)
        hints.append(_FEW(label=names[least], rows=ROWS(rarest), held=held))
    if hints:
        parts.append(joined(hints))
    return joined(parts, "\n", "\n")


def _counts(truth: Tensor, classes: int) -> Tensor:
    """Rows of each class, of indices (n,), P(positive) (n, 1) or soft rows (n, C)."""
    if truth.ndim == 1:
        return torch.bincount(truth.long(), minlength=classes).double()
    if truth.shape[1] == 1:
        positive = truth[:, 0].double().sum()
        return torch.stack([len(truth) - positive, positive])
    return truth.double().sum(0)


def _bars(names: list[str], counts: list[float], total: float) -> list[Said]:
    """A line for each: name, rows, share, and a bar in proportion to the largest."""
    cuts = [cut(name, NAME) for name in names]
    room = max(width(name) for name in cuts)
    figures = [f"{round(count):,}" for count in counts]
    digits = max(map(len, figures))
    largest = max(counts) or 1.0
    lines = []
    for name, figure, count in zip(cuts, figures, counts, strict=True):
        bar = "#" * max(round(BAR * count / largest), int(count > 0))
        left = f"{name}{' ' * (room - width(name))}  {figure:>{digits}}"
        share = percent(count / total if total else 0.0)
        line = Phrase("{left}  {share:>6}  {bar}", "{left}  {share:>6}  {bar}")
        lines.append(line(left=left, share=share, bar=bar))
    return lines


def _from_bias(task: Task) -> Said:
    found = sorted(shares(task), key=lambda pair: -pair[1])
    if not found:
        return Said("", "")
    (most, highest), (least, lowest) = found[0], found[-1]
    if labels_of(task):
        return _LABELS_PER_ROW(
            mean=number(sum(share for _, share in found)),
            n=len(found),
            most=most,
            highest=percent(highest),
            least=least,
            lowest=percent(lowest),
        )
    each = [_SHARE(label=label, share=percent(share)) for label, share in found]
    parts = [_SHARES(shares=listed(each, 6))]
    if len(found) > 6:
        parts.append(_RAREST(label=least, share=percent(lowest)))
    if highest >= LOPSIDED:
        parts.append(_LOPSIDED(label=most, share=percent(highest)))
    return joined(parts)
