"""Small valid files of every format, to be spoilt."""

import gzip
import io
import json
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

HEADER = ("size", "kind", "when", "tags", "价格", "ok", "y")
LINES = [
    (
        f"{i * 1.5 - 3}",
        ("red", "blue", "dark, green")[i % 3],
        f"2024-{1 + i % 12:02d}-{1 + i:02d} 1{i % 10}:00:00",
        ("a|b", "b", "", "a|b|c")[i % 4],
        str(1000 + i * i),
        ("yes", "no")[i % 2],
        ("0", "1", "1")[i % 3],
    )
    for i in range(12)
]
ARFF = b"""% a comment
@relation 'fuzz'
@attribute size numeric
@attribute 'a kind' {red, blue, 'dark green'}
@attribute when date "yyyy-MM-dd HH:mm:ss"
@attribute note string
@attribute y {0,1}
@data
1.5,red,"2024-01-02 10:00:00",'it\\'s',0
?,blue,"2024-01-03 10:00:00",?,1
2,'dark green',"2024-01-04 10:00:00","x, y",1
"""
SPARSE = b"""@relation sparse
@attribute a numeric
@attribute b numeric
@attribute y {no, yes}
@data
{0 1.5, 2 yes}
{1 2}
{}
{0 3, 1 4, 2 yes}
"""


def _csv(sep: str, *, marks: bool = True, end: str = "\n") -> str:
    def cell(text: str) -> str:
        wanted = marks and (sep in text or '"' in text)
        return f'"{text}"' if wanted else text.replace(sep, " ")

    rows = (HEADER, *LINES)
    return "".join(sep.join(map(cell, row)) + end for row in rows)


def _objects() -> list[dict[str, object]]:
    rows = [dict(zip(HEADER, line, strict=True)) for line in LINES]
    return [
        {**row, "size": float(row["size"]), "tags": row["tags"].split("|"), "价格": i}
        for i, row in enumerate(rows)
    ]


def _table() -> pa.Table:
    columns = dict(zip(HEADER, map(list, zip(*LINES, strict=True)), strict=True))
    return pa.table(
        {
            **columns,
            "size": [float(v) for v in columns["size"]],
            "when": pa.array(columns["when"]).cast(pa.timestamp("s")),
            "kind": pa.array(columns["kind"]).dictionary_encode(),
            "tags": [v.split("|") for v in columns["tags"]],
            "y": [int(v) if i else None for i, v in enumerate(columns["y"])],
        }
    )


def _written(write: object) -> bytes:
    out = io.BytesIO()
    write(out)  # type: ignore[operator]
    return out.getvalue()


def _stream(table: pa.Table) -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Name and content of each file."""
    plain = _csv(",")
    lines = "".join(json.dumps(row) + "\n" for row in _objects())
    table = _table()
    return (
        ("a.csv", plain.encode()),
        ("b.csv", _csv(";").replace(".", ",").encode()),
        ("c.tsv", _csv("\t").encode()),
        ("d.csv", _csv("|", marks=False, end="\r\n").encode()),
        ("e.csv", plain.encode("utf-16")),
        ("f.csv", plain.replace("red", "红色的").encode("gb18030")),
        ("g.csv", plain.replace("red", "rouge é").encode("utf-8-sig")),
        ("h.csv", plain.replace("\n", "\r").encode()),
        ("i.csv", b'x,y\n"a ""b"" c",1\n"line\nbreak",0\n" pad ",1\n'),
        ("j.csv", b'price,share,day\n"$1,000.50",5 %,31/12/2024\n$7,12 %,1/2/2024\n'),
        ("k.txt", b"one column\nof text, with commas\nand more\n"),
        ("l.csv", b"1,2,3\n4,5,6\n7,8,9\n"),
        ("m.csv.gz", plain.encode()),
        ("n.csv.zst", plain.encode()),
        ("o.jsonl", lines.encode()),
        ("p.json", json.dumps(_objects(), ensure_ascii=False).encode()),
        ("q.parquet", _written(lambda out: pq.write_table(table, out))),
        ("r.parquet", _written(lambda out: pq.write_table(table, out, version="1.0"))),
        (
            "s.feather",
            _written(lambda out: pyarrow.feather.write_feather(table, out)),
        ),
        ("t.arrow", _stream(table)),
        ("u.arff", ARFF),
        ("v.arff", SPARSE),
        (
            "w.npz",
            _written(
                lambda out: np.savez(out, X=np.eye(6), y=np.arange(6), s=["a"] * 6)
            ),
        ),
    )


def packed(name: str, raw: bytes) -> bytes:
    """``raw`` in the packing that the name asks for."""
    if name.endswith(".gz"):
        return gzip.compress(raw, mtime=0)
    if name.endswith(".zst"):
        return bytes(pa.compress(raw, "zstd", asbytes=True))
    return raw
