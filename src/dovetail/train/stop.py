"""Reasons to end before the last epoch: the clock, Ctrl-C, SIGTERM.

The loop asks between steps. A signal is only noted, so that a step is never cut in two
and the state can be saved; a second one is taken as meant and ends the process at once.
"""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import final

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@final
class Stop:
    """Asked between steps; ``signal`` is the one that came, if any."""

    def __init__(self, time_limit_s: float | None = None) -> None:
        self.signal: signal.Signals | None = None
        self._end: float | None = None
        if time_limit_s is not None:
            self._end = time.monotonic() + time_limit_s
        self._end_of_run = self._end

    def begin_run(self, still_to_come: int) -> None:
        """A run begins, one of so many; it gets an equal part of the time left."""
        if self._end is not None:
            now = time.monotonic()
            self._end_of_run = now + max(0.0, self._end - now) / still_to_come

    @property
    def late(self) -> bool:
        """Is this run's time up?"""
        return self._end_of_run is not None and time.monotonic() >= self._end_of_run

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note Ctrl-C and SIGTERM inside; only a process's main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.getsignal(number) for number in SIGNALS}

        def note(number: int, frame: FrameType | None) -> None:
            if self.signal is not None:
                signal.signal(number, signal.SIG_DFL)
                signal.raise_signal(number)
            self.signal = signal.Signals(number)

        for number in SIGNALS:
            signal.signal(number, note)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
