r"""One look at all bytes of a delimited text: may it be read the short way?

Most files are plain: quotation marks stand as RFC 4180 asks, no cell is padded, and no
number is written as a code ("007"). That is told by comparing neighbouring bytes, a
block at a time, so that little leaves the processor's cache:

    padding    a space or tab beside a cell's edge, outside marks: it has to go first
    marks      one that neither opens nor closes a whole cell: broken, or a mere sign
    doubtful   a cell that starts with 0 and goes on, or padding inside marks: pyarrow
               would read "007" and " 7" as the number 7, where both are text

The first two need the long way (``quoting``); with the third, every cell is read as
text before its type is decided.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from dovetail.data.reading.quoting import bytes_of, padding

_MARK, _LF, _CR, _POINT, _ZERO = 34, 10, 13, 46, 48
_BLOCK = 1 << 18  # bytes; its masks stay in the cache, its calls cost little
_OVERLAP = 3  # ",-07" starts so many bytes before the one that tells

Mask = NDArray[np.bool_]


@final
@dataclass(frozen=True)
class Survey:
    """What was seen of a text: where it can be divided, and may cells be typed."""

    parts: tuple[tuple[int, int], ...]  # from, to; each starts and ends with a line
    ends: tuple[int, ...]  # bytes in each part that may end a row, or half of one
    returns: bool  # is there a "\r"?
    quoted: bool
    doubtful: bool


def survey(text: bytes, sep: bytes, parts: int = 1) -> Survey | None:
    r"""Look at all of ``text``, in so many threads; None where it is not plain.

    >>> survey(b'a,b\n"x, y",1\n', b",")
    Survey(parts=((0, 13),), ends=(2,), returns=False, quoted=True, doubtful=False)
    >>> survey(b"a, b\n", b",")
    >>> survey(b"a,b\n1,007\n", b",").doubtful
    True
    """
    quoted = b'"' in text
    divided = _divided(text, parts, quoted)
    look = _Look(text, sep, quoted)
    with ThreadPoolExecutor(len(divided)) as pool:
        seen = [one for one in pool.map(look, divided) if one is not None]
    if len(seen) < len(divided):
        return None
    ends, doubtful = zip(*seen, strict=True)
    return Survey(tuple(divided), ends, look.returns, quoted, any(doubtful))


def _divided(text: bytes, parts: int, quoted: bool) -> list[tuple[int, int]]:
    """Equal parts, each from the start of a line to the end of one, if marks allow."""
    starts = [0]
    for k in range(1, parts):
        at = text.find(b"\n", max(len(text) * k // parts, starts[-1])) + 1
        if at == 0 or at == len(text):
            break
        # Behind an odd number of marks the line's end is inside a cell.
        if quoted and text.count(b'"', starts[-1], at) % 2:
            continue
        starts.append(at)
    return list(zip(starts, [*starts[1:], len(text)], strict=True))


class _Look:
    """Look at one part: None where it is not plain, else its ends, is it doubtful."""

    def __init__(self, text: bytes, sep: bytes, quoted: bool) -> None:
        self.text, self.codes, self.quoted = text, bytes_of(text), quoted
        self.sep = sep[0]
        self.returns = b"\r" in text
        self.pads = [code for code in padding(sep) if code in text]
        self.signs = [code for code in b"+-" if code in text]
        # A separator inside marks may be the padding looked for.
        self.doubtful = quoted and sep in b" \t"
        # The first and the last cell have an edge that no block shows.
        self.first = re.compile(
            rb'"?([+-]?0[^.' + re.escape(sep) + rb'"\r\n]|(?<=")[ \t])'
        )
        self.last = re.compile(rb'[ \t]"')

    def __call__(self, part: tuple[int, int]) -> tuple[int, bool] | None:
        start, stop = part
        if self.codes[start] in self.pads or self.codes[stop - 1] in self.pads:
            return None
        doubtful = bool(
            self.doubtful
            or self.first.match(self.text, start, stop)
            or self.last.match(self.text, max(stop - 2, start), stop)
        )
        ends = 0
        inside = 0  # 1 where a mark is open at the block's first byte
        masks = _Masks()
        for at in range(start, stop, _BLOCK):
            first = max(at - _OVERLAP, start)
            block = self.codes[first : min(at + _BLOCK + 1, stop)]
            masks.resize(len(block))
            edge = np.equal(block, _LF, out=masks[_EDGE])
            if self.returns:
                edge |= np.equal(block, _CR, out=masks[_SPARE])
            # Bytes shared with the blocks beside this one are counted in one of them.
            ends += int(np.count_nonzero(edge[at - first : at - first + _BLOCK]))
            edge |= np.equal(block, self.sep, out=masks[_SPARE])
            marks = _NO_MARKS
            if self.quoted:
                mark = np.equal(block, _MARK, out=masks[_MARKED])
                marks = np.flatnonzero(mark)
            if self.pads:
                pad = masks.any_of(_PAD, block, self.pads)
                if _padded(pad, edge, marks, inside, masks):
                    return None
                doubtful = doubtful or _beside(pad, edge, marks)
            if len(marks):
                edge |= mark  # from here on: where a cell, or its text, may end
                if not _in_place(edge, marks, inside):
                    return None
            doubtful = doubtful or self._has_code(block, edge, masks)
            if at + _BLOCK < stop:
                # As the next block starts, which shares a few bytes with this one.
                fresh = at + _BLOCK - _OVERLAP - first
                inside += int(np.searchsorted(marks, fresh))
            else:
                inside += len(marks)
            inside %= 2
        return None if inside else (ends, doubtful)

    def _has_code(self, block: Any, edge: Mask, masks: "_Masks") -> bool:
        """Does a cell start with 0, or a sign and 0, and go on without a point?"""
        stops = np.equal(block, _POINT, out=masks[_PAD])
        stops |= edge
        zero = np.equal(block, _ZERO, out=masks[_MARKED])
        # 0 that goes on: for truth values "greater" is "and not".
        np.greater(zero[:-1], stops[1:], out=zero[:-1])
        zero[-1:] = False
        room = masks[_SPARE]
        if np.logical_and(zero[1:], edge[:-1], out=room[1:]).any():
            return True
        if not self.signs:
            return False
        signed = masks.any_of(_PAD, block, self.signs)
        signed[1:] &= edge[:-1]
        signed[:1] = False
        return bool(np.logical_and(zero[1:], signed[:-1], out=room[1:]).any())


_EDGE, _MARKED, _PAD, _SPARE = range(4)  # what each mask is for


class _Masks:
    """Room for the masks of one block, used again for the next one."""

    def __init__(self) -> None:
        self.room = np.empty((4, _BLOCK + _OVERLAP + 1), np.bool_)
        self.more = np.empty(self.room.shape[1], np.bool_)
        self.size = self.room.shape[1]

    def resize(self, size: int) -> None:
        self.size = size

    def __getitem__(self, which: int) -> Mask:
        return self.room[which, : self.size]

    def any_of(self, which: int, block: Any, codes: list[int]) -> Mask:
        """Where ``block`` is one of ``codes``; the spare mask is written over."""
        found = self[which]
        np.equal(block, codes[0], out=found)
        for code in codes[1:]:
            found |= np.equal(block, code, out=self[_SPARE])
        return found


_NO_MARKS = np.empty(0, np.int64)


def _in_place(edge: Mask, marks: Any, inside: int) -> bool:
    """Does each mark open or close a whole cell, or stand doubled?"""
    opens, closes = marks[inside::2], marks[1 - inside :: 2]
    before, after = opens - 1, closes + 1
    # What the block does not show, its neighbour does.
    before = before[1:] if len(opens) and before[0] < 0 else before
    after = after[:-1] if len(closes) and after[-1] == len(edge) else after
    return bool(edge[before].all() and edge[after].all())


def _padded(pad: Mask, edge: Mask, marks: Any, inside: int, masks: "_Masks") -> bool:
    """Is there padding beside an edge where no mark is open?"""
    spare = masks[_SPARE]
    beside = np.logical_and(pad[1:], edge[:-1], out=spare[1:])
    room = masks.more[: len(beside)]
    beside |= np.logical_and(pad[:-1], edge[1:], out=room)
    if not beside.any():
        return False
    if not len(marks):
        return inside == 0
    hits = np.flatnonzero(beside)
    return bool(((np.searchsorted(marks, hits) + inside) % 2 == 0).any())


def _beside(pad: Mask, edge: Mask, marks: Any) -> bool:
    """Does a cell in marks start or end with padding?"""
    near = marks[(marks > 0) & (marks < len(pad) - 1)]
    starts, stops = pad[near + 1], pad[near - 1]
    return bool(
        (starts.any() and (starts & edge[near - 1]).any())
        or (stops.any() and (stops & edge[near + 1]).any())
    )
