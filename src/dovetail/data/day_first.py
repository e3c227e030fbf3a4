"""Dates that are written 31/12/2024, 31.12.2024 or 12/31/2024.

Whether the day or the month comes first is told from the whole column: one number
above 12 settles it, and so do points, which nobody sets behind a month. Where nothing
settles it the column is not read as dates: half of them would be wrong.
"""

from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

Order = Literal["day", "month", "either"]

_FORM = (
    r"^(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})[./-]\d{4}"
    r"(?:[ T]\d{1,2}:\d\d(?::\d\d)?)?$"
)


def order_of(cells: pa.ChunkedArray) -> Order | None:
    """What the dates of a text column begin with; None where these are no such dates.

    >>> order_of(pa.chunked_array([["31/1/2024", None, "5/2/2024"]]))
    'day'
    >>> order_of(pa.chunked_array([["1/5/2024", "5/2/2024"]]))
    'either'
    """
    present = cells.drop_null()
    if isinstance(present, pa.ChunkedArray):
        present = present.combine_chunks()
    if not len(present) or not pc.match_substring_regex(present[0], _FORM).as_py():
        return None
    parts = pc.extract_regex(present, _FORM)
    if parts.null_count:
        return None
    first = pc.max(parts.field("a").cast(pa.int8())).as_py()
    second = pc.max(parts.field("b").cast(pa.int8())).as_py()
    points = pc.all(pc.equal(parts.field("s"), ".")).as_py()
    if max(first, second) > 31 or (first > 12 and second > 12):
        return None
    if second > 12:
        return "month"
    return "day" if first > 12 or points else "either"


def as_iso(cells: pa.ChunkedArray, order: Order) -> pa.ChunkedArray:
    """Such dates as 2024-12-31; cells of another form stay as they are.

    >>> as_iso(pa.chunked_array([["5/2/2024 9:30", "2024-01-01"]]), "day").to_pylist()
    ['2024-02-05 09:30', '2024-01-01']
    """
    for pattern, padded in (
        (r"^(\d[./-])", r"0\1"),
        (r"^(\d\d[./-])(\d[./-])", r"\g<1>0\2"),
        (r"([ T])(\d:)", r"\g<1>0\2"),
    ):
        cells = pc.replace_substring_regex(
            cells, pattern, padded.replace(r"\g<1>", r"\1")
        )
    turned = r"\3-\2-\1" if order == "day" else r"\3-\1-\2"
    return pc.replace_substring_regex(cells, r"^(\d\d)[./-](\d\d)[./-](\d{4})", turned)
