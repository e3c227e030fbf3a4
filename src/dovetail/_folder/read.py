"""A model folder to files in memory: every byte as it was written."""

import hashlib
import os
from pathlib import Path
from typing import Any

from dovetail._folder.manifest import (
    FORMAT_VERSION,
    KIND,
    MANIFEST,
    UNHASHED,
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


def read_folder(folder: StrPath) -> dict[str, bytes]:
    """Every file of a model folder, ``run.json`` included, checked against its hash.

    Raises:
        DataError: there is no such folder.
        FolderError: not a model folder of ours, a newer format, or a changed, missing
            or unlisted file, which is named.
    """
    path = Path(folder)
    if not os.path.lexists(path):
        raise DataError(
            f"There is no model folder {os.fspath(folder)}."
            f"{suggest(path.name, _folders_in(path.parent))}",
            fix="give the folder that `dovetail fit` wrote (its --out)",
        )
    if not path.is_dir():
        raise FolderError(
            f"{os.fspath(folder)} is not a folder; a model folder was needed.",
            fix="give the folder that `dovetail fit` wrote (its --out)",
        )
    try:
        present = sorted(os.listdir(path))
        listed = _read_manifest(path, present)
        files = {name: _read(path, name, entry) for name, entry in listed.items()}
        for name in present:
            if name in UNHASHED:
                files[name] = _read(path, name, None)
            elif name != MANIFEST and name not in listed:
                raise _refused(path, name, "is not listed in the manifest")
    except OSError as error:
        raise DataError(
            f"The model folder {os.fspath(folder)} cannot be read: {why(error)}.",
            fix="check the permissions of the folder and its files",
        ) from error
    return files


def _read_manifest(path: Path, present: list[str]) -> dict[str, dict[str, Any]]:
    """The ``files`` part of the manifest, once all of it is known to be sound."""
    if MANIFEST not in present:
        raise FolderError(
            f"{path} is not a dovetail model folder: it has no {MANIFEST}.",
            fix="give the folder that `dovetail fit` wrote (its --out)",
        )
    data = _read(path, MANIFEST, None)
    document = parsed(data)
    if not isinstance(document, dict) or document.get("kind") != KIND:
        raise FolderError(
            f"{path} is not a dovetail model folder: its {MANIFEST} is not ours, "
            "or is damaged.",
            fix="give the folder that `dovetail fit` wrote, or copy it again",
        )
    version = document.get("format_version")
    if type(version) is int and version > FORMAT_VERSION:
        raise FolderError(
            f"{path / MANIFEST}: the model has format {version}; this dovetail reads "
            f"formats up to {FORMAT_VERSION}.",
            fix="use a newer dovetail: pip install --upgrade dovetail-ml",
        )
    files = document.get("files")
    if type(version) is not int or version < 1 or not isinstance(files, dict):
        raise _refused(path, MANIFEST, "is damaged")
    for name, entry in files.items():
        if not is_plain_name(name) or name in (MANIFEST, *UNHASHED):
            raise _refused(path, MANIFEST, f"lists {name!r}, no file of a model")
        if not is_entry(entry):
            raise _refused(path, MANIFEST, f"has a damaged entry for {name!r}")
    if canonical(document) != data:
        raise _refused(path, MANIFEST, "is not as it was written")
    return files


def _read(path: Path, name: str, entry: dict[str, Any] | None) -> bytes:
    """The bytes of one file; checked before they are used where ``entry`` is given."""
    try:
        status = os.lstat(path / name)
    except FileNotFoundError:
        raise _refused(path, name, "is missing") from None
    if not is_plain_file(status):
        raise _refused(path, name, "is not a plain file")
    if entry is not None and status.st_size != entry["size"]:
        raise _refused(
            path, name, f"has {status.st_size} bytes, the manifest says {entry['size']}"
        )
    data = (path / name).read_bytes()
    if entry is not None and hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise _refused(path, name, "was changed: its SHA-256 is not the manifest's")
    return data


def _refused(path: Path, name: str, why: str) -> FolderError:
    return FolderError(
        f"Model folder {path} is refused: {name} {why}.",
        fix="restore the folder from a good copy, or fit again; keep notes elsewhere",
    )


def _folders_in(parent: Path) -> list[str]:
    try:
        return sorted(p.name for p in parent.iterdir() if p.is_dir())
    except OSError:
        return []
