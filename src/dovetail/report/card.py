"""The model card: what a stranger needs to know before using the model, in Markdown."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dovetail._phrases import listed
from dovetail.report._text import number, several
from dovetail.report.training import result
from dovetail.tasks import Task


def card(
    task: Task,
    document: Mapping[str, Any],
    columns: Sequence[Sequence[str]],
    chain: Sequence[tuple[str, str]],
) -> str:
    """``README.md`` of the model folder; arguments as for ``page``."""
    target = listed([_word(t) for t in document["target"]], 12)
    used = [row for row in columns if row[1] != "set aside"]
    parts = [
        f"# {type(task).__name__}: {target}",
        f"Predicts {target} from {several(len(used), 'column')}; {task.problem}. "
        "A dovetail model (`pip install dovetail-ml`).",
        _quoted(document.get("warnings", ())),
        "## How good it is",
        _line(result(document)),
        _scores(document),
        "## How to use it",
        "```\ndovetail predict FOLDER DATA --out predictions.csv\n"
        "dovetail evaluate FOLDER DATA\n```",
        '```python\nimport dovetail as dt\n\nmodel = dt.load("FOLDER")\n'
        'model.predict("data.csv")\n```',
        "## What it needs",
        _columns(used),
        "## How it was made",
        "\n".join(
            f"- **{heading}.** {_line(text)}"
            for heading, text in chain
            if heading not in ("Warning", "Result")
        ),
        "## What it is not",
        "The scores hold for rows that come about as the training rows did. Where the "
        "world has moved on, or the rows are chosen in another way, measure again with "
        "`dovetail evaluate` before relying on it. It finds what goes together, not "
        "what causes what, and it repeats whatever bias its data has.",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _scores(document: Mapping[str, Any]) -> str:
    lines = []
    for name, found in document.get("metrics", {}).items():
        low, high = found.get("low"), found.get("high")
        interval = "–" if low is None else f"{number(low)} to {number(high)}"
        arrow = "higher" if found.get("higher_is_better") else "lower"
        lines.append(
            f"| {_line(name)} | {number(found.get('value'))} | {interval} | "
            f"{number(found.get('baseline'))} | {arrow} |"
        )
    if not lines:
        return ""
    head = (
        "| metric | value | 95 % interval | baseline | better |\n|---|--:|--:|--:|---|"
    )
    return "\n".join([head, *lines])


def _columns(used: Sequence[Sequence[str]]) -> str:
    if not used:
        return ""
    rows = [
        f"| {_word(name)} | {kind} | {_line(why)} |" for name, kind, why, *_ in used
    ]
    return "\n".join(["| column | kind | in training |\n|---|---|---|", *rows])


def _quoted(warnings: Sequence[str]) -> str:
    return "\n>\n".join(f"> **Warning.** {_line(w)}" for w in warnings)


def _line(text: str) -> str:
    """Text on one line in which nothing is Markdown or HTML."""
    one = " ".join(str(text).split())
    return re.sub(r"([\\`*_\[\]<>|#~!&$])", r"\\\1", one)


def _word(name: str) -> str:
    """A name from the data as code where that can hold it, else escaped."""
    one = " ".join(str(name).split())
    return f"`{one}`" if one and not set(one) & set("`|\\<>&") else _line(one)
