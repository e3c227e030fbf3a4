"""Tables that were read, kept on disk by the content of their files.

    $DOVETAIL_CACHE, else <the user's cache folder>/dovetail/tables
        <size>-<hash>.arrow     the table as Arrow IPC, its check sums behind it

The hash is over everything the table depends on: the digest of the file's bytes, the
reading options, the versions. So a file that changed, at whatever time and to whatever
size, is another file. Reopened tables are mapped into memory, not copied.

An entry is written under another name and renamed, never changed afterwards; one that
is damaged, cut short or somebody else's is passed over and written anew. A cache that
cannot be used is told of once and otherwise changes nothing.
"""

import contextlib
import hashlib
import json
import mmap
import os
import secrets
import shutil
import sys
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import pyarrow as pa

from dovetail._user_cache import unused, user_cache
from dovetail._version import __version__
from dovetail.data.reading.content import digest_of, sums_of
from dovetail.data.reading.files import FORMATS, ending
from dovetail.errors import DovetailWarning

FORMAT = 2  # changes whenever a table, or what stands beside it, would
LEAST = 16 * 2**20  # bytes of text; less is read again in no time
LEAST_PACKED = 2**20
KEPT = 4 * 2**30  # bytes of all entries; those not used for longest make room
_LEFT_S = 3600.0  # nothing takes so long to write: what is older was left behind
_OFF = ("", "off", "0", "no", "false")
_TRAILER = 64  # hexadecimal digits

_told = False


@final
@dataclass(frozen=True)
class Entry:
    """What is kept: a table, and what was said when it was read."""

    table: pa.Table
    notes: tuple[str, ...]
    bad_rows: int


@final
@dataclass(frozen=True)
class Slot:
    """Where the table of one file, read with these options, has its place."""

    folder: Path
    size: int  # of the file
    options: str

    def place(self, digest: str) -> Path:
        """The entry's path for a file with this content."""
        facts = (str(FORMAT), __version__, pa.__version__, sys.byteorder)
        named = hashlib.sha256("\0".join((*facts, self.options, digest)).encode())
        return self.folder / f"{self.size}-{named.hexdigest()}.arrow"

    def find(self, path: Path) -> Entry | None:
        """The table of the file at ``path``, if it is here and sound."""
        try:
            if not any(self.folder.glob(f"{self.size}-*.arrow")):
                return None  # spares the hash
            place = self.place(digest_of(path))
            found = _opened(place)
            if found is not None:
                os.utime(place)  # used now
        except (OSError, ValueError):
            return None
        return found

    def keep(self, digest: str, entry: Entry) -> None:
        """Keep what a file with this content was read as."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            needed = 2 * entry.table.nbytes
            if needed > KEPT or needed > shutil.disk_usage(self.folder).free:
                return
            _write(self.place(digest), entry)
            _prune(self.folder)
        except (OSError, pa.ArrowException) as error:
            _tell(self.folder, error)


def slot(path: Path, **options: Any) -> Slot | None:
    """The place of a file's table; None where none is kept.

    That is: tables of files that are read fast, or while the cache is switched off.
    """
    suffix, packed = ending(path)
    folder = _folder()
    if folder is None or FORMATS.get(suffix, "text") in ("parquet", "arrow", "npz"):
        return None
    try:
        size = path.stat().st_size
    except (OSError, ValueError):
        return None  # who reads it says why
    if size < (LEAST_PACKED if packed else LEAST):
        return None
    said = json.dumps({"suffix": suffix, "packed": packed, **options}, sort_keys=True)
    return Slot(folder, size, said)


def _folder() -> Path | None:
    chosen = os.environ.get("DOVETAIL_CACHE")
    if chosen is not None:
        if chosen.strip().lower() in _OFF:
            return None
        return Path(chosen).expanduser()
    return user_cache() / "tables"


def _opened(place: Path) -> Entry | None:
    try:
        file = open(place, "rb")  # noqa: SIM115
    except FileNotFoundError:
        return None
    with file:
        status = os.fstat(file.fileno())
        mine = not hasattr(os, "getuid") or status.st_uid == os.getuid()
        if not mine or status.st_size <= _TRAILER:
            return None
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    whole = pa.py_buffer(mapped)
    body = whole.slice(0, status.st_size - _TRAILER)
    if sums_of(body).encode() != whole.slice(len(body)).to_pybytes():
        return None
    try:
        table = pa.ipc.open_file(pa.BufferReader(body)).read_all()
        said = json.loads(table.schema.metadata[b"dovetail"])
    except (pa.ArrowException, KeyError, TypeError):
        return None
    return Entry(
        table.replace_schema_metadata(None), tuple(said["notes"]), said["bad_rows"]
    )


def _write(place: Path, entry: Entry) -> None:
    said = json.dumps({"notes": entry.notes, "bad_rows": entry.bad_rows})
    table = entry.table.replace_schema_metadata({"dovetail": said})
    fresh = place.with_name(f".{place.name}.{os.getpid()}-{secrets.token_hex(4)}")
    number = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "r+b") as file:
            # One batch, so that a column is one piece of memory when it is reopened.
            with pa.ipc.new_file(pa.PythonFile(file, "w"), table.schema) as sink:
                sink.write_table(table.combine_chunks())
            file.flush()
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
                sums = sums_of(mapped)
            file.seek(0, os.SEEK_END)
            file.write(sums.encode())
        os.replace(fresh, place)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(fresh)
        raise


def _prune(folder: Path) -> None:
    """Remove what was used least lately, and what killed processes left."""
    for path in folder.glob(".*.arrow.*"):
        with contextlib.suppress(OSError):  # another process prunes too
            if time.time() - path.stat().st_mtime > _LEFT_S:
                path.unlink()
    for path in unused(folder.glob("*.arrow"), KEPT):
        with contextlib.suppress(OSError):
            path.unlink()


def _tell(folder: Path, error: Exception) -> None:
    global _told
    if _told:
        return
    _told = True
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    warnings.warn(
        f"Tables that were read are not kept for the next time: {folder} cannot be "
        f"written ({reason}). Name another folder in DOVETAIL_CACHE, or off.",
        DovetailWarning,
        stacklevel=2,
    )
