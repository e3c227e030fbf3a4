"""stderr: talk and progress.

A bar on a terminal, a line every few seconds elsewhere; one line where training ended.
"""

import contextlib
import math
import os
import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self, final

from dovetail.cli._output import style

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar

    from dovetail.train import Progress

SECONDS_BETWEEN_LINES = 5.0


def say(text: str, *, quiet: bool = False) -> None:
    """Write a line of talk to stderr; a reader that has left is no reason to stop."""
    if not quiet:
        with contextlib.suppress(BrokenPipeError):
            print(text, file=sys.stderr, flush=True)


def say_error(message: str) -> None:
    """Write the one message of an error; ``--quiet`` does not silence it."""
    say(f"{style('Error:', '1;31', sys.stderr)} {message}")


@final
class ProgressTalk:
    """Shows the progress of a fit; called by the training some ten times a second."""

    def __init__(self, *, quiet: bool) -> None:
        self.quiet = quiet
        self.on_terminal = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
        self._bar: RichBar | None = None
        self._last: Progress | None = None
        self._last_line = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __call__(self, progress: "Progress") -> None:
        """Take one report."""
        self._last = progress
        if self.quiet:
            return
        if self.on_terminal:
            self._draw(progress)
        elif time.monotonic() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._line()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Take the bar away and leave one line that says where training ended."""
        if self._bar is not None:
            self._bar.stop()
        if self._last is not None and not self.quiet:
            self._line(ended=True)

    def _line(self, *, ended: bool = False) -> None:
        if self._last is not None:
            say(in_words(self._last, ended=ended))
        self._last_line = time.monotonic()

    def _draw(self, progress: "Progress") -> None:
        if self._bar is None:
            self._bar = _new_bar()
            self._bar.start()
        task = self._bar.tasks[0].id
        self._bar.update(
            task,
            completed=progress.step,
            total=progress.steps,
            where=_where(progress),
            eta=_clock(progress.eta_s),
            numbers=_numbers(progress),
        )


def in_words(progress: "Progress", *, ended: bool = False) -> str:
    """One line: where training stands, or stood when it ended.

    epoch 3/40  loss 0.4127  log_loss 0.398  (best 0.391)  12,000 rows/s  0:12 left
    """
    parts = [_where(progress), _numbers(progress)]
    if not ended:
        parts.append(f"{_clock(progress.eta_s)} left")
    return "  ".join(parts)


def _where(progress: "Progress") -> str:
    fold = f"fold {progress.fold}/{progress.folds}  " if progress.fold else ""
    return f"{fold}epoch {progress.epoch}/{progress.epochs}"


def _numbers(progress: "Progress") -> str:
    parts = [f"loss {progress.loss:.4g}"]
    if progress.value is not None:
        parts.append(f"{progress.metric} {progress.value:.4g}")
    if progress.best is not None:
        best = f"{progress.best:.4g}"
        parts.append(
            f"(best {best})"
            if progress.value is not None
            else f"best {progress.metric} {best}"
        )
    parts.append(f"{progress.rows_per_s:,.0f} rows/s")
    return "  ".join(parts)


def _clock(seconds: float) -> str:
    """``75.2`` as ``1:15``; hours only where there are any.

    >>> _clock(75.2), _clock(3675)
    ('1:15', '1:01:15')
    """
    if not math.isfinite(seconds):
        return "-:--"
    minutes, second = divmod(max(0, round(seconds)), 60)
    hour, minute = divmod(minutes, 60)
    if hour:
        return f"{hour}:{minute:02}:{second:02}"
    return f"{minute}:{second:02}"


def _new_bar() -> "RichBar":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    bar = Progress(
        TextColumn("{task.fields[where]}"),
        BarColumn(bar_width=24),
        TextColumn("{task.percentage:>3.0f}%  {task.fields[eta]} left"),
        TextColumn("{task.fields[numbers]}"),
        console=Console(stderr=True),
        transient=True,
    )
    bar.add_task("fit", where="", eta="-:--", numbers="")
    return bar
