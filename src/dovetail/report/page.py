"""The report: one HTML file with everything in it.

No script, no request to anywhere (a content security policy says so), figures inline
as SVG whose text is text. It follows the reader's light or dark mode, prints, and fits
a phone. Whatever comes from data is escaped where it is put in.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from typing import Any

from dovetail._phrases import listed
from dovetail.report import plots
from dovetail.report._text import number, percent, several
from dovetail.tasks import Task

MOST_LABEL_ROWS = 200
MOST_POINT_FIGURES = 8

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'"


def page(
    task: Task,
    document: Mapping[str, Any],
    history: Sequence[Mapping[str, Any]],
    columns: Sequence[Sequence[str]],
    chain: Sequence[tuple[str, str]],
    config: Mapping[str, Any],
) -> str:
    """The report of a fit.

    ``document`` is that of ``metrics.json``, ``history`` the lines of
    ``history.jsonl``, ``columns`` the rows of ``schema.describe()``, ``chain`` the
    links of ``report.chain``, ``config`` every resolved choice.
    """
    title = f"{type(task).__name__}: {listed(list(document['target']), 3)}"
    parts = [
        f'<p class="kicker">dovetail report</p><h1>{_text(title)}</h1>',
        _headline(document),
        _warnings(document.get("warnings", ())),
        _section("The chain", _chain(chain)),
        _section("Scores", _metrics(document)),
        _section("Learning curve", _curves(document, history)),
        *_figures(document.get("figures", {})),
        _section("Columns", _columns(columns)),
        _section("Every choice", _config(config)),
    ]
    style = files("dovetail.report").joinpath("page.css").read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_text(title)}</title>\n<style>\n{style}</style>\n</head>\n"
        "<body>\n<main>\n" + "\n".join(p for p in parts if p) + "\n</main>\n"
        "</body>\n</html>\n"
    )


# -- headline -------------------------------------------------------------------------


def _headline(document: Mapping[str, Any]) -> str:
    metric, score = document["metric"], document.get("score")
    detail = document.get("metrics", {}).get(metric, {})
    baseline = document.get("baseline")
    better = "higher" if document.get("higher_is_better") else "lower"
    told = [f"Measured on {_measured_on(document)}."]
    if baseline is not None and score is not None:
        told.append(
            f"The best answer that ignores the inputs reaches {number(baseline)}; "
            f"{_against(score, baseline, better)}."
        )
    return (
        '<div class="headline"><div class="score">'
        f"<b>{number(score)}</b>{_text(metric)}, {better} is better</div>"
        f"{_ruler(score, detail.get('low'), detail.get('high'), baseline)}"
        f'<p class="told">{_text(" ".join(told))}</p></div>'
    )


def _measured_on(document: Mapping[str, Any]) -> str:
    rows = document.get("rows", {}).get("score")
    count = several(rows, "row") if rows else "rows"
    if document.get("folds"):
        told = f"{count}, each scored by a model that had not seen it"
    else:
        told = f"{count} on which nothing was chosen"
    return f"{told} ({document['rule']})" if document.get("rule") else told


def _against(score: float, baseline: float, better: str) -> str:
    if score == baseline:
        return "the model is no better"
    won = (score > baseline) == (better == "higher")
    if not won:
        return "the model is worse than that"
    if baseline > 0 and score >= 0:
        change = abs(score - baseline) / baseline
        if change < 10:
            return f"the model is {percent(change)} {better}"
    return "the model is better"


def _ruler(
    score: float | None, low: float | None, high: float | None, baseline: float | None
) -> str:
    """Score, interval and baseline on one line."""
    values = [v for v in (score, low, high, baseline) if v is not None]
    if score is None or len(values) < 2:
        return '<div class="ruler"></div>'
    least, most = min(values), max(values)
    span = (most - least) or abs(most) or 1.0
    start, span = least - 0.08 * span, 1.16 * span

    def at(value: float) -> float:
        return round(100 * (value - start) / span, 2)

    def label(value: float, kind: str, text: str) -> str:
        side = " at-left" if at(value) < 25 else " at-right" if at(value) > 75 else ""
        return f'<span class="{kind}{side}" style="left:{at(value)}%">{text}</span>'

    marks = '<i class="axis"></i>'
    told = number(score)
    if low is not None and high is not None:
        wide = round(at(high) - at(low), 2)
        marks += f'<i class="band" style="left:{at(low)}%;width:{wide}%"></i>'
        told = f"95 % interval {number(low)} to {number(high)}"
    if baseline is not None:
        marks += f'<i class="base" style="left:{at(baseline)}%"></i>'
        marks += label(baseline, "of-base", f"baseline {number(baseline)}")
    marks += f'<i class="dot" style="left:{at(score)}%"></i>'
    marks += label(score, "of-dot", told)
    return f'<div class="ruler"><div class="track">{marks}</div></div>'


# -- sections -------------------------------------------------------------------------


def _warnings(warnings: Iterable[str]) -> str:
    items = "".join(f"<li>{_text(w)}</li>" for w in warnings)
    if not items:
        return ""
    return (
        f'<aside class="warnings"><h2>Look at this first</h2><ul>{items}</ul></aside>'
    )


def _chain(chain: Iterable[tuple[str, str]]) -> str:
    links = "".join(
        f"<div><dt>{_text(heading)}</dt><dd>{_text(text)}</dd></div>"
        for heading, text in chain
        if heading not in ("Warning", "Result")  # they stand at the top of the page
    )
    return f'<dl class="chain">{links}</dl>' if links else ""


def _metrics(document: Mapping[str, Any]) -> str:
    rows = []
    for name, found in document.get("metrics", {}).items():
        low, high = found.get("low"), found.get("high")
        interval = "–" if low is None else f"{number(low)} to {number(high)}"
        arrow = "↑ higher" if found.get("higher_is_better") else "↓ lower"
        first = ' class="first"' if name == document["metric"] else ""
        rows.append(
            f'<tr{first}><th scope="row">{_text(name)}</th>'
            f'<td class="n">{number(found.get("value"))}</td>'
            f'<td class="n">{interval}</td>'
            f'<td class="n">{number(found.get("baseline"))}</td><td>{arrow}</td></tr>'
        )
    heads = ("metric", "value", "95 % interval", "baseline", "better")
    caption = (
        "The baseline is the same metric for the best answer that ignores the inputs. "
        "Intervals are bootstrapped over rows; they do not cover another training run."
    )
    if not rows:
        return ""
    return _table(heads, rows, caption, numeric=(1, 2, 3), kind="scores")


def _curves(document: Mapping[str, Any], history: Sequence[Mapping[str, Any]]) -> str:
    best = document.get("best_epoch")
    drawn = plots.curves(history, document["metric"], best)
    if drawn is None:
        return ""
    told = "Training loss is the running mean over an epoch, while weights still move."
    folds = {line.get("fold") for line in history}
    if folds - set(plots.WHOLE):
        told += " Thin lines are the folds"
        told += ", the thick one the last model." if folds & {"all"} else "."
    if any(line.get("member") for line in history):
        told += " Each member has a line of its own."
    return _figure(drawn, told)


def _figures(found: Mapping[str, Any]) -> list[str]:
    if "confusion" in found:
        return [_section("Confusion", _confusion(**found["confusion"]))]
    if "points" in found:
        return [_section("Predicted against true", _points(found["points"]))]
    if "labels" in found:
        return [_section("Labels", _labels(found["labels"]))]
    return []


def _confusion(labels: Sequence[Any], counts: Sequence[Sequence[int]]) -> str:
    drawn = plots.confusion(labels, counts)
    if drawn is None:
        return ""
    told = (
        "A row for each true class; shade is its share of the row, blue where the "
        "decision is right."
    )
    if len(labels) > plots.MOST_CLASSES:
        told += (
            f" The {plots.MOST_CLASSES} most frequent of {len(labels)} classes are "
            "drawn."
        )
    text = _figure(drawn, told)
    pairs = plots.confused_pairs(labels, counts) if len(labels) > 2 else []
    if pairs:
        rows = [
            f"<tr><td>{_text(true)}</td><td>{_text(decided)}</td>"
            f'<td class="n">{rows:,}</td><td class="n">{share}</td></tr>'
            for true, decided, rows, share in pairs
        ]
        heads = ("true", "decided", "rows", "share of the class")
        table = _table(heads, rows, "", numeric=(2, 3))
        text += f"<details><summary>Most frequent mistakes</summary>{table}</details>"
    return text


def _points(points: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    shown = list(points.items())[:MOST_POINT_FIGURES]
    drawn = [
        plots.points(column, pairs["true"], pairs["predicted"], i)
        for i, (column, pairs) in enumerate(shown)
    ]
    told = "On the dashed diagonal a prediction is right; darker means more rows."
    if len(points) > len(shown):
        told += f" The first {len(shown)} of {len(points)} target columns are drawn."
    inner = "".join(f'<div class="scroll">{svg}</div>' for svg in drawn if svg)
    return (
        f'<figure><div class="pair">{inner}</div>'
        f"<figcaption>{_text(told)}</figcaption></figure>"
    )


def _labels(labels: Sequence[Mapping[str, Any]]) -> str:
    drawn = plots.label_bars(labels)
    if drawn is None:
        return ""
    told = "Labels with most positive rows first."
    if len(labels) > plots.MOST_LABELS:
        told += f" {plots.MOST_LABELS} of {len(labels)} labels are drawn."
    rows = [
        f'<tr><th scope="row">{_text(row["label"])}</th>'
        f'<td class="n">{row["positives"]:,}</td>'
        + "".join(
            f'<td class="n">{number(row[key])}</td>'
            for key in ("precision", "recall", "f1")
        )
        + "</tr>"
        for row in labels[:MOST_LABEL_ROWS]
    ]
    heads = ("label", "positives", "precision", "recall", "F1")
    caption = (
        f"The first {MOST_LABEL_ROWS} of {len(labels)} labels; metrics.json has all."
        if len(labels) > MOST_LABEL_ROWS
        else "A dash is 0 / 0: no such row, or none decided."
    )
    table = _table(heads, rows, caption, numeric=(1, 2, 3, 4))
    every = f"<details><summary>All numbers</summary>{table}</details>"
    return _figure(drawn, told) + every


def _columns(columns: Sequence[Sequence[str]]) -> str:
    rows = []
    for name, kind, reason, encoding in columns:
        aside = ' class="aside"' if kind == "set aside" else ""
        cells = "".join(f"<td{aside}>{_text(v)}</td>" for v in (kind, reason, encoding))
        rows.append(f'<tr><th scope="row">{_text(name)}</th>{cells}</tr>')
    if not rows:
        return ""
    heads = ("column", "kind", "because", "becomes")
    return _table(heads, rows, "", kind="columns")


def _config(config: Mapping[str, Any]) -> str:
    rows = [
        f'<tr><th scope="row">{_text(key)}</th>'
        f"<td><code>{_text(value)}</code></td></tr>"
        for key, value in _flat(config)
    ]
    if not rows:
        return ""
    table = _table(("choice", "value"), rows, "")
    count = several(len(rows), "choice")
    return f"<details open><summary>{count}</summary>{table}</details>"


# -- elements -------------------------------------------------------------------------


def _text(value: Any) -> str:
    # A number and its percent sign stay on one line.
    return html.escape(re.sub(r"(\d) %", "\\1\u00a0%", str(value)))


def _section(title: str, body: str) -> str:
    return f"<section>\n<h2>{_text(title)}</h2>\n{body}\n</section>" if body else ""


def _figure(svg: str, caption: str) -> str:
    return (
        f'<figure><div class="scroll">{svg}</div>'
        f"<figcaption>{_text(caption)}</figcaption></figure>"
    )


def _table(
    heads: Sequence[str],
    rows: Sequence[str],
    caption: str,
    *,
    numeric: Sequence[int] = (),
    kind: str = "",
) -> str:
    cells = "".join(
        f'<th scope="col"{" class=n" if i in numeric else ""}>{_text(head)}</th>'
        for i, head in enumerate(heads)
    )
    told = f"<caption>{_text(caption)}</caption>" if caption else ""
    named = f' class="{kind}"' if kind else ""
    return (
        f'<div class="scroll"><table{named}>{told}<thead><tr>{cells}</tr></thead>\n'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """``{"optimizer": {"lr": 1}}`` as ``optimizer.lr``, sorted."""
    found = []
    for key, value in sorted(values.items()):
        if isinstance(value, Mapping) and value:
            found += _flat(value, f"{prefix}{key}.")
        else:
            found.append((f"{prefix}{key}", _plain(value)))
    return found


def _plain(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, list | tuple):
        return listed([str(v) for v in value], 40) if value else "none"
    return str(value)
