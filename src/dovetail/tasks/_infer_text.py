"""Which task a column of text is; ``infer_task`` holds the order of precedence.

Delimited sets of labels and names that contain the separator look alike. A separator
counts only where its parts behave like labels: they come back in other rows, in other
combinations, and are not tied to one place, as the surname in "Smith, John" is.
"""

import re
from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from dovetail._phrases import Phrase, Said
from dovetail.tasks._labels import shown, spelling
from dovetail.tasks._orders import order_of, plain_letters
from dovetail.tasks._reading import Column, Reading, missing_cells, reading
from dovetail.tasks.multiclass import Multiclass
from dovetail.tasks.multilabel import SEPARATORS, MultiLabel
from dovetail.tasks.ordinal import Ordinal

_KNOWN_ORDER = Phrase(
    "{n} words of a known order, {order}", "{n} 个词有已知的顺序：{order}"
)
_DATES = Phrase(
    "{n} dates that repeat over {rows} rows, as {first!r}",
    "{n} 个日期在 {rows} 行中重复出现，如 {first!r}",
)
_FEW_WORDS = Phrase(
    "text, {n} words that repeat over {rows} rows in no known order",
    "文本，{n} 个词在 {rows} 行中重复出现，没有已知的顺序",
)
_MANY_WORDS = Phrase(
    "text, {n} different words that repeat over {rows} rows in no known order",
    "文本，{n} 个不同的词在 {rows} 行中重复出现，没有已知的顺序",
)
_SETS = Phrase(
    "text, {sets} different sets of {labels} labels parted by {separator!r}",
    "文本，{labels} 个标签以 {separator!r} 分隔，组成 {sets} 种不同的标签集合",
)
_OR_CLASSES = Said(
    "each whole cell could also be a class", "每个单元格整体也可以看作一个类别"
)

# A leading zero marks a code (ZIP codes, keys), not a number.
_NUMBER = r"^\s*[+-]?(0|[1-9]\d*|0?\.\d+|(0|[1-9]\d*)\.\d*)([eE][+-]?\d+)?\s*$"
_LOCAL_NUMBER = r"^\s*[+-]?(\d+,\d+|\d{1,3}(,\d{3})+(\.\d+)?|\d+)\s*$"
_TIME = r"([ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?"
_DATE = (
    r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](\d{4}|\d{2})"
    r"|\d{4}年\d{1,2}月\d{1,2}日)" + _TIME + r"\s*$"
)
LONGEST = 80  # characters of a label in a set
MOST_WORDS = 100  # labels of sets parted by spaces
_SORTABLE = re.compile(r"\s*\d{4}[-/.]\d\d[-/.]\d\d")  # text order is time order


def as_numbers(column: Column) -> Column | None:
    """Text that is numbers in every cell as floats; None for other text.

    >>> cells = pa.chunked_array([["12", "3.5"]])
    >>> as_numbers(Column("price", cells)).cells.to_pylist()
    [12.0, 3.5]
    """
    if not _all_match(column.cells, _NUMBER):
        return None
    return column.with_cells(pc.utf8_trim_whitespace(column.cells).cast(pa.float64()))


def read_text(column: Column) -> Reading:
    """The reading of text that is no number, with three or more distinct values."""
    if _all_match(column.cells, _DATE):
        return read_dates(column)
    values = pc.unique(column.cells)
    comma = pc.match_substring(values, ",")
    if pc.any(comma).as_py() and _all_match(values, _LOCAL_NUMBER):
        example = values.filter(comma)[0].as_py()
        raise column.refused(
            f"holds numbers with commas, as {example!r}, that can be read in more "
            "than one way",
            "write numbers with a decimal point and no thousands separator; if the "
            "commas part labels, use --task multilabel",
        )
    order = order_of(tuple(values.to_pylist()))
    if order is None and (separator := label_separator(column.cells)):
        return _read_sets(column, separator)
    if order is None or plain_letters(order):
        return _read_classes(column, len(values))
    facts = [_KNOWN_ORDER(n=len(order), order=" < ".join(map(str, order)))]
    return reading(
        column.task(Ordinal),
        facts,
        0.9,
        column.task(Multiclass),
        missing=missing_cells(column),
    )


