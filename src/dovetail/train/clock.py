"""When to look: readings of the device, checkpoints, and the time that is left.

Reading a number waits for the device, so it is done some ten times a second and not in
each step. Nothing that is computed depends on it.
"""

import time
from typing import final

READ_EVERY_S = 0.1


@final
class Clock:
    """The times of one run; ``done`` steps of ``steps`` were made before it began."""

    def __init__(self, done: int, steps: int, checkpoint_every_s: float) -> None:
        self.steps = steps
        self._done = done
        self._checkpoint_every_s = checkpoint_every_s
        self._start = self._epoch = self._reading = self._saved = time.perf_counter()
        self._before = 0

    def begin_epoch(self, rows: int) -> None:
        """An epoch begins, or goes on after so many rows."""
        self._epoch = self._reading = time.perf_counter()
        self._before = rows

    def wants_reading(self) -> bool:
        """Is it time to read the losses? Counts as read then."""
        now = time.perf_counter()
        if now - self._reading < READ_EVERY_S:
            return False
        self._reading = now
        return True

    def wants_checkpoint(self) -> bool:
        """Is it time to save? Counts as saved then."""
        now = time.perf_counter()
        if now - self._saved < self._checkpoint_every_s:
            return False
        self._saved = now
        return True

    def rows_per_s(self, rows: int) -> float:
        """The pace of this epoch, of which ``rows`` are done."""
        return max(0, rows - self._before) / max(
            1e-9, time.perf_counter() - self._epoch
        )

    def eta_s(self, done: int) -> float:
        """Seconds to the last step at the pace so far."""
        made = max(1, done - self._done)
        return (self.steps - done) * (time.perf_counter() - self._start) / made
