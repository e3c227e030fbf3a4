"""The column names of delimited text: its first line, unless that is data already."""

from collections import Counter
from collections.abc import Sequence

from dovetail.data.reading.from_text import NUMBER
from dovetail.errors import ConfigError, DataError

_NAME_THEM = "name them with --columns"


def given(name: str, cells: Sequence[str], columns: Sequence[str]) -> bool:
    """Check ``columns``, the user's own names; is the first line a header all the same?

    >>> given("t.csv", ["5", "x"], ["size", "kind"])
    False
    """
    twice = [c for c, k in Counter(columns).items() if k > 1]
    if twice:
        raise ConfigError(
            f"--columns names {_quoted(twice)} more than once.",
            fix="give each column a name of its own",
        )
    if len(columns) != len(cells):
        raise DataError(
            f"{name} has {len(cells)} columns, --columns names {len(columns)}.",
            fix=f"name all {len(cells)}, in the order of the file",
        )
    return list(cells) == list(columns)


def is_data(cells: Sequence[str], known: Sequence[str]) -> bool:
    """Is the first line data: a number in it, and no column name the user asked for?

    A ``known`` name such as ``"0"`` says nothing where it counts a column.

    >>> is_data(["39", "State-gov"], []), is_data(["country", "2019"], ["country"])
    (True, False)
    """
    counted = [str(i) for i in range(len(cells))]
    # pandas writes 0, 1, 2 ... as the header of a table without names.
    if len(cells) > 1 and list(cells) in (counted, ["", *counted[:-1]]):
        return False
    if any(k in cells and k not in counted for k in known):
        return False
    return any(NUMBER.fullmatch(cell) for cell in cells)


def counted(cells: Sequence[str]) -> tuple[list[str], str]:
    """Names ``"0", "1", ...`` for a file without header, and the note that says so."""
    number = next(cell for cell in cells if NUMBER.fullmatch(cell))
    note = (
        f"no header: line 1 holds the number {number!r}, so columns are named 0 to "
        f"{len(cells) - 1}; {_NAME_THEM}"
    )
    return [str(i) for i in range(len(cells))], note


def names(name: str, line: int, cells: Sequence[str]) -> tuple[list[str], str | None]:
    """Names from a header line. pandas leaves the first one empty for its index."""
    found = [cell.strip() for cell in cells]
    note = None
    if len(found) > 1 and not found[0] and "index" not in found:
        found[0] = "index"
        note = "the first column has no name in the header; it is named 'index'"
    empty = [str(i) for i, cell in enumerate(found, 1) if not cell]
    fix = f"name them in the file; if it has no header line, {_NAME_THEM}"
    if empty:
        some = "columns" if len(empty) > 1 else "column"
        raise DataError(
            f"{name}, line {line}: {some} {', '.join(empty)} of {len(found)} "
            f"{'have' if len(empty) > 1 else 'has'} no name in the header.",
            fix=fix,
        )
    twice = [c for c, k in Counter(found).items() if k > 1]
    if twice:
        raise DataError(
            f"{name}, line {line}: column names appear more than once: "
            f"{_quoted(twice)}.",
            fix=fix.replace("name them in", "rename them in", 1),
        )
    return found, note


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(repr(word) for word in words)
