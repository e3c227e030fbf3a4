"""Work in a background thread: one item at a time, at most one waiting."""

import threading
import traceback
from collections.abc import Callable
from typing import Generic, TypeVar, final

T = TypeVar("T")


@final
class Background(Generic[T]):
    """Does ``work(item)`` in a thread of its own, one item at a time.

    Of items that wait only the newest is kept: ``give`` replaces the one before. The
    thread lives while there is work; the interpreter waits for it when it exits. What
    ``work`` raises is kept for ``raise_error``, the first until it is asked for.
    """

    def __init__(self, work: Callable[[T], None]) -> None:
        self._work = work
        self._changed = threading.Condition()
        self._waiting: T | None = None
        self._busy = False
        self._error: BaseException | None = None

    def give(self, item: T) -> None:
        """Do ``item`` next."""
        with self._changed:
            if not self._busy:
                # The thread cannot begin before this block ends.
                threading.Thread(target=self._run, name="dovetail-checkpoint").start()
                self._busy = True
            self._waiting = item

    def drop(self) -> None:
        """Forget the item that waits, if there is one."""
        with self._changed:
            self._waiting = None

    def settle(self) -> None:
        """Wait until nothing waits and nothing runs."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy)

    def take_error(self) -> BaseException | None:
        """What ``work`` raised since this was last asked."""
        with self._changed:
            error, self._error = self._error, None
        return error

    def raise_error(self) -> None:
        """Raise what ``work`` raised, once."""
        if (error := self.take_error()) is not None:
            raise error

    def _run(self) -> None:
        while True:
            with self._changed:
                item, self._waiting = self._waiting, None
                if item is None:
                    self._busy = False
                    self._changed.notify_all()
                    return
            try:
                self._work(item)
            except BaseException as error:  # raised where items are given
                _release(error)
                with self._changed:
                    self._error = self._error or error
            del item  # it may be large, and so may be the next


def _release(error: BaseException | None) -> None:
    """Let go of what the frames of ``error`` hold; lines and names stay."""
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__context__
