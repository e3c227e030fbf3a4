"""Files in memory to a model folder: complete or not there at all."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dovetail._folder.manifest import (
    FORMAT_VERSION,
    MANIFEST,
    UNHASHED,
    StrPath,
    is_ours,
    is_plain_name,
    manifest_of,
    why,
)
from dovetail.errors import DovetailError, ResourceError, UsageError


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
    if not _is_empty(path) and not is_ours(path):
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
                f"could not be deleted ({why(error)}).",
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
    _write(fresh / MANIFEST, manifest_of(files, format_version))
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
        f"The model could not be written to {os.fspath(folder)}: {why(error)}. "
        "Nothing is left there.",
        fix="free some space or choose a folder you may write to",
    )


def _check_own_names(files: Mapping[str, bytes], unhashed: Mapping[str, bytes]) -> None:
    for name in files:
        if not is_plain_name(name) or name in (MANIFEST, *UNHASHED):
            raise ValueError(f"{name!r} cannot be a hashed file of a model folder")
    for name in unhashed:
        if name not in UNHASHED:
            raise ValueError(f"{name!r} cannot stand outside the hashes")


def _resolved(folder: StrPath) -> Path:
    """Where a link points: the rename must happen on the disk that holds the data."""
    return Path(os.path.realpath(folder))


def _is_empty(path: Path) -> bool:
    return not any(path.iterdir())
