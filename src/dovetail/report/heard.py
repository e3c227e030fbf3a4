"""Notes of layers that speak English only, in Chinese as well.

Reading a file and training hand their notes on as plain text, through checkpoints and
model folders. What they say is known; each sentence stands here once more, with the
places where its values were, and is recognised by them. A sentence that is not known is
told as it is, marked as English.
"""

import re
from functools import cache

from dovetail._phrases import Phrase, Said

_UNKNOWN = Phrase("{text}", "（英文原文：{text}）")

HEARD = (
    # reading
    Phrase(
        "{n} row(s) left out, the first is line {line}",
        "略去 {n} 行，第一处在第 {line} 行",
    ),
    Phrase(
        "{n} line(s) with a broken quotation mark left out, the first is line {line}",
        "略去 {n} 行引号不完整的行，第一处在第 {line} 行",
    ),
    Phrase(
        "{n} line(s) left out, the first is line {line}",
        "略去 {n} 行，第一处在第 {line} 行",
    ),
    Phrase(
        "the row labels of pandas were left out ({names})",
        "略去了 pandas 的行标签（{names}）",
    ),
)


def heard(text: str) -> Said:
    """``text`` as it is where it knows its Chinese; else looked up."""
    if isinstance(text, Said):
        return text
    for phrase in HEARD:
        if found := _pattern(phrase).fullmatch(text.strip()):
            return Said(text, phrase.zh.format(**found.groupdict()))
    return _UNKNOWN(text=text)


@cache
def _pattern(phrase: Phrase) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)[^}]*\}", phrase.en)
    made = [
        f"(?P<{part}>.+?)" if place % 2 else re.escape(part)
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(made), re.DOTALL)
