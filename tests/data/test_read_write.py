"""What ``write_csv`` writes reads back as the same table, and appears whole or not."""

import csv
import datetime
import io
import os
import struct
import threading

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dovetail.data import read_table, write_csv
from dovetail.errors import DataError, ResourceError, UsageError


def written(table: pa.Table, **options) -> str:
    out = io.StringIO(newline="")
    write_csv(table, out, **options)
    return out.getvalue()


def test_each_type() -> None:
    table = pa.table(
        {
            "n": pa.array([1, None, -(2**63)]),
            "x": pa.array([1.0, 0.1, None]),
            "w": pa.array(["a", 'say "x, y"', ""]),
            "yes": pa.array([True, False, None]),
            "t": pa.array(
                [
                    datetime.datetime(2011, 1, 1, 13),
                    datetime.datetime(2011, 1, 1, 13, 0, 0, 500000),
                    None,
                ]
            ),
            "tags": pa.array([["red", "blue"], [], None]),
        }
    )
    assert written(table) == (
        "n,x,w,yes,t,tags\n"
        "1,1.0,a,true,2011-01-01 13:00:00,red|blue\n"
        ',0.1,"say ""x, y""",false,2011-01-01 13:00:00.5,""\n'
        '-9223372036854775808,,"",,,\n'
    )


def bits(value: float) -> bytes:
    return struct.pack("d", value)


@given(st.lists(st.floats(allow_nan=False), min_size=1))
def test_floats_keep_every_bit_in_the_shortest_form(values) -> None:
    cells = written(pa.table({"x": values})).splitlines()[1:]
    assert [bits(float(c)) for c in cells] == [bits(v) for v in values]
    assert cells == [repr(v) for v in values]


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(
    names=st.lists(TEXT, min_size=1, max_size=3, unique=True),
    rows=st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=5),
)
def test_pythons_csv_module_reads_the_same(names, rows) -> None:
    columns = {n: [row[i] for row in rows] for i, n in enumerate(names)}
    table = pa.table({n: pa.array(c, pa.string()) for n, c in columns.items()})
    got = list(csv.reader(io.StringIO(written(table), newline=""), strict=True))
    assert got == [names, *([row[i] for i in range(len(names))] for row in rows)]


COLUMN = (
    st.lists(TEXT.map(lambda t: f"t{t} ") | st.none(), min_size=3, max_size=3)
    | st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=3, max_size=3)
    | st.lists(st.floats(allow_nan=False) | st.none(), min_size=3, max_size=3)
    | st.lists(st.datetimes() | st.none(), min_size=3, max_size=3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    columns=st.lists(COLUMN, min_size=1, max_size=4),
    ending=st.sampled_from([".csv", ".tsv", ".csv.gz"]),
)
def test_reads_back_as_the_same_table(tmp_path, columns, ending) -> None:
    table = pa.table({f"c{i}": c for i, c in enumerate(columns)})
    path = tmp_path / f"t{ending}"
    write_csv(table, path)
    got = read_table(path, sep="tab" if ending == ".tsv" else ",").table
    for name in table.column_names:
        kind = table[name].type
        wanted = pa.string() if pa.types.is_null(kind) else kind
        assert got[name].type == wanted
        assert got[name].to_pylist() == table[name].to_pylist()


def test_a_single_missing_cell_is_still_a_row(tmp_path) -> None:
    write_csv(pa.table({"x": [1, None, 3]}), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").table["x"].to_pylist() == [1, None, 3]


def test_more_rows_than_one_part(tmp_path) -> None:
    table = pa.table({"n": list(range(150_000))})
    write_csv(table, tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").table.equals(table)


def test_safe_text_is_no_formula() -> None:
    cells = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a=1", "", None]
    table = pa.table({"=name": cells, "n": pa.array([-1] * 9), "x": [-0.5] * 9})
    got = list(csv.reader(io.StringIO(written(table, safe=True), newline="")))
    assert got[0] == ["'=name", "n", "x"]
    assert [row[0] for row in got[1:]] == [
        *("'=1+1", "'+1", "'-1", "'@x", "'\tx", "'\rx", "a=1", "", "")
    ]
    assert {(row[1], row[2]) for row in got[1:]} == {("-1", "-0.5")}
    assert written(table).startswith("=name,")


def test_streams_of_text_and_of_bytes() -> None:
    table = pa.table({"数": ["é"]})
    raw = io.BytesIO()
    write_csv(table, raw)
    assert raw.getvalue() == "数\né\n".encode()
    # A text stream of another encoding: its bytes are UTF-8 all the same.
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\r\n")
    stream.write("x")
    write_csv(table, stream)
    assert raw.getvalue() == "x数\né\n".encode()


def test_equal_tables_give_equal_files(tmp_path) -> None:
    table = pa.table({"a": [1, 2]})
    write_csv(table, tmp_path / "one.csv.gz")
    write_csv(table, tmp_path / "two.csv.gz")
    one, two = (tmp_path / f"{n}.csv.gz" for n in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_a_file_appears_whole_or_not_at_all(tmp_path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("before")
    table = pa.table({"a": [["x|y"]]})
    with pytest.raises(DataError, match=r"'a' holds lists with a member that contains"):
        write_csv(table, path)
    assert path.read_text() == "before"
    assert os.listdir(tmp_path) == ["t.csv"]
    write_csv(pa.table({"a": [1]}), path)
    assert path.read_text() == "a\n1\n"
    assert os.listdir(tmp_path) == ["t.csv"]


def test_a_link_stays_a_link(tmp_path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(tmp_path / "real.csv")
    write_csv(pa.table({"a": [1]}), link)
    assert link.is_symlink()
    assert (tmp_path / "real.csv").read_text() == "a\n1\n"


def test_a_pipe_is_written_to_not_replaced(tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    write_csv(pa.table({"a": [1]}), pipe)
    reader.join(10)
    assert got == ["a\n1\n"]
    assert pipe.is_fifo()


def test_where_it_cannot_be_written(tmp_path) -> None:
    table = pa.table({"a": [1]})
    with pytest.raises(ResourceError, match="cannot be written: No such file"):
        write_csv(table, tmp_path / "nowhere" / "t.csv")
    with pytest.raises(ResourceError, match="cannot be written: Is a directory"):
        write_csv(table, tmp_path)
    for name in ("t.parquet", "t.jsonl", "t.xlsx", "t.csv.zst"):
        with pytest.raises(UsageError, match="under another format's name"):
            write_csv(table, tmp_path / name)
