"""Plain delimited text to typed columns, a block at a time.

``from_text`` decides the type of a column from all of its cells as text. Where the text
is plain (``survey``) the same is reached without holding all cells as text:

    sample    the first rows of each part, typed as ``from_text`` types a column
    numbers   read as the sample's type, straight into one array; a cell that is none
              sends its column back to text, and the file is read again
    words     text as soon as one cell can be neither number nor date
    the rest  held as text and given to ``from_text`` in the end

So a column has the type that all of its cells allow, whatever the sample holds.
"""

import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from dovetail.data.cells import MOST_TEXT
from dovetail.data.reading import from_text, quoting
from dovetail.data.reading.survey import Survey

_BLOCK = 1 << 20
_TOGETHER = 4  # blocks of text
_SAMPLE = 1 << 18
HEAD = 1000  # rows, at the least, that a sample has where there are so many
_TRIES = 3  # columns sent back to text one by one, before all are
_TYPED = {pa.int64(): np.int64, pa.float64(): np.float64, pa.timestamp("us"): np.int64}
_CONVERSION = re.compile(r"In CSV column #(\d+): (?:Row #\d+: )?CSV conversion error")
# What a number, an amount, a date or a missing number may start with.
_NUMBERLIKE = re.compile(
    r"[+-]?(\s*[$€£¥₹]?\s*[+-]?[\d.,]|inf|nan)|none$|-+$", re.IGNORECASE
)


@final
class Blocks:
    """The rows of one plain text, from the byte behind its header."""

    def __init__(
        self, text: bytes, start: int, names: Sequence[str], sep: bytes, seen: Survey
    ) -> None:
        self.names, self.sep, self.seen = list(names), sep, seen
        whole = pa.py_buffer(text)
        self.parts, self.rows = [], []
        for (first, last), ends in zip(seen.parts, seen.ends, strict=True):
            begin = max(first, start)
            if last > begin:
                self.parts.append(whole.slice(begin, last - begin))
                self.rows.append(_most_rows(text, first, begin, last, ends))
        self.samples = [self._sample(part) for part in self.parts]

    @property
    def head(self) -> pa.Table:
        """The first rows as text, ``HEAD`` of them or more if there are as many."""
        return self.samples[0]

    def read(self) -> list[Any]:
        """The columns, some still as text; ArrowInvalid where a row is bad.

        The text is let go then.
        """
        kinds = self._kinds()
        tries = 0
        while True:
            try:
                arrays = self._read(kinds)
            except pa.ArrowInvalid as error:
                found = _CONVERSION.search(str(error))
                if found is None:
                    raise
                tries += 1
                wrong = [int(found[1])] if tries <= _TRIES else range(len(kinds))
            else:
                with ThreadPoolExecutor(len(self.parts)) as pool:
                    finite = list(pool.map(_is_finite, arrays))
                wrong = [i for i, good in enumerate(finite) if not good]
                if not wrong:
                    self.parts = []
                    return arrays
            for i in wrong:
                kinds[i] = pa.string()

    def finish(self, arrays: list[Any], *, decimal_comma: bool) -> list[str]:
        """Give the columns that are text their types, in place; what is to be noted."""

        def give_type(i: int) -> str | None:
            arrays[i] = _in_one_piece(arrays[i])
            if self._is_words(i):
                return from_text.note_on_words(arrays[i])
            arrays[i], note = from_text.typed(arrays[i], decimal_comma=decimal_comma)
            return note

        text = [i for i, cells in enumerate(arrays) if pa.types.is_string(cells.type)]
        with ThreadPoolExecutor(len(self.samples)) as pool:
            found = list(pool.map(give_type, text))
        pa.default_memory_pool().release_unused()
        return [
            f"column {self.names[i]!r}: {note}"
            for i, note in zip(text, found, strict=True)
            if note
        ]

    def _kinds(self) -> list[pa.DataType]:
        if self.seen.doubtful:
            return [pa.string()] * len(self.names)
        found = [
            from_text.typed(
                pa.chunked_array([c for s in self.samples for c in s[i].chunks])
            )
            for i in range(len(self.names))
        ]
        return [
            cells.type if cells.type in _TYPED and note is None else pa.string()
            for cells, note in found
        ]

    def _is_words(self, i: int) -> bool:
        """Is there a cell that rules out every type but text?"""
        cells = self.head.column(i).slice(0, HEAD).to_pylist()
        return any(c is not None and not _NUMBERLIKE.match(c) for c in cells)

    def _stream(self, part: Any, kinds: Sequence[pa.DataType], block: int) -> Any:
        if self.seen.quoted and self.seen.returns:
            block = quoting.block_size(part, block)
        return arrow_csv.open_csv(
            pa.BufferReader(part),
            arrow_csv.ReadOptions(
                column_names=self.names, use_threads=False, block_size=block
            ),
            arrow_csv.ParseOptions(
                delimiter=self.sep.decode(),
                quote_char='"' if self.seen.quoted else False,
                newlines_in_values=self.seen.quoted,
            ),
            arrow_csv.ConvertOptions(
                column_types=dict(zip(self.names, kinds, strict=True)),
                null_values=list(from_text.MISSING),
                strings_can_be_null=True,
                check_utf8=False,
            ),
        )

    def _sample(self, part: Any) -> pa.Table:
        stream = self._stream(part, [pa.string()] * len(self.names), _SAMPLE)
        batches = []
        for batch in stream:
            batches.append(batch)
            if sum(map(len, batches)) >= HEAD:
                break
        return pa.Table.from_batches(batches, stream.schema)

    def _read(self, kinds: Sequence[pa.DataType]) -> list[Any]:
        with ThreadPoolExecutor(len(self.parts)) as pool:
            starts = np.cumsum([0, *self.rows]).tolist()
            columns = _columns(kinds, starts[-1])
            work = [
                pool.submit(self._fill, part, kinds, columns, k, start)
                for k, (part, start) in enumerate(
                    zip(self.parts, starts[:-1], strict=True)
                )
            ]
            found = [one.result() for one in work]
        for column in columns:
            column.close_gaps(starts, found)
        return [column.array(sum(found)) for column in columns]

    def _fill(
        self, part: Any, kinds: Sequence[pa.DataType], columns: Any, k: int, start: int
    ) -> int:
        at = start
        for batch in self._stream(part, kinds, _BLOCK):
            for column, cells in zip(columns, batch.columns, strict=True):
                column.put(k, at, cells)
            at += len(batch)
        return at - start


