"""Categories: an index into an embedding table.

    index     meaning
    0         unseen in training, or rare there: in one row, or behind the first 10,000
    1         missing
    2, 3, ... the training categories, the most frequent first, ties by name

A category of a single training row teaches nothing that a new one would not need too,
so it shares index 0; that way the embedding of unseen categories is trained as well.
The most frequent are kept only so far as their table stays in proportion to the network
behind it: each step of training moves the whole table.
"""

from dataclasses import dataclass
from typing import ClassVar, Self, final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from dovetail._phrases import Phrase
from dovetail.data import cells
from dovetail.data._column import Column, Rows
from dovetail.data._place import HERE, Place

UNSEEN, MISSING, FIRST = 0, 1, 2
MOST = 10_000


_EMBEDDING = Phrase(
    "embedding of {n}: unseen or rare, missing, {labels}",
    "{n} 个嵌入向量：未见过或罕见、缺失、{labels}",
)
_MORE = Phrase("{first} and {n} more", "{first}，另有 {n} 个")


@final
@dataclass(frozen=True)
class Category(Column):
    """A column of labels; ``labels[i]`` has index ``i + 2``."""

    labels: tuple[str, ...]
    numeric: bool  # labels were numbers (and are spelt as such), not text
    kind: ClassVar[str] = "category"

    @classmethod
    def fit(cls, column: cells.Column, rows: Rows, name: str, reason: str) -> Self:
        """Learn the ``MOST`` frequent of those that ``rows`` have twice or more."""
        codes, known = cells.labels(column, name)
        # Missing cells, -1, are counted first.
        counts = np.bincount(codes[rows] + 1, minlength=len(known) + 1)[1:]
        repeated = np.flatnonzero(counts >= 2)
        ranks = counts[repeated]
        if len(repeated) > MOST:  # only those as frequent as the last one kept
            least = np.partition(ranks, -MOST)[-MOST]
            repeated = repeated[ranks >= least]
        chosen = sorted(
            zip(
                (-counts[repeated]).tolist(),
                (known[i] for i in repeated.tolist()),
                strict=True,
            )
        )
        labels = tuple(label for _, label in chosen[:MOST])
        return cls(name, reason, labels, _holds_numbers(column))

    @property
    def cardinality(self) -> int:
        """Rows of the embedding table: the labels, unseen or rare, and missing."""
        return len(self.labels) + FIRST

    @property
    def encoding(self) -> str:
        """How its cells become features, in words."""
        return _EMBEDDING(n=self.cardinality, labels=_listed(self.labels))

    def by_cell(self, kind: pa.DataType) -> bool:
        """Is a cell of Arrow type ``kind`` looked up without its column?"""
        return not self.numeric and cells.is_text(kind)

    def encode(self, column: pa.ChunkedArray, place: Place = HERE) -> NDArray[np.int64]:
        """The index of each cell, (n,); never fails on a label it does not know."""
        if self.by_cell(column.type):
            return self._of_text(column)
        codes, present = cells.labels(column, self.name, place)
        index = self._index(numbers_given=_holds_numbers(column))
        if self.numeric and not _holds_numbers(column):  # "3.0" for 3
            present = tuple(cells.number_spelling(label) or label for label in present)
        lookup = np.array([index.get(label, UNSEEN) for label in present] + [MISSING])
        return np.asarray(lookup[codes], np.int64)  # code -1 is the last: missing

    def _of_text(self, column: pa.ChunkedArray) -> NDArray[np.int64]:
        # Both spellings of a missing cell stand behind the labels.
        known = pa.array([*self.labels, "", None], column.type)
        places = pc.fill_null(pc.index_in(column, value_set=known), UNSEEN - FIRST)
        index: NDArray[np.int64] = np.add(places.to_numpy(), FIRST, dtype=np.int64)
        index[index >= self.cardinality] = MISSING
        return index

    def _index(self, *, numbers_given: bool) -> dict[str, int]:
        index = {label: i for i, label in enumerate(self.labels, FIRST)}
        if numbers_given and not self.numeric:
            # A file whose codes all look like numbers arrives as integers: 7 for "07".
            # Of labels that then coincide the most frequent one is meant.
            for label in self.labels:
                index.setdefault(cells.number_spelling(label) or label, index[label])
        return index


def _holds_numbers(column: cells.Column) -> bool:
    if isinstance(column, cells.Words):
        return False
    kind = column.type
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return cells.is_number(kind)


def _listed(labels: tuple[str, ...]) -> str:
    first = ", ".join(map(repr, labels[:3]))
    return first if len(labels) <= 3 else _MORE(first=first, n=len(labels) - 3)
