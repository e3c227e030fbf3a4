"""What is told of a fit, in English and in Chinese, side by side.

A ``Phrase`` holds one sentence in both languages with the same placeholders; called
with values it gives a ``Said``: text that is English wherever it is used as text (in
JSON, in errors, in tests) and that knows its Chinese. So whatever layer gives a reason,
it can be read in both languages at the end of the chain.

A value that is itself a ``Said`` is put in in the language of the sentence around it;
any other value (names, labels, numbers) is the same in both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from string import Formatter
from typing import Any, Self, final

LANGUAGES = ("en", "zh")


@final
class Said(str):
    """English text that knows its Chinese.

    >>> text = Said("two classes", "两个类别")
    >>> text, text.zh, in_language(text, "zh"), in_language("age", "zh")
    ('two classes', '两个类别', '两个类别', 'age')
    """

    __slots__ = ("zh",)
    zh: str

    def __new__(cls, en: str, zh: str) -> Self:
        made = super().__new__(cls, en)
        made.zh = str(zh)
        return made

    def __reduce__(self) -> tuple[type["Said"], tuple[str, str]]:
        return Said, (str(self), self.zh)


@final
@dataclass(frozen=True)
class Phrase:
    """A sentence or a part of one, in both languages.

    >>> lost = Phrase("{n:,} of {total:,} cells missing", "{total:,} 格中缺失 {n:,} 格")
    >>> told = lost(n=12, total=5000)
    >>> told, told.zh
    ('12 of 5,000 cells missing', '5,000 格中缺失 12 格')
    """

    en: str
    zh: str

    def __post_init__(self) -> None:
        if self.places(self.en) != self.places(self.zh):
            raise ValueError(f"placeholders differ: {self.en!r} and {self.zh!r}")

    def __call__(self, **values: Any) -> Said:
        there = {k: in_language(v, "zh") for k, v in values.items()}
        return Said(self.en.format(**values), self.zh.format(**there))

    @staticmethod
    def places(text: str) -> set[str]:
        """The names of the placeholders."""
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@final
@dataclass(frozen=True)
class Noun:
    """A thing that is counted.

    >>> row = Noun("row", "rows", "行")
    >>> row(1), row(2000), row(2000).zh
    ('1 row', '2,000 rows', '2,000 行')
    """

    one: str
    many: str
    zh: str

    def __call__(self, count: int) -> Said:
        word = self.one if count == 1 else self.many
        return Said(f"{count:,} {word}", f"{count:,} {self.zh}")


ROWS = Noun("row", "rows", "行")


def in_language(value: Any, lang: str) -> Any:
    """A ``Said`` in this language; any other value as it is."""
    return value.zh if lang == "zh" and isinstance(value, Said) else value


def joined(parts: Iterable[str], en: str = " ", zh: str = "") -> Said:
    """Parts one after the other, empty ones left out.

    >>> joined([Said("One.", "一。"), Said("Two.", "二。")]).zh
    '一。二。'
    """
    kept = [part for part in parts if part]
    return Said(en.join(kept), zh.join(in_language(part, "zh") for part in kept))


def stopped(text: str) -> Said:
    """A full stop at the end, where it lacks one."""
    en, zh = str(text).strip(), str(in_language(text, "zh")).strip()
    if not en:
        return Said("", "")
    end_en = "" if en[-1] in ".!?…。" else "."
    end_zh = "" if zh[-1] in ".!?…。！？" else "。"
    return Said(en + end_en, zh + end_zh)


def sentence(text: str) -> Said:
    """A capital at the beginning, a full stop at the end, where they lack.

    >>> told = sentence(Said("no label", "没有标签"))
    >>> told, told.zh
    ('No label.', '没有标签。')
    """
    told = stopped(text)
    return Said(told[:1].upper() + told[1:], told.zh)


def listed(items: Sequence[str], most: int = 8, zh: str = "、") -> Said:
    """``a, b and c``; beyond ``most`` the rest is counted.

    >>> listed(["a", "b", "c"]), listed(["a", "b", "c"], most=2)
    ('a, b and c', 'a, b and 1 more')
    >>> listed(["a", "b", "c"]).zh, listed(["a", "b", "c"], most=2).zh
    ('a、b、c', 'a、b 等 3 项')
    """
    shown = [str(item) for item in items[:most]]
    chinese = zh.join(in_language(item, "zh") for item in items[:most])
    if len(items) > most:
        shown.append(f"{len(items) - most:,} more")
        chinese += f" 等 {len(items):,} 项"
    last = " and ".join([", ".join(shown[:-1]), shown[-1]] if shown[1:] else shown)
    return Said(last, chinese)
