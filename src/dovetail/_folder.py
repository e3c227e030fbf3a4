"""A model folder: flat files, a manifest of their hashes, one rename into place.

    write_folder   files in memory -> folder      complete or not there at all
    read_folder    folder -> files in memory      every byte as it was written
    check_free     is this name free to write to? asked before hours of training

``manifest.json`` holds the format version and the SHA-256 and size of every file but
itself and ``run.json`` (times, host, versions: they differ between equal models). Its
own bytes are a function of its content, so that a change to it shows too.

The hashes find damage and half-made copies. They are no signature: whoever can write
the folder can write the manifest.
"""

import errno
import hashlib
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dovetail._names import suggest
from dovetail.errors import (
    DataError,
    DovetailError,
    FolderError,
    ResourceError,
    UsageError,
)

FORMAT_VERSION = 1
KIND = "dovetail model"
MANIFEST = "manifest.json"
UNHASHED = ("run.json",)

StrPath = str | os.PathLike[str]


# -- writing --------------------------------------------------------------------------


def check_free(folder: StrPath, *, force: bool = False) -> None:
    """Raise unless ``write_folder`` may put a model at ``folder``.

    Nothing there is fine. With ``force`` so is an empty folder or a model of ours;
    anything else holds somebody's data, and we do not delete that.

    Raises:
        UsageError: something stands there that may not be replaced.
    """
    path = _resolved(folder)
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise UsageError(
            f"{os.fspath(folder)} is a file; a model is a folder.",
            fix="choose another name for the model folder",
        )
    if not force:
        raise UsageError(
            f"The folder {os.fspath(folder)} exists already.",
            fix="choose another name, or use --force (force=True) to replace it",
        )
    if not _is_empty(path) and not _is_ours(path):
        raise UsageError(
            f"{os.fspath(folder)} is not a dovetail model folder, so it is not "
            "replaced, not even by force.",
            fix="choose another name, or remove the folder yourself",
        )


def write_folder(
    folder: StrPath,
    files: Mapping[str, bytes],
    unhashed: Mapping[str, bytes] | None = None,
    *,
    force: bool = False,
    format_version: int = FORMAT_VERSION,
) -> Path:
    """Write ``files`` (hashed) and ``unhashed`` as the model folder ``folder``.

    Everything is written and flushed to a new folder beside it, the manifest last;
    then that folder is renamed into place. A folder that is replaced is moved aside
    first and deleted last, so at every moment one complete model is on the disk.

    Raises:
        UsageError: the folder is in the way (see ``check_free``).
        ResourceError: the disk is full or not writable; nothing is left behind.
    """
    unhashed = unhashed or {}
    _check_own_names(files, unhashed)
    check_free(folder, force=force)
    path = _resolved(folder)
    with _made_parents(path.parent, folder):
        fresh = path.parent / f".dovetail-{secrets.token_hex(8)}.partial"
        try:
            _fill(fresh, files, unhashed, format_version)
            aside = _move_in(fresh, path)
        except OSError as error:
            raise _not_written(folder, error) from error
        finally:
            # After success the name is gone; after a failure or Ctrl-C it must go.
            shutil.rmtree(fresh, ignore_errors=True)
    if aside is not None:
        try:
            shutil.rmtree(aside)
        except OSError as error:
            raise ResourceError(
                f"The model is saved in {os.fspath(folder)}, but the one it replaces "
                f"could not be deleted ({_why(error)}).",
                fix=f"delete {aside}",
            ) from error
    return Path(folder)


def _fill(
    fresh: Path,
    files: Mapping[str, bytes],
    unhashed: Mapping[str, bytes],
    format_version: int,
) -> None:
    os.mkdir(fresh)  # not mkdtemp: a model folder is as readable as any other
    for name in sorted(files):
        _write(fresh / name, files[name])
    for name in sorted(unhashed):
        _write(fresh / name, unhashed[name])
    _write(fresh / MANIFEST, _manifest(files, format_version))
    _flush_directory(fresh)


def _move_in(fresh: Path, path: Path) -> Path | None:
    """Rename ``fresh`` to ``path``; the folder that was there, under its new name."""
    aside = None
    if path.is_dir() and not _is_empty(path):
        aside = path.parent / f".dovetail-{secrets.token_hex(8)}.replaced"
        os.rename(path, aside)
    try:
        os.rename(fresh, path)
    except BaseException:
        if aside is not None:
            os.rename(aside, path)
        raise
    _flush_directory(path.parent)
    return aside


