"""Small files for the catalogue: one table of houses, whole or spoilt."""

import gzip
import io
import os
import pickle
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 60

HOUSES: Mapping[str, list[str]] = {
    "area": [f"{40 + 7.5 * (i * 37 % 50):.1f}" for i in range(ROWS)],
    "rooms": [str(1 + i * 13 % 6) for i in range(ROWS)],
    "city": [("Delft", "Leiden", "Gouda")[i * 7 % 3] for i in range(ROWS)],
    "built": [f"{1950 + i}-{1 + i % 12:02d}-15" for i in range(ROWS)],
    "heated": [("yes", "no")[i * 11 % 4 == 0] for i in range(ROWS)],
    "price": [f"{100 + 3 * (i * 37 % 50) + i % 7:.1f}" for i in range(ROWS)],
    "sold": [("yes", "no", "no")[i * 5 % 7 % 3] for i in range(ROWS)],
}


def csv(columns: Mapping[str, Iterable[str]], sep: str = ",") -> str:
    """The columns as delimited text."""
    rows = zip(*columns.values(), strict=True)
    return "".join(sep.join(row) + "\n" for row in ((*columns,), *rows))


def houses(
    cells: Mapping[str, Mapping[int, str]] | None = None,
    *,
    sep: str = ",",
    rows: int = ROWS,
    without: Iterable[str] = (),
    **columns: Iterable[str] | Callable[[int], str],
) -> str:
    """The houses; ``cells`` are changed by column and row, ``columns`` are put in."""
    table = {name: list(column) for name, column in HOUSES.items()}
    for name, given in columns.items():
        made = map(given, range(ROWS)) if callable(given) else given
        table[name] = list(made)
    for name, changes in (cells or {}).items():
        for row, cell in changes.items():
            table[name][row] = cell
    kept = {n: cells[:rows] for n, cells in table.items() if n not in without}
    return csv(kept, sep)


def quoted(cells: Iterable[str]) -> list[str]:
    return [f'"{cell}"' for cell in cells]


def arrow(**changes: pa.Array) -> pa.Table:
    return pa.table({**{n: pa.array(c) for n, c in HOUSES.items()}, **changes})


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def npz(**arrays: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez(out, **arrays)
    return out.getvalue()


def archive(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as into:
        into.writestr(name, houses())
    return out.getvalue()


def packed(text: str) -> bytes:
    return gzip.compress(text.encode(), mtime=0)


def a_pickle() -> bytes:
    return pickle.dumps(dict(HOUSES))


def a_folder(path: Path) -> None:
    path.mkdir()


def link_to(name: str) -> Callable[[Path], None]:
    return lambda path: os.symlink(name, path)


def unreadable(path: Path) -> None:
    path.write_text(houses())
    path.chmod(0)


def locked_folder(path: Path) -> None:
    path.mkdir(mode=0o555)
