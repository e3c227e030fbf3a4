"""A table to CSV that reads back as the same table.

cells        are written as
integers     digits
floats       the shortest decimal that gives the same 64 bits; always with a point or
             an exponent, so that they stay floats
text         as it is; in quotation marks where RFC 4180 asks, or where spaces at its
             ends would be taken for padding
date-times   2011-01-01 13:00:00, with a fraction only where there is one
lists        members joined by |
missing      nothing
"""

import contextlib
import gzip
import io
import os
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc

from dovetail.data.reading.files import FORMATS
from dovetail.errors import DataError, ResourceError, UsageError

_ROWS = 1 << 16  # rows turned to text at a time
_RISKY = r"^[=+\-@\t\r]"


def write_csv(
    table: pa.Table,
    path_or_stream: str | os.PathLike[str] | IO[Any],
    safe: bool = False,
) -> None:
    r"""Write ``table`` as UTF-8 with a header; a file appears whole or not at all.

    ``safe`` puts ``'`` before text that a spreadsheet would run as a formula (it starts
    with ``= + - @``, a tab or a carriage return); numbers stay numbers. Files named
    ``.tsv`` are separated by tabs, those named ``.gz`` are packed.

    >>> out = io.StringIO()
    >>> write_csv(pa.table({"x": [0.1, None], "y": ["a,b", "=1"]}), out, safe=True)
    >>> out.getvalue()
    'x,y\n0.1,"a,b"\n,\'=1\n'
    """
    if isinstance(path_or_stream, (str, os.PathLike)):
        _write_file(table, Path(path_or_stream), safe)
        return
    stream: Any = path_or_stream
    if isinstance(stream, io.TextIOBase):
        stream.flush()
        # The bytes below a text stream, where there are any: always UTF-8, always \n.
        stream = getattr(stream, "buffer", stream)
    text = isinstance(stream, io.TextIOBase)
    for part in _parts(table, ",", safe):
        stream.write(part if text else part.encode())
    stream.flush()


def _write_file(table: pa.Table, path: Path, safe: bool) -> None:
    packed = path.suffix.lower() == ".gz"
    suffix = (path.with_suffix("") if packed else path).suffix.lower()
    if suffix in FORMATS or path.suffix.lower() in (".zst", ".xlsx", ".xls"):
        raise UsageError(
            f"{path} would be CSV under another format's name.",
            fix="give a name that ends in .csv, .tsv or .csv.gz",
        )
    target = Path(
        os.path.realpath(path)
    )  # a link stays one, and points to the new file
    special = target.exists() and not target.is_file()  # a pipe, a terminal
    scratch = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with open(target if special else scratch, "wb" if special else "xb") as file:
            # No name and no time in the header: equal tables give equal files.
            zipped = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if packed else None
            with zipped or contextlib.nullcontext(file) as out:
                for part in _parts(table, "\t" if suffix == ".tsv" else ",", safe):
                    out.write(part.encode())
            file.flush()
            if not special:
                os.fsync(file.fileno())
        if not special:
            os.replace(scratch, target)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ResourceError(
            f"{path} cannot be written: {reason}.",
            fix="check that the folder exists, may be written to and has room",
        ) from None
    finally:
        if not special:
            with contextlib.suppress(OSError):
                scratch.unlink()


def _parts(table: pa.Table, sep: str, safe: bool) -> Any:
    """The text, some rows at a time."""
    names = pa.chunked_array([pa.array(table.column_names, pa.string())])
    header = _quoted(_harmless(names) if safe else names, sep).to_pylist()
    yield sep.join(header) + "\n"
    for start in range(0, table.num_rows, _ROWS):
        rows = table.slice(start, _ROWS)
        cells = [
            _text(name, column, sep, safe)
            for name, column in zip(rows.column_names, rows.columns, strict=True)
        ]
        # A line with nothing in it would be a blank line, and no row.
        empty = '""' if len(cells) == 1 else ""
        cells = [pc.fill_null(column, empty) for column in cells]
        lines = pc.binary_join_element_wise(*cells, sep).to_pylist()
        yield "\n".join(lines) + "\n"


def _text(name: str, column: Any, sep: str, safe: bool) -> Any:
    kind = column.type
    if pa.types.is_floating(kind):
        # repr, since pyarrow writes 1.0 as 1, which would come back as an integer.
        values = column.cast(pa.float64()).to_pylist()
        text = [None if v is None or v != v else repr(v) for v in values]
        return pa.chunked_array([pa.array(text, pa.string())])
    if pa.types.is_timestamp(kind):
        text = column.cast(pa.timestamp("us")).cast(pa.string())
        return pc.replace_substring_regex(text, r"\.?0*$", "")
    if pa.types.is_list(kind):
        column = _joined(name, column)
    elif not pa.types.is_string(column.type):
        return column.cast(pa.string())
    return _quoted(_harmless(column) if safe else column, sep)


def _joined(name: str, column: Any) -> Any:
    members = column.cast(pa.list_(pa.string()))
    bars = pc.match_substring(pc.list_flatten(members), "|")
    if pc.any(bars).as_py():
        raise DataError(
            f"Column {name!r} holds lists with a member that contains |, which joins "
            f"the members.",
            fix="rename that label",
        )
    return pc.binary_join(members, "|")


def _harmless(text: Any) -> Any:
    risky = pc.match_substring_regex(text, _RISKY)
    return pc.if_else(risky, pc.binary_join_element_wise("'", text, ""), text)


def _quoted(text: Any, sep: str) -> Any:
    needs = pc.match_substring_regex(text, rf'["{sep}\r\n]|^[ \t]|[ \t]$|^$')
    doubled = pc.replace_substring(text, '"', '""')
    marked = pc.binary_join_element_wise('"', doubled, '"', "")
    return pc.if_else(needs, marked, text)
