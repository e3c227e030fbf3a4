"""Tables that Hypothesis makes, as files: what is read is what was written, or told."""

import csv
import io
import json
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from dovetail.data import read_table
from dovetail.errors import DataError

# Any character but those that no text file has: surrogates, and the zero byte.
TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12
)
NUMBERS = st.one_of(
    st.integers(-(10**18), 10**18).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.sampled_from(["", "NA", "1,000", "3,14", "$5", "5 %", "007", "1e999", "-"]),
)
DATES = st.one_of(
    st.datetimes().map(str),
    st.dates().map(lambda d: f"{d.day}/{d.month}/{d.year}"),
    st.sampled_from(["", "2024-13-01", "29.2.2023", "0000-01-01"]),
)
COLUMN = st.sampled_from([TEXT, NUMBERS, DATES])


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    """Rows of cells, the first of names."""
    width, height = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    columns = [
        draw(st.lists(draw(COLUMN), min_size=height, max_size=height))
        for _ in range(width)
    ]
    names = draw(st.lists(TEXT, min_size=width, max_size=width))
    return [names, *map(list, zip(*columns, strict=True))]


def read_or_refuse(name: str, raw: bytes) -> pa.Table | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(raw)
        try:
            table = read_table(path).table
        except DataError as error:
            refused = error
        else:
            table.validate(full=True)
            return table
    assert refused.fix
    return None


@settings(max_examples=150)
@given(rows=tables(), sep=st.sampled_from(",;\t|"), quoting=st.sampled_from([0, 1]))
def test_delimited(rows: list[list[str]], sep: str, quoting: int) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=sep, quoting=quoting, lineterminator="\n").writerows(rows)
    text = out.getvalue()
    table = read_or_refuse("t.csv", text.encode())
    if table is not None:
        # Before Python 3.13 the writer leaves a lone carriage return without quotes,
        # where it ends a line for every reader.
        assert table.num_rows <= len(rows) + text.count("\r")


@settings(max_examples=100)
@given(rows=tables(), array=st.booleans())
def test_json(rows: list[list[str]], array: bool) -> None:
    names, *cells = rows
    objects = [dict(zip(names, row, strict=True)) for row in cells]
    text = json.dumps(objects) if array else "\n".join(map(json.dumps, objects))
    table = read_or_refuse("t.jsonl", text.encode())
    if table is not None:
        assert table.num_rows == len(cells)
        assert table.column_names == list(dict.fromkeys(names))
