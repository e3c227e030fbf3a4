"""One table through every format, and what is particular to each of them."""

import datetime
import gzip
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as pq
import pytest

from dovetail.data import read_table

DAY = datetime.datetime(2011, 1, 1, 13)
TABLE = pa.table(
    {
        "n": pa.array([1, None, -3]),
        "x": pa.array([0.5, 2.0, None]),
        "word": pa.array(["a,b", "数 据", None]),
        "when": pa.array([DAY, DAY, None], pa.timestamp("us")),
    }
)
ROWS = [
    {k: str(v) if isinstance(v, datetime.datetime) else v for k, v in row.items()}
    for row in TABLE.to_pylist()
]
CSV = f'n,x,word,when\n1,0.5,"a,b",{DAY}\n,2.0,数 据,{DAY}\n-3,,,\n'.encode()
JSON_LINES = "\n".join(json.dumps(row) for row in ROWS).encode()
ARFF = f"""% a comment
@RELATION 'some thing'

@Attribute n integer
@attribute\tx REAL
@attribute 'word' string
@attribute when date "yyyy-MM-dd HH:mm:ss"
@DATA
1,0.5,'a,b','{DAY}'
% another
?, 2.0, "数 据", "{DAY}"

-3,?,?,?
""".encode()


def _parquet(path):
    pq.write_table(TABLE, path)


def _feather(path):
    feather.write_feather(TABLE, path, compression="zstd")


def _stream(path):
    with pa.OSFile(str(path), "wb") as f, pa.ipc.new_stream(f, TABLE.schema) as out:
        out.write_table(TABLE)


