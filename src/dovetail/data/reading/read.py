"""A file on disk to a table: one door for every format.

    ending                                  format
    .csv .tsv .txt .data, anything unknown  delimited text
    .jsonl .ndjson .json                    JSON, a row in each line or an array
    .parquet .pq                            Parquet
    .feather .arrow .ipc                    Arrow
    .arff                                   ARFF, dense or sparse
    .npz                                    NumPy arrays

Each may be packed as ``.gz`` or ``.zst``. Nothing that may hold a pickle is read.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import final

import pyarrow as pa

from dovetail._names import suggest
from dovetail.data.reading import arff, binary, cache, csv, jsonlines
from dovetail.data.reading.content import digest_of
from dovetail.data.reading.encoding import to_utf8
from dovetail.data.reading.files import load
from dovetail.data.reading.write import write_csv
from dovetail.errors import ConfigError

__all__ = ["Read", "read_table", "write_csv"]

_ON_BAD = ("fail", "skip")


@final
@dataclass(frozen=True)
class Read:
    """A table as read, what was decided on the way, and how many rows were left out."""

    table: pa.Table
    notes: tuple[str, ...]
    bad_rows: int


def read_table(
    path: str | os.PathLike[str],
    *,
    columns: Sequence[str] | None = None,
    sep: str | None = None,
    encoding: str | None = None,
    on_bad: str = "fail",
    known_columns: Sequence[str] = (),
) -> Read:
    """Read one file, in the format that its name and its first bytes agree on.

    Parameters
    ----------
    columns : names for delimited text without a header line.
    sep : separator of delimited text; told from the first lines if not given.
    encoding : of text; told from the bytes if not given.
    on_bad : ``"fail"`` at the first row with a wrong number of cells, or ``"skip"``
        such rows and count them.
    known_columns : names the caller relies on. A first line that has one of them is a
        header, even where it looks like data.

    Raises
    ------
    DataError : the file cannot be found, opened or understood; says where and why.
    ConfigError : an option that has no meaning for this file, or an unknown value.
    """
    if on_bad not in _ON_BAD:
        raise ConfigError(
            f"on_bad is {on_bad!r}.{suggest(on_bad, _ON_BAD)}", fix="give fail or skip"
        )
    kept = cache.slot(
        Path(path),
        columns=None if columns is None else list(columns),
        sep=sep,
        encoding=encoding,
        on_bad=on_bad,
        known_columns=list(known_columns),
    )
    if kept is not None and (found := kept.find(Path(path))) is not None:
        return Read(found.table, found.notes, found.bad_rows)
    file = load(path)
    delimited = file.format == "text"
    for option, value, fits in (
        ("--columns", columns, delimited),
        ("--sep", sep, delimited),
        ("--encoding", encoding, file.format in ("text", "json", "arff")),
    ):
        if value is not None and not fits:
            raise ConfigError(
                f"{option} has no meaning for {file.name}, which ends in "
                f"{file.suffix}.",
                fix=f"leave {option} out",
            )
    if file.format == "parquet":
        table, notes = binary.parquet(file.name, file.raw)
        return Read(table, tuple(notes), 0)
    if file.format == "arrow":
        table, notes = binary.arrow(file.name, file.raw)
        return Read(table, tuple(notes), 0)
    if file.format == "npz":
        return Read(binary.npz(file.name, file.raw), (), 0)
    name, form, skip = file.name, file.format, on_bad == "skip"
    digest = None
    if kept is not None and len(file.raw) >= cache.LEAST:
        digest = digest_of(file.stored)
    text, taken = to_utf8(name, file.raw, encoding)
    only = [text]
    # Handed on, not held: or the text would stand in memory until the table is done.
    del file, text
    if form == "text":
        table, notes, bad = csv.read(
            name, only.pop(), columns=columns, sep=sep, skip=skip, known=known_columns
        )
    elif form == "arff":
        table, notes, bad = arff.read(name, only.pop(), skip=skip)
    else:
        table, notes, bad = jsonlines.read(name, only.pop(), skip=skip)
    read = Read(table, (*([taken] if taken else []), *notes), bad)
    if kept is not None and digest is not None:
        kept.keep(digest, cache.Entry(read.table, read.notes, read.bad_rows))
    return read