def read_dates(column: Column) -> Reading:
    """Dates as classes where few of them come back; else what to do instead."""
    kinds = len(pc.unique(column.cells))
    first = spelling(column.cells[0].as_py())
    if kinds > 50 or column.rows < 3 * kinds:
        raise column.refused(
            f"holds dates, as {first!r}, {kinds} different ones in {column.rows} rows; "
            "no task predicts a point in time",
            "make it a number (days since a fixed day) or classes (month, weekday)",
        )
    text = pa.types.is_string(column.cells.type)
    second = None
    if not text or all(_SORTABLE.match(d) for d in column.cells.unique().to_pylist()):
        order = tuple(map(spelling, sorted(column.cells.unique().to_pylist())))
        second = column.task(Ordinal, order=order)
    return reading(
        column.task(Multiclass),
        [_DATES(n=kinds, rows=column.rows, first=first)],
        0.6,
        second,
        missing=missing_cells(column),
    )


def _read_classes(column: Column, kinds: int) -> Reading:
    rows = column.rows
    if kinds > 0.8 * rows or (rows >= 50 and kinds > 0.5 * rows):
        example = shown(column.cells[0].as_py())
        raise column.refused(
            f"holds text, nearly every value distinct ({kinds} different in {rows} "
            f"rows, as {example}): an identifier or free text",
            "choose another target; if these are numbers with a unit or sets of "
            "labels, write the number alone, or the sets as 'red|blue'",
        )
    # No order is known, so the second reading has the alphabet's until one is given.
    task = column.task(Multiclass)
    order = order_of(task.classes) or task.classes  # type: ignore[attr-defined]
    words = _FEW_WORDS if kinds <= 50 else _MANY_WORDS
    return reading(
        task,
        [words(n=kinds, rows=rows)],
        0.9,
        column.task(Ordinal, order=order),
        missing=missing_cells(column),
    )


# -- sets of labels -------------------------------------------------------------------


def _read_sets(column: Column, separator: str) -> Reading:
    task = column.task(MultiLabel, separator=separator)
    sets = len(pc.unique(column.cells))
    facts = [_SETS(sets=sets, labels=task.head_size, separator=separator)]
    second = None
    if len(pc.unique(column.cells)) <= 0.5 * column.rows:
        facts.append(_OR_CLASSES)
        second = column.task(Multiclass)
    return reading(
        task,
        facts,
        0.85,
        second,
        unavailable="LabelSequence",
        missing=missing_cells(column),
    )


def label_separator(cells: pa.ChunkedArray) -> str | None:
    """The separator whose parts behave like labels, or None for plain words.

    >>> label_separator(pa.chunked_array([["red|blue", "blue", "red|green", "green"]]))
    '|'
    >>> label_separator(pa.chunked_array([["New York", "Boston", "San Jose"] * 9]))
    """
    counts = pc.value_counts(cells)
    texts = [text.strip() for text in counts.field("values").to_pylist()]
    times = counts.field("counts").to_pylist()
    for separator in SEPARATORS:
        if any(separator in text for text in texts) and _are_sets(
            texts, times, separator
        ):
            return separator
    return None


def _are_sets(texts: list[str], times: list[int], separator: str) -> bool:
    sets_with: Counter[str] = Counter()  # in how many different sets a part is
    front: set[str] = set()
    further: set[str] = set()
    rows_with = longest = 0
    for text, number in zip(texts, times, strict=True):
        parts = [part for p in text.split(separator) if (part := p.strip())]
        if len(set(parts)) < len(parts) or max(map(len, parts), default=0) > LONGEST:
            return False  # a set has no element twice, and a label is no sentence
        sets_with.update(parts)
        front.update(parts[:1])
        further.update(parts[1:])
        rows_with += number * len(parts)
        longest = max(longest, len(parts))
    kinds = len(sets_with)
    if longest < 2 or 2 * kinds > rows_with:
        return False
    moving = len(front & further) / kinds
    if separator == " ":
        # Two-word names and short sentences are far more common than sets of words
        # parted by spaces, so these must look like nothing else.
        few = 2 * kinds <= len(texts) and kinds <= MOST_WORDS
        return longest >= 3 and few and moving > 0.5
    combined = sum(number >= 2 for number in sets_with.values()) / kinds
    return moving >= 0.25 and (kinds <= 0.9 * len(texts) or combined >= 0.5)


def _all_match(cells: pa.Array | pa.ChunkedArray, pattern: str) -> bool:
    matched = pc.all(pc.match_substring_regex(cells, pattern))
    return bool(matched.as_py())
