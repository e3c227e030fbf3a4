"""Cells of one Arrow column as numbers, truth values, times or labels.

    function    gives                                       missing is
    floats      float64 (n,)                                NaN
    truths      float64 (n,), 0 or 1                        NaN
    times       int64 (n,), microseconds since 1970, UTC    NO_TIME
    labels      codes int64 (n,), labels tuple[str, ...]    -1
    words       the same of text, labels as an Arrow array  -1

Whole columns at once, whatever type carries them: a file for prediction may hold
integers where training had floats, or nothing but missing values. Null, NaN and the
empty string are missing. A cell that cannot be read is named with its column, its row
(see ``Place``) and its value.
"""

import re
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dovetail.data import amounts, day_first
from dovetail.data._place import HERE, Place
from dovetail.errors import DataError, SchemaError

MOST_TEXT = 1 << 31  # bytes in one array of text
NO_TIME = np.iinfo(np.int64).min  # NumPy's NaT has this value too

# Both words of a pair, lower case, the true one first.
WORD_PAIRS = (("yes", "no"), ("true", "false"), ("y", "n"), ("t", "f"), ("on", "off"))
_TRUTHS = {
    word: value
    for pair in WORD_PAIRS
    for word, value in zip(pair, (1.0, 0.0), strict=True)
}
NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column without dictionary encoding, and with one type for text."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if is_text(column.type):
        column = column.cast(pa.large_string())  # chunks join without a 2 GiB limit
        # An empty cell of a file and an empty string in memory mean the same.
        empty = pc.equal(column, "")
        return pc.if_else(empty, None, column) if pc.any(empty).as_py() else column
    return column


@final
@dataclass(frozen=True, eq=False)
class Words:
    """A column of text: for each cell the place of its text in ``distinct``, or -1."""

    codes: NDArray[np.int32]
    distinct: pa.Array  # in order of first sight


Column: TypeAlias = pa.ChunkedArray | Words


def words(column: pa.ChunkedArray) -> Words:
    """A column of text, each distinct text once.

    >>> found = words(pa.chunked_array([["b", "a", None], ["b"]]))
    >>> found.codes.tolist(), found.distinct.to_pylist()
    ([0, 1, -1, 0], ['b', 'a'])
    """
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if not is_text(column.type) or column.nbytes > MOST_TEXT:
        column = plain(column)  # a dictionary of text without a 2 GiB limit
    chunks = column.dictionary_encode().chunks
    # pyarrow gives all chunks one dictionary; one by one, each would be a start of the
    # next, so equal lengths say that it did.
    if len({len(chunk.dictionary) for chunk in chunks}) != 1:
        chunks = [plain(column).combine_chunks().dictionary_encode()]
    codes = np.empty(len(column), np.int32)
    at = 0
    for chunk in chunks:
        codes[at : at + len(chunk)] = pc.fill_null(chunk.indices, -1).to_numpy()
        at += len(chunk)
    return _without_empty(codes, chunks[0].dictionary.cast(pa.large_string()))


def _without_empty(codes: NDArray[np.int32], distinct: pa.Array) -> Words:
    """An empty cell of a file and an empty string in memory mean the same: missing."""
    at = pc.index(distinct, "").as_py()
    if at < 0:
        return Words(codes, distinct)
    codes[codes == at] = -1
    codes[codes > at] -= 1
    return Words(codes, pa.concat_arrays([distinct[:at], distinct[at + 1 :]]))


def is_text(kind: pa.DataType) -> bool:
    """Does Arrow type ``kind`` hold text?"""
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
    )


def is_number(kind: pa.DataType) -> bool:
    """Does Arrow type ``kind`` hold integers, floats or decimals?"""
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    )


def is_time(kind: pa.DataType) -> bool:
    """Does Arrow type ``kind`` hold dates or times of a date?"""
    return bool(pa.types.is_timestamp(kind) or pa.types.is_date(kind))


def fail(
    name: str,
    row: int,
    value: Any,
    need: str,
    *,
    place: Place = HERE,
    error: type[DataError] = SchemaError,
    fix: str | None = None,
) -> NoReturn:
    """Raise the one error that names a cell; ``row`` counts from 0."""
    raise error(
        f"{place}column {name!r}, data row {place.row(row)}: {value!r} {need}.",
        fix=fix
        or f"correct the cell, or give the column another kind (--kind {name}=...)",
    )


