"""Results: on stdout in UTF-8, whatever the locale; in files, whole or not at all."""

import contextlib
import json
import math
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, TextIO

from dovetail.errors import ResourceError, UsageError

# File systems take 255 bytes; what is written beside has a longer name.
LONGEST_NAME = 240


def emit(text: str) -> None:
    """Write a result to stdout, with a newline at its end."""
    text = text if text.endswith("\n") else f"{text}\n"
    sys.stdout.flush()
    # UTF-8 whatever the locale; a stdout put there by somebody else may lack a buffer.
    if buffer := getattr(sys.stdout, "buffer", None):
        buffer.write(text.encode())
    else:
        sys.stdout.write(text)
    sys.stdout.flush()


def emit_json(value: Any) -> None:
    """Write exactly one JSON document to stdout."""
    emit(json.dumps(plain(value), ensure_ascii=False, allow_nan=False, indent=2))


def plain(value: Any) -> Any:
    """A value as JSON can hold it: NaN and infinities become null.

    >>> plain({"score": float("nan"), 1: (1.5, Path("a"))})
    {'score': None, '1': [1.5, 'a']}
    """
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {str(k): plain(v) for k, v in value.items()}
        case list() | tuple():
            return [plain(v) for v in value]
    if hasattr(value, "item"):  # a NumPy scalar
        return plain(value.item())
    return str(value)


def style(text: str, code: str, stream: TextIO) -> str:
    """Colour on a terminal that wants it (no NO_COLOR, not a dumb one)."""
    wanted = (
        stream.isatty()
        and not os.environ.get("NO_COLOR")
        and os.environ.get("TERM") != "dumb"
    )
    return f"\x1b[{code}m{text}\x1b[0m" if wanted else text


def refuse_file(path: Path, *, force: bool) -> None:
    """Refuse, before any work, a file that may not or cannot be written."""
    if path.is_dir():
        raise UsageError(f"--out: {str(path)!r} is a folder.", fix="give a file name")
    if os.path.lexists(path) and not force:
        raise UsageError(
            f"--out: the file {str(path)!r} already exists.",
            fix="give another --out, or --force to replace it",
        )
    refuse_place(path)


def refuse_place(path: Path) -> None:
    """Refuse, before any work, a place below a file or without permission to write."""
    if len(os.fsencode(path.name)) > LONGEST_NAME:
        raise UsageError(
            f"--out: the name {path.name[:40]!r}... has more than {LONGEST_NAME} "
            "bytes.",
            fix="give a shorter name",
        )
    above = path.absolute().parent
    while not above.exists():
        above = above.parent
    if not above.is_dir():
        raise UsageError(
            f"Cannot write {str(path)!r}: {str(above)!r} is a file, not a folder.",
            fix="give another --out",
        )
    if not os.access(above, os.W_OK | os.X_OK):
        raise ResourceError(
            f"Cannot write {str(path)!r}: no permission to write in {str(above)!r}.",
            fix="give another --out",
        )


@contextlib.contextmanager
def atomic(path: Path) -> Iterator[IO[bytes]]:
    """A file open for writing that takes its name when all is written, or vanishes."""
    beside = path.with_name(f".{path.name[:80]}.{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
