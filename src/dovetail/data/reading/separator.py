"""Which character separates the cells, told from the first lines."""

import re

import numpy as np

from dovetail.data.reading.quoting import fields_per_record
from dovetail.errors import ConfigError

# In this order where several fit equally: a comma is more often part of a cell than the
# characters before it, and lists of labels stand joined by bars inside cells.
_CANDIDATES = (b"\t", b";", b",", b"|")
_SAMPLE = 1 << 18
_WORDS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "space": " "}


def chosen(sep: str) -> bytes:
    r"""The separator a user asked for, as one byte.

    >>> chosen("tab"), chosen(";")
    (b'\t', b';')
    """
    sep = _WORDS.get(sep.lower(), sep)
    if len(sep) != 1 or not sep.isascii() or sep.isalnum() or sep in "\"\r\n\0.'":
        raise ConfigError(
            f"{sep!r} cannot separate cells.",
            fix="give one character such as , ; | or the word tab",
        )
    return sep.encode()


def found(text: bytes) -> bytes | None:
    r"""The separator that splits the first lines most evenly; None for one column.

    >>> found(b"a;b\n1,5;2\n"), found(b"text\nyes, I do\n")
    (b';', None)
    """
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample[: max(sample.rfind(b"\n"), sample.rfind(b"\r"))] or sample
    shares = {
        sep: max(_evenness(sample, sep, quoted) for quoted in (True, False))
        for sep in _CANDIDATES
    }
    # Half of the lines will do, not all: a file with bad rows is an error that names
    # them, not a table of one column.
    most = max(shares.values())
    if most < 0.5:
        return None
    best = [sep for sep, share in shares.items() if share == most]
    if best[0] == b";" and b"," in best and not _is_decimal_comma(sample):
        return b","
    return best[0]


def below_title(text: bytes) -> tuple[int, int, bytes] | None:
    r"""Lines, cells and separator of what may be a table below a line of one cell.

    >>> below_title(b"Sales\nx,y\n1,2\n3,4\n"), below_title(b"text\nyes, I do\n")
    ((3, 2, b','), None)
    """
    sample = text[:_SAMPLE]
    for sep in _CANDIDATES:
        fields = fields_per_record(sample, sep, quoted=True)[1:]
        if len(fields) > 2 and fields[0] > 1 and (fields == fields[0]).all():
            return len(fields), int(fields[0]), sep
    return None


def _evenness(sample: bytes, sep: bytes, quoted: bool) -> float:
    """Share of records with the commonest number of fields, which must not be 1."""
    fields = fields_per_record(sample, sep, quoted=quoted)
    if not len(fields) or fields[0] < 2:
        return 0.0
    # Of equally common numbers the header's: it says how many cells are needed.
    counts = np.bincount(fields)
    common = fields[0] if counts[fields[0]] == counts.max() else counts.argmax()
    return float((fields == common).mean()) if common > 1 else 0.0


def _is_decimal_comma(sample: bytes) -> bool:
    """Is every comma, taken between semicolons, inside a number such as 3,14?"""
    cells = re.split(rb"[;\r\n]", sample.replace(b'"', b""))
    return all(
        re.fullmatch(rb"\s*[+-]?\d*,\d*\s*", cell) for cell in cells if b"," in cell
    )
