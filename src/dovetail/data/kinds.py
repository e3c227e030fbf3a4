"""What kind of thing a column holds, read from all of its cells.

    kind         used as                          read from
    number       one number                       integers, floats
    boolean      one number, -1 or 1              true/false, two words such as yes/no
    category     one embedding                    text whose values repeat
    datetime     time, month, weekday, hour       dates, times, ISO 8601 text
    text         set aside                        text, mostly distinct, several words;
                                                  dates of which the day is not clear
    identifier   set aside                        row numbers, UUIDs, text that nearly
                                                  always differs
    constant     set aside                        one value, or none
    list         set aside                        lists, structs, binary

Integers with few values stay numbers: whether 1, 2, 3 are codes or sizes does not show
in the column, and piecewise-linear encodings serve both. ``--kind COL=category`` says
otherwise. Floats and date-times are never identifiers: their values differ by nature.
"""

import re
from dataclasses import dataclass
from typing import Literal, cast, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dovetail._names import key, suggest
from dovetail._phrases import Phrase, Said
from dovetail.data import cells, day_first
from dovetail.data._place import HERE, Place
from dovetail.errors import ConfigError

KindName = Literal[
    "number",
    "category",
    "boolean",
    "datetime",
    "text",
    "identifier",
    "constant",
    "list",
]

# Kinds that a column can be told to have; the others can only be found.
CHOOSABLE = ("number", "category", "boolean", "datetime", "text", "identifier")
USED = ("number", "category", "boolean", "datetime")

# Fewer values than these are too few to tell a code from a coincidence: in a table of
# five rows the integers 1 to 5 and five distinct words are ordinary.
LEAST_FOR_IDENTIFIER = 10
# From this share of distinct texts on, a row's text names the row. Below it values come
# back, and may tell something; a text named an id or shaped as one needs half of it.
NEARLY_ALL = 0.9
MOST = 0.5
WORDS_OF_TEXT = 3.0
WORDS_OF_PROSE = 5.0
# Chinese and Japanese write no spaces; longer than this is a phrase, not a name.
LETTERS_OF_TEXT = 6.0


_ASKED = Said("as asked", "按要求")
_NO_ROWS = Said("no rows", "没有行")
_ALL_MISSING = Said("every cell is missing", "所有单元格都缺失")
_EVERY = Phrase("every cell is {value}", "所有单元格都是 {value}")
_OR_MISSING = Phrase("{value} or missing", "{value} 或缺失")
_UNUSED = Phrase(
    "cells of type {kind} are not used by the table model",
    "表格模型不使用 {kind} 类型的单元格",
)
_DECLARED_VALUES = Phrase(
    "{n} distinct values, declared as categories", "{n} 个不同的值，声明为类别"
)
_DECLARED_TEXTS = Phrase(
    "{n} distinct texts, declared as categories", "{n} 个不同的文本，声明为类别"
)
_TEXTS = Phrase("{n} distinct texts", "{n} 个不同的文本")
_TRUTHS = Said("true and false", "真与假")
_YES_NO = Said("the words of a yes or no", "表示是与否的词")
_INTEGERS = Phrase("integers from {low} to {high}", "从 {low} 到 {high} 的整数")
_NUMBERS = Phrase("numbers from {low} to {high}", "从 {low} 到 {high} 的数")
_NUMBERS_AS_TEXT = Said(
    "text in which every cell is a number", "文本，每个单元格都是数"
)
_DATES = Said(
    "every cell is an ISO 8601 date or time", "所有单元格都是 ISO 8601 日期或时间"
)
_BEGINS = {
    "day": Said("dates that begin with the day", "日在月前的日期"),
    "month": Said("dates that begin with the month", "月在日前的日期"),
}
_UNCLEAR = Phrase(
    "{value!r} could begin with the day or the month; write dates as 2024-12-31",
    "{value!r} 的开头可能是日，也可能是月；请把日期写成 2024-12-31 的形式",
)
_SPAN = Phrase("from {low} to {high}", "从 {low} 到 {high}")
_UUIDS = Said("every cell is a UUID", "所有单元格都是 UUID")
_NAMED_INTEGERS = Said(
    "named an id, and every integer differs", "列名像标识符，且整数各不相同"
)
_NAMED_TEXTS = Phrase("named an id, and {share}", "列名像标识符，且{share}")
_IN_STEPS = Phrase(
    "integers in steps of {step}: {first}, {second}, ...",
    "步长为 {step} 的整数：{first}, {second}, ...",
)
_INCREASING = Phrase(
    "increasing integers, nearly without gaps: {first}, {second}, ...",
    "递增且几乎无空缺的整数：{first}, {second}, ...",
)
_DIFFER = Phrase("{distinct} of {n} texts differ", "{n} 个文本中有 {distinct} 个不同")
_WORDS_EACH = Phrase(
    "{share}, {words:.0f} words each on average", "{share}，平均每个 {words:.0f} 个词"
)
_LETTERS_EACH = Phrase(
    "{share}, {letters:.0f} letters each on average",
    "{share}，平均每个 {letters:.0f} 个字",
)
_ONE_WORD = Phrase("{share}, one word each", "{share}，每个一个词")
_TOO_MANY = Phrase("{share}: too many for categories", "{share}：作为类别太多")

