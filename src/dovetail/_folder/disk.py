"""Files and folders on the disk: flushed when written, hidden when unfinished.

A folder not yet, or no longer, in place has a name that says whose it is:

    .dovetail-<hash of the name it is for>-<process>-<random>.partial | .replaced

so that what a killed process left can be told from what a living one is writing.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Literal

from dovetail._folder.manifest import Content, StrPath, pieces

State = Literal["partial", "replaced"]

_HIDDEN = re.compile(
    r"\.dovetail-([0-9a-f]{8})-([0-9]+)-[0-9a-f]{8}\.(partial|replaced)"
)


def hidden(path: Path, state: State) -> Path:
    """A new hidden name beside ``path`` for what is not yet, or no longer, there."""
    mine = f"{_hash(path)}-{os.getpid()}-{secrets.token_hex(4)}"
    return path.with_name(f".dovetail-{mine}.{state}")


def checkpoints_beside(folder: StrPath) -> Path:
    """Where the checkpoints of a fit stand that writes to ``folder``.

    >>> str(checkpoints_beside("models/wine"))
    'models/wine.checkpoints'
    """
    path = Path(folder)
    if path.name in ("", ".."):  # "." and "a/.." say no name
        path = path.resolve()
    return path.with_name(f"{path.name}.checkpoints")


def write_file(path: Path, content: Content) -> None:
    """Write a new file, flushed to the disk."""
    with open(path, "xb") as file:
        for piece in pieces(content):
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def flush_directory(path: Path) -> None:
    """Flush the names in a folder to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems know no fsync of a folder; files are flushed.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def set_aside(path: Path) -> Path:
    """Rename a folder to a hidden name, so that it can be deleted file by file.

    Whatever moment the deletion stops at, nothing half-deleted stands at ``path``.
    """
    aside = hidden(path, "replaced")
    os.rename(path, aside)
    return aside


def delete(path: Path) -> None:
    """Delete a folder with what is in it, or a file."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def delete_leftovers(parent: Path) -> None:
    """Delete every hidden folder in ``parent``, where nobody else writes."""
    if parent.is_dir():
        for name in os.listdir(parent):
            if _HIDDEN.fullmatch(name):
                shutil.rmtree(parent / name, ignore_errors=True)


def delete_leftovers_of(folder: StrPath, *states: State) -> None:
    """Delete what processes that were killed left of a folder beside it."""
    path = Path(os.path.realpath(folder))
    for name in os.listdir(path.parent):
        found = _HIDDEN.fullmatch(name)
        if found is None or found[1] != _hash(path) or found[3] not in states:
            continue
        if not _is_running(int(found[2])):
            shutil.rmtree(path.parent / name, ignore_errors=True)


def _hash(path: Path) -> str:
    """Of the folder's name, which may be too long to be a part of another."""
    return hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it is somebody else's
        return True
    return True
