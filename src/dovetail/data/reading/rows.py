"""Text, with its separator and quotation marks settled, to columns of text.

pyarrow's parser does the work. A row with a wrong number of cells is an error with its
line, or left out and counted.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, final

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from dovetail.data.reading import from_text, quoting
from dovetail.errors import DataError

SKIP = "repair the line, or leave such lines out with --on-bad skip"
_BLOCK = 1 << 23


@final
@dataclass
class Reading:
    """What is known so far of one file; the steps below fill it in, in order."""

    name: str
    text: bytes
    skip: bool
    sep: bytes = b""
    quoted: bool = False
    trim: bool = False  # cells need a trim of their own
    line: int = 1  # line number of the first byte of ``text``
    bad: int = 0
    notes: list[str] = field(default_factory=list)


def strings(
    file: Reading, names: Sequence[str], missing: Sequence[str] = from_text.MISSING
) -> pa.Table:
    """All rows of ``file.text`` as columns of text; missing cells are null."""
    wrong: list[Any] = []

    def keep(row: Any) -> str:
        wrong.append(row)
        return "skip" if file.skip else "error"

    try:
        try:
            cells = _parsed(file, names, missing, keep if file.skip else None)
        except pa.ArrowInvalid:
            if file.skip:
                raise
            wrong.clear()
            cells = _parsed(file, names, missing, keep)  # now in order, for the line
    except pa.ArrowInvalid as error:
        if not wrong:
            reason = str(error).splitlines()[0]
            raise DataError(
                f"{file.name} cannot be split into rows: {reason}.", fix=SKIP
            ) from None
        raise DataError(
            f"{file.name}, line {_line_of(file, wrong[0])}: "
            f"{wrong[0].actual_columns} cells found, {len(names)} needed.",
            fix=SKIP,
        ) from None
    wrong = [row for row in wrong if row.text.strip()]
    if wrong:
        file.bad += len(wrong)
        file.notes.append(
            f"{len(wrong)} line(s) without {len(names)} cells left out, the first is "
            f"line {_line_of(file, wrong[0])}"
        )
    if not cells.num_rows:
        raise DataError(
            f"{file.name} has no row with {len(names)} cells.",
            fix="check the separator and the header line",
        )
    return cells


def _parsed(
    file: Reading, names: Sequence[str], missing: Sequence[str], handler: Any
) -> pa.Table:
    quoted = file.quoted and b'"' in file.text
    block = _BLOCK
    # pyarrow would take a byte order mark for its own; here it belongs to a cell.
    text = (b"\n" if file.text.startswith(BOM_UTF8) else b"") + file.text
    while True:
        if quoted and b"\r\n" in text:
            block = quoting.block_size(text, block)
        try:
            cells = arrow_csv.read_csv(
                pa.BufferReader(text),
                arrow_csv.ReadOptions(
                    column_names=names, use_threads=handler is None, block_size=block
                ),
                arrow_csv.ParseOptions(
                    delimiter=file.sep.decode(),
                    quote_char='"' if quoted else False,
                    newlines_in_values=quoted,
                    invalid_row_handler=handler,
                ),
                arrow_csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()),
                    null_values=list(missing),
                    strings_can_be_null=bool(missing),
                ),
            )
            break
        except pa.ArrowInvalid as error:
            # A row longer than the block: try again with room for it.
            if "straddling" not in str(error) or block > len(file.text):
                raise
            block *= 8
    if file.trim:
        pads = quoting.padding(file.sep).decode()
        arrays = [pc.utf8_trim(column, pads) for column in cells.columns]
        gone = pa.array(missing, pa.string())
        null = pa.scalar(None, pa.string())
        arrays = [pc.if_else(pc.is_in(a, gone), null, a) for a in arrays]
        cells = pa.table(arrays, names=list(names))
    return cells


def _line_of(file: Reading, row: Any) -> int:
    """Line number of a row with a wrong number of cells, found by its text."""
    pattern = rb"(?:\A|[\r\n])(" + re.escape(row.text.encode()) + rb")(?=[\r\n]|\Z)"
    found = re.search(pattern, file.text)
    return file.line + lines(file.text[: found.start(1) if found else 0])


def lines(text: bytes) -> int:
    r"""Number of line ends in ``text``, whichever kind they are.

    >>> lines(b"a\r\nb\nc\rd")
    3
    """
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")
