"""One option with several values, which click does not know.

``--target a b --quiet d.csv`` is rewritten, before click reads it, into ``--target=a
--target=b --quiet -- d.csv``; what click then sees is ordinary.
"""

import os
from collections import deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NoReturn

import click

from dovetail.errors import UsageError

# What the name of a data file ends in; see ``given_back``.
_DATA_SUFFIXES = (
    ".arff",
    ".arrow",
    ".csv",
    ".data",
    ".feather",
    ".gz",
    ".ipc",
    ".json",
    ".jsonl",
    ".ndjson",
    ".npz",
    ".parquet",
    ".pq",
    ".tsv",
    ".txt",
    ".zst",
)

Word = tuple[int, str]  # with its place on the line


def one_value_each(
    args: Sequence[str],
    options: Mapping[str, click.Option],
    several: Collection[str],
    wanted: int,
    *,
    open_ended: bool = False,
) -> list[str]:
    """The line with one value for each option, and the arguments after ``--``.

    ``options`` are all of the command's by name, ``several`` the names of those that
    take several values; such an option ends at the next option or at ``--``. ``wanted``
    is the number of arguments, at least that if ``open_ended``. Words that are no
    option of the command are left for click to refuse.

    >>> drop = click.Option(["--drop"], multiple=True)
    >>> one_value_each(["x", "--drop", "a", "b"], {"--drop": drop}, {"--drop"}, 1)
    ['--drop=a', '--drop=b', '--', 'x']
    """
    arguments: list[Word] = []
    groups: list[tuple[str, list[Word]]] = []  # option and its values
    unknown = False
    rest = deque(enumerate(args))
    while rest:
        place, word = rest.popleft()
        if word == "--":
            arguments += rest
            break
        name, equals, _ = word.partition("=")
        option = options.get(name)
        if option is None and not _is_option(word):
            arguments.append((place, word))
        elif option is None or option.is_flag or option.count or equals:
            unknown |= option is None
            groups.append((word, []))
        elif name in several:
            values = []
            while rest and not _is_option(rest[0][1]):
                values.append(rest.popleft())
            if not values:
                _no_value(name)
            groups.append((name, values))
        elif not rest or rest[0][1].partition("=")[0] in options:
            _no_value(name)
        else:
            groups.append((name, [rest.popleft()]))
    arguments += given_back([v for _, v in groups], wanted - len(arguments))
    if len(arguments) > wanted and not unknown and not open_ended:
        raise UsageError(
            f"{max(arguments)[1]!r} is one argument too many.",
            fix="quote names with spaces; --help shows the arguments",
        )
    line = [
        word
        for name, values in groups
        for word in ([f"{name}={value}" for _, value in values] or [name])
    ]
    return [*line, "--", *(word for _, word in sorted(arguments))]


def given_back(groups: Iterable[list[Word]], missing: int) -> list[Word]:
    """Arguments that options have swallowed: ``--target price houses.csv``.

    As many as are missing, from the last group of values on: its last values, never
    the only one, if they exist as files or are named like data.
    """
    back: list[Word] = []
    for values in reversed(list(groups)):
        while len(back) < missing and len(values) > 1 and _is_file(values[-1][1]):
            back.append(values.pop())
    return back


def _is_option(word: str) -> bool:
    return len(word) > 1 and word.startswith("-")


def _is_file(word: str) -> bool:
    return word.lower().endswith(_DATA_SUFFIXES) or os.path.exists(word)


def _no_value(name: str) -> NoReturn:
    raise UsageError(
        f"{name} needs a value, and none follows.",
        fix=f"write it as {name}=VALUE if the value begins with a dash",
    )
