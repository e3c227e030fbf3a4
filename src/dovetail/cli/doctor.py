"""``dovetail doctor``: mistakes between output, loss, target and decision in code."""

from typing import TYPE_CHECKING

import click

from dovetail._names import suggest
from dovetail.cli._command import Option, command
from dovetail.cli._options import DEBUG, FILE, QUIET
from dovetail.cli._output import emit
from dovetail.cli._talk import say
from dovetail.errors import CheckFailed, UsageError

if TYPE_CHECKING:
    from dovetail.doctor._base import Rule

PATHS = click.Argument(
    ["paths"], nargs=-1, required=False, metavar="PATH...", type=FILE
)


@command(
    "doctor",
    usage="PATH... [OPTIONS]",
    examples=[
        "dovetail doctor train.py",
        "dovetail doctor src notebooks --strict",
        "dovetail doctor src --diff",
        "dovetail doctor --explain DT101",
    ],
    options=[
        PATHS,
        Option(
            "--select",
            heading="rules",
            several=True,
            metavar="RULE...",
            help="Only these: codes or names, DT101 or softmax-before-cross-entropy.",
        ),
        Option(
            "--ignore",
            heading="rules",
            several=True,
            metavar="RULE...",
            help="Not these. A comment '# dovetail: ignore[DT101]' silences a line.",
        ),
        Option(
            "--strict",
            heading="rules",
            is_flag=True,
            help="A warning fails the check too (exit 8), not only an error.",
        ),
        Option(
            "--explain",
            heading="rules",
            metavar="RULE",
            help="Print the page of a rule: what, why, wrong and right code.",
        ),
        Option(
            "--lang",
            heading="rules",
            type=click.Choice(["en", "zh"]),
            default="en",
            show_default=True,
            help="Language of pages and texts: English or Chinese.",
        ),
        Option(
            "--format",
            "form",
            heading="output",
            type=click.Choice(["text", "json", "sarif", "github"]),
            default="text",
            show_default=True,
            help="How findings are written to stdout.",
        ),
        Option(
            "--diff",
            heading="output",
            is_flag=True,
            help="Show what --fix would change, and no findings.",
        ),
        Option(
            "--fix",
            heading="output",
            is_flag=True,
            help="Mend what is safe to mend, in the files.",
        ),
        QUIET,
        DEBUG,
    ],
)
def doctor(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    strict: bool,
    explain: str | None,
    lang: str,
    form: str,
    diff: bool,
    fix: bool,
    quiet: bool,
) -> None:
    """Find mistakes between output, loss, target and decision in PyTorch code.

    Reads .py files and notebooks, whole projects at once, and runs none of them. Exit
    code 8 if an error was found, 0 if not.
    """
    from dovetail.doctor import _fix
    from dovetail.doctor._format import FORMATS
    from dovetail.doctor._page import page
    from dovetail.doctor.rules import every_rule
    from dovetail.doctor.run import examine

    if explain is not None:
        emit(page(_named("--explain", explain), lang))
        return
    if not paths:
        raise UsageError(
            "dovetail doctor: PATH is missing.",
            fix="name files or folders, as in dovetail doctor src",
        )
    wanted = [_named("--select", name) for name in _split(select)] or every_rule()
    left = {_named("--ignore", name) for name in _split(ignore)}
    rules = [rule for rule in wanted if rule not in left]
    findings, notes = examine(paths, rules)
    for note in notes:
        say(f"Note: {note}", quiet=quiet)
    if diff or fix:
        changed = _fix.changes(findings)
        if diff and changed:
            emit(_fix.diff(changed))
        if fix:
            _fix.write(changed)
            say(f"{_counted(len(changed), 'file')} mended.", quiet=quiet)
            findings, _ = examine(paths, rules)
        held = sum(bool(f.edits) and not f.safe for f in findings)
        if held:
            say(
                f"{_counted(held, 'change')} left to you: something else reads what "
                "would change, or a comment stands in it.",
                quiet=quiet,
            )
    if not diff and (findings or form in ("json", "sarif")):
        emit(FORMATS[form](findings, lang))
    counts = {
        word: sum(f.severity == word for f in findings)
        for word in ("error", "warning", "hint")
    }
    told = ", ".join(_counted(n, word) for word, n in counts.items() if n)
    if counts["error"] or (strict and counts["warning"]):
        raise CheckFailed(
            f"{told} found.",
            fix="look at each; dovetail doctor --explain RULE says why and how to mend "
            "it",
        )
    say(f"{told} found." if told else "Nothing found.", quiet=quiet)


def _named(option: str, name: str) -> "Rule":
    from dovetail.doctor.rules import every_rule, rule_named

    if (rule := rule_named(name)) is None:
        known = [word for r in every_rule() for word in (r.code, r.id)]
        raise UsageError(
            f"{option}: there is no rule {name!r}.{suggest(name, known)}",
            fix="give a code such as DT101, or a rule's name",
        )
    return rule


def _split(names: tuple[str, ...]) -> list[str]:
    return [part for name in names for part in name.split(",") if part]


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
