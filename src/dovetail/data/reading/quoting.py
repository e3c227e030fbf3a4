"""Are a file's quotation marks those of RFC 4180, and which spaces are padding?

In RFC 4180 a mark stands only around a whole cell, or doubled inside one. Walking the
marks in order, the first opens, the second closes, the third opens ...: a doubled mark
is a closing one with an opening one right behind. That makes both questions a matter of
counting, without a look at each character in Python.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import pyarrow as pa

_MARK, _LF, _CR = 34, 10, 13
_CHUNK = 1 << 23  # bytes; the masks below take a few times as much


def bytes_of(text: bytes) -> "np.ndarray[tuple[int], np.dtype[np.uint8]]":
    """``text`` as an array of its bytes, without a copy."""
    return np.frombuffer(text, np.uint8)


def block_size(text: "bytes | pa.Buffer", size: int) -> int:
    r"""``size`` or a little more, so that no block of ``text`` starts inside "\r\n".

    pyarrow takes such a "\n" for the rest of a line's end, also inside a cell.

    >>> block_size(b'1,"a\r\nb"', 5), block_size(b'1,"a\r\nb"', 4)
    (6, 4)
    """
    codes = np.frombuffer(text, np.uint8)
    while size < len(codes):
        starts = np.arange(size, len(codes), size)
        if not ((codes[starts] == _LF) & (codes[starts - 1] == _CR)).any():
            break
        size += 1
    return size


def padding(sep: bytes) -> bytes:
    """Characters that may stand around a cell without belonging to it."""
    return b" \t".replace(sep, b"")


def is_sound(text: bytes, sep: bytes) -> bool:
    r"""Does every quotation mark stand as RFC 4180 asks? Padding is let pass.

    >>> is_sound(b'a,"b ""c"" d"\n', b","), is_sound(b'6" pipe,1\n', b",")
    (True, False)
    """
    codes = bytes_of(text)
    marks = np.flatnonzero(codes == _MARK)
    if len(marks) % 2:
        return False
    opens, closes = marks[::2], marks[1::2]
    doubled = opens[1:] == closes[:-1] + 1
    opens = opens[np.append(True, ~doubled)] if len(opens) else opens
    closes = closes[np.append(~doubled, True)] if len(closes) else closes
    edge = np.zeros(256, bool)
    edge[[sep[0], _LF, _CR]] = True
    pad = np.zeros(256, bool)
    pad[list(padding(sep))] = True
    return _reach(codes, opens, -1, edge, pad) and _reach(codes, closes, 1, edge, pad)


def _reach(codes: Any, at: Any, step: int, edge: Any, pad: Any) -> bool:
    """From each mark in one direction, is there only padding before a cell's edge?"""
    at = at + step
    while len(at := at[(at >= 0) & (at < len(codes))]):
        near = codes[at]
        if not (edge[near] | pad[near]).all():
            return False
        at = at[pad[near]] + step
    return True


@final
@dataclass(frozen=True)
class Cell:
    """A cell that starts with a quotation mark, read as leniently as can be."""

    start: int
    broken: str | None  # what is wrong with it, or None
    newline: bool


def quoted_cells(text: bytes, sep: bytes) -> Iterator[Cell]:
    r"""The cells that open with a mark; a broken one ends with its line.

    >>> [c.broken for c in quoted_cells(b'"a" b,1\n"c",2\n', b",")]
    ['is followed by more text', None]
    """
    edge = rb"[" + re.escape(sep) + rb"\r\n]"
    pad = rb"[" + padding(sep) + rb"]*"
    opening = re.compile(rb"(?:\A|(?<=" + edge + rb"))" + pad + rb'"')
    inside = re.compile(rb'[^"]*(?:""[^"]*)*')
    behind = re.compile(pad + rb"(?:\Z|(?=" + edge + rb"))")
    line_end = re.compile(rb"[\r\n]|\Z")
    at = 0
    while found := opening.search(text, at):
        body = inside.match(text, found.end())
        assert body is not None  # it matches nothing at the least
        closed = body.end() < len(text)
        broken = None
        if not closed:
            broken = "is never closed"
        elif not behind.match(text, body.end() + 1):
            broken = "is followed by more text"
        start = found.end() - 1
        newline = b"\n" in body.group() or b"\r" in body.group()
        yield Cell(start, broken, newline)
        end = line_end.search(text, start) if broken else None
        at = end.end() if end else body.end() + 1
        if at >= len(text):
            return


def fields_per_record(text: bytes, sep: bytes, *, quoted: bool) -> Any:
    r"""Number of fields of each record that is not blank, in order.

    >>> fields_per_record(b'a,b\n\n"c,d"\n', b",", quoted=True).tolist()
    [2, 1]
    """
    codes = bytes_of(text)
    ends = (codes == _LF) | (codes == _CR)
    seps = codes == sep[0]
    if quoted:
        outside = np.cumsum(codes == _MARK) % 2 == 0
        ends &= outside
        seps &= outside
    stops = np.append(np.flatnonzero(ends), len(codes))
    starts = np.append(0, stops[:-1] + 1)
    at = np.flatnonzero(seps)
    fields = np.searchsorted(at, stops) - np.searchsorted(at, starts) + 1
    return fields[stops > starts]


def without_padding(text: bytes, sep: bytes, *, quoted: bool) -> bytes:
    r"""``text`` without the spaces and tabs around cells; those inside marks stay.

    >>> without_padding(b'a , " b"\n  1 2,x\n', b",", quoted=True)
    b'a," b"\n1 2,x\n'
    """
    if not any(bytes([code]) in text for code in padding(sep)):
        return text
    parts, at, inside = [], 0, 0
    while at < len(text):
        # A part ends with a line, so that a run of padding is never cut in two.
        stop = text.find(b"\n", at + _CHUNK) + 1 or len(text)
        part = text[at:stop]
        codes = bytes_of(part)
        outside = np.True_
        if quoted:
            marks = np.cumsum(codes == _MARK) + inside
            outside, inside = marks % 2 == 0, int(marks[-1]) % 2
        parts.append(_stripped(codes, outside, sep))
        at = stop
    return b"".join(parts)


def _stripped(codes: Any, outside: Any, sep: bytes) -> bytes:
    pad = np.zeros(len(codes), bool)
    for code in padding(sep):
        pad |= codes == code
    pad &= outside
    edge = ((codes == sep[0]) | (codes == _LF) | (codes == _CR)) & outside
    # A part begins and ends at a line's edge, unless a mark is open there.
    ends = np.broadcast_to(outside, codes.shape)
    before = np.append(ends[:1], edge[:-1])
    after = np.append(edge[1:], ends[-1:])
    if not (pad & (before | after)).any():
        return bytes(codes)
    turns = np.diff(pad.astype(np.int8), prepend=0, append=0)
    starts, stops = np.flatnonzero(turns == 1), np.flatnonzero(turns == -1)
    drop = before[starts] | after[stops - 1]
    steps = np.zeros(len(codes) + 1, np.int8)
    steps[starts[drop]] = 1
    steps[stops[drop]] = -1
    return bytes(codes[np.cumsum(steps[:-1], dtype=np.int8) == 0])
