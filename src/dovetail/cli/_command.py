"""A click command as dovetail's commands are: several values, headings, examples.

``--target a b c`` is one option with three values. click knows only repeated options,
so the command line is rewritten, before click reads it, into ``--target=a --target=b
--target=c -- DATA``; what click then sees is ordinary.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

import click

# An argument that was swallowed by the option before it is given back if it is a file,
# or is written like one.
_DATA_SUFFIXES = (
    ".csv",
    ".tsv",
    ".txt",
    ".data",
    ".gz",
    ".zst",
    ".json",
    ".jsonl",
    ".ndjson",
    ".parquet",
    ".feather",
    ".arrow",
    ".arff",
    ".npz",
    ".model",
)


@final
class Option(click.Option):
    """An option under a heading of the help page; ``several`` takes many values."""

    def __init__(
        self, *names: str, heading: str, several: bool = False, **attrs: Any
    ) -> None:
        super().__init__(names, multiple=several, **attrs)
        self.heading = heading
        self.several = several
        # What a command gets where the option is not on the line.
        self.unsaid = (
            () if several else attrs.get("default", False if self.is_flag else None)
        )


@final
class Command(click.Command):
    """A command with ``usage`` and ``examples`` on its help page."""

    def __init__(
        self, *args: Any, usage: str, examples: Sequence[str] = (), **attrs: Any
    ) -> None:
        attrs.setdefault("context_settings", {"help_option_names": ["-h", "--help"]})
        super().__init__(*args, **attrs)
        self.usage = usage
        self.examples = tuple(examples)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hand click a line in which every option has one value."""
        if not ctx.resilient_parsing:  # shell completion reads half a line
            args = one_value_each(args, self.get_params(ctx), ctx)
        return super().parse_args(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help page: usage, what it does, examples, options by heading."""
        formatter.write_usage(ctx.command_path, self.usage)
        self.format_help_text(ctx, formatter)
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"{'':>{formatter.current_indent}}{example}\n")
        headings: dict[str, list[tuple[str, str]]] = {}
        for option in self.get_params(ctx):
            if not isinstance(option, click.Option):
                continue  # the usage line names the arguments
            if record := option.get_help_record(ctx):
                last = next(reversed(headings), "running")  # --help comes last
                heading = option.heading if isinstance(option, Option) else last
                headings.setdefault(heading, []).append(record)
        for heading, records in headings.items():
            with formatter.section(f"Options ({heading})"):
                formatter.write_dl(records)


def command(
    name: str,
    *,
    usage: str,
    examples: Sequence[str] = (),
    options: Iterable[click.Parameter] = (),
) -> Callable[[Callable[..., None]], Command]:
    """Make a function a command; its docstring is the help text."""

    def make(function: Callable[..., None]) -> Command:
        return Command(
            name,
            callback=function,
            params=list(options),
            help=function.__doc__,
            usage=usage,
            examples=examples,
        )

    return make


def one_value_each(
    args: Sequence[str], params: Iterable[click.Parameter], ctx: click.Context
) -> list[str]:
    """Rewrite ``x --drop a b`` as ``--drop=a --drop=b -- x``.

    An option that takes several values ends at the next option or at ``--``. Where a
    positional argument is then missing, the last such value that names a file is it:
    ``--target price houses.csv`` means what it looks like.
    """
    params = list(params)
    known = {name: p for p in params if isinstance(p, click.Option) for name in p.opts}
    wanted = sum(isinstance(p, click.Argument) for p in params)
    taken: list[list[tuple[int, str]]] = []  # values of each option that takes several
    arguments: list[tuple[int, str]] = []  # with their place on the line
    words: list[str | tuple[str, list[tuple[int, str]]]] = []
    unknown = False
    rest = deque(enumerate(args))
    while rest:
        place, word = rest.popleft()
        if word == "--":
            arguments.extend(rest)
            break
        name, equals, _ = word.partition("=")
        option = known.get(name)
        if option is None:
            if _is_option(word):
                words.append(word)  # click says that there is no such option
                unknown = True
            else:
                arguments.append((place, word))
        elif isinstance(option, Option) and option.several and not equals:
            values = []
            while rest and not _is_option(rest[0][1]):
                values.append(rest.popleft())
            if not values:
                raise _without_value(name, ctx)
            taken.append(values)
            words.append((name, values))
        elif option.is_flag or option.count or equals:
            words.append(word)
        else:
            if not rest or rest[0][1].partition("=")[0] in known:
                raise _without_value(name, ctx)
            words.append(f"{name}={rest.popleft()[1]}")
    for values in reversed(taken):
        while len(arguments) < wanted and len(values) > 1 and _is_file(values[-1][1]):
            arguments.append(values.pop())
    if len(arguments) > wanted and not unknown:
        raise click.UsageError(
            f"{ctx.command_path}: {max(arguments)[1]!r} is one argument too many.", ctx
        )
    line: list[str] = []
    for word_or_group in words:
        if isinstance(word_or_group, str):
            line.append(word_or_group)
        else:
            name, values = word_or_group
            line += [f"{name}={value}" for _, value in values]
    return [*line, "--", *(word for _, word in sorted(arguments))]


def _is_option(word: str) -> bool:
    return len(word) > 1 and word.startswith("-")


def _is_file(word: str) -> bool:
    return word.endswith(_DATA_SUFFIXES) or os.path.exists(word)


def _without_value(name: str, ctx: click.Context) -> click.BadOptionUsage:
    return click.BadOptionUsage(name, f"{name} needs a value, and none follows.", ctx)
