"""Which labels go together: what a multi-label target looks like as sets.

    cardinality   labels per row
    density       cardinality / number of labels
    phi           correlation of two 0/1 columns, in -1..1
    lift          rows with both / rows with both if they were independent

Pairs are ranked by the strength that chance hardly explains: phi with the rows that
have both taken at the end of their 95 % interval (Poisson, by score) that is nearer to
what independence gives. A rare pair that met a few times has a wide interval and sinks;
one that met, or was to meet, fewer than ``LEAST`` times is not told at all.
"""

from dataclasses import dataclass
from typing import final

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from dovetail._phrases import ROWS, Phrase, Said, joined
from dovetail.report._text import number, percent

MOST_PAIRS = 5
MOST_LABELS = 8
MOST_MATRIX = 2_000  # labels beyond which the pairs are not searched
Z = 1.96
LEAST = 5  # rows with both, or expected to have both
FEW = 50  # rows of a class or label; of fewer, scores are hardly more than anecdotes


_SETS = Phrase(
    "{rows} and {labels} labels: {cardinality} labels a row on average (cardinality), "
    "which is {density} of them (density); {sets} distinct sets of labels, the most "
    "frequent one ({often}) in {share} of the rows.",
    "共 {rows}，{labels} 个标签：平均每行 {cardinality} 个（标签基数），占全部标签的 "
    "{density}（标签密度）；不同的标签集合 {sets} 种，最常见的一种（{often}）占 "
    "{share} 的行。",
)
_NO_LABEL_SET = Said("no label", "没有标签")
_SIZES = Phrase(
    "Rows without a label: {none}; with one: {one}; with two or more: {more}.",
    "没有标签的行占 {none}；有一个的占 {one}；有两个及以上的占 {more}。",
)
_UNKNOWN = Phrase(
    "{share} of the cells are unknown and count neither way.",
    "{share} 的标签格未知，不计入任何一方。",
)
_FREQUENT = Phrase("Rows of each label: {labels}.", "各标签的行数：{labels}。")
_LABEL = Phrase("{label} {count:,} ({share})", "{label} {count:,}（{share}）")
_MORE = Phrase("{labels}; {n:,} more", "{labels}；另有 {n:,} 个")
_FEW = Phrase(
    "{label} has {rows} only: few to learn it from.",
    "{label} 只有 {rows}：可供学习的样本很少。",
)
_EMPTY_SCORE = Phrase(
    "Giving no label at all would be right in {share} of the cells, so look at F1 "
    "rather than at Hamming loss.",
    "一个标签也不给就能答对 {share} 的标签格，因此应看 F1 而不是汉明损失。",
)
_TOGETHER = Phrase("Strongest co-occurrences:", "最强的共现：")
_PAIR = Phrase(
    "{a} + {b}: {both} with both, {lift} times what chance gives; phi {phi:+.2f}.",
    "{a} + {b}：同时具有的 {both}，是随机期望的 {lift} 倍；phi {phi:+.2f}。",
)
_APART = Phrase(
    "{a} and {b} avoid each other: {both} with both, {expected} expected by chance; "
    "phi {phi:+.2f}.",
    "{a} 与 {b} 互相排斥：同时具有的 {both}，随机期望为 {expected}；phi {phi:+.2f}。",
)
_INDEPENDENT = Said(
    "No two labels go together, or avoid each other, beyond what chance explains.",
    "没有两个标签的共现或互斥超出偶然。",
)


@final
@dataclass(frozen=True)
class Pair:
    """Two labels, by their places, and how they go together."""

    first: int
    second: int
    both: int  # rows with both
    expected: float  # rows with both if they were independent
    phi: float

    @property
    def lift(self) -> float:
        """Rows with both over those expected."""
        return self.both / self.expected