def floats(
    column: pa.ChunkedArray, name: str, place: Place = HERE
) -> NDArray[np.float64]:
    """The column as float64, missing as NaN; infinity is refused.

    >>> floats(pa.chunked_array([["1.5", None, "2"]]), "x")
    array([1.5, nan, 2. ])
    """
    column = plain(column)
    if pa.types.is_null(column.type):
        return np.full(len(column), np.nan)
    if is_text(column.type):
        cells = pc.utf8_trim_whitespace(column)
        amount = pc.fill_null(pc.match_substring_regex(cells, amounts.AMOUNT), True)
        plain_ = pc.fill_null(pc.match_substring_regex(cells, NUMBER), True)
        good = pc.or_(plain_, amount)
        missing = pc.fill_null(pc.match_substring_regex(cells, r"(?i)^nan$|^$"), False)
        wrong = pc.invert(pc.or_(good, missing))
        if pc.any(wrong).as_py():
            row = pc.index(wrong, True).as_py()
            fail(name, row, column[row].as_py(), "is not a number", place=place)
        column = pc.if_else(missing, None, cells)
        if not pc.all(plain_).as_py():
            column = amounts.floats(column)
    elif pa.types.is_duration(column.type):
        column = column.cast(pa.duration("us"), safe=False).cast(pa.int64())
        return _to_floats(column) / 1e6
    elif not (is_number(column.type) or pa.types.is_boolean(column.type)):
        _wrong_type(column, name, "numbers", place)
    values = _to_floats(column)
    infinite = np.isinf(values)
    if infinite.any():
        row = int(infinite.argmax())
        fail(
            name,
            row,
            float(values[row]),
            "is not finite",
            place=place,
            error=DataError,
            fix="replace infinite cells by a number, or leave them empty (missing)",
        )
    return values


def truths(column: Column, name: str, place: Place = HERE) -> NDArray[np.float64]:
    """The column as 0.0 and 1.0, missing as NaN.

    Reads Booleans, the numbers 0 and 1, and the words of ``WORD_PAIRS`` in any case.

    >>> truths(pa.chunked_array([["Yes", "no", None]]), "member")
    array([ 1.,  0., nan])
    """
    need = "is neither yes nor no"
    if not isinstance(column, Words):
        column = words(column) if is_text(column.type) else plain(column)
    if isinstance(column, Words):
        codes, known = column.codes, column.distinct.to_pylist()
        lookup = np.array([*(_truth(word) for word in known), np.nan])  # -1: missing
        if np.isnan(lookup[:-1]).any():
            wrong = np.isnan(lookup[codes]) & (codes >= 0)
            row = int(wrong.argmax())
            fail(name, row, known[codes[row]], need, place=place)
        return lookup[codes]
    values = floats(column, name, place)
    wrong = ~(np.isnan(values) | (values == 0) | (values == 1))
    if wrong.any():
        row = int(wrong.argmax())
        fail(name, row, column[row].as_py(), need, place=place)
    return values


def times(
    column: pa.ChunkedArray,
    name: str,
    place: Place = HERE,
    order: day_first.Order | None = None,
) -> NDArray[np.int64]:
    """The column as microseconds since 1970 in UTC, missing as ``NO_TIME``.

    Text is read as ISO 8601, or as dates that begin with the day or the month where
    ``order`` says so; a time without an offset is taken as UTC.

    >>> times(pa.chunked_array([["1970-01-02", None]]), "day")[:1]
    array([86400000000])
    """
    column = plain(column)
    if pa.types.is_null(column.type):
        return np.full(len(column), NO_TIME)
    if is_text(column.type):
        written = pc.utf8_trim_whitespace(column)
        cells = written if order is None else day_first.as_iso(written, order)
        column = _parse_times(cells)
        if column is None:
            row = _first_bad_time(cells)
            need = "is not a date or time (2024-12-31, 2024-12-31 23:59)"
            if day_first.order_of(written) == "either":
                need = "could begin with the day or the month; write it as 2024-12-31"
            fail(name, row, written[row].as_py(), need, place=place)
    elif not is_time(column.type):
        _wrong_type(column, name, "dates or times", place)
    micros = column.cast(pa.timestamp("us"), safe=False).cast(pa.int64())
    return np.asarray(pc.fill_null(micros, int(NO_TIME)).to_numpy(), np.int64)


def times_told(
    column: pa.ChunkedArray, name: str, place: Place = HERE
) -> NDArray[np.int64]:
    """As ``times``; what text dates begin with is told from the column itself.

    >>> days = pa.chunked_array([["2/1/1970", "13/1/1970"]])
    >>> times_told(days, "day") // 86_400_000_000
    array([ 1, 12])
    """
    return times(column, name, place, order_of_days(column))