_UUID = r"^\{?[0-9a-fA-F]{8}-?([0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}\}?$"
_CODE = r"^[A-Za-z0-9][A-Za-z0-9_.:/@#+=-]*$"
_DATE = r"^\s*\d{4}-\d{2}-\d{2}"
# "user_id" and "userId", but not "humid": there the case is what divides the words.
_NAMED_ID = re.compile(r"(^|[_\W])(?i:id|uid|uuid|guid)$|[a-z](Id|ID)$")


@final
@dataclass(frozen=True)
class Kind:
    """The kind of a column, and why in words."""

    kind: KindName
    reason: str


def parse_kind(text: str, name: str) -> KindName:
    """The kind that ``--kind name=text`` asks for.

    >>> parse_kind("date-time", "start")
    'datetime'
    """
    wanted = {"yes/no": "boolean"}.get(key(text), key(text))
    if wanted in CHOOSABLE:
        return cast("KindName", wanted)
    known = (*CHOOSABLE, "yes/no")
    raise ConfigError(
        f"Column {name!r}: unknown kind {text!r}.{suggest(text, known)}",
        fix=f"choose one of {', '.join(CHOOSABLE)}",
    )


def impose_kind(
    column: pa.ChunkedArray, name: str, text: str, place: Place = HERE
) -> Kind:
    """The kind asked for, after every cell has been read as such.

    Raises:
        SchemaError: names the first cell that is not of this kind.
        ConfigError: there is no such kind.
    """
    kind = parse_kind(text, name)
    if kind == "number":
        cells.floats(column, name, place)
    elif kind == "boolean":
        cells.truths(column, name, place)
    elif kind == "datetime":
        cells.times_told(column, name, place)
    elif kind == "category":
        cells.labels(column, name, place)
    return Kind(kind, _ASKED)


def infer_kind(
    column: pa.ChunkedArray,
    name: str,
    place: Place = HERE,
    words: cells.Words | None = None,
) -> Kind:
    """Read the kind of ``column`` from all of its cells.

    ``words`` are those of the column, where they are known already.

    >>> infer_kind(pa.chunked_array([["red", "blue", "red"]]), "colour")
    Kind(kind='category', reason='2 distinct texts')
    """
    if words is not None and len(words.distinct):
        return _kind_of_text(words, name, declared=False)
    declared = pa.types.is_dictionary(column.type)
    column = cells.plain(column)
    kind = column.type
    if column.null_count == len(column):
        return Kind("constant", _ALL_MISSING if len(column) else _NO_ROWS)
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or _is_bytes(kind):
        return Kind("list", _UNUSED(kind=kind))
    if cells.is_text(kind):
        return _kind_of_text(cells.words(column), name, declared=declared)
    if declared:
        count = pc.count_distinct(column, mode="only_valid").as_py()
        return Kind("category", _DECLARED_VALUES(n=count))
    if pa.types.is_boolean(kind):
        return _unless_constant(column, Kind("boolean", _TRUTHS))
    if cells.is_time(kind):
        ends = pc.min_max(column).as_py()
        if not column.null_count and ends["min"] == ends["max"]:
            return Kind("constant", _EVERY(value=cells.spelling(ends["min"])))
        return Kind("datetime", _SPAN(low=ends["min"], high=ends["max"]))
    if pa.types.is_time(kind):
        return Kind("list", _UNUSED(kind=kind))
    return _kind_of_numbers(column, name, place)


def _kind_of_numbers(column: pa.ChunkedArray, name: str, place: Place) -> Kind:
    values = cells.floats(column, name, place)
    missing = np.isnan(values)
    present = values[~missing] if missing.any() else values
    if len(present) == 0:
        return Kind("constant", _ALL_MISSING)
    low, high = present.min(), present.max()
    if low == high:
        if len(present) == len(values):
            return Kind("constant", _EVERY(value=cells.spelling(float(low))))
        return Kind("number", _OR_MISSING(value=cells.spelling(float(low))))
    whole = pa.types.is_integer(column.type)
    if whole and len(present) == len(values):
        found = _row_numbers(column.to_numpy(), name)
        if found:
            return Kind("identifier", found)
    ends = {"low": cells.spelling(float(low)), "high": cells.spelling(float(high))}
    return Kind("number", (_INTEGERS if whole else _NUMBERS)(**ends))


