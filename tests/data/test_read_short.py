"""The short way of reading delimited text comes to what the long one does: the same
table, the same notes, the same error."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from dovetail.data.reading import blocks, csv, rows, survey
from dovetail.errors import DovetailError

CELLS = (
    "1", "-3", "+5", "0", "-0", "007", "-07", "+01", "0x1F", "9223372036854775808",
    "1.5", ".5", "5.", "0.25", "-0.0", "1e5", "0e1", "00.5", "inf", "-inf", "nan",
    "NAN", "", "NA", "None", "-", "--", "?", "null", "1,250", "3,14", "1,2,3",
    "2011-01-01", "2011-01-01 10:00", "2011-01-01T10:00:00Z", "2011-13-01",
    "2011-01-01 10:00:00.1234567", "red", "New York", "infinite", "é", "红", "yes",
    " 7", "7 ", "\t", "two words", 'a "b" c', '"', 'x"', "a\nb", "a\r\nb", ";", ",",
    "$5", "-$1,234.50", "- $ 7", "-$-5", "€12", "12 €", "¥", "$", "12 %", "50%", "%",
    "31/12/2024", "5/2/2024", "31.12.2024", "12/31/2024 9:30", "many", "12 kg", "3m",
)  # fmt: skip
ALIKE = (
    CELLS[:5], CELLS[10:16], ("2011-01-01", "2012-02-03"), ("red", "blue", "1"),
    ("", "NA"), ("1,250", "3"), ("007", "12"), ("2011-01-01 10:00", ""),
    ("$5", "$1,234.50", "-$3", "- $7", "", "$.5"), ("12 %", "50%", "-1.5 %", "NA"),
    ("12 €", "3 €"), ("31/12/2024", "5/2/2024"), ("5/2/2024", "1/3/2024", ""),
    ("31.12.2024", "1.2.2024 9:30"), ("12 kg", "3m", "1,5 m"),
    (*"1234567890", "2.5", "many"), (*"123456", "-", "some"), ("1,5", "3,25", "-2,0"),
)  # fmt: skip


@st.composite
def texts(draw):
    """Columns whose cells are mostly alike; the odd one may come last of all."""
    sep = draw(st.sampled_from([",", ";", "\t", "|", " "]))
    width, rows = draw(st.integers(1, 4)), draw(st.integers(1, 30))
    columns = []
    for _ in range(width):
        kind = draw(st.sampled_from([*ALIKE, CELLS]))
        cells = draw(st.lists(st.sampled_from(kind), min_size=rows, max_size=rows))
        if draw(st.booleans()):
            cells[-1] = draw(st.sampled_from(CELLS))
        columns.append(cells)
    always = draw(st.booleans())
    raw = draw(st.integers(0, 9)) == 0  # nobody quotes: rows break, marks stray
    names = [
        draw(st.sampled_from(["a", "red", "1", "é"])) + str(i) for i in range(width)
    ]
    end = draw(st.sampled_from(["\n", "\r\n"]))

    def cell(text):
        if raw or not (always or any(c in text for c in (sep, '"', "\n", "\r"))):
            return text
        return '"' + text.replace('"', '""') + '"'

    # Some write a space behind each separator.
    between = sep + draw(st.sampled_from(["", "", " "]))
    lines = [sep.join(names)]
    lines += [between.join(map(cell, row)) for row in zip(*columns, strict=True)]
    if draw(st.integers(0, 9)) == 0:
        lines.insert(
            draw(st.integers(1, len(lines))), draw(st.sampled_from(["", "x", " "]))
        )
    last = draw(st.sampled_from(["", end]))
    return (end.join(lines) + last).encode(), sep


def answer(text, sep, *, short, skip):
    try:
        table, notes, bad = csv.read("t.csv", text, sep=sep, skip=skip, short=short)
    except DovetailError as error:
        return type(error), error.message, error.fix
    # As text: -0.0 equals 0.0, and is not the same.
    return table.schema, repr(table.to_pydict()), notes, bad


@pytest.fixture
def small(monkeypatch):
    """Many parts, blocks and samples in a short text."""
    monkeypatch.setattr(pa, "cpu_count", lambda: 3)
    monkeypatch.setattr(csv, "_PART", 40)
    monkeypatch.setattr(blocks, "_BLOCK", 128)
    monkeypatch.setattr(blocks, "HEAD", 3)
    monkeypatch.setattr(blocks, "_SAMPLE", 64)
    monkeypatch.setattr(survey, "_BLOCK", 16)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts(), st.booleans())
@example((b"a,b\n1,x\n2,y\nlast,z\n", ","), False)
@example((b"a,b\nmany,x\n2,$5\n3,$6\n4,y\n5,z\n6,w\n", ","), False)
@example((b"a,b\nsome,1\n2,2\n-,3\n4,4\n5,5\n6,6\n", ","), False)
@example((b"a,b\n$5,5 %\n-$1,2 %\n- $7,\n", ","), False)
@example((b"a,b\n5,1\n-3,2\n$2,3\n", ","), False)
@example((b"a,b\n1,x\n2,y\n-0,z\n2.5,w\n", ","), False)
@example((b'a\tb\n"\t5"\t1\n"6"\t2\n', "\t"), False)
@example((b'a,b\n" 5",1\n"6",2\n', ","), False)
def test_short_is_long(small, given_text, skip):
    text, sep = given_text
    assert answer(text, sep, short=True, skip=skip) == answer(
        text, sep, short=False, skip=skip
    )


@pytest.mark.parametrize("short", [True, False])
def test_a_line_end_inside_a_cell_survives_a_block_end(short, monkeypatch):
    """pyarrow drops the second half of one that two blocks share."""
    text = b'a,b\n1,"x\r\ny"\n' * 20
    text = text[:4] + text.replace(b"a,b\n", b"")
    for size in range(12, 40):
        monkeypatch.setattr(blocks, "_BLOCK", size)
        monkeypatch.setattr(rows, "_BLOCK", size)
        table, _, _ = csv.read("t.csv", text, short=short)
        assert table["b"].to_pylist() == ["x\r\ny"] * 20


def test_the_short_way_is_gone(small, monkeypatch):
    """Or the test above would compare the long way with itself."""
    gone = []
    found = csv._in_blocks
    monkeypatch.setattr(
        csv, "_in_blocks", lambda *a: gone.append(found(*a)) or gone[-1]
    )
    stream = random.Random(0)
    rows = [f'{stream.random()},{stream.randrange(99)},"a, {i}",' for i in range(300)]
    rows[-1] = rows[-1].replace(",", "e,", 1)  # text in a column of numbers
    text = "\n".join(["x,n,word,none", *rows]).encode()
    table, _, _ = csv.read("t.csv", text)
    assert gone[0] is not None
    assert len(table) == 300
    kinds = [pa.string(), pa.int64(), pa.string(), pa.string()]
    assert table.schema.types == kinds
    assert table["x"][299].as_py() == rows[-1].split(",")[0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (b"a,b\n1,2\n", (False, False)),
        (b'a,b\n"x, y",2\n', (True, False)),
        (b'a,b\n"say ""x""",2\n', (True, False)),
        (b'a,b\n"two\nlines",2\n', (True, False)),
        (b"a,b\n1, 2\n", None),
        (b"a,b \n1,2\n", None),
        (b" a,b\n1,2\n", None),
        (b"a,b\n1,2\t", None),
        (b'a,b\n6" pipe,2\n', None),
        (b'a,b\n"x"y,2\n', None),
        (b'a,b\n"x,2\n', None),
        (b"a,b\n1,007\n", (False, True)),
        (b"a,b\n1,-07\n", (False, True)),
        (b"a,b\n+01,2\n", (False, True)),
        (b"a,b\n0x1F,2\n", (False, True)),
        (b"a,b\n0.5,-0.5\n0,-0\n", (False, False)),
        (b'a,b\n"007",2\n', (True, True)),
        (b'a,b\n" 7",2\n', (True, True)),
        (b"007,b\n", (False, True)),
    ],
)
@pytest.mark.parametrize("block", [4, 7, 1 << 16])
def test_survey(text, wanted, block, monkeypatch):
    monkeypatch.setattr(survey, "_BLOCK", block)
    seen = survey.survey(text, b",")
    assert (seen and (seen.quoted, seen.doubtful)) == wanted


def test_missing_cells_of_parts_read_at_once_are_all_kept(
    monkeypatch,
):
    real = np.zeros

    def slowly(*args, **kwargs):
        time.sleep(0.05)  # so that the other thread comes in between
        return real(*args, **kwargs)

    monkeypatch.setattr(np, "zeros", slowly)
    column = blocks._Values(pa.float64(), np.empty(4, np.int64))
    cells = pa.array([1.0, None])
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda part: column.put(part, 2 * part, cells), range(2)))
    assert column.array(4).to_pylist() == [1.0, None, 1.0, None]
