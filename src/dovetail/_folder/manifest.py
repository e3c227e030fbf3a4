"""What a manifest says, and which file names it may list."""

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from typing import Any

FORMAT_VERSION = 1
KIND = "dovetail model"
MANIFEST = "manifest.json"
UNHASHED = ("run.json",)

StrPath = str | os.PathLike[str]


def manifest_of(files: Mapping[str, bytes], format_version: int) -> bytes:
    """The bytes of the manifest of ``files``."""
    listed = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
    }
    return canonical({"kind": KIND, "format_version": format_version, "files": listed})


def canonical(document: Any) -> bytes:
    """The one spelling of a manifest: what differs from it was changed by hand."""
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def parsed(data: bytes) -> Any:
    """The JSON document in ``data``; None where it is none."""
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def is_ours(path: StrPath) -> bool:
    """Has the folder a manifest of our kind?"""
    place = os.path.join(path, MANIFEST)
    if not os.path.lexists(place) or not is_plain_file(os.lstat(place)):
        return False
    with open(place, "rb") as file:
        document = parsed(file.read())
    return isinstance(document, dict) and document.get("kind") == KIND


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
