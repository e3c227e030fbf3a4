"""A folder to files in memory: every byte as it was written."""

import hashlib
import os
from pathlib import Path
from typing import Any

from dovetail._folder.manifest import (
    MANIFEST,
    MODEL,
    Kind,
    StrPath,
    canonical,
    is_entry,
    is_plain_file,
    is_plain_name,
    parsed,
    why,
)
from dovetail._names import suggest
from dovetail.errors import DataError, FolderError


def read_folder(folder: StrPath, *, kind: Kind = MODEL) -> dict[str, bytes]:
    """Every file of a folder of ``kind``, each hashed one checked against its hash.

    Raises:
        DataError: there is no such folder.
        FolderError: not a folder of this kind, a newer format, or a changed, missing
            or unlisted file, which is named.
    """
    path = Path(folder)
    if not os.path.lexists(path):
        raise DataError(
            f"There is no {kind.folder} {os.fspath(folder)}."
            f"{suggest(path.name, _folders_in(path.parent))}",
            fix=kind.find,
        )
    if not path.is_dir():
        raise FolderError(
            f"{os.fspath(folder)} is not a folder; a {kind.folder} was needed.",
            fix=kind.find,
        )
    try:
        present = sorted(os.listdir(path))
        listed = _read_manifest(path, present, kind)
        files = {name: _read(path, name, entry, kind) for name, entry in listed.items()}
        for name in present:
            if name in kind.unhashed:
                files[name] = _read(path, name, None, kind)
            elif name != MANIFEST and name not in listed:
                raise refused(path, name, "is not listed in the manifest", kind)
    except OSError as error:
        raise DataError(
            f"The {kind.folder} {os.fspath(folder)} cannot be read: {why(error)}.",
            fix="check the permissions of the folder and its files",
        ) from error
    return files


def _read_manifest(
    path: Path, present: list[str], kind: Kind
) -> dict[str, dict[str, Any]]:
    """The ``files`` part of the manifest, once all of it is known to be sound."""
    if MANIFEST not in present:
        raise FolderError(
            f"{path} is not a dovetail {kind.folder}: it has no {MANIFEST}.",
            fix=kind.find,
        )
    data = _read(path, MANIFEST, None, kind)
    document = parsed(data)
    if not isinstance(document, dict) or document.get("kind") != kind.name:
        raise FolderError(
            f"{path} is not a dovetail {kind.folder}: its {MANIFEST} is not ours, "
            "or is damaged.",
            fix=f"{kind.find}, or copy it again",
        )
    version = document.get("format_version")
    if type(version) is int and version > kind.format_version:
        raise FolderError(
            f"{path / MANIFEST}: the {kind.noun} has format {version}; this dovetail "
            f"reads formats up to {kind.format_version}.",
            fix="use a newer dovetail: pip install --upgrade dovetail-ml",
        )
    files = document.get("files")
    if type(version) is not int or version < 1 or not isinstance(files, dict):
        raise refused(path, MANIFEST, "is damaged", kind)
    for name, entry in files.items():
        if not is_plain_name(name) or name in (MANIFEST, *kind.unhashed):
            what = f"lists {name!r}, no file of a {kind.noun}"
            raise refused(path, MANIFEST, what, kind)
        if not is_entry(entry):
            raise refused(path, MANIFEST, f"has a damaged entry for {name!r}", kind)
    if canonical(document) != data:
        raise refused(path, MANIFEST, "is not as it was written", kind)
    return files


def _read(path: Path, name: str, entry: dict[str, Any] | None, kind: Kind) -> bytes:
    """The bytes of one file; checked before they are used where ``entry`` is given."""
    try:
        status = os.lstat(path / name)
    except FileNotFoundError:
        raise refused(path, name, "is missing", kind) from None
    if not is_plain_file(status):
        raise refused(path, name, "is not a plain file", kind)
    if entry is not None and status.st_size != entry["size"]:
        what = f"has {status.st_size} bytes, the manifest says {entry['size']}"
        raise refused(path, name, what, kind)
    data = (path / name).read_bytes()
    if entry is not None and hashlib.sha256(data).hexdigest() != entry["sha256"]:
        what = "was changed: its SHA-256 is not the manifest's"
        raise refused(path, name, what, kind)
    return data


def refused(path: Path, name: str, why: str, kind: Kind) -> FolderError:
    """The error for one file ``name`` that is not as it must be."""
    return FolderError(
        f"{kind.folder.capitalize()} {path} is refused: {name} {why}.", fix=kind.mend
    )


def _folders_in(parent: Path) -> list[str]:
    try:
        return sorted(p.name for p in parent.iterdir() if p.is_dir())
    except OSError:
        return []
