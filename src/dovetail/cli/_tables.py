"""Predictions to a file, in the format its name ends in; whole or not at all.

.csv .tsv (.gz)   UTF-8, a header line; missing is an empty cell
.jsonl            one object a line; missing is null
.parquet .feather
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet

from dovetail.cli._output import atomic, plain
from dovetail.data import write_csv

_ROWS = 1 << 16  # rows turned to text at a time


def write(table: pa.Table, path: Path, *, safe: bool = False) -> None:
    """Write ``table`` to ``path``, replacing what is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = WRITERS.get(path.suffix.lower())
    if writer is None:
        write_csv(table, path, safe=safe)
        return
    with atomic(path) as file:
        writer(table, file)


def _json_lines(table: pa.Table, file: IO[bytes]) -> None:
    for start in range(0, table.num_rows, _ROWS):
        for row in table.slice(start, _ROWS).to_pylist():
            line = json.dumps(plain(row), ensure_ascii=False, allow_nan=False)
            file.write(f"{line}\n".encode())


WRITERS: dict[str, Callable[[pa.Table, IO[bytes]], None]] = {
    ".jsonl": _json_lines,
    ".parquet": parquet.write_table,
    ".feather": feather.write_feather,
}
