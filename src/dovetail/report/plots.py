"""The figures of a report: curves, confusion, predicted against true, labels.

Each function takes the data of ``metrics.json`` or ``history.jsonl`` and gives an SVG
element, or None where there is nothing to draw. matplotlib is imported when one draws.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dovetail.report._text import cut, percent, width
from dovetail.report.svg import (
    ACCENT,
    INK,
    LINE,
    MUTED,
    ON_FILL,
    SERIES,
    Drawing,
    quiet,
    style,
)

MOST_CLASSES = 30  # drawn; metrics.json counts more
MOST_LABELS = 30
WHOLE = (None, "all")  # the fold of a model that is no fold's
SCATTER_BELOW = 400  # points; more are binned into hexagons
_LETTER = 5.4  # points; width of a letter of a label, generously


def curves(
    history: Sequence[Mapping[str, Any]], metric: str, best_epoch: int | None
) -> str | None:
    """Training loss and the tune metric for each epoch; folds are thin lines.

    So are the members of an ensemble, whose median best epoch is marked.
    """
    panels = [("training loss", "loss")]
    if any(line.get(metric) is not None for line in history):
        panels.append((f"{metric} on the tune rows", metric))
    if not any(line.get("loss") is not None for line in history):
        return None
    with style():
        drawing = Drawing("curves", 640, 230)
        room = (640 - 8) / len(panels)
        for i, (title, key) in enumerate(panels):
            axes: Any = drawing.axes(44 + i * room, 36, room - 60, 164)
            quiet(axes, grid="y")
            axes.set_title(title)
            axes.set_xlabel("epoch")
            axes.xaxis.get_major_locator().set_params(integer=True, nbins=7)
            axes.yaxis.get_major_locator().set_params(nbins=5)
            axes.yaxis.set_major_formatter(_tick)
            _lines(axes, history, key)
            if key == metric and best_epoch:
                _mark_best(axes, history, key, best_epoch)
        return drawing.svg(f"Learning curve: training loss and {metric} for each epoch")


def _lines(axes: Any, history: Sequence[Mapping[str, Any]], key: str) -> None:
    by_run: dict[Any, list[tuple[int, float]]] = {}
    for line in history:
        if line.get(key) is not None:
            pair = (line["epoch"], line[key])
            run = (line.get("fold"), line.get("member"))
            by_run.setdefault(run, []).append(pair)
    alone = len({fold for fold, _ in by_run}) == 1
    for (fold, member), pairs in by_run.items():
        epochs, values = zip(*sorted(pairs), strict=True)
        thin = fold not in WHOLE or (alone and member is not None)
        axes.plot(
            epochs,
            values,
            color=SERIES,
            linewidth=0.9 if thin else 1.8,
            alpha=0.6 if thin else 1.0,
            marker="o" if len(epochs) == 1 else None,
            markersize=4,
        )


def _mark_best(
    axes: Any, history: Sequence[Mapping[str, Any]], key: str, best: int
) -> None:
    axes.axvline(best, color=ACCENT, linewidth=1, linestyle=(0, (4, 3)))
    at_best = [
        line[key]
        for line in history
        if line["epoch"] == best and line.get(key) is not None
    ]
    if len(at_best) == 1:
        axes.plot([best], at_best, color=ACCENT, marker="o", markersize=5)
    low, high = axes.get_xlim()
    right = best < (low + high) / 2
    several = any(line.get("member") for line in history)
    axes.annotate(
        f"{'median best' if several else 'best'}: epoch {best}",
        (best, 0.97),
        xycoords=("data", "axes fraction"),
        xytext=(5 if right else -5, 0),
        textcoords="offset points",
        ha="left" if right else "right",
        va="top",
        color=ACCENT,
    )


def confusion(labels: Sequence[Any], counts: Sequence[Sequence[int]]) -> str | None:
    """True classes down, decisions across; shade is the share of the true class.

    Of more than ``MOST_CLASSES`` classes the most frequent ones are drawn.
    """
    table = np.asarray(counts)
    kept = most_frequent(table)
    names = [cut(str(labels[i]), 22) for i in kept]
    table = table[np.ix_(kept, kept)]
    totals = np.asarray(counts).sum(axis=1)[kept]
    n = len(kept)
    cell = min(64.0, max(17.0, 330.0 / n))
    font = 9.0 if cell >= 20 else 7.5
    room = max(map(width, names)) * font * 0.6
    level = room < cell - 4
    left, top = 26 + room, 40.0 if level else 26 + room
    with style():
        size = n * cell
        drawing = Drawing("confusion", left + size + 8, top + size + 8)
        axes: Any = drawing.axes(left, 8, size, size)
        axes.set(xlim=(0, n), ylim=(n, 0))
        quiet(axes)
        axes.spines[:].set_visible(False)
        axes.set(xticks=[], yticks=[])
        small = 9.0 if cell >= 34 else 7.5 if cell >= 22 else 6.0
        for row, column in zip(*np.nonzero(table), strict=True):
            share = table[row, column] / totals[row]
            _cell(axes, row, column, share, int(table[row, column]), small)
        _cell_lines(axes, n)
        for i, name in enumerate(names):
            beside = axes.text(
                -0.12, i + 0.5, "", ha="right", va="center", fontsize=font
            )
            drawing.put(beside, name)
            above = axes.text(
                i + 0.5,
                -0.12,
                "",
                ha="center" if level else "left",
                va="bottom" if level else "center",
                fontsize=font,
                rotation=0 if level else 90,
                rotation_mode="anchor",
            )
            drawing.put(above, name)
        drawing.figure.text(
            (left + size / 2) / drawing.width, 1 - 9 / drawing.height,
            "decided", ha="center", va="center", color=MUTED,
        )  # fmt: skip
        drawing.figure.text(
            9 / drawing.width, (8 + size / 2) / drawing.height,
            "true", ha="center", va="center", color=MUTED, rotation=90,
            rotation_mode="anchor",
        )  # fmt: skip
        return drawing.svg("Confusion matrix: true classes down, decisions across")


def most_frequent(counts: Any) -> list[int]:
    """Numbers of the ``MOST_CLASSES`` most frequent true classes, in their order."""
    totals = np.asarray(counts).sum(axis=1)
    return sorted(np.argsort(-totals, kind="stable")[:MOST_CLASSES].tolist())


def _cell(
    axes: Any, row: int, column: int, share: float, count: int, size: float
) -> None:
    from matplotlib.patches import Rectangle

    colour = SERIES if row == column else ACCENT
    axes.add_patch(
        Rectangle((column, row), 1, 1, color=colour, alpha=0.06 + 0.94 * share, lw=0)
    )
    axes.text(
        column + 0.5,
        row + 0.5,
        f"{count / 1000:.0f}k" if count >= 10_000 else str(count),
        ha="center",
        va="center",
        fontsize=size,
        color=ON_FILL if share > 0.5 else INK,
    )


def _cell_lines(axes: Any, n: int) -> None:
    axes.hlines(range(n + 1), 0, n, color=LINE, linewidth=0.6, clip_on=False)
    axes.vlines(range(n + 1), 0, n, color=LINE, linewidth=0.6, clip_on=False)


def points(
    column: str, true: Sequence[float], predicted: Sequence[float], number: int
) -> str | None:
    """Predicted against true: on the diagonal a prediction is right."""
    if not len(true):
        return None
    x, y = np.asarray(true, float), np.asarray(predicted, float)
    finite = np.isfinite(x) & np.isfinite(y)
    x, y = x[finite], y[finite]
    low, high = float(min(x.min(), y.min())), float(max(x.max(), y.max()))
    # Float spacing is coarse around large equal values; no range may vanish.
    pad = 0.03 * (high - low) or max(1.0, abs(high)) * 0.05
    ends = (low - pad, high + pad)
    with style():
        drawing = Drawing(f"points{number}", 330, 330)
        axes: Any = drawing.axes(62, 44, 256, 256)
        quiet(axes)
        axes.set(xlim=ends, ylim=ends, xlabel="true", ylabel="predicted")
        for axis in (axes.xaxis, axes.yaxis):
            axis.get_major_locator().set_params(nbins=5)
            axis.set_major_formatter(_tick)
        axes.plot(ends, ends, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
        if len(x) < SCATTER_BELOW:
            axes.scatter(x, y, s=14, color=SERIES, alpha=0.55, linewidths=0)
        else:
            _hexagons(axes, x, y, ends)
        drawing.put(axes.set_title("."), cut(column, 44))
        return drawing.svg(f"Predicted against true values of {column}")


def _hexagons(axes: Any, x: Any, y: Any, ends: tuple[float, float]) -> None:
    from matplotlib.colors import to_rgba

    bins = axes.hexbin(x, y, gridsize=34, mincnt=1, extent=(*ends, *ends), linewidths=0)
    counts = np.asarray(bins.get_array(), float)
    # The square root keeps single points visible beside a crowd.
    shade = 0.18 + 0.82 * np.sqrt(counts / counts.max())
    bins.set_array(None)
    bins.set_facecolor([to_rgba(SERIES, s) for s in shade])
    bins.set_edgecolor("none")


def label_bars(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """F1 of each label as a bar, precision and recall as marks, frequent ones first."""
    shown = sorted(rows, key=lambda row: -row["positives"])[:MOST_LABELS]
    if not shown:
        return None
    names = [cut(str(row["label"]), 28) for row in shown]
    left = 12 + _LETTER * max(map(width, names))
    step = 19.0
    height = step * len(shown)
    with style():
        drawing = Drawing("labels", left + 430, height + 56)
        axes: Any = drawing.axes(left, 30, 360, height)
        quiet(axes, grid="x")
        axes.spines[:].set_visible(False)
        axes.set(xlim=(0, 1), ylim=(len(shown), 0), yticks=[])
        places = np.arange(len(shown)) + 0.5
        axes.barh(places, _column(shown, "f1"), 0.62, color=SERIES, alpha=0.75)
        marks: dict[str, Any] = {"linestyle": "none", "markersize": 5, "clip_on": False}
        axes.plot(
            _column(shown, "precision"), places, marker="D", color=ACCENT, **marks
        )
        axes.plot(
            _column(shown, "recall"), places, marker="o", color=INK, mfc="none", **marks
        )
        for i, (name, row) in enumerate(zip(names, shown, strict=True)):
            artist = axes.text(-0.015, i + 0.5, "", ha="right", va="center")
            drawing.put(artist, name)
            axes.text(1.03, i + 0.5, f"{row['positives']:,}", va="center", color=MUTED)
        axes.text(1.03, -0.35, "positives", va="center", color=MUTED)
        _legend(axes, height)
        return drawing.svg("F1, precision and recall of each label")


def _tick(value: float, _: int | None = None) -> str:
    """
    >>> _tick(250000.0), _tick(0.30000000000000004), _tick(-2e6)
    ('250k', '0.3', '-2M')
    """
    for size, unit in ((1e6, "M"), (1e3, "k")):
        if 10_000 <= abs(value) < 1e12 and abs(value) >= size:
            return f"{value / size:.6g}{unit}"
    return f"{value:.6g}"


def _legend(axes: Any, height: float) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles = [
        Patch(color=SERIES, alpha=0.75, label="F1"),
        Line2D([], [], color=ACCENT, marker="D", ls="none", ms=5, label="precision"),
        Line2D([], [], color=INK, marker="o", mfc="none", ls="none", ms=5,
               label="recall"),
    ]  # fmt: skip
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.0 + 4 / height),
        ncols=3,
        frameon=False,
        borderaxespad=0,
        borderpad=0,
        handlelength=1.2,
        columnspacing=1.6,
    )


def _column(rows: Sequence[Mapping[str, Any]], key: str) -> list[float]:
    return [math.nan if row[key] is None else float(row[key]) for row in rows]


def confused_pairs(
    labels: Sequence[Any], counts: Sequence[Sequence[int]], most: int = 12
) -> list[tuple[str, str, int, str]]:
    """The most frequent mistakes: true class, decided class, rows, share of the class.

    >>> confused_pairs(["a", "b"], [[8, 2], [0, 5]])
    [('a', 'b', 2, '20 %')]
    """
    table = np.asarray(counts)
    totals = table.sum(axis=1)
    wrong = table * (1 - np.eye(len(table), dtype=table.dtype))
    found: list[tuple[str, str, int, str]] = []
    for cell in np.argsort(-wrong, axis=None, kind="stable")[:most].tolist():
        i, j = divmod(cell, len(table))
        if wrong[i, j] > 0:
            share = percent(wrong[i, j] / totals[i])
            found.append((str(labels[i]), str(labels[j]), int(wrong[i, j]), share))
    return found
