"""From a path to bytes: what a file is by its name and by its first bytes.

Both must agree. A file that says one thing and is another is refused, and nothing that
is or may hold a pickle is opened: unpickling runs whatever code the file contains.
"""

import gzip
import os
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import final

import pyarrow as pa

from dovetail._names import suggest
from dovetail.errors import DataError

FORMATS = {
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".feather": "arrow",
    ".arrow": "arrow",
    ".ipc": "arrow",
    ".arff": "arff",
    ".npz": "npz",
}
READABLE = (
    "delimited text (.csv, .tsv, .txt, .data; plain, .gz or .zst), JSON lines "
    "(.jsonl), Parquet, Feather/Arrow, ARFF and .npz"
)

_PICKLE = (
    "opening a pickle runs the code in it; save the table as Parquet or CSV instead"
)
_EXPORT = "save the table as Parquet or CSV instead"
_UNPACK = "unpack it and give the file inside, or compress the table itself as .gz"
_REFUSED_SUFFIXES = {
    **dict.fromkeys((".pkl", ".pickle", ".joblib", ".dill"), ("a pickle", _PICKLE)),
    **dict.fromkeys((".pt", ".pth", ".ckpt"), ("a torch file, a pickle", _PICKLE)),
    ".npy": ("a bare NumPy array", "save it with numpy.savez as .npz"),
    **dict.fromkeys((".h5", ".hdf5", ".hdf"), ("an HDF5 file", _EXPORT)),
    **dict.fromkeys((".xls", ".xlsx", ".ods"), ("a spreadsheet", _EXPORT)),
    **dict.fromkeys((".db", ".sqlite", ".sqlite3"), ("a database", _EXPORT)),
    **dict.fromkeys((".dta", ".sav", ".sas7bdat", ".rds"), ("another format", _EXPORT)),
    **dict.fromkeys((".zip", ".tar", ".tgz", ".7z", ".rar"), ("an archive", _UNPACK)),
    **dict.fromkeys((".bz2", ".xz", ".lz4"), ("compressed otherwise", _UNPACK)),
}
_MAGIC = (  # first bytes, what the file is, the format it may be, what to do
    (b"PAR1", "a Parquet file", "parquet", "give it a name that ends in .parquet"),
    (b"ARROW1", "an Arrow file", "arrow", "give it a name that ends in .arrow"),
    (b"\xff\xff\xff\xff", "an Arrow stream", "arrow", "name it with .arrow at the end"),
    (b"PK\x03\x04", "a zip archive", "npz", _UNPACK),
    (b"PK\x05\x06", "an empty zip archive", None, _UNPACK),
    (b"\x1f\x8b", "a gzip file", None, "give it a name that ends in .gz"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file", None, "name it with .zst at the end"),
    (b"BZh", "a bzip2 file", None, _UNPACK),
    (b"\xfd7zXZ\x00", "an xz file", None, _UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", None, _UNPACK),
    (b"Rar!\x1a", "a RAR archive", None, _UNPACK),
    (b"SQLite format 3\x00", "an SQLite database", None, _EXPORT),
    (b"\x93NUMPY", "a bare NumPy array", None, "save it with numpy.savez as .npz"),
    (b"\x89HDF\r\n", "an HDF5 file", None, _EXPORT),
    (b"FEA1", "a Feather file of version 1", None, "write it again as version 2"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", None, _EXPORT),
    (b"%PDF-", "a PDF document", None, _EXPORT),
    (b"\x89PNG", "a PNG image", None, "give a table with a column of image paths"),
    (
        b"\xff\xd8\xff",
        "a JPEG image",
        None,
        "give a table with a column of image paths",
    ),
    *((bytes([0x80, v]), "a pickle", None, _PICKLE) for v in range(1, 6)),
)


_PAGE = "fetch the file itself: the address gave a page, perhaps one to log in at"
_JSON_LINE = re.compile(rb"\s*(\[\s*)?\{\s*(\"[^\"\r\n]*\"\s*:|\})")
_LIKE_TEXT = (  # the same for what could pass as one column of text
    (re.compile(rb"\s*<(!doctype\s+html|html\b)", re.I), "an HTML page", None, _PAGE),
    (
        re.compile(rb"version https://git-lfs\."),
        "a pointer of Git LFS",
        None,
        "fetch the file it stands for: git lfs pull",
    ),
    (_JSON_LINE, "JSON", "json", "give it a name that ends in .jsonl"),
)


@final
@dataclass(frozen=True)
class File:
    """One file, opened: name for messages, format, its bytes unpacked and as stored."""

    name: str
    suffix: str
    format: str
    raw: bytes
    stored: bytes


def load(path: str | os.PathLike[str]) -> File:
    """Read and unpack ``path``; every way in which that can fail is a ``DataError``."""
    where = Path(path)
    name = str(where)
    suffix, packed = ending(where)
    if suffix in _REFUSED_SUFFIXES and not where.is_dir():
        what, fix = _REFUSED_SUFFIXES[suffix]
        _must_exist(where)
        raise DataError(f"{name} is {what}, which dovetail does not read.", fix=fix)
    stored = _bytes(where)
    raw = _unpacked(name, where.suffix.lower(), stored) if packed else stored
    if not raw:
        raise DataError(f"{name} is empty.", fix="give a file with a header and rows")
    form = FORMATS.get(suffix, "text")
    _check_magic(name, suffix, form, raw)
    return File(name, suffix, form, raw, stored)


def ending(where: Path) -> tuple[str, bool]:
    """What a name ends in, and is the file packed besides?

    >>> ending(Path("a/b.CSV.gz")), ending(Path("b.parquet"))
    (('.csv', True), ('.parquet', False))
    """
    packed = where.suffix.lower() in (".gz", ".zst", ".zstd")
    return (where.with_suffix("") if packed else where).suffix.lower(), packed


def _bytes(where: Path) -> bytes:
    _must_exist(where)
    if where.is_dir():
        raise DataError(
            f"{where} is a folder; a table is one file.",
            fix=f"name a file in it; dovetail reads {READABLE}",
        )
    try:
        return where.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DataError(
            f"{where} cannot be read: {reason}.",
            fix="check the file's permissions and the disk it stands on",
        ) from None


def _must_exist(where: Path) -> None:
    if re.match(r"[a-z][a-z0-9+.-]+:/", str(where), re.IGNORECASE):
        address = str(where).replace(":/", "://", 1)  # a path has no empty parts
        raise DataError(
            f"{address} is an address, not a file.",
            fix="download the file, then give its path",
        )
    try:
        where.stat()
        return
    except (FileNotFoundError, NotADirectoryError):
        pass
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(
            f"{str(where)!r} cannot be opened: {reason}.", fix="check the path"
        ) from None
    if where.is_symlink():
        raise DataError(
            f"{where} is a link to {os.readlink(where)!r}, which does not exist.",
            fix="mend the link, or name the file itself",
        )
    if any(mark in where.name for mark in "*?"):
        raise DataError(
            f"{where} does not exist; a pattern of names is not looked for.",
            fix="name one file, which holds all rows",
        )
    if not where.parent.is_dir():
        raise DataError(
            f"{where} does not exist: there is no folder {where.parent}.",
            fix="check the path; relative paths start at the current folder",
        )
    try:
        hint = suggest(where.name, os.listdir(where.parent))
    except OSError:
        hint = ""
    raise DataError(
        f"{where} does not exist.{hint}",
        fix="check the path; relative paths start at the current folder",
    )


def _unpacked(name: str, suffix: str, raw: bytes) -> bytes:
    gz = suffix == ".gz"
    if raw and not raw.startswith(b"\x1f\x8b" if gz else b"\x28\xb5\x2f\xfd"):
        kind = "gzip" if gz else "Zstandard"
        raise DataError(
            f"{name} is no {kind} file, though its name ends in {suffix}.",
            fix=f"give it a name without {suffix}, or fetch it again",
        )
    try:
        if gz:
            return gzip.decompress(raw)
        with pa.CompressedInputStream(pa.BufferReader(raw), "zstd") as stream:
            return bytes(stream.read())
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        raise DataError(
            f"{name} is damaged or cut short: {error}.", fix="fetch or write it again"
        ) from None


def _check_magic(name: str, suffix: str, form: str, raw: bytes) -> None:
    found = next((magic for magic in _MAGIC if raw.startswith(magic[0])), None)
    said = f"its name ends in {suffix}" if suffix else "its name has no ending"
    for pattern, what, fits, fix in _LIKE_TEXT:
        if fits != form and pattern.match(raw[:1000]):
            raise DataError(f"{name} is {what}, though {said}.", fix=fix)
    if found is None:
        if form in ("parquet", "arrow", "npz"):
            raise DataError(
                f"{name} does not start as a {suffix} file does; it is damaged or "
                f"something else.",
                fix="write it again, or give it the name of what it is",
            )
        return
    start, what, fits, fix = found
    if fits == form:
        return
    if start.startswith(b"PK") and b"[Content_Types].xml" in raw[:4096]:
        what, fix = "an Office file such as a spreadsheet", _EXPORT
    raise DataError(f"{name} is {what}, though {said}.", fix=fix)
