"""A column of text cells as numbers or date-times, decided from the whole column.

every cell that is not missing          becomes
plain integer, no leading zeros         int64     ("01234" is a code, and stays text)
number: 1.5  .5  1e5  inf               float64
$1,234.50 or 12 %, all alike            float64, 1234.5 or 0.12
ISO date or date-time                   timestamp[us], in UTC where a zone is given
anything else                           string    (yes/no and true/false too: labels
                                        must come back as they were written)
"""

import re

import pyarrow as pa
import pyarrow.compute as pc

from dovetail.data import amounts
from dovetail.data.reading.doubts import doubt

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "#N/A", "?")
# Words that a text column may well mean; missing only where all else are numbers.
_MISSING_NUMBERS = ("None", "none", "-", "--")

NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?", re.ASCII)
_INTEGER = re.compile(r"-?\d+")
_NUMBER_OR_INF = re.compile(
    r"[+-]?((\d+\.?\d*|\.\d+)(e[+-]?\d+)?|inf|infinity|nan)", re.IGNORECASE
)
_CODE = r"^[+-]?0([0-9]+|[xX].*)$"
_DATE = re.compile(r"\d{4}-\d\d-\d\d($|[ T]\d)")
_DECIMAL_COMMA = r"^[+-]?(\d+(,\d*)?|,\d+)([eE][+-]?\d+)?$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})*(\.\d*)?$"


def typed(
    cells: pa.ChunkedArray, *, decimal_comma: bool = False
) -> tuple[pa.ChunkedArray, str | None]:
    """``cells`` in the type they all have, and a note where that took a reading.

    >>> typed(pa.chunked_array([["1", None, "3"]]))[0].type
    DataType(int64)
    >>> typed(pa.chunked_array([["1,250", "3"]]))[1]
    "commas taken for thousands separators ('1,250')"
    """
    if cells.null_count == len(cells):
        return cells, None
    numbers = number(cells)
    if numbers is None:
        words = pc.is_in(cells, pa.array(_MISSING_NUMBERS))
        if pc.any(words).as_py():
            fewer = pc.if_else(words, pa.scalar(None, pa.string()), cells)
            numbers, note = _number_or_commas(fewer, decimal_comma)
            return (cells, None) if numbers is None else (numbers, note)
        dates = date_time(cells)
        if dates is not None:
            return dates, None
    note = None
    if numbers is None:
        numbers, note = _number_or_commas(cells, decimal_comma)
    if numbers is None:
        numbers, note = _amounts(cells)
    return (cells, doubt(cells)) if numbers is None else (numbers, note)


def note_on_words(cells: pa.ChunkedArray) -> str | None:
    """The note that ``typed`` gives of ``cells`` that are known to stay text.

    >>> note_on_words(pa.chunked_array([["1", "2", "3", "4", "5", "many"]]))
    "text, since 1 of 6 cells are no numbers: 'many' (data row 6)"
    """
    note = doubt(cells)
    if note and pc.any(pc.is_in(cells, pa.array(_MISSING_NUMBERS))).as_py():
        return None
    return note


def number(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """``cells`` as int64 or float64; None where one of them is no number."""
    some = _some(cells)
    if cells.null_count == len(cells) or not all(map(_NUMBER_OR_INF.fullmatch, some)):
        return None
    numbers = None
    if all(map(_INTEGER.fullmatch, some)):
        numbers = _cast(cells, pa.int64())
    if numbers is None:
        numbers = _cast(cells, pa.float64())
    if numbers is None or _any_code(cells):
        return None
    if pa.types.is_int64(numbers.type):
        return numbers
    signs = pc.starts_with(cells, "+")
    if pc.any(signs).as_py():  # pyarrow takes "+5" for a float only
        whole = _cast(pc.replace_substring_regex(cells, r"^\+", ""), pa.int64())
        if whole is not None:
            return whole
    nan = pc.is_nan(numbers)  # spellings such as "NAN" that MISSING does not list
    if pc.any(nan).as_py():
        numbers = pc.if_else(nan, pa.scalar(None, pa.float64()), numbers)
    return numbers


def _any_code(cells: pa.ChunkedArray) -> bool:
    """Does a cell look like "007" or "0x1F", which pyarrow would take for a number?"""
    # A regular expression on all cells would take longer than reading them; each line
    # here leaves the next one fewer columns to look at.
    lengths = pc.binary_length(cells)
    longest = pc.max(lengths).as_py()
    for sign in ("", "-", "+"):
        if longest < len(sign) + 2:
            return False
        if sign and not pc.any(pc.starts_with(cells, sign)).as_py():
            continue
        longer = pc.greater(lengths, len(sign) + 1)
        zero = pc.and_(longer, pc.starts_with(cells, sign + "0"))
        if not pc.any(zero).as_py():
            continue
        suspects = pc.and_not(zero, pc.starts_with(cells, sign + "0."))
        if not pc.any(suspects).as_py():
            continue
        if pc.any(_matches(cells.filter(suspects), _CODE)).as_py():
            return True
    return False


def date_time(cells: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """``cells`` as timestamp[us]; None where one of them is no ISO date."""
    if not all(map(_DATE.match, _some(cells))):
        return None
    if pc.any(_matches(cells, r"\.\d{7}")).as_py():  # finer than microseconds: cut
        cells = pc.replace_substring_regex(cells, r"(\.\d{6})\d+", r"\1")
    times = _cast(cells, pa.timestamp("us"))
    if times is not None:
        return times
    zoned = _cast(cells, pa.timestamp("us", "UTC"))
    return None if zoned is None else zoned.cast(pa.timestamp("us"))


def _number_or_commas(
    cells: pa.ChunkedArray, decimal_comma: bool
) -> tuple[pa.ChunkedArray | None, str | None]:
    numbers = number(cells)
    if numbers is not None or cells.null_count == len(cells):
        return numbers, None
    if not all(map(NUMBER.match, _some(cells))):
        return None, None  # spares text columns the passes below
    readings = [(_THOUSANDS, "", "thousands separators")]
    if decimal_comma:
        readings.insert(0, (_DECIMAL_COMMA, ".", "decimal commas"))
    example = next((v for v in cells.to_pylist() if v is not None and "," in v), None)
    for pattern, point, what in readings if example else ():
        if pc.all(_matches(cells, pattern)).as_py():
            numbers = number(pc.replace_substring(cells, ",", point))
            return numbers, f"commas taken for {what} ({example!r})"
    return None, None


def _amounts(cells: pa.ChunkedArray) -> tuple[pa.ChunkedArray | None, str | None]:
    if (sign := amounts.sign_of(cells)) is None:
        return None, None
    first = cells.drop_null()[0].as_py()
    taken = f"{first!r} read as {amounts.value(first):g}"
    return amounts.floats(cells), f"numbers with the sign {sign}, {taken}"


def _cast(cells: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return cells.cast(kind)
    except pa.ArrowInvalid:
        return None


def _some(cells: pa.ChunkedArray) -> list[str]:
    """A few of the cells that are not missing.

    A cast that fails costs a microsecond for each cell that it fails on: it is only
    tried where these few would pass.
    """
    ends = [(c.slice(0, 20), c.slice(max(len(c) - 20, 0))) for c in cells.chunks]
    found = (cell for pair in ends for part in pair for cell in part.to_pylist())
    return [cell for cell in found if cell is not None]


def _matches(cells: pa.ChunkedArray, pattern: str) -> pa.ChunkedArray:
    return pc.match_substring_regex(cells, pattern)
