"""Which columns are meant: names, globs and ranges to column names."""

from collections.abc import Sequence
from fnmatch import fnmatchcase

from dovetail._names import suggest
from dovetail.errors import SchemaError

# A message lists all columns up to this many; beyond it a list helps nobody.
LISTED = 20


def select_columns(
    patterns: Sequence[str], names: Sequence[str], what: str = "target"
) -> tuple[str, ...]:
    """The columns that ``patterns`` mean, each once.

    A pattern is the first of these that fits: a column's exact name; a glob such as
    ``label_*``; a range ``first:last`` by position in the table, both ends included.
    Columns of one glob or range come in the table's order, patterns in theirs. An exact
    name wins even where it contains ``*`` or ``:``.

    >>> select_columns(["y", "b:d"], ["a", "b", "c", "d", "y"])
    ('y', 'b', 'c', 'd')

    Raises:
        SchemaError: for a pattern that fits no column, with the nearest name.
    """
    chosen: dict[str, None] = {}
    for pattern in patterns:
        chosen.update(dict.fromkeys(_matches(pattern, names, what)))
    return tuple(chosen)


def _matches(pattern: str, names: Sequence[str], what: str) -> Sequence[str]:
    if pattern in names:
        return [pattern]
    if any(mark in pattern for mark in "*?["):
        found = [name for name in names if fnmatchcase(name, pattern)]
        if found:
            return found
    # A name may itself contain colons, so each colon may be the one that divides.
    for at in (i for i, mark in enumerate(pattern) if mark == ":"):
        first, last = pattern[:at], pattern[at + 1 :]
        if first in names and last in names:
            start, stop = list(names).index(first), list(names).index(last)
            if start > stop:
                raise SchemaError(
                    f"{what}: the range {pattern!r} runs backwards; column {last!r} "
                    f"stands before {first!r}.",
                    fix=f"write it as '{last}:{first}'",
                )
            return names[start : stop + 1]
    raise SchemaError(
        f"{what}: no column {_described(pattern)}.{_hint(pattern, names)}",
        fix="name a column of the table, a glob ('label_*') or a range ('a:b')",
    )


def _described(pattern: str) -> str:
    if any(mark in pattern for mark in "*?["):
        return f"matches {pattern!r}"
    return f"is named {pattern!r}"


def _hint(pattern: str, names: Sequence[str]) -> str:
    near = suggest(pattern, names)
    if not near and ":" in pattern:  # the misspelt end of a range
        ends = [end for end in pattern.split(":", 1) if end and end not in names]
        near = "".join(suggest(end, names) for end in ends[:1])
    if len(names) > LISTED:
        return f"{near} The table has {len(names)} columns."
    return f"{near} Columns: {', '.join(map(repr, names))}."
