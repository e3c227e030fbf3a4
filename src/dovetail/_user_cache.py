"""The user's folder for what can be made again, and what has to leave it."""

import contextlib
import os
import sys
from collections.abc import Iterable
from pathlib import Path


def user_cache() -> Path:
    """dovetail's own folder in the user's cache folder; it need not be there yet."""
    return _users() / "dovetail"


def unused(paths: Iterable[Path], most: int) -> list[Path]:
    """The files that go so that the others have ``most`` bytes: used least lately."""
    found = []
    for path in paths:
        with contextlib.suppress(OSError):  # another process prunes too
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    total, gone = 0, []
    for _, size, path in sorted(found, reverse=True):
        total += size
        if total > most:
            gone.append(path)
    return gone


def _users() -> Path:
    if found := os.environ.get("XDG_CACHE_HOME"):
        return Path(found)
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    return home / ".cache"
