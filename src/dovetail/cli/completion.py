"""``dovetail completion``: the script that completes commands in a shell."""

import click
from click.shell_completion import get_completion_class

from dovetail.cli._command import command
from dovetail.cli._options import DEBUG, needed
from dovetail.cli._output import emit
from dovetail.errors import UsageError

SHELLS = ("bash", "zsh", "fish")


@command(
    "completion",
    usage="bash|zsh|fish",
    examples=[
        'eval "$(dovetail completion bash)"        in ~/.bashrc',
        'eval "$(dovetail completion zsh)"         in ~/.zshrc',
        "dovetail completion fish | source         in ~/.config/fish/config.fish",
    ],
    options=[
        click.Argument(
            ["shell"], required=False, metavar="SHELL", type=click.Choice(SHELLS)
        ),
        DEBUG,
    ],
)
@click.pass_context
def completion(ctx: click.Context, /, shell: str | None) -> None:
    """Print the completion script of a shell."""
    shell = needed(shell, "the shell (bash, zsh or fish)", "completion")
    maker = get_completion_class(shell)
    if maker is None:
        raise UsageError(f"No completion for {shell}.", fix="use bash, zsh or fish")
    script = maker(ctx.find_root().command, {}, "dovetail", "_DOVETAIL_COMPLETE")
    emit(script.source())