WRITERS = {
    "t.csv": lambda p: p.write_bytes(CSV),
    "t.CSV": lambda p: p.write_bytes(CSV),
    "t.unknown": lambda p: p.write_bytes(CSV),
    "t": lambda p: p.write_bytes(CSV),
    "t.tsv": lambda p: p.write_bytes(CSV.replace(b",", b"\t").replace(b"a\tb", b"a,b")),
    "t.csv.gz": lambda p: p.write_bytes(gzip.compress(CSV)),
    "two.csv.gz": lambda p: p.write_bytes(
        gzip.compress(CSV[:20]) + gzip.compress(CSV[20:])
    ),
    "t.csv.zst": lambda p: p.write_bytes(pa.compress(CSV, "zstd", asbytes=True)),
    "t.jsonl": lambda p: p.write_bytes(JSON_LINES),
    "t.ndjson": lambda p: p.write_bytes(JSON_LINES.replace(b"\n", b"\r\n\r\n")),
    "t.json": lambda p: p.write_text(json.dumps(ROWS)),
    "t.jsonl.gz": lambda p: p.write_bytes(gzip.compress(JSON_LINES)),
    "t.parquet": _parquet,
    "t.feather": _feather,
    "t.arrow": _stream,
    "t.arff": lambda p: p.write_bytes(ARFF),
    "crlf.arff": lambda p: p.write_bytes(ARFF.replace(b"\n", b"\r\n")),
    "t.arff.gz": lambda p: p.write_bytes(gzip.compress(ARFF)),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_table(tmp_path, name) -> None:
    WRITERS[name](tmp_path / name)
    got = read_table(tmp_path / name)
    assert got.table.schema == TABLE.schema
    assert got.table.equals(TABLE)
    assert got.bad_rows == 0
    assert got.notes == ()


def test_paths_may_be_text_and_in_any_script(tmp_path) -> None:
    path = tmp_path / "数据 😀.csv"
    path.write_bytes(CSV)
    assert read_table(str(path)).table.equals(TABLE)


def test_json_keys_types_and_dates(tmp_path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text(
        '{"a": 1, "zip": "01234", "n": "5", "day": "2011-01-01"}\n'
        '{"a": "x", "zip": "2", "n": "", "late": [1, 2], "day": "2012-01-01"}\n'
        '{"a": 2.5}\n'
    )
    assert read_table(path).table.to_pydict() == {
        "a": ["1", "x", "2.5"],  # values of several types are text
        "zip": ["01234", "2", None],
        "n": ["5", "", None],  # JSON says that it is text
        "day": [datetime.datetime(2011, 1, 1), datetime.datetime(2012, 1, 1), None],
        "late": [None, [1, 2], None],
    }


def test_json_rows_longer_than_a_block(tmp_path) -> None:
    path = tmp_path / "t.jsonl"
    long = "x" * 20_000_000
    path.write_text(f'{{"a": "{long}"}}\n{{"a": "y"}}\n')
    assert read_table(path).table["a"].to_pylist() == [long, "y"]


def test_json_lines_can_be_left_out(tmp_path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"a": 1}\nnonsense\n[2]\n{"a": 3}\n')
    got = read_table(path, on_bad="skip")
    assert got.table.to_pydict() == {"a": [1, 3]}
    assert got.bad_rows == 2
    assert "the first is line 2" in got.notes[0]


def test_json_in_another_encoding(tmp_path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes('{"a": "数"}\n'.encode("utf-16"))
    assert read_table(path).table.to_pydict() == {"a": ["数"]}


def test_the_row_labels_of_pandas_are_no_column(tmp_path) -> None:
    frame = pd.DataFrame({"a": [1, 2]}, index=["p", "q"])
    frame.to_parquet(tmp_path / "t.parquet")
    got = read_table(tmp_path / "t.parquet")
    assert got.table.to_pydict() == {"a": [1, 2]}
    assert "row labels of pandas" in got.notes[0]


def test_arrays(tmp_path) -> None:
    path = tmp_path / "t.npz"
    X = np.array([[1, 2], [3, 4]], dtype=np.int8)
    np.savez(path, X=X, y=np.array(["no", "yes"]), w=np.array([0.5, np.nan]))
    assert read_table(path).table.to_pydict() == {
        "X0": [1, 3],
        "X1": [2, 4],
        "y": ["no", "yes"],
        "w": [0.5, None],
    }
    np.savez_compressed(path, X)
    assert read_table(path).table.to_pydict() == {"x0": [1, 3], "x1": [2, 4]}


HEAD = "@relation r\n"


def arff(tmp_path, text: str, **options):
    (tmp_path / "t.arff").write_text(HEAD + text)
    return read_table(tmp_path / "t.arff", **options)


@pytest.mark.parametrize(
    ("declared", "cells", "wanted"),
    [
        ("{0,1}", ["0", "1", "?"], [0, 1, None]),
        ("{ 0, 1 }", ["1"], [1]),
        ("{0,1,x}", ["0", "1"], ["0", "1"]),
        ("{00,01}", ["00", "01"], ["00", "01"]),
        (r"{'a b', 'it\'s', x}", ["'a b'", r"'it\'s'", "x"], ["a b", "it's", "x"]),
        ("{yes,'no, never'}", ["yes", "'no, never'"], ["yes", "no, never"]),
        ("numeric", ["1", "2"], [1, 2]),
        ("NUMERIC", ["1", "2.5"], [1.0, 2.5]),
        ("real", ["007", "1"], [7.0, 1.0]),
        ("integer", ["?", "?"], [None, None]),
        ("string", ["1", "?", "'?'"], ["1", None, "?"]),
        ("string", [r"'it\'s'", r'"a \"b\""'], ["it's", 'a "b"']),
        ("string", ["''", "' x '"], ["", " x "]),
        ("date", ["2011-01-01T13:00:00"], [DAY]),
        ("date 'dd.MM.yyyy HH'", ["'01.01.2011 13'"], [DAY]),
        ("date \"yyyy-MM-dd'T'HH:mm:ss\"", ["2011-01-01T13:00:00", "?"], [DAY, None]),
    ],
)
def test_arff_types(tmp_path, declared, cells, wanted) -> None:
    rows = "".join(f"{cell},0\n" for cell in cells)
    got = arff(tmp_path, f"@attribute a {declared}\n@attribute b real\n@data\n{rows}")
    assert got.table["a"].to_pylist() == wanted


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("@attribute size real", "size"),
        ("@ATTRIBUTE 'in m' real", "in m"),
        ('@attribute "in m" real', "in m"),
        ("@attribute\tsize\treal", "size"),
        ("@attribute size{1,2}", "size"),
        (r"@attribute 'it\'s' real", "it's"),
        ("@attribute 数 real", "数"),
        ("@attribute % real", "%"),
    ],
)
def test_arff_names(tmp_path, line, name) -> None:
    got = arff(tmp_path, f"{line}\n@data\n1\n2\n").table
    assert got.to_pydict() == {name: [1, 2]}


def test_arff_separated_by_tabs(tmp_path) -> None:
    text = "@attribute a real\n@attribute b {x,y}\n@data\n1\tx\n2\ty\n"
    assert arff(tmp_path, text).table.to_pydict() == {"a": [1, 2], "b": ["x", "y"]}


def test_sparse_arff_fills_what_is_left_out(tmp_path) -> None:
    text = (
        "@attribute a numeric\n@attribute b {none,'very much'}\n@attribute c {0,1}\n"
        "@attribute d numeric\n@data\n"
        "{0 1.5, 1 'very much'}\n{}\n% comment\n{ 2 1 , 3 ? }\n1,none,1,7\n"
    )
    assert arff(tmp_path, text).table.to_pydict() == {
        "a": [1.5, 0.0, 0.0, 1.0],
        "b": ["very much", "none", "none", "none"],
        "c": [0, 0, 1, 1],
        "d": [0, 0, None, 7],
    }


def test_arff_rows_can_be_left_out(tmp_path) -> None:
    head = "@attribute a real\n@attribute b string\n@data\n"
    for rows in ("1,x\n2\n3,z\n", "1,'x'\n2\n3,z\n"):
        got = arff(tmp_path, head + rows, on_bad="skip")
        assert got.table.to_pydict() == {"a": [1, 3], "b": ["x", "z"]}
        assert got.bad_rows == 1
        assert "line 6" in got.notes[0]
