"""Delimited text to a table: separator, quoting, header, rows, types, in this order.

Types are decided from all cells of a column. There is a short way for text in which
nothing is out of place (``survey``, ``blocks``) and a long one for all text; where the
short one can be gone, both come to the same table. On the long one columns are typed
one after the other, so that only one stands in memory twice, as text and as values.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dovetail.data.reading import from_text, header, quoting, separator
from dovetail.data.reading.blocks import HEAD, Blocks
from dovetail.data.reading.rows import Reading, lines, strings
from dovetail.data.reading.survey import Survey, survey
from dovetail.errors import DataError

_PART = 1 << 23  # bytes for a thread, at the least
MOST_COLUMNS = 100_000  # each takes some 5 kB in the parser, whatever it holds


def read(
    name: str,
    text: bytes,
    *,
    columns: Sequence[str] | None = None,
    sep: str | None = None,
    skip: bool = False,
    known: Sequence[str] = (),
    short: bool = True,
) -> tuple[pa.Table, list[str], int]:
    """Table, notes and number of rows left out, from UTF-8 ``text``.

    Without ``short`` the short way is not taken; the answer is the same.

    >>> table, notes, bad = read("t.csv", b"size,kind\\n1.5,a\\n,b\\n")
    >>> table.to_pydict(), notes, bad
    ({'size': [1.5, None], 'kind': ['a', 'b']}, [], 0)
    """
    file = Reading(name, text, skip)
    fits = None if sep is None else separator.found(text)
    del text  # held by ``file`` alone, which lets it go as soon as it can
    _drop_blank_start(file)
    _find_separator(file, sep)
    seen = survey(file.text, file.sep, _parts(file.text)) if short else None
    if seen is None:
        _settle_quoting(file)
        if short and not file.trim and file.quoted == (b'"' in file.text):
            # Only padding was in the way, or lines now left out.
            seen = survey(file.text, file.sep, _parts(file.text))
    if seen is not None:
        file.quoted = seen.quoted
    names, named, start = _take_header(file, columns, known)
    arrays = None if seen is None else _in_blocks(file, names, named, start, seen)
    if arrays is None:
        _move(file, start)
        try:
            cells = strings(file, names)
        except DataError as error:
            raise _blamed_on(sep, fits, error) from None
        if not named:
            _doubt_header(file, cells)
        file.text = b""  # typing needs the cells only
        arrays = list(cells.columns)
        del cells
        _give_types(file, names, arrays)
    return pa.table(arrays, names=names), file.notes, file.bad


def _parts(text: bytes) -> int:
    """One for each thread, if each gets enough to do."""
    return max(1, min(int(pa.cpu_count()), len(text) // _PART))


def _in_blocks(
    file: Reading, names: list[str], named: bool, start: int, seen: Survey
) -> list[Any] | None:
    """The columns with their types, the short way; None where a row is bad."""
    if file.text.startswith(BOM_UTF8, start):
        return None  # pyarrow would take it for its own; here it belongs to a cell
    try:
        blocks = Blocks(file.text, start, names, file.sep, seen)
        arrays = blocks.read()
    except pa.ArrowInvalid:
        return None
    if not len(arrays[0]):
        return None
    if not named:
        _doubt_header(file, blocks.head)
    file.text = b""
    file.notes += blocks.finish(arrays, decimal_comma=file.sep == b";")
    return arrays


def _give_types(file: Reading, names: list[str], arrays: list[Any]) -> None:
    for i, name in enumerate(names):
        # In place, so that the text of a column goes as soon as its values stand.
        arrays[i], note = from_text.typed(arrays[i], decimal_comma=file.sep == b";")
        if note:
            file.notes.append(f"column {name!r}: {note}")


def _drop_blank_start(file: Reading) -> None:
    text = file.text.lstrip(b" \t\r\n")
    if not text:
        raise DataError(
            f"{file.name} is empty: it holds only blank lines.",
            fix="give a file with a header and rows",
        )
    blank = file.text[: len(file.text) - len(text)]
    # Tabs before the first cell may be empty cells: only whole lines go.
    start = max(blank.rfind(b"\n"), blank.rfind(b"\r")) + 1
    file.line += lines(blank[:start])
    file.text = file.text[start:] if start else file.text


def _find_separator(file: Reading, sep: str | None) -> None:
    if sep is not None:
        file.sep = separator.chosen(sep)
        if file.sep not in file.text:
            told = separator.found(file.text)
            fits = f"; the lines fit {told.decode()!r}" if told else ""
            file.notes.append(f"the separator {sep!r} does not occur: one column{fits}")
        return
    # One column: any character that does not occur will do.
    free = (bytes([code]) for code in range(1, 32) if code not in (9, 10, 13))
    unused = (char for char in free if char not in file.text)
    told = separator.found(file.text)
    file.sep = told or next(unused, b"\x1f")
    if told is None and (title := separator.below_title(file.text)):
        count, fields, char = title
        file.notes.append(
            f"line {file.line} holds one cell, {count} lines below it hold {fields} "
            f"with {char.decode()!r} between them; if it is a title, remove it"
        )


def _blamed_on(sep: str | None, told: bytes | None, error: DataError) -> DataError:
    """``error``, and that it comes from the wrong ``sep`` where it seems to."""
    if sep is None or told is None or told == separator.chosen(sep):
        return error
    return DataError(
        f"{error.message} --sep says {sep!r}, but the lines fit {told.decode()!r}.",
        fix=f"give --sep '{told.decode()}', or leave it out to have it told",
    )


def _settle_quoting(file: Reading) -> None:
    """Decide what quotation marks mean; leave out lines in which they are broken."""
    if b'"' not in file.text:
        file.text = quoting.without_padding(file.text, file.sep, quoted=False)
        return
    file.quoted = True
    if quoting.is_sound(file.text, file.sep):
        file.text = quoting.without_padding(file.text, file.sep, quoted=True)
        return
    cells = list(quoting.quoted_cells(file.text, file.sep))
    broken = [cell for cell in cells if cell.broken]
    # Who writes tabs seldom quotes; a cell over two lines may be two stray marks.
    suspect = next((c for c in cells if c.newline or file.sep == b"\t"), None)
    first = broken[0] if broken else suspect
    if first is None:  # marks inside cells only, as in 6" pipe: no harm
        file.trim = True
        return
    fields = quoting.fields_per_record(file.text, file.sep, quoted=False)
    line = file.line + lines(file.text[: first.start])
    if (fields == fields[0]).all() and (broken or fields[0] > 1):
        file.quoted = False
        file.notes.append(
            f"quotation marks were read as plain characters: the one that opens a cell "
            f"in line {line} {first.broken or 'stands beside marks within cells'}, and "
            f"without them every line has {fields[0]} cell(s)"
        )
        file.text = quoting.without_padding(file.text, file.sep, quoted=False)
        return
    file.trim = True
    if not broken:
        return
    if not file.skip:
        start = file.text[first.start : first.start + 60].splitlines()[0]
        shown = start.decode(errors="replace")[:30]
        raise DataError(
            f"{file.name}, line {line}: the quotation mark that opens the cell "
            f"{shown!r} {first.broken}.",
            fix="double the marks inside cells, or leave such lines out with "
            "--on-bad skip",
        )
    _leave_out(file, [cell.start for cell in broken])


def _leave_out(file: Reading, starts: Sequence[int]) -> None:
    """Blank the lines with a byte at ``starts``; their ends stay, so lines count on."""
    ends = re.compile(rb"[\r\n]|\Z")
    parts, at = [], 0
    for start in starts:
        head = max(file.text.rfind(b"\n", 0, start), file.text.rfind(b"\r", 0, start))
        found = ends.search(file.text, start)
        assert found is not None  # the end of the text at the least
        parts.append(file.text[at : head + 1])
        at = found.start()
    file.bad += len(starts)
    file.notes.append(
        f"{len(starts)} line(s) with a broken quotation mark left out, the first is "
        f"line {file.line + lines(file.text[: starts[0]])}"
    )
    file.text = b"".join(parts) + file.text[at:]
    _drop_blank_start(file)


def _take_header(
    file: Reading, columns: Sequence[str] | None, known: Sequence[str]
) -> tuple[list[str], bool, int]:
    """Names of the columns, are they the user's own, and where the rows start."""
    first, end = _first_record(file)
    rest = re.compile(rb"[^\r\n]").search(file.text, end)
    if columns is not None:
        if header.given(file.name, first, columns):
            file.notes.append("line 1 repeats the names given, and is not a row")
            return list(columns), True, end
        return list(columns), True, 0
    if header.is_data(first, known):
        if not rest:
            raise DataError(
                f"{file.name} has one line only, without column names.",
                fix="add a header line, or name the columns with --columns",
            )
        names, note = header.counted(first)
        file.notes.append(note)
        return names, True, 0
    names, missing = header.names(file.name, file.line, first)
    if missing:
        file.notes.append(missing)
    if not rest:
        raise DataError(
            f"{file.name} has a header and no rows.",
            fix="add rows; if the line is a row, name the columns with --columns",
        )
    return names, any(k in names for k in known), end


