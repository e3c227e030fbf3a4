"""Every error dovetail raises on purpose.

    DovetailError          exit code; built-in it also is
    +-- UsageError         2  ValueError       unknown option, folder in the way
    +-- DataError          3  ValueError       not found, not readable, not fitting
    |   +-- TargetError    3                   the target column(s)
    |   +-- SchemaError    3                   columns against the schema
    +-- ConfigError        4  ValueError       choices that do not fit together
    +-- ResourceError      5  OSError          disk, memory
    +-- FolderError        6  ValueError       model folder refused
    +-- NotFiniteError     7  ArithmeticError  training left the finite numbers
    +-- CheckFailed        8  AssertionError   a check the user asked for failed

A message says what was wrong (file, line, column, value) and what was needed;
``fix`` says what to do. Exit code 1 is kept for bugs of ours.
"""

from signal import Signals
from typing import ClassVar

_ROWS_SHOWN = 10  # in a message


class DovetailError(Exception):
    """Base of all; ``exit_code`` is what the command line leaves with."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, fix: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.message}\nWhat to do: {self.fix}" if self.fix else self.message


class UsageError(DovetailError, ValueError):
    """The command or call itself is not one we can carry out."""

    exit_code = 2


class DataError(DovetailError, ValueError):
    """Data that cannot be found or read, or is not what was said of it."""

    exit_code = 3


class TargetError(DataError):
    """A target column that no task, or not this task, can learn from."""


class SchemaError(DataError):
    """Columns or cells that do not fit what the model was trained on."""


class ConfigError(DovetailError, ValueError):
    """Choices that contradict each other, such as a loss that fits no target here."""

    exit_code = 4


class ResourceError(DovetailError, OSError):
    """Disk full or not writable, memory exhausted."""

    exit_code = 5


class FolderError(DovetailError, ValueError):
    """A model folder with a changed, missing or unlisted file, or a newer format."""

    exit_code = 6


class NotFiniteError(DovetailError, ArithmeticError):
    """Loss, gradient or weights are no longer finite numbers."""

    exit_code = 7

    def __init__(
        self,
        message: str,
        *,
        fix: str | None = None,
        rows: tuple[int, ...] = (),
        rows_of: str = "",
    ) -> None:
        super().__init__(message, fix=fix)
        self.what = message
        self.rows = rows  # of the batch, where they are known
        if rows:
            shown = ", ".join(map(str, rows[:_ROWS_SHOWN]))
            hidden = len(rows) - _ROWS_SHOWN
            more = f" and {hidden} more" if hidden > 0 else ""
            where = f" of {rows_of}" if rows_of else ""
            rows_ = "row" if len(rows) == 1 else "rows"
            self.message += f" It came from data {rows_} {shown}{more}{where}."
            self.args = (self.message,)


class CheckFailed(DovetailError, AssertionError):  # noqa: N818
    """A check that the user asked for did not pass."""

    exit_code = 8


class Interrupted(KeyboardInterrupt):
    """A signal ended a training between two steps; ``saved`` if it can be resumed."""

    def __init__(self, number: int, *, saved: bool) -> None:
        super().__init__(f"interrupted by {Signals(number).name}")
        self.signal = Signals(number)
        self.saved = saved

    @property
    def exit_code(self) -> int:
        """130 for Ctrl-C, 143 for SIGTERM: 128 and the signal's number."""
        return 128 + self.signal


def is_torch_memory(error: BaseException) -> bool:
    """Has torch run out of memory? On the CPU it says so in the text only."""
    for kind in type(error).__mro__:
        if kind.__name__ == "OutOfMemoryError" and kind.__module__.startswith("torch"):
            return True
    return "DefaultCPUAllocator" in str(error)


class DovetailWarning(UserWarning):
    """What a fit warns of: a leak, a score no better than the baseline."""
