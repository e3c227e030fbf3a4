"""What is said, and with which exit code the command leaves, for anything raised.

0 done   1 a bug of ours   2 usage   3 data   4 configuration   5 resources
6 model folder   7 not finite   8 check failed   130 Ctrl-C   143 SIGTERM
"""

import errno
import signal
from collections.abc import Sequence
from typing import final

import click

from dovetail._names import suggest
from dovetail.errors import DovetailError, Interrupted, is_torch_memory

_RESOURCES = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EACCES,
    errno.EPERM,
    errno.EROFS,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.EFBIG,
    errno.EIO,
}


@final
class Terminated(BaseException):
    """SIGTERM came; raised so that files being written are cleaned up."""

    exit_code = 143


def explain(error: BaseException) -> tuple[int, str]:
    """The exit code and the one message for an exception.

    >>> from dovetail.errors import DataError
    >>> explain(DataError("No file 'a.csv'.", fix="check the path"))
    (3, "No file 'a.csv'.\\nWhat to do: check the path")
    """
    match error:
        case DovetailError():
            return error.exit_code, str(error)
        case click.UsageError():
            return 2, _usage(error)
        case Interrupted(signal=signal.SIGTERM) | Terminated():
            return error.exit_code, "Stopped by SIGTERM. No file was left half-written."
        case KeyboardInterrupt() | click.Abort():
            return 130, "Interrupted. No file was left half-written."
        case MemoryError():
            return 5, _memory("memory")
        case OSError() if error.errno in _RESOURCES:
            where = f" ({error.filename})" if error.filename else ""
            return 5, _with_fix(
                f"{error.strerror}{where}.", "make room, or choose a place to write to"
            )
        case OSError(errno=errno.ENAMETOOLONG):
            return 2, _with_fix(
                f"The file name {str(error.filename)[:40]!r}... is too long.",
                "give a shorter name: most systems take 255 bytes",
            )
        case RuntimeError() if (
            is_torch_memory(error) or "out of memory" in str(error).lower()
        ):
            return 5, _memory("memory of the device")
    said = " ".join(str(error).split())
    return 1, _with_fix(
        f"A bug of ours: {type(error).__name__}: {said}",
        "run the command again with --debug for the traceback, and report it",
    )


def _usage(error: click.UsageError) -> str:
    """click's complaints in our words."""
    ctx = error.ctx
    here = ctx.command_path if ctx else "dovetail"
    fix = f"see {here} --help"
    match error:
        case click.NoSuchOption():
            params = ctx.command.get_params(ctx) if ctx else []
            known = [name for p in params for name in p.opts if name.startswith("-")]
            name = _as_typed(error.option_name, ctx.obj if ctx else ())
            hint = suggest(name, known)
            return _with_fix(f"{here} has no option {name}.{hint}", fix)
        case click.BadParameter() if isinstance(error.param, click.Option):
            return _with_fix(f"{error.param.opts[-1]}: {_sentence(error.message)}", fix)
        case click.BadOptionUsage():
            return _with_fix(_sentence(error.message), fix)
    message = _sentence(error.format_message())
    return message if "\n" in message else _with_fix(message, fix)


def _as_typed(option: str, line: Sequence[str] | None) -> str:
    """click splits ``-target`` into letters and names the first."""
    if option.startswith("--") or len(option) > 2:
        return option
    return next((word for word in line or () if word.startswith(option)), option)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _with_fix(message: str, fix: str) -> str:
    return str(DovetailError(message, fix=fix))


def _memory(what: str) -> str:
    return _with_fix(
        f"Not enough {what}.", "use a smaller --batch-size, fewer columns or fewer rows"
    )
