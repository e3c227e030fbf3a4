"""What stands beside a model folder until its fit is done: ``<out>.checkpoints/``.

    command/            what is fitted (``command.py``), written before training begins
        command.json    with the threads the machine had: what is chosen follows them
        run.json        the seconds used so far, outside the hashes
    fold-1/ ... all/    the checkpoints of each run; of the only one: run/

It goes when the model is in place. Until then ``--resume`` goes on from it, for the
same command on the same data only.
"""

import json
import os
import re
import secrets
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, final

import torch

from dovetail._folder import (
    Kind,
    check_free,
    checkpoints_beside,
    delete,
    delete_leftovers,
    delete_leftovers_of,
    read_folder,
    set_aside,
    why,
    write_folder,
)
from dovetail.artifact.format import RUN, to_json
from dovetail.errors import (
    ConfigError,
    DataError,
    DovetailWarning,
    FolderError,
    NotFiniteError,
    ResourceError,
    UsageError,
)
from dovetail.estimator.command import Command, differences, other_versions
from dovetail.train import Checkpoints

COMMAND = "command"
FROM_THE_BEGINNING = "There is no checkpoint yet: the fit starts at its beginning."
_FILE = "command.json"
_KIND = Kind(
    noun="command of a fit",
    folder="folder of a fit's command",
    find="start anew with --force (force=True) in place of --resume",
    mend="start anew with --force (force=True) in place of --resume",
    unhashed=(RUN,),
)
_SPENT = ".dovetail-seconds"  # beside the command; renamed into it
_RUN = re.compile(r"run|all|fold-[0-9]+")

Tell = Callable[[str], None]


