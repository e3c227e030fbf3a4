"""The chain as text for a terminal, in either language."""

import re
from collections.abc import Iterable

from dovetail._phrases import LANGUAGES, Said, in_language
from dovetail.errors import ConfigError
from dovetail.report._text import width as width_of

# No line begins with what closes, none ends with what opens.
_CLOSES = "，。；：、）」》！？%"
_OPENS = "（「《"
_CHINESE = re.compile("[，。；：]")
# A piece that stays on one line: a run of letters without a space, or one wide letter.
_PIECE = re.compile(
    r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]|"
    r"[^\s\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f]+|\s+"
)


def chain_in(chain: Iterable[tuple[str, str]], lang: str) -> list[tuple[str, str]]:
    """The chain in one language, as plain text.

    >>> chain_in([(Said("Task", "任务"), Said("Binary.", "二分类。"))], "zh")
    [('任务', '二分类。')]

    Raises:
        ConfigError: another language than ours, or one that the chain does not know.
    """
    if lang not in LANGUAGES:
        raise ConfigError(
            f"The chain is told in {LANGUAGES[0]!r} or {LANGUAGES[1]!r}, not {lang!r}.",
            fix="choose 'en' for English or 'zh' for Chinese",
        )
    links = list(chain)
    if lang != "en" and not all(isinstance(t, Said) for link in links for t in link):
        raise ConfigError(
            "This model was saved by a version that told its chain in English only.",
            fix="leave lang (--lang) out, explain the data instead, or fit again",
        )
    return [
        (str(in_language(heading, lang)), str(in_language(text, lang)))
        for heading, text in links
    ]


def as_text(chain: Iterable[tuple[str, str]], width: int = 100) -> str:
    """The chain for a terminal: headings on the left, sentences wrapped beside them.

    >>> print(as_text([("Task", "Binary."), ("Loss", "Softplus of the margin.")], 22))
    Task  Binary.
    Loss  Softplus of the
          margin.
    """
    links = list(chain)
    indent = max((width_of(heading) for heading, _ in links), default=0) + 2
    lines = []
    for heading, text in links:
        wrapped = _wrap(text, max(width - indent, 16))
        lines.append(heading + " " * (indent - width_of(heading)) + wrapped[0])
        lines += [" " * indent + line for line in wrapped[1:]]
    return "\n".join(lines)


def _wrap(text: str, room: int) -> list[str]:
    """Lines no wider than ``room`` where words allow; wide letters count two.

    A line that fits keeps its spaces: the columns of a small table stay in place.
    """
    lines: list[str] = []
    for line in text.splitlines() or [""]:
        fits = width_of(line) <= room
        lines += [line] if fits else _broken(_pieces(line), room)
    return lines


def _broken(pieces: list[str], room: int) -> list[str]:
    lines = [""]
    for piece in pieces:
        if lines[-1] and width_of((lines[-1] + piece).rstrip()) > room:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece.lstrip() if not lines[-1] else piece
    return [line.rstrip() for line in lines]


def _pieces(text: str) -> list[str]:
    """Parts between which a line may end; spaces are single.

    Text without Chinese full stops is English and ends lines at spaces alone, also
    where a name in it is Chinese.
    """
    if not _CHINESE.search(text):
        return [f"{word} " for word in text.split()]
    pieces: list[str] = []
    for found in _PIECE.findall(text):
        piece = " " if found.isspace() else found
        # Latin letters within Chinese break at the seam, as wide letters do.
        if pieces and (piece[0] in _CLOSES or pieces[-1][-1] in _OPENS):
            pieces[-1] += piece
        else:
            pieces.append(piece)
    return pieces
