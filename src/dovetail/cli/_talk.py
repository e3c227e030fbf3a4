"""stderr: talk and progress.

A bar on a terminal, a line every few seconds elsewhere; one line where training ended.
"""

import contextlib
import math
import os
import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import TYPE_CHECKING, Self, final

from dovetail.cli._output import style

if TYPE_CHECKING:
    from rich.progress import Progress as RichBar

    from dovetail.train import Progress

SECONDS_BETWEEN_LINES = 5.0
SECONDS_BETWEEN_DRAWINGS = 0.1
BAR = 12  # letters


def say(text: str, *, quiet: bool = False) -> None:
    """Write a line of talk to stderr; a reader that has left is no reason to stop."""
    if not quiet:
        with contextlib.suppress(BrokenPipeError):
            print(text, file=sys.stderr, flush=True)


def noted(quiet: bool) -> Callable[[str], None]:
    """What reading noticed about a file, such as lines left out, goes to stderr."""
    return lambda note: say(f"Note: {note}", quiet=quiet)


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
        self._last_said = monotonic()

    def __enter__(self) -> Self:
        return self

    @property
    def where(self) -> str:
        """Where training stands, to be read after a verb; "" before it began."""
        if self._last is None:
            return ""
        at = f" in epoch {self._last.epoch}/{self._last.epochs}"
        fold = self._last.fold
        return f"{at} of fold {fold}/{self._last.folds}" if fold else at

    def __call__(self, progress: "Progress") -> None:
        """Take one report."""
        self._last = progress
        if self.quiet:
            return
        since = monotonic() - self._last_said
        # A pause of some seconds is announced, however lately something was said.
        pause = progress.doing != "training"
        if self.on_terminal:
            if self._bar is None or pause or since >= SECONDS_BETWEEN_DRAWINGS:
                self._draw(progress)
        elif pause or since >= SECONDS_BETWEEN_LINES:
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
        self._last_said = monotonic()

    def _draw(self, progress: "Progress") -> None:
        if self._bar is None:
            self._bar = _new_bar()
            self._bar.start()
        self._bar.update(
            self._bar.task_ids[0],
            completed=progress.step,
            total=progress.steps,
            # A line longer than the terminal would stay behind when the bar goes.
            words=in_words(progress, short=True)[: self._bar.console.width - BAR - 1],
        )
        self._bar.refresh()
        self._last_said = monotonic()


def in_words(progress: "Progress", *, ended: bool = False, short: bool = False) -> str:
    """One line: where training stands, or stood when it ended.

    epoch 3/40 (0:12 left)  loss 0.4127  log_loss 0.398 (best 0.391)  12,000 rows/s
    """
    # The time left is that of the run the step belongs to, with folds that of the fold.
    left = "" if ended else f" ({_clock(progress.eta_s)} left)"
    epoch = f"epoch {progress.epoch}/{progress.epochs}"
    fold = progress.fold and f"fold {progress.fold}/{progress.folds}"
    if progress.doing != "training" and not ended:
        where = f"{fold}  {epoch}" if fold else epoch
        pause = f"{progress.doing} the training step"
        return f"{where}  {pause} (up to a minute, kept for the next time)"
    value, best = progress.value, progress.best
    if value is None or best is None:
        metric = "" if best is None else f"{progress.metric} best {best:.4g}"
    else:
        metric = f"{progress.metric} {value:.4g}"
        metric += "" if short else f" (best {best:.4g})"
    parts = (
        f"{fold}{left}  {epoch}" if fold else f"{epoch}{left}",
        f"loss {progress.loss:.4g}" if math.isfinite(progress.loss) else "",
        metric,
        f"{progress.rows_per_s:,.0f} rows/s" if progress.rows_per_s else "",
    )
    return "  ".join(part for part in parts if part)


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
        BarColumn(bar_width=BAR),
        TextColumn("{task.fields[words]}", markup=False),
        console=Console(stderr=True),
        transient=True,
        auto_refresh=False,  # training calls often enough; no thread beside it
    )
    bar.add_task("fit", words="")
    return bar