@final
class Unfinished:
    """The state of a fit that writes to ``out``, from its first look to its end."""

    def __init__(
        self,
        out: str | os.PathLike[str],
        *,
        resume: bool,
        force: bool,
        tell: Tell | None = None,
    ) -> None:
        self.out = Path(out)
        self.folder = checkpoints_beside(self.out)
        self.replaces = force  # may a model at ``out`` be replaced in the end?
        self._resume, self._listener = resume, tell
        self.record: dict[str, Any] = {}  # of this fit, for run.json
        self.seconds: float | None = None  # of a fit that was done before
        self.spent_s = 0.0  # by the calls before this one
        self._noted_s = 0.0
        self.threads = torch.get_num_threads()  # that a run of this fit may use
        self._start = time.perf_counter()
        self._runs: dict[str, Checkpoints] = {}
        self._told: set[str] = set()
        self._refuse(force)
        self._before = self._saved() if resume else None
        if self._before is not None:
            self.threads = self._before["threads"]
            self.spent_s = self._noted_s = self._before["spent_s"]

    @property
    def used_s(self) -> float:
        """Seconds that this fit has taken so far, in all its calls.

        What a killed process used since it last said so is not known.
        """
        return self.spent_s + time.perf_counter() - self._start

    def begin(self, command: Command) -> bool:
        """Go on with this command, or begin it; False if its fit is done already.

        Raises:
            ConfigError: what is to go on was begun by another command.
            ResourceError: nothing can be written there.
        """
        before = self._before
        if self._resume and self._done(before, command):
            return False
        if before is None:
            self.remove()
            if self._resume:
                self._tell(FROM_THE_BEGINNING)
            self.record = {"fit": secrets.token_hex(8), "command": command}
            kept = {"replaces": self.replaces, "threads": self.threads}
            state = {**kept, **self.record}
            write_folder(self.folder / COMMAND, {_FILE: to_json(state)}, kind=_KIND)
            return True
        self._refuse_changed(before["command"], command, f"The fit in {self.folder}")
        self._refuse_versions(before["command"], command)
        self.replaces = bool(before["replaces"])
        self.record = {name: before[name] for name in ("fit", "command")}
        started = sorted(n for n in os.listdir(self.folder) if _RUN.fullmatch(n))
        self._tell(
            f"Going on from the checkpoints in {self.folder}."
            if started
            else FROM_THE_BEGINNING
        )
        return True

    def run(self, name: str) -> Checkpoints:
        """The checkpoints of one run."""
        self._runs[name] = Checkpoints(self.folder / name)
        return self._runs[name]

    def wait(self) -> None:
        """Wait until everything saved is on the disk; raise if a write failed."""
        for checkpoints in self._runs.values():
            checkpoints.wait()

    def tell_damage(self, name: str) -> None:
        """Say which checkpoints of a run were passed over, once each."""
        for sentence in self._runs[name].damaged:
            if sentence not in self._told:
                self._told.add(sentence)
                passed_over = f"{sentence} It is passed over."
                self._tell(passed_over)
                if self._listener is None:
                    warnings.warn(passed_over, DovetailWarning, stacklevel=2)

    def note_time(self, every_s: float = 0.0) -> None:
        """Write down the seconds used so far, if that is so long ago."""
        if self.used_s - self._noted_s < every_s:
            return
        self._noted_s = self.used_s
        beside = self.folder / _SPENT
        with suppress(OSError):  # a disk that is full is told of by the checkpoints
            beside.write_bytes(to_json({"seconds": round(self.used_s, 3)}))
            beside.replace(self.folder / COMMAND / RUN)

    @contextmanager
    def tidied(self) -> Iterator[None]:
        """Where the body fails with nothing to go on from, leave nothing behind.

        A fit that left the finite numbers would do so again.
        """
        try:
            yield
        except BaseException as error:
            for checkpoints in self._runs.values():
                with suppress(ResourceError):  # the error at hand is the one to tell
                    checkpoints.wait()
            if isinstance(error, NotFiniteError) or not self._has_checkpoints():
                with suppress(ResourceError):
                    self.remove()
            else:
                self.note_time()
            raise

    def remove(self) -> None:
        """Delete the checkpoints, then the command, then the folder if it is empty.

        Raises:
            ResourceError: something cannot be deleted.
        """
        for checkpoints in self._runs.values():
            checkpoints.remove()
        try:
            names = os.listdir(self.folder) if self.folder.is_dir() else []
            runs = sorted(name for name in names if _RUN.fullmatch(name))
            (self.folder / _SPENT).unlink(missing_ok=True)
            for name in [*runs, *([COMMAND] if COMMAND in names else [])]:
                delete(set_aside(self.folder / name))
            delete_leftovers(self.folder)
            if self.folder.is_dir() and not os.listdir(self.folder):
                self.folder.rmdir()
        except OSError as error:
            raise ResourceError(
                f"The checkpoints in {self.folder} could not be deleted: {why(error)}.",
                fix=f"delete {self.folder}",
            ) from error

    def _tell(self, sentence: str) -> None:
        if self._listener is not None:
            self._listener(sentence)

    def _refuse(self, force: bool) -> None:
        """Raise before anything is read where it is clear that this cannot go on."""
        if self._resume and force:
            raise UsageError(
                "Both --resume and --force (resume=True, force=True) were given.",
                fix="--resume goes on with a fit, --force starts anew: choose one",
            )
        check_free(self.out, force=force or self._resume)
        if not os.path.lexists(self.folder):
            return
        names = os.listdir(self.folder) if self.folder.is_dir() else [""]
        strange = [n for n in names if not (_RUN.fullmatch(n) or n == COMMAND)]
        if not all(map(_is_hidden, strange)):
            raise UsageError(
                f"{self.folder} is in the way: it does not hold the checkpoints of a "
                "fit alone.",
                fix="choose another name for the model folder, or move it away",
            )
        if len(names) > len(strange) and not (self._resume or force):
            raise UsageError(
                f"A fit that is not finished stands in {self.folder}.",
                fix="go on with it by --resume (resume=True), or delete it and start "
                "anew by --force (force=True)",
            )

    def _saved(self) -> dict[str, Any] | None:
        """The command that was begun here; None where there is none."""
        if not self.folder.is_dir():
            return None
        if all(map(_is_hidden, os.listdir(self.folder))):
            return None
        try:
            files = read_folder(self.folder / COMMAND, kind=_KIND)
            spent = _parsed(files.get(RUN, b"")).get("seconds")
            spent_s = spent if isinstance(spent, float) else 0.0
            return {**json.loads(files[_FILE]), "spent_s": spent_s}
        except DataError as error:
            raise FolderError(error.message, fix=error.fix) from error

    def _done(self, before: dict[str, Any] | None, command: Command) -> bool:
        """Does the model of this very fit stand at ``out`` already?

        A model of the same command that was there when the fit began, and is to be
        replaced, is another fit's.
        """
        if not os.path.lexists(self.out):
            return False
        try:
            made = _parsed(read_folder(self.out).get(RUN, b""))
        except FolderError:  # empty or damaged: what --force may replace
            if before is not None and before["replaces"]:
                return False
            if self.out.is_dir() and not os.listdir(self.out):
                raise UsageError(
                    f"The folder {self.out} exists already, with nothing in it.",
                    fix="remove it, or use --force in place of --resume",
                ) from None
            raise
        if before is not None and made.get("fit") != before["fit"]:
            if before["replaces"]:
                return False
            raise UsageError(
                f"The folder {self.out} was made by someone else meanwhile.",
                fix="move it away, then go on with --resume",
            )
        if not (isinstance(made.get("command"), dict) and "fit" in made):
            raise ConfigError(
                f"{self.out} does not say which command made it, so it cannot be told "
                "whether this fit is done.",
                fix="choose another --out, or use --force to replace it",
            )
        self._refuse_changed(made["command"], command, f"The model in {self.out}")
        self.record = {name: made[name] for name in ("fit", "command")}
        self.seconds = made.get("seconds")
        with suppress(OSError):  # a kill after the model was put in place
            delete_leftovers_of(self.out, "partial", "replaced")
        self._tell(f"This fit is done already; its model is in {self.out}.")
        return True

    def _refuse_changed(self, before: Command, now: Command, what: str) -> None:
        told = differences(before, now)
        if told:
            raise ConfigError(
                f"{what} was made by another command:\n  " + "\n  ".join(told),
                fix="give the command of before; or start anew with --force in place "
                "of --resume, or with another --out",
            )

    def _refuse_versions(self, before: Command, now: Command) -> None:
        """Other versions may compute other bits, so a run does not go on with them."""
        told = other_versions(before, now)
        if told:
            raise ConfigError(
                f"The fit in {self.folder} was begun with other versions:\n  "
                + "\n  ".join(told),
                fix="install the versions of before; or start anew with --force in "
                "place of --resume",
            )

    def _has_checkpoints(self) -> bool:
        runs = self.folder.iterdir() if self.folder.is_dir() else ()
        return any(
            _RUN.fullmatch(run.name) and any(not _is_hidden(n) for n in os.listdir(run))
            for run in runs
        )


def _parsed(data: bytes) -> dict[str, Any]:
    """The content of ``run.json``, which stands outside the hashes."""
    try:
        document = json.loads(data)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _is_hidden(name: str) -> bool:
    """Is this what a killed process left of a folder?"""
    return name.startswith(".dovetail-")
