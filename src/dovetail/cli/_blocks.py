"""The results in a few lines of plain text, for people."""

import math
import shlex
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dovetail.cli._output import style

WIDTH = 88


def fit_block(
    summary: Mapping[str, Any],
    *,
    target: Sequence[str],
    why: str,
    test: str | None,
) -> str:
    """What a fit came to: task, score against baseline, warnings, where, what next."""
    named = ", ".join(target) if len(target) <= 4 else f"{len(target)} columns"
    lines = [f"{_bold(str(summary['task']))} for {named}"]
    if why:
        lines += _wrapped(why)
    lines += ["", *_score(summary), *_said("Note", summary.get("notes", ()))]
    lines += _said("Warning", summary.get("warnings", ()))
    folder = str(summary["folder"])
    quoted, rows = shlex.quote(folder), shlex.quote(test or "NEW.csv")
    lines += [
        "",
        f"Model   {folder}",
        f"Report  {folder}/report.html",
        "",
        "Next",
        f"  dovetail predict {quoted} {rows} --out predictions.csv",
        f"  dovetail evaluate {quoted} {rows}",
    ]
    return "\n".join(lines)


def evaluate_block(document: Mapping[str, Any]) -> str:
    """The metrics as an aligned table, the first being the task's own."""
    rows = [("metric", "value", "95 % interval", "baseline")]
    for name, metric in document["metrics"].items():
        rows.append(
            (
                name,
                number(metric["value"]),
                _interval(metric["low"], metric["high"], metric["value"]),
                number(metric["baseline"]),
            )
        )
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    missing = document["missing_target"]
    aside = f" ({missing:,} without a target left out)" if missing else ""
    lines = [f"{_bold(document['task'])}, {document['rows']:,} rows{aside}", ""]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [
            cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def number(value: float | None, like: float | None = None) -> str:
    """Four digits that count, or as many places as ``like`` has; a dash for no number.

    >>> number(0.27), number(48213.7), number(None), number(0.0000123)
    ('0.2700', '48,214', '-', '1.230e-05')
    >>> number(0.001844, like=0.0149)
    '0.00184'
    """
    if value is None or not math.isfinite(value):
        return "-"
    model = value if like is None or not math.isfinite(like) else like
    if value == 0 or model == 0:
        return f"{value:.4g}"
    magnitude = math.floor(math.log10(abs(model)))
    if magnitude < -4:
        return f"{value:.3e}"
    return f"{value:,.{max(0, 3 - magnitude)}f}"


def _score(summary: Mapping[str, Any]) -> list[str]:
    better = "higher" if summary.get("higher_is_better") else "lower"
    low, high = summary.get("interval") or (None, None)
    interval = _interval(low, high, summary["score"])
    scored = summary["parts"]["score"]
    spread = f"  (95 %: {interval})" if interval else ""
    metric = str(summary["metric"])
    width = max(len(metric), len("baseline"))
    median = "median " if (summary.get("members") or 1) > 1 else ""
    best = f"{median}best epoch {summary['best_epoch']} of {summary['epochs']}"
    if summary.get("stopped") == "time":
        best += ", ended by the time limit (stopped: time)"
    return [
        f"{metric:<{width}}  {_bold(number(summary['score']))}{spread}",
        f"{'baseline':<{width}}  {number(summary['baseline'])}  (the best constant; "
        f"{better} is better)",
        f"{'scored':<{width}}  {scored:,} rows, on which nothing was chosen",
        f"{'trained':<{width}}  {duration(summary['seconds'])}, {best}",
    ]


def duration(seconds: float) -> str:
    """A time for people.

    >>> duration(0.42), duration(75.0), duration(3720)
    ('0.4 s', '1 min 15 s', '1 h 2 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def _interval(low: float | None, high: float | None, value: float | None) -> str:
    if low is None or high is None or not math.isfinite(low + high):
        return ""
    return f"{number(low, value)} to {number(high, value)}"


def _said(word: str, texts: Iterable[str]) -> list[str]:
    lines: list[str] = []
    for text in texts:
        marked = textwrap.wrap(f"{word}: {text}", WIDTH, subsequent_indent="  ")
        if word == "Warning":
            marked[0] = marked[0].replace(
                "Warning:", style("Warning:", "1;33", sys.stdout), 1
            )
        lines += marked
    return ["", *lines] if lines else []


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _bold(text: str) -> str:
    return style(text, "1", sys.stdout)
