"""``dovetail``: finds the command, runs it, and answers with its exit code.

Imports click only, so that ``--help`` is quick; a command's module is imported when it
is called, and torch by the command when it has something to do.
"""

import difflib
import os
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any, final

import click

from dovetail._version import __version__
from dovetail.cli._errors import Terminated, explain
from dovetail.cli._talk import say, say_error
from dovetail.errors import UsageError

COMMANDS = (
    "fit",
    "predict",
    "evaluate",
    "explain",
    "report",
    "doctor",
    "completion",
)
# What other programs call them.
OTHER_WORDS = {
    "train": "fit",
    "learn": "fit",
    "test": "evaluate",
    "score": "evaluate",
    "infer": "predict",
    "lint": "doctor",
    "check": "doctor",
}


@final
class Commands(click.Group):
    """Imports ``dovetail.cli.<name>`` when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of use, not of the alphabet."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Import the command."""
        if name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"dovetail.cli.{name}"), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command; an unknown one gets a suggestion."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise _no_command(args[0], ctx)
        return super().resolve_command(ctx, args)


def _no_command(word: str, ctx: click.Context) -> Exception:
    if os.path.lexists(word):
        return UsageError(
            f"dovetail has no command {word!r}; it is the name of a file here.",
            fix=f"say what to do with it, as in dovetail fit {word} --target COL",
        )
    known = {**OTHER_WORDS, **{name: name for name in COMMANDS}}
    near = difflib.get_close_matches(word.lower(), known, n=1, cutoff=0.6)
    hint = f" Did you mean {known[near[0]]!r}?" if near else ""
    return click.UsageError(f"dovetail has no command {word!r}.{hint}", ctx)


@click.command(
    cls=Commands,
    no_args_is_help=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="dovetail", message="%(prog)s %(version)s")
@click.pass_context
def dovetail(ctx: click.Context) -> None:
    """Supervised learning where everything follows from the target.

    Say what you want to predict; output layer, loss, decision and metrics follow.

    \b
      dovetail fit houses.csv --target price
      dovetail predict models/houses-price new.csv --out predictions.csv
    """
    if ctx.invoked_subcommand is None:
        say(ctx.get_help())
        ctx.exit(2)


def main(args: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code, and never a traceback."""
    line = list(sys.argv[1:] if args is None else args)
    options = line[: line.index("--")] if "--" in line else line
    debug = "--debug" in options
    _complete()
    before = _on_sigterm()
    try:
        with warnings.catch_warnings():
            if not debug and not sys.warnoptions:
                warnings.simplefilter("ignore")
            return _run(line)
    except BrokenPipeError:
        # The reader of stdout, such as head, has what it wanted.
        _close_stdout()
        return 0
    except (Exception, KeyboardInterrupt, Terminated) as error:
        code, message = explain(error)
        if debug:
            say("".join(traceback.format_exception(error)).rstrip())
        say_error(message)
        return code
    finally:
        if before is not None:
            signal.signal(signal.SIGTERM, before)


def _run(line: list[str]) -> int:
    if word := next((word for word in line if "\0" in word), None):
        raise UsageError(
            f"{word!r} holds a zero byte, which no name or value has.",
            fix="leave it out",
        )
    try:
        with dovetail.make_context("dovetail", [*line], obj=tuple(line)) as ctx:
            dovetail.invoke(ctx)
    except click.exceptions.Exit as leave:
        return leave.exit_code
    finally:
        sys.stdout.flush()
    return 0


def _complete() -> None:
    """Answer a shell that asks what could come next."""
    if instruction := os.environ.get("_DOVETAIL_COMPLETE"):
        from click.shell_completion import shell_complete

        variable = "_DOVETAIL_COMPLETE"
        raise SystemExit(
            shell_complete(dovetail, {}, "dovetail", variable, instruction)
        )


def _on_sigterm() -> Any:
    """Make SIGTERM an exception, so that half-written files are cleaned up."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise Terminated

    try:
        return signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not in the main thread: signals are not ours
        return None


def _close_stdout() -> None:
    """Let Python's last flush of stdout go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)
