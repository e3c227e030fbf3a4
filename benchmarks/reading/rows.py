"""The file that is read: 20 mixed columns, drawn from a seed.

floats       2, 6 and 17 digits, a price, shares with missing cells
integers     small, large, negative, counts with missing cells
yes or no    0/1, yes/no, yes/no with missing cells
text         5, 20, 1,000 and 50,000 values; 200 with separators, so quoted
dates        a day, a time to the second
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

BLOCK = 100_000  # rows drawn at a time

NUMBERS = (
    "x2", "x6", "x17", "price", "share", "rate", "small", "large", "count", "change",
    "flag",
)  # fmt: skip
WORDS = ("member", "agreed", "grade", "colour", "product", "customer", "city")
TIMES = ("day", "moment")


def write(path: Path, rows: int, seed: int) -> None:
    """Write the file; equal bytes for equal ``rows`` and ``seed``."""
    stream = np.random.default_rng(seed)
    with open(path, "wb") as file:
        for start in range(0, rows, BLOCK):
            table = block(stream, min(BLOCK, rows - start))
            if start == 0:
                file.write(",".join(table.column_names).encode() + b"\n")
            cells = [quoted(column.cast(pa.string())) for column in table.columns]
            lines = pc.binary_join_element_wise(*cells, ",")
            file.write("\n".join([*lines.to_pylist(), ""]).encode())


def quoted(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """``cells`` with marks around those that hold a separator; missing is empty."""
    cells = pc.fill_null(cells, "")
    marked = pc.binary_join_element_wise('"', cells, '"', "")
    return pc.if_else(pc.match_substring(cells, ","), marked, cells)


def block(stream: np.random.Generator, n: int) -> pa.Table:
    """The next ``n`` rows."""
    words = ["yes", "no"]
    columns = {
        "x2": stream.normal(0, 10, n).round(2),
        "x6": stream.normal(0, 1, n).round(6),
        "x17": stream.normal(0, 1, n),
        "price": stream.lognormal(3, 1, n).round(2),
        "share": gaps(stream, stream.random(n).round(4), 0.05),
        "rate": gaps(stream, stream.exponential(5, n).round(1), 0.2),
        "small": stream.integers(0, 100, n),
        "large": stream.integers(0, 10**9, n),
        "count": gaps(stream, stream.poisson(3, n), 0.03),
        "change": stream.integers(-5000, 5000, n),
        "flag": stream.integers(0, 2, n),
        "member": named(stream, words, n),
        "agreed": gaps(stream, named(stream, words, n), 0.1),
        "grade": named(stream, ["low", "fair", "good", "high", "top"], n),
        "colour": named(stream, [f"colour-{k}" for k in range(20)], n),
        "product": named(stream, [f"P{k:04d}x" for k in range(1000)], n),
        "customer": named(stream, [f"customer {k}" for k in range(50_000)], n),
        "city": named(stream, [f"City {k}, Land {k % 7}" for k in range(200)], n),
        "day": times(stream, n, "D", 7300),
        "moment": times(stream, n, "s", 7300 * 86_400),
    }
    return pa.table(columns)


def named(stream: np.random.Generator, labels: list[str], n: int) -> pa.Array:
    """``n`` of ``labels``, the first ones more often."""
    index = (stream.random(n) ** 2 * len(labels)).astype(np.int32)
    return pa.array(labels).take(pa.array(index))


def gaps(
    stream: np.random.Generator, values: "np.ndarray | pa.Array", share: float
) -> pa.Array:
    """``values`` with a ``share`` of missing cells."""
    missing = pa.array(stream.random(len(values)) < share)
    return pc.if_else(missing, None, pa.array(values))


def times(stream: np.random.Generator, n: int, unit: str, span: int) -> pa.Array:
    """Days or seconds of twenty years, as text in ISO 8601."""
    moments = np.datetime64("2005-01-01", unit) + stream.integers(0, span, n)
    cells = pa.array(np.datetime_as_string(moments))
    return pc.replace_substring(cells, "T", " ")