def _manifest(files: Mapping[str, bytes], format_version: int) -> bytes:
    listed = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
    }
    return _canonical({"kind": KIND, "format_version": format_version, "files": listed})


def _canonical(document: Any) -> bytes:
    return (json.dumps(document, indent=2, sort_keys=True) + "\n").encode()


def _write(path: Path, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems know no fsync of a folder; files are flushed.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _made_parents(parent: Path, folder: StrPath) -> Iterator[None]:
    """Make missing parent folders, and take them away again if the body fails."""
    missing = [p for p in (parent, *parent.parents) if not p.exists()]
    made: list[Path] = []
    try:
        for path in reversed(missing):
            try:
                path.mkdir()
            except OSError as error:
                raise _not_written(folder, error) from error
            made.append(path)
        yield
    except BaseException:
        for path in reversed(made):
            if _is_empty(path):
                path.rmdir()
        raise


def _not_written(folder: StrPath, error: OSError) -> DovetailError:
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):  # made since check_free
        return UsageError(
            f"The folder {os.fspath(folder)} was made by someone else meanwhile.",
            fix="choose another name",
        )
    return ResourceError(
        f"The model could not be written to {os.fspath(folder)}: {_why(error)}. "
        "Nothing is left there.",
        fix="free some space or choose a folder you may write to",
    )


def _check_own_names(files: Mapping[str, bytes], unhashed: Mapping[str, bytes]) -> None:
    for name in files:
        if not _is_plain(name) or name in (MANIFEST, *UNHASHED):
            raise ValueError(f"{name!r} cannot be a hashed file of a model folder")
    for name in unhashed:
        if name not in UNHASHED:
            raise ValueError(f"{name!r} cannot stand outside the hashes")


# -- reading --------------------------------------------------------------------------


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
            f"The model folder {os.fspath(folder)} cannot be read: {_why(error)}.",
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
    document = _parsed(data)
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
        if not _is_plain(name) or name in (MANIFEST, *UNHASHED):
            raise _refused(path, MANIFEST, f"lists {name!r}, no file of a model")
        if not _is_entry(entry):
            raise _refused(path, MANIFEST, f"has a damaged entry for {name!r}")
    if _canonical(document) != data:
        raise _refused(path, MANIFEST, "is not as it was written")
    return files


def _read(path: Path, name: str, entry: dict[str, Any] | None) -> bytes:
    """The bytes of one file; checked before they are used where ``entry`` is given."""
    try:
        status = os.stat(path / name)
    except FileNotFoundError:
        raise _refused(path, name, "is missing") from None
    if not stat.S_ISREG(status.st_mode):
        raise _refused(path, name, "is not a file")
    if entry is not None and status.st_size != entry["size"]:
        raise _refused(
            path, name, f"has {status.st_size} bytes, the manifest says {entry['size']}"
        )
    data = (path / name).read_bytes()
    if entry is not None and hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise _refused(path, name, "was changed: its SHA-256 is not the manifest's")
    return data


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _refused(path: Path, name: str, why: str) -> FolderError:
    return FolderError(
        f"Model folder {path} is refused: {name} {why}.",
        fix="restore the folder from a good copy, or fit again; keep notes elsewhere",
    )


# -- names ----------------------------------------------------------------------------


def _is_plain(name: str) -> bool:
    """One visible file name, no path: what a manifest may list."""
    return (
        name.isascii()
        and name.isprintable()
        and not name.startswith(".")
        and not set(name) & set("/\\:")
        and name != ""
    )


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == {"sha256", "size"}
        and isinstance(entry["sha256"], str)
        and type(entry["size"]) is int
    )


def _resolved(folder: StrPath) -> Path:
    """Where a link points: the rename must happen on the disk that holds the data."""
    return Path(os.path.realpath(folder))


def _is_empty(path: Path) -> bool:
    return not any(path.iterdir())


def _is_ours(path: Path) -> bool:
    manifest = path / MANIFEST
    document = _parsed(manifest.read_bytes()) if manifest.is_file() else None
    return isinstance(document, dict) and document.get("kind") == KIND


def _folders_in(parent: Path) -> list[str]:
    try:
        return sorted(p.name for p in parent.iterdir() if p.is_dir())
    except OSError:
        return []


def _why(error: OSError) -> str:
    return error.strerror or str(error)
