"""The chain in words: English in metrics.json, other languages in explain.json.

explain.json holds ``{"zh": [[heading, text], ...]}``, pair for pair what the key
``chain`` of metrics.json says in English. Folders of older versions have no such file.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dovetail._phrases import Said

Pairs = Sequence[Sequence[str]]


def translated(document: Mapping[str, Any]) -> dict[str, list[list[str]]] | None:
    """What explain.json holds, or None where the chain knows English only.

    >>> said = [Said("Task", "任务"), Said("Binary.", "二分类。")]
    >>> translated({"chain": [said]})
    {'zh': [['任务', '二分类。']]}
    """
    pairs: Pairs = document.get("chain", ())
    zh = [[text.zh for text in pair if isinstance(text, Said)] for pair in pairs]
    return {"zh": zh} if zh and all(len(pair) == 2 for pair in zh) else None


def joined(document: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    """``document`` with a chain that knows its Chinese again.

    Raises:
        ValueError: the two files do not tell the same chain.
    """
    told = [
        [Said(en, zh) for en, zh in zip(here, there, strict=True)]
        for here, there in zip(document["chain"], others["zh"], strict=True)
    ]
    return {**document, "chain": told}