def _first_record(file: Reading) -> tuple[list[str], int]:
    """Cells of the first record, and where it ends."""
    size = 1 << 16
    while True:
        head = quoting.bytes_of(file.text[:size])
        ends = (head == 10) | (head == 13)
        if file.quoted and not file.trim:
            ends &= np.cumsum(head == 34) % 2 == 0
        stops = np.flatnonzero(ends)
        if len(stops) or size >= len(file.text):
            break
        size *= 4
    stop = int(stops[0]) if len(stops) else len(file.text)
    end = stop + (2 if file.text[stop : stop + 2] == b"\r\n" else 1)
    record = file.text[:stop]
    fields = quoting.fields_per_record(
        record, file.sep, quoted=file.quoted and not file.trim
    )
    count = max(int(fields.sum()), 1)
    if count > MOST_COLUMNS:
        raise DataError(
            f"{file.name}, line {file.line}: {count:,} cells in the first line; up to "
            f"{MOST_COLUMNS:,} columns are read.",
            fix="check separator and line ends; a matrix so wide goes into .npz",
        )
    names = [str(i) for i in range(count)]
    part = Reading(file.name, record, True, file.sep, file.quoted, file.trim)
    row = strings(part, names, missing=()).to_pylist()
    return (list(row[0].values()) if row else [""]), min(end, len(file.text))


def _move(file: Reading, end: int) -> None:
    if not end:
        return
    file.line += lines(file.text[:end])
    file.text = file.text[end:]


def _doubt_header(file: Reading, cells: pa.Table) -> None:
    """Say so where a column's name is also a value in it: is it a header at all?"""
    for name in cells.column_names:
        head = cells[name].slice(0, HEAD)
        if pc.any(pc.equal(head, name)).as_py():
            file.notes.append(
                f"line 1 was taken for column names, but {name!r} is also a value in "
                f"its column; if there is no header line, name the columns with "
                f"--columns"
            )
            return
