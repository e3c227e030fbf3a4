"""The checkpoints of a run: complete or not there, checked before use, two kept.

    <folder>/00000001/          rising numbers, the newest is the largest
        tensors.safetensors     weights, optimizer, averages, ...
        state.json              the document, and the names of the tensors in order
        manifest.json           SHA-256 and size of the two, written last
    <folder>/.dovetail-*        unfinished or being deleted; nobody reads it

``save`` copies and returns; a thread writes. Each file is flushed, then the folder,
then one rename puts it in place, and only then older ones go. So a kill at any moment
leaves the last complete checkpoint, and a byte that changed since is seen before use.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import final

from dovetail._folder import (
    Content,
    delete,
    delete_leftovers,
    flush_directory,
    set_aside,
    why,
    write_folder,
)
from dovetail.errors import DataError, FolderError, ResourceError, UsageError
from dovetail.train.checkpoint.files import KIND, Checkpoint, packed, read
from dovetail.train.checkpoint.points import at
from dovetail.train.checkpoint.writer import Background

_FIX = "free some space or make the folder writable, then go on with --resume"
_NUMBER = re.compile("[0-9]{8,}")


@final
class Checkpoints:
    """The checkpoints of one run in one folder; the newest ``keep`` good ones stay.

    The folder is made by the first save. One process writes to it at a time.
    """

    def __init__(self, folder: Path, *, keep: int = 2) -> None:
        if keep < 2:
            raise ValueError(f"at least 2 checkpoints are kept, got keep={keep}")
        self.folder = Path(os.path.realpath(folder))
        self.damaged: list[str] = []  # by the last ``newest``: one sentence each
        self._keep = keep
        self._good: set[int] = set()  # written here, or read and found whole
        self._background = Background(self._write)

    def save(self, checkpoint: Checkpoint, *, wait: bool = False) -> None:
        """Copy ``checkpoint`` to host memory and write it in the background.

        The caller may change the tensors and the document as soon as this returns. It
        never waits for the disk unless told to: while one checkpoint is being written
        the next one waits, and a newer one takes its place, so that memory holds two
        copies at most. With ``wait`` it returns when this checkpoint is on the disk,
        whatever became of those before: what kept them from it may have passed.

        Raises:
            ResourceError: an earlier write failed (nothing is saved now; the next call
                tries again), or, with ``wait``, this one; or memory for the copy is
                short.
            TypeError: a tensor or value that cannot be stored.
        """
        self._background.drop()  # before the copy: two in memory, never three
        if wait:
            self._background.settle()
            self._background.take_error()
        else:
            self._background.raise_error()
        try:
            files = packed(checkpoint)
        except MemoryError as error:
            raise ResourceError(
                f"There is no memory for a copy of the checkpoint to write ({error}). "
                f"{self._what_is_left()}",
                fix="free some memory or train a smaller network",
            ) from error
        self._background.give(files)
        if wait:
            self.wait()

    def wait(self) -> None:
        """Wait until everything saved is on the disk; raise if a write failed."""
        self._background.settle()
        self._background.raise_error()

    def close(self) -> None:
        """Wait as ``wait`` does; no thread is left afterwards."""
        self.wait()

    def newest(self) -> Checkpoint | None:
        """The newest good checkpoint, None where there is none.

        Each file is checked against its hash before anything reads it. Damaged and
        incomplete checkpoints are passed over and told of in ``damaged``. Waits for a
        write that is under way.

        Raises:
            ResourceError: the folder itself cannot be read.
        """
        self._background.settle()
        self.damaged = []
        try:
            numbers = self._numbers()
        except OSError as error:
            raise ResourceError(
                f"The checkpoints in {self.folder} cannot be read: {why(error)}.",
                fix="check that it is a folder and that you may read it",
            ) from error
        for number in reversed(numbers):
            try:
                checkpoint = read(self._path(number))
            except (DataError, FolderError) as error:
                self.damaged.append(error.message)
                self._good.discard(number)
            else:
                self._good.add(number)
                return checkpoint
        return None

    def remove(self) -> None:
        """Delete all checkpoints, and the folder if nothing else is in it.

        Raises:
            ResourceError: something cannot be deleted.
        """
        self._background.drop()
        self._background.settle()
        self._background.take_error()  # of a checkpoint that nobody wants any more
        try:
            for number in self._numbers():  # what a kill leaves is the newest
                delete(set_aside(self._path(number)))
            delete_leftovers(self.folder)
            if self.folder.is_dir() and not os.listdir(self.folder):
                self.folder.rmdir()
        except OSError as error:
            raise ResourceError(
                f"The checkpoints in {self.folder} could not be deleted: {why(error)}.",
                fix=f"delete {self.folder}",
            ) from error
        self._good.clear()

    def _write(self, files: Mapping[str, Content]) -> None:
        """In the background: put one checkpoint in place, then prune."""
        if self._good and not self.folder.is_dir():
            raise ResourceError(
                f"The checkpoint could not be written: the folder {self.folder} is "
                "gone, and the checkpoints in it.",
                fix="start again, and leave that folder in place while the fit runs",
            )
        path = self.folder
        try:
            delete_leftovers(self.folder)
            number = max([0, *self._numbers(), *self._good]) + 1
            path = self._path(number)
            write_folder(path, files, kind=KIND, at=at)
            if number == 1:
                flush_directory(self.folder.parent)  # the folder is new
        except (ResourceError, UsageError) as error:
            raise ResourceError(
                f"{error.message} {self._what_is_left()}", fix=_FIX
            ) from error
        except OSError as error:
            raise ResourceError(
                f"The checkpoint could not be written to {path}: {why(error)}. "
                f"{self._what_is_left()}",
                fix=_FIX,
            ) from error
        self._good.add(number)
        at("before-prune")
        self._prune(path)
        at("after-prune")

    def _prune(self, newest: Path) -> None:
        """Delete what is older than the newest ``keep`` that are known to be good."""
        numbers = self._numbers()
        good = [number for number in numbers if number in self._good]
        if len(good) < self._keep:
            return
        for number in numbers:
            if number >= good[-self._keep]:
                return
            path = self._path(number)
            try:
                aside = set_aside(path)
                at("mid-prune")
                delete(aside)
            except OSError as error:
                raise ResourceError(
                    f"The checkpoint {newest} is saved, but the old one {path} could "
                    f"not be deleted: {why(error)}.",
                    fix="make the folder writable, then go on with --resume",
                ) from error
            self._good.discard(number)

    def _what_is_left(self) -> str:
        left = [n for n in self._good if self._path(n).is_dir()]
        if not left:
            return "No checkpoint of this run was complete yet."
        return f"The last good checkpoint is intact: {self._path(max(left))}."

    def _numbers(self) -> list[int]:
        """The numbers of the checkpoints on the disk, good or not, oldest first."""
        try:
            names = os.listdir(self.folder)
        except FileNotFoundError:
            return []
        return sorted(int(name) for name in names if _NUMBER.fullmatch(name))

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08}"
