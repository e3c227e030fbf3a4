"""Numbers and lists as a reader wants them."""

import math
import unicodedata
from collections.abc import Iterable
from typing import Any

from dovetail._phrases import Said


def number(value: float | None) -> str:
    """Four significant digits, thousands grouped; a dash for what does not exist.

    >>> number(0.284123), number(206855.8), number(32561), number(None)
    ('0.2841', '206,856', '32,561', '–')
    """
    if value is None or math.isnan(value):
        return "–"
    if isinstance(value, int) or (abs(value) >= 1000 and abs(value) < 1e15):
        return f"{value:,.0f}"
    return f"{value:.4g}"


def percent(share: float) -> Said:
    """A share with three significant digits at most and no false precision.

    >>> percent(0.2409), percent(0.00042), percent(1.0), percent(0.5).zh
    ('24.1 %', '0.042 %', '100 %', '50%')
    """
    value = 100 * share
    text = f"{value:.1f}" if value >= 0.1 or value == 0 else f"{value:.2g}"
    text = text.removesuffix(".0")
    return Said(f"{text} %", f"{text}%")


def several(count: int, word: str, plural: str = "") -> str:
    """
    >>> several(1, "row"), several(2000, "row"), several(2, "class", "classes")
    ('1 row', '2,000 rows', '2 classes')
    """
    return f"{count:,} {word if count == 1 else plural or word + 's'}"


def call(name: str, values: Iterable[tuple[str, Any]]) -> str:
    """A value as one would write it; what is off (None, zero) is left out.

    >>> call("Huber", [("delta", 1.0), ("weight", None)])
    'Huber(delta=1.0)'
    """
    told = [f"{k}={_value(v)}" for k, v in values if v is not None and v != 0]
    return f"{name}({', '.join(told)})" if told else name


def width(text: str) -> int:
    """Columns of a terminal, or halves of a square: wide letters count two.

    >>> width("abc"), width("日本")
    (3, 4)
    """
    return sum(
        0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF")
        for c in text
    )


def cut(text: str, most: int) -> str:
    """At most ``most`` columns wide, an ellipsis where something is missing.

    >>> cut("a long label", 7), cut("short", 7)
    ('a long…', 'short')
    """
    if width(text) <= most:
        return text
    kept = ""
    for letter in text:
        if width(kept + letter) > most - 1:
            break
        kept += letter
    return kept + "…"


def _value(value: Any) -> str:
    if isinstance(value, list | tuple) and len(value) > 4:
        return f"[{', '.join(map(repr, value[:3]))}, ... {len(value)} values]"
    return repr(list(value)) if isinstance(value, tuple) else repr(value)