def pairs(hot: Float[ndarray, "n l"]) -> list[Pair]:
    """Pairs of labels whose phi is not explained by chance, the surest first.

    ``hot`` holds 0, 1 and NaN for unknown.

    >>> hot = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 0, 0]] * 25, float)
    >>> [(p.first, p.second, p.both, round(p.phi, 2)) for p in pairs(hot)]
    [(0, 1, 50, 1.0)]
    """
    known = (~np.isnan(hot)).astype(np.float64)
    ones = (np.nan_to_num(hot) > 0.5).astype(np.float64)
    i, j = np.triu_indices(hot.shape[1], 1)
    n = (known.T @ known)[i, j]  # rows in which both are known
    each = ones.T @ known  # of these, rows with the first
    a, b, both = each[i, j], each[j, i], (ones.T @ ones)[i, j]
    varying = np.flatnonzero((n > 3) & (a > 0) & (a < n) & (b > 0) & (b < n))
    i, j, n, a, b, both = (v[varying] for v in (i, j, n, a, b, both))
    expected = a * b / n
    scale = np.sqrt(a * (n - a) * b * (n - b)) / n
    sure = (_nearer(both, expected) - expected) / scale
    sure[np.maximum(both, expected) < LEAST] = 0
    order = np.argsort(-np.abs(sure), kind="stable")
    return [
        Pair(
            first=int(i[k]),
            second=int(j[k]),
            both=int(both[k]),
            expected=float(expected[k]),
            phi=float((both[k] - expected[k]) / scale[k]),
        )
        for k in order[: int((sure != 0).sum())]
    ]


def _nearer(
    count: Float[ndarray, " p"], expected: Float[ndarray, " p"]
) -> Float[ndarray, " p"]:
    """The end of a count's interval that is nearer to ``expected``, or ``expected``."""
    middle, half = count + Z**2 / 2, Z * np.sqrt(count + Z**2 / 4)
    return np.asarray(np.clip(expected, middle - half, middle + half))


def told(labels: list[str], truth: Tensor) -> Said:
    """A multi-label target (n, L) in words."""
    cells = truth.double().cpu().numpy()
    known = ~np.isnan(cells)
    hot = np.nan_to_num(cells) > 0.5
    each, of = hot.sum(0), known.sum(0)
    sizes = hot.sum(1)
    sets, times = np.unique(hot, axis=0, return_counts=True)
    often = [labels[k] for k in np.flatnonzero(sets[times.argmax()])]
    cardinality = float(sizes.mean())
    parts = [
        _SETS(
            rows=ROWS(len(hot)),
            labels=len(labels),
            cardinality=number(cardinality),
            density=percent(cardinality / len(labels)),
            sets=f"{len(sets):,}",
            often=" + ".join(often) if often else _NO_LABEL_SET,
            share=percent(times.max() / len(hot)),
        ),
        _SIZES(
            none=percent((sizes == 0).mean()),
            one=percent((sizes == 1).mean()),
            more=percent((sizes > 1).mean()),
        ),
    ]
    if not known.all():
        parts.append(_UNKNOWN(share=percent(1 - known.mean())))
    lines = [joined(parts), joined(_frequencies(labels, each, of))]
    lines += _pairs(labels, cells)
    return joined(lines, "\n", "\n")


def _frequencies(labels: list[str], each: ndarray, of: ndarray) -> list[Said]:
    order = np.argsort(-each, kind="stable")
    shown = [
        _LABEL(
            label=labels[k], count=int(each[k]), share=percent(each[k] / max(1, of[k]))
        )
        for k in order[:MOST_LABELS]
    ]
    said = joined(shown, ", ", "、")
    if len(labels) > MOST_LABELS:
        said = _MORE(labels=said, n=len(labels) - MOST_LABELS)
    parts = [_FREQUENT(labels=said)]
    least = int(order[-1])
    if each[least] < FEW:
        parts.append(_FEW(label=labels[least], rows=ROWS(int(each[least]))))
    empty = 1 - each.sum() / max(1, of.sum())
    if empty > 0.9:
        parts.append(_EMPTY_SCORE(share=percent(empty)))
    return parts


def _pairs(labels: list[str], cells: ndarray) -> list[Said]:
    if not 1 < len(labels) <= MOST_MATRIX:
        return []
    found = pairs(cells)
    if not found:
        return [_INDEPENDENT]
    together = [p for p in found if p.phi > 0][:MOST_PAIRS]
    lines = []
    if together:
        lines = [_TOGETHER()]
        lines += [
            _PAIR(
                a=labels[p.first],
                b=labels[p.second],
                both=ROWS(p.both),
                lift=number(p.lift),
                phi=p.phi,
            )
            for p in together
        ]
    if apart := [p for p in found if p.phi < 0][:1]:
        p = apart[0]
        lines.append(
            _APART(
                a=labels[p.first],
                b=labels[p.second],
                both=ROWS(p.both),
                expected=number(round(p.expected, 1)),
                phi=p.phi,
            )
        )
    return lines
