"""Files in memory to a folder: complete or not there at all."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from dovetail._folder.disk import (
    delete_leftovers_of,
    flush_directory,
    hidden,
    set_aside,
    write_file,
)
from dovetail._folder.manifest import (
    MANIFEST,
    MODEL,
    Content,
    Kind,
    StrPath,
    is_ours,
    is_plain_name,
    manifest_of,
    why,
)
from dovetail.errors import DovetailError, ResourceError, UsageError


def check_free(folder: StrPath, *, force: bool = False, kind: Kind = MODEL) -> None:
    """Raise unless ``write_folder`` may put a folder of ``kind`` at ``folder``.

    Nothing there is fine. With ``force`` so is an empty folder or one of that kind;
    anything else holds somebody's data, and we do not delete that.

    Raises:
        UsageError: something stands there that may not be replaced.
    """
    path = _resolved(folder)
    if not os.path.lexists(path):
        return
    if not path.is_dir():
        raise UsageError(
            f"{os.fspath(folder)} is a file; a {kind.noun} is a folder.",
            fix=f"choose another name for the {kind.folder}",
        )
    if not force:
        raise UsageError(
            f"The folder {os.fspath(folder)} exists already.",
            fix="choose another name, or use --force (force=True) to replace it",
        )
    if not _is_empty(path) and not is_ours(path, kind):
        raise UsageError(
            f"{os.fspath(folder)} is not a dovetail {kind.folder}, and another folder "
            "is never replaced.",
            fix="choose another name, or remove the folder yourself",
        )


def write_folder(
    folder: StrPath,
    files: Mapping[str, Content],
    unhashed: Mapping[str, bytes] | None = None,
    *,
    force: bool = False,
    kind: Kind = MODEL,
    format_version: int | None = None,
    at: Callable[[str], None] = lambda point: None,
) -> Path:
    """Write ``files`` (hashed) and ``unhashed`` as ``folder``, a folder of ``kind``.

    Everything is written and flushed to a new folder beside it, the manifest last;
    then that folder is renamed into place. A folder that is replaced is moved aside
    first and deleted last, so at every moment a complete one is on the disk. What a
    killed process left of the same folder is deleted.
    ``at`` is told the name of each moment that a kill could come at.

    Raises:
        UsageError: the folder is in the way (see ``check_free``).
        ResourceError: the disk is full or not writable; nothing is left behind.
    """
    unhashed = unhashed or {}
    _check_own_names(files, unhashed, kind)
    check_free(folder, force=force, kind=kind)
    path = _resolved(folder)
    with _made_parents(path.parent, folder, kind):
        fresh = hidden(path, "partial")
        try:
            at("before-folder")
            delete_leftovers_of(path, "partial")
            os.mkdir(fresh)  # not mkdtemp: it is to be as readable as any other folder
            for name, content in [*sorted(files.items()), *sorted(unhashed.items())]:
                write_file(fresh / name, content)
                at(f"{Path(name).stem}-written")
            version = kind.format_version if format_version is None else format_version
            write_file(fresh / MANIFEST, manifest_of(files, kind, version))
            at("manifest-written")
            flush_directory(fresh)
            at("before-rename")
            aside = _move_in(fresh, path, at)
        except OSError as error:
            raise _not_written(folder, error, kind) from error
        finally:
            # After success the name is gone; after a failure or Ctrl-C it must go.
            shutil.rmtree(fresh, ignore_errors=True)
    with suppress(OSError):  # of the listing; nothing is lost but some space
        # Only now: until a new one stands, an old one may be the last that is whole.
        delete_leftovers_of(path, "replaced")
    if aside is not None:
        try:
            shutil.rmtree(aside)
        except OSError as error:
            raise ResourceError(
                f"The {kind.noun} is saved in {os.fspath(folder)}, but the one it "
                f"replaces could not be deleted ({why(error)}).",
                fix=f"delete {aside}",
            ) from error
    return Path(folder)


def _move_in(fresh: Path, path: Path, at: Callable[[str], None]) -> Path | None:
    """Rename ``fresh`` to ``path``; the folder that was there, under its new name."""
    aside = None
    if path.is_dir() and not _is_empty(path):
        aside = set_aside(path)
    try:
        os.rename(fresh, path)
    except BaseException:
        if aside is not None:
            os.rename(aside, path)
        raise
    at("after-rename")
    flush_directory(path.parent)
    return aside


@contextmanager
def _made_parents(parent: Path, folder: StrPath, kind: Kind) -> Iterator[None]:
    """Make missing parent folders, and take them away again if the body fails."""
    missing = [p for p in (parent, *parent.parents) if not p.exists()]
    made: list[Path] = []
    try:
        for path in reversed(missing):
            try:
                path.mkdir()
            except OSError as error:
                raise _not_written(folder, error, kind) from error
            made.append(path)
        yield
    except BaseException:
        for path in reversed(made):
            if _is_empty(path):
                path.rmdir()
        raise


def _not_written(folder: StrPath, error: OSError, kind: Kind) -> DovetailError:
    if error.errno in (errno.ENOTEMPTY, errno.EEXIST):  # made since check_free
        return UsageError(
            f"The folder {os.fspath(folder)} was made by someone else meanwhile.",
            fix="choose another name",
        )
    return ResourceError(
        f"The {kind.noun} could not be written to {os.fspath(folder)}: {why(error)}. "
        "Nothing is left there.",
        fix="free some space or choose a folder you may write to",
    )


def _check_own_names(
    files: Mapping[str, Content], unhashed: Mapping[str, bytes], kind: Kind
) -> None:
    for name in files:
        if not is_plain_name(name) or name in (MANIFEST, *kind.unhashed):
            raise ValueError(f"{name!r} cannot be a hashed file of a {kind.folder}")
    for name in unhashed:
        if name not in kind.unhashed:
            raise ValueError(f"{name!r} cannot stand outside the hashes")


def _resolved(folder: StrPath) -> Path:
    """Where a link points: the rename must happen on the disk that holds the data."""
    return Path(os.path.realpath(folder))


def _is_empty(path: Path) -> bool:
    return not any(path.iterdir())
