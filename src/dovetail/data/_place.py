"""Where cells come from, in the words of an error message."""

from dataclasses import dataclass
from typing import final

from jaxtyping import Int
from numpy import ndarray


@final
@dataclass(frozen=True, eq=False)
class Place:
    """A file's name, and for each row the number under which the user knows it.

    Rows that were left out on the way (no target, say) shift the rows behind them, so
    who leaves rows out keeps their ``numbers``; without them data rows count from 1.

    >>> import numpy as np
    >>> str(Place("new.csv")), Place().row(2), Place(numbers=np.array([1, 4, 7])).row(2)
    ('new.csv: ', 3, 7)
    """

    where: str = ""
    numbers: Int[ndarray, " n"] | None = None

    def __str__(self) -> str:
        """What a message begins with."""
        return f"{self.where}: " if self.where else ""

    def row(self, index: int) -> int:
        """The number of the row at ``index`` as the user counts."""
        return index + 1 if self.numbers is None else int(self.numbers[index])


HERE = Place()
