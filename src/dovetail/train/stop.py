"""Reasons to end before the last epoch: the clock, Ctrl-C, SIGTERM.

The loop asks between steps. A signal is only noted, so that a step is never cut in two
and the state can be saved; a second one is taken as meant and ends the process at once.
Long work that changes nothing of the run (a compilation) is cut off by the first.
"""

import math
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import final

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@final
class Cut(BaseException):
    """A signal cut off the work inside ``Stop.cutting``.

    No ``Exception``: whoever wraps or swallows errors on the way lets it pass.
    """


@final
class Stop:
    """Asked between steps; ``signal`` is the one that came, if any."""

    def __init__(self, time_limit_s: float | None = None) -> None:
        self.signal: signal.Signals | None = None
        self._end: float | None = None
        if time_limit_s is not None:
            self._end = time.monotonic() + time_limit_s
        self._end_of_run = self._end
        self._cutting = False

    def begin_run(self, still_to_come: int) -> None:
        """A run begins, one of so many; it gets an equal part of the time left."""
        if self._end is not None:
            now = time.monotonic()
            self._end_of_run = now + max(0.0, self._end - now) / still_to_come

    @property
    def late(self) -> bool:
        """Is this run's time up?"""
        return self._end_of_run is not None and time.monotonic() >= self._end_of_run

    @property
    def left_s(self) -> float:
        """The seconds that this run may still take; infinitely many without a limit."""
        if self._end_of_run is None:
            return math.inf
        return max(0.0, self._end_of_run - time.monotonic())

    @contextmanager
    def cutting(self) -> Iterator[None]:
        """Inside, a signal raises ``Cut`` at once, and so does one that came before.

        For work that can be left at any point, with nothing to be undone.
        """
        self._cutting = True
        try:
            if self.signal is not None:
                raise Cut
            yield
        finally:
            self._cutting = False

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note Ctrl-C and SIGTERM inside; only a process's main thread can.

        What the process ignores stays ignored: Ctrl-C is not meant for ``command &``.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}
        heard = [number for number in SIGNALS if before[number] is not signal.SIG_IGN]

        def note(number: int, frame: FrameType | None) -> None:
            if self.signal is not None:
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            self.signal = signal.Signals(number)
            if self._cutting:
                raise Cut

        for number in heard:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number in heard:
                signal.signal(number, before[number])
