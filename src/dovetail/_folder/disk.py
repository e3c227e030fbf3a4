"""Files and folders on the disk: flushed when written, hidden when unfinished."""

import errno
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Literal

from dovetail._folder.manifest import Content, pieces

_HIDDEN = re.compile(r"\.dovetail-[0-9a-f]{16}\.(partial|replaced)")


def hidden(parent: Path, state: Literal["partial", "replaced"]) -> Path:
    """A new hidden name in ``parent`` for a folder not yet, or no longer, in place."""
    return parent / f".dovetail-{secrets.token_hex(8)}.{state}"


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
    aside = hidden(path.parent, "replaced")
    os.rename(path, aside)
    return aside


def delete(path: Path) -> None:
    """Delete a folder with what is in it, or a file."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def delete_leftovers(parent: Path) -> None:
    """Delete the hidden folders in ``parent`` that a killed process left behind."""
    if parent.is_dir():
        for name in os.listdir(parent):
            if _HIDDEN.fullmatch(name):
                shutil.rmtree(parent / name, ignore_errors=True)
