"""A click command as dovetail's commands are: several values, headings, examples."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, final

import click

from dovetail.cli._several import one_value_each


@final
class Option(click.Option):
    """An option under a heading of the help page; ``several`` takes many values."""

    def __init__(
        self, *names: str, heading: str, several: bool = False, **attrs: Any
    ) -> None:
        super().__init__(names, multiple=several, **attrs)
        self.heading = heading
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
            params = self.get_params(ctx)
            options = {
                o: p for p in params if isinstance(p, click.Option) for o in p.opts
            }
            several = {o for o, p in options.items() if p.multiple}
            arguments = [p for p in params if isinstance(p, click.Argument)]
            args = one_value_each(
                args,
                options,
                several,
                len(arguments),
                open_ended=any(p.nargs == -1 for p in arguments),
            )
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