@final
class _Values:
    """A column of 64-bit values in one array."""

    def __init__(self, kind: pa.DataType, room: NDArray[np.int64]) -> None:
        self.kind = kind
        self.values: NDArray[Any] = room.view(_TYPED[kind])
        self.missing: NDArray[np.bool_] | None = None
        self.lock = threading.Lock()

    def put(self, _: int, at: int, cells: pa.Array) -> None:
        raw = np.frombuffer(cells.buffers()[1], self.values.dtype)
        self.values[at : at + len(cells)] = raw[
            cells.offset : cells.offset + len(cells)
        ]
        if cells.null_count:
            with self.lock:  # or each of two threads would make one, and one be lost
                if self.missing is None:
                    self.missing = np.zeros(len(self.values), np.bool_)
            self.missing[at : at + len(cells)] = cells.is_null().to_numpy(
                zero_copy_only=False
            )

    def close_gaps(self, starts: Sequence[int], found: Sequence[int]) -> None:
        """Move the parts together, where one had fewer rows than there was room for."""
        end = 0
        for start, rows in zip(starts[:-1], found, strict=True):
            if start != end:
                for array in (self.values, self.missing):
                    if array is not None:
                        array[end : end + rows] = array[start : start + rows].copy()
            end += rows

    def array(self, rows: int) -> pa.ChunkedArray:
        bits = None
        if self.missing is not None:
            present = np.packbits(~self.missing[:rows], bitorder="little")
            bits = pa.py_buffer(present)
        buffers = [bits, pa.py_buffer(self.values)]
        return pa.chunked_array([pa.Array.from_buffers(self.kind, rows, buffers)])


@final
class _Text:
    """A column of text, in chunks.

    A block's array has room left at its end, often as much as it uses: a few are put
    into one as they come, so that little of it is held at a time.
    """

    def __init__(self) -> None:
        self.chunks: dict[int, list[Any]] = {}
        self.fresh: dict[int, list[Any]] = {}

    def put(self, part: int, _: int, cells: pa.Array) -> None:
        fresh = self.fresh.setdefault(part, [])
        fresh.append(cells)
        if len(fresh) >= _TOGETHER:
            self.chunks.setdefault(part, []).append(pa.concat_arrays(fresh))
            fresh.clear()

    def close_gaps(self, starts: Sequence[int], found: Sequence[int]) -> None:
        """There are none."""

    def array(self, rows: int) -> pa.ChunkedArray:
        chunks = [
            cells
            for part in sorted(self.fresh)
            for cells in (*self.chunks.get(part, ()), *self.fresh[part])
        ]
        return pa.chunked_array(chunks, pa.string())


def _most_rows(text: bytes, first: int, begin: int, last: int, ends: int) -> int:
    """Rows from ``begin`` to ``last``, with ``ends`` of rows from ``first`` on.

    Some may be blank or inside marks. Where none is the number is exact, and the parts
    of a column need not be moved together.
    """
    before = text.count(b"\n", first, begin) + text.count(b"\r", first, begin)
    return ends - before + (text[last - 1] not in b"\r\n")


def _columns(kinds: Sequence[pa.DataType], rows: int) -> list[Any]:
    """Room for all columns; those of numbers share one piece of memory."""
    numbers = [kind for kind in kinds if kind != pa.string()]
    room = iter(np.empty((len(numbers), rows), np.int64))
    return [
        _Text() if kind == pa.string() else _Values(kind, next(room)) for kind in kinds
    ]


def _in_one_piece(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without the room that every block leaves unused at its end."""
    if cells.nbytes >= MOST_TEXT:
        return cells
    return pa.chunked_array([pa.concat_arrays(cells.chunks)])


def _is_finite(cells: pa.ChunkedArray) -> bool:
    if not pa.types.is_float64(cells.type):
        return True
    return bool(pc.all(pc.is_finite(cells)).as_py() is not False)
