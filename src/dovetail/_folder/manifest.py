"""What a manifest says, and which file names it may list."""

import hashlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

FORMAT_VERSION = 1
MANIFEST = "manifest.json"

StrPath = str | os.PathLike[str]
# A file in one piece, or in several that are written one after the other: large
# tensors need not be joined in memory first.
Content = bytes | Sequence[bytes | memoryview]


@final
@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a folder holds, as its manifest and our messages call it."""

    noun: str  # "model": the manifest says "dovetail model"
    folder: str  # what messages call the folder
    find: str  # what to do where another thing was given
    mend: str  # what to do where a file was changed
    unhashed: tuple[str, ...] = ()  # files outside the hashes
    format_version: int = 1

    @property
    def name(self) -> str:
        """What the manifest calls it."""
        return f"dovetail {self.noun}"


MODEL = Kind(
    noun="model",
    folder="model folder",
    find="give the folder that `dovetail fit` wrote (its --out)",
    mend="restore the folder from a good copy, or fit again; keep notes elsewhere",
    unhashed=("run.json",),
    format_version=FORMAT_VERSION,
)


def manifest_of(files: Mapping[str, Content], kind: Kind, format_version: int) -> bytes:
    """The bytes of the manifest of ``files``."""
    return canonical(
        {
            "kind": kind.name,
            "format_version": format_version,
            "files": {name: _entry(content) for name, content in files.items()},
        }
    )


def pieces(content: Content) -> Sequence[bytes | memoryview]:
    """The pieces of a file in their order."""
    return (content,) if isinstance(content, bytes) else content


def _entry(content: Content) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces(content):
        digest.update(piece)
        size += memoryview(piece).nbytes
    return {"sha256": digest.hexdigest(), "size": size}


def canonical(document: Any) -> bytes:
    """The one spelling of a manifest: what differs from it was changed by hand."""
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def parsed(data: bytes) -> Any:
    """The JSON document in ``data``; None where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def is_ours(path: StrPath, kind: Kind) -> bool:
    """Has the folder a manifest of this kind?"""
    place = os.path.join(path, MANIFEST)
    if not os.path.lexists(place) or not is_plain_file(os.lstat(place)):
        return False
    with open(place, "rb") as file:
        document = parsed(file.read())
    return isinstance(document, dict) and document.get("kind") == kind.name


def is_plain_file(status: os.stat_result) -> bool:
    """Of ``os.lstat``: no folder, device or link, which may lead anywhere."""
    return stat.S_ISREG(status.st_mode)


def is_plain_name(name: str) -> bool:
    """One visible file name, no path: what a manifest may list."""
    return (
        name.isascii()
        and name.isprintable()
        and not name.startswith(".")
        and not set(name) & set("/\\:")
        and name != ""
    )


def is_entry(entry: Any) -> bool:
    """Is this what a manifest says of one file?"""
    return (
        isinstance(entry, dict)
        and entry.keys() == {"sha256", "size"}
        and isinstance(entry["sha256"], str)
        and type(entry["size"]) is int
    )


def why(error: OSError) -> str:
    """The system's own words for what went wrong."""
    return error.strerror or str(error)