def _row_numbers(values: np.ndarray, name: str) -> str | None:
    """Why integers without a gap are identifiers, or ``None``."""
    if _NAMED_ID.search(name) and len(np.unique(values)) == len(values):
        return _NAMED_INTEGERS
    if len(values) < LEAST_FOR_IDENTIFIER:
        return None
    # uint64 wraps on subtraction, so order is asked before the step.
    if not (values[1:] > values[:-1]).all():
        return None
    steps = values[1:] - values[:-1]
    if (steps == steps[0]).all():
        return _IN_STEPS(step=steps[0], first=values[0], second=values[1])
    if int(values[-1]) - int(values[0]) < 2 * len(values):  # ids of a filtered table
        return _INCREASING(first=values[0], second=values[1])
    return None


def _kind_of_text(words: cells.Words, name: str, *, declared: bool) -> Kind:
    values = words.distinct
    n, distinct = int(np.count_nonzero(words.codes >= 0)), len(values)
    if distinct == 1 and n == len(words.codes):
        return Kind("constant", _EVERY(value=repr(values[0].as_py())))
    if _is_word_pair(values.to_pylist() if distinct <= 8 else []):
        return Kind("boolean", _YES_NO)
    if declared:
        return Kind("category", _DECLARED_TEXTS(n=distinct))
    most = distinct >= MOST * n
    if most and _all_match(values, _UUID):
        return Kind("identifier", _UUIDS)
    if _all_match(values, _DATE) and cells.looks_like_times(pa.chunked_array([values])):
        return Kind("datetime", _DATES)
    begins = day_first.order_of(pc.utf8_trim_whitespace(values))
    if begins in ("day", "month") and _are_dates(values, begins):
        return Kind("datetime", _BEGINS[begins])
    if begins == "either":
        return Kind("text", _UNCLEAR(value=values[0].as_py()))
    length = pc.mean(pc.count_substring_regex(values, r"\S+")).as_py()
    share = _DIFFER(distinct=distinct, n=n)
    if most and distinct > 1 and length >= WORDS_OF_PROSE:
        return Kind("text", _WORDS_EACH(share=share, words=length))
    if not most or distinct < LEAST_FOR_IDENTIFIER:
        return Kind("category", _TEXTS(n=distinct))
    if _all_match(values, cells.NUMBER):
        return Kind("number", _NUMBERS_AS_TEXT)
    if length >= WORDS_OF_TEXT:
        return Kind("text", _WORDS_EACH(share=share, words=length))
    if _NAMED_ID.search(name):
        return Kind("identifier", _NAMED_TEXTS(share=share))
    letters = pc.mean(pc.utf8_length(values)).as_py()
    if _mostly_unspaced(values) and letters >= LETTERS_OF_TEXT:
        return Kind("text", _LETTERS_EACH(share=share, letters=letters))
    if distinct < NEARLY_ALL * n:
        return Kind("category", share)
    if _all_match(values, _CODE):
        return Kind("identifier", _ONE_WORD(share=share))
    return Kind("identifier", _TOO_MANY(share=share))


def _are_dates(values: pa.Array, begins: day_first.Order) -> bool:
    trimmed = pc.utf8_trim_whitespace(values)
    return cells.looks_like_times(day_first.as_iso(trimmed, begins))


def _unless_constant(column: pa.ChunkedArray, kind: Kind) -> Kind:
    if column.null_count or pc.count_distinct(column).as_py() > 1:
        return kind
    return Kind("constant", _EVERY(value=cells.spelling(column[0].as_py())))


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_large_binary(kind)
        or pa.types.is_fixed_size_binary(kind)
        or pa.types.is_binary_view(kind)
    )


def _is_word_pair(values: list[str]) -> bool:
    words = {value.strip().lower() for value in values}
    return any(words == set(pair) for pair in cells.WORD_PAIRS)


def _all_match(values: pa.Array, pattern: str) -> bool:
    # Most columns are told apart by their first value; the whole is read if it fits.
    return bool(
        pc.match_substring_regex(values[0], pattern).as_py()
        and pc.all(pc.match_substring_regex(values, pattern)).as_py()
    )


def _mostly_unspaced(values: pa.Array) -> bool:
    """Is most of the text in a script written without spaces (Han, Kana, Thai)?"""
    script = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]"
    return bool(pc.mean(pc.match_substring_regex(values, script)).as_py() > 0.5)