def order_of_days(column: pa.ChunkedArray) -> day_first.Order | None:
    """What text dates begin with, where they are not ISO 8601 and it can be told."""
    column = plain(column)
    if not is_text(column.type):
        return None
    order = day_first.order_of(pc.utf8_trim_whitespace(column))
    return None if order == "either" else order


def looks_like_times(values: pa.ChunkedArray) -> bool:
    """Is every non-null text an ISO 8601 date or time?"""
    return _parse_times(pc.utf8_trim_whitespace(values)) is not None


def labels(
    column: Column, name: str, place: Place = HERE
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Codes (n,), -1 for missing, and the label of each code in order of first sight.

    A number has one spelling, whatever type carries it: 3, 3.0 and Decimal("3.00") are
    all ``3``. Text stays as it is.

    >>> codes, names = labels(pa.chunked_array([[3.0, None, 2.5, 3.0]]), "x")
    >>> codes.tolist(), names
    ([0, -1, 1, 0], ('3', '2.5'))
    """
    if isinstance(column, Words):
        known = column.distinct.to_numpy(zero_copy_only=False)
        return column.codes.astype(np.int64), tuple(known.tolist())
    column = plain(column)
    if is_text(column.type):
        return labels(words(column), name, place)
    if pa.types.is_nested(column.type) or pa.types.is_binary(column.type):
        _wrong_type(column, name, "single values", place)
    if pa.types.is_null(column.type):
        return np.full(len(column), -1, np.int64), ()
    coded = column.combine_chunks().dictionary_encode()
    codes = np.asarray(pc.fill_null(coded.indices, -1).to_numpy(), np.int64)
    # Distinct values may share a spelling (0.0 and -0.0), and NaN is missing.
    spellings: dict[str, int] = {}
    lookup = np.full(len(coded.dictionary) + 1, -1, np.int64)
    for i, value in enumerate(coded.dictionary.to_pylist()):
        spelt = spelling(value)
        if spelt is not None:
            lookup[i] = spellings.setdefault(spelt, len(spellings))
    return lookup[codes], tuple(spellings)


def spelling(value: Any) -> str | None:
    """The one spelling of a label; ``None`` for NaN.

    >>> spelling(3.0), spelling(True), spelling("07")
    ('3', 'true', '07')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(value)
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    try:
        number = float(value)
    except (TypeError, ValueError):
        return str(value)
    if number != number:
        return None
    return str(int(number)) if number.is_integer() else repr(number)


def number_spelling(text: str) -> str | None:
    """How ``text`` would be spelt had it been read as a number; ``None`` if it is none.

    >>> number_spelling("007"), number_spelling("3.0"), number_spelling("A")
    ('7', '3', None)
    """
    text = text.strip()
    number = float(text) if re.match(NUMBER, text) else amounts.value(text)
    return None if number is None else spelling(number)


def _truth(word: str) -> float:
    word = number_spelling(word) or word.strip().lower()
    return {"1": 1.0, "0": 0.0}.get(word, _TRUTHS.get(word, float("nan")))


def _to_floats(column: pa.ChunkedArray) -> NDArray[np.float64]:
    # safe=False: integers above 2**53 and decimals are rounded, not refused.
    return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), np.float64)


def _parse_times(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    for kind in (pa.timestamp("us"), pa.timestamp("us", "UTC")):  # without, with offset
        try:
            return cells.cast(kind)
        except pa.ArrowInvalid:
            continue
    return None


def _first_bad_time(cells: pa.ChunkedArray) -> int:
    """Row of the first cell that the column's own form of time does not read."""
    rows = np.flatnonzero(pc.is_valid(cells).to_numpy())
    good, bad = 0, len(rows)  # the first `good` cells parse together, `bad` do not
    while bad - good > 1:
        middle = (good + bad) // 2
        if _parse_times(cells.take(pa.array(rows[:middle]))) is None:
            bad = middle
        else:
            good = middle
    return int(rows[bad - 1])


def _wrong_type(
    column: pa.ChunkedArray, name: str, need: str, place: Place
) -> NoReturn:
    row = int(pc.is_valid(column).to_numpy().argmax())
    value = column[row].as_py() if len(column) else None
    fail(
        name,
        row,
        value,
        f"is of type {column.type}, where {need} are needed",
        place=place,
    )
