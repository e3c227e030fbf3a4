"""How much time a fit may take: the networks and steps it is given.

    fast   one small network of one block, about as many steps as it takes to be useful
    good   four networks of two blocks, trained at once and averaged; about 5 times as
           long
    best   sixteen of them, some more steps; about 25 times as long

A preset decides what the user does not: ``epochs``, ``batch_size`` and ``members`` that
are given stand. The rules were found on made-up tables and scikit-learn's bundled sets.
"""

from dataclasses import dataclass
from typing import Final, final

LARGEST_BATCH = 1_024
MOST_EPOCHS = 100


@final
@dataclass(frozen=True, kw_only=True)
class Preset:
    """Sizes that follow from one word."""

    name: str
    members: int
    blocks: int = 2  # of the network, each a layer into it and one back
    width: int = 192  # of the network's layers
    dropout: float = 0.1
    steps: int  # of a training; more where epochs would be too few
    least_epochs: int

    def epochs(self, rows: int, batch_size: int) -> int:
        """So many that there are about ``steps`` steps, within limits.

        >>> fast = PRESETS["fast"]
        >>> fast.epochs(300, 64), fast.epochs(10_000, 128), fast.epochs(500_000, 1_024)
        (100, 8, 8)
        """
        of_an_epoch = -(-max(1, rows) // batch_size)
        wanted = round(self.steps / of_an_epoch)
        return max(self.least_epochs, min(MOST_EPOCHS, wanted))


PRESETS: Final[dict[str, Preset]] = {
    one.name: one
    for one in (
        Preset(name="fast", members=1, blocks=1, steps=650, least_epochs=8),
        Preset(name="good", members=4, steps=1_000, least_epochs=8),
        Preset(name="best", members=16, steps=1_200, least_epochs=10),
    )
}
DEFAULT = "fast"


def batch_size(rows: int) -> int:
    """A power of two, at most 1/40 of the rows, from 32 to 1,024.

    Of few rows larger batches do as well or better (iris, wine, diabetes), in half the
    time and less.

    >>> batch_size(200), batch_size(400), batch_size(600)
    (128, 64, 32)
    >>> batch_size(10_000), batch_size(500_000)
    (128, 1024)
    """
    if rows < 512:
        return 128 if rows < 256 else 64
    size = 32
    while size * 2 <= rows / 40 and size < LARGEST_BATCH:
        size *= 2
    return size


def patience(epochs: int, *, averaged: bool) -> int:
    """Epochs without improvement before stopping: a fifth, at least 4 or 6.

    Scores of averaged weights run smoothly: once they get worse they go on to.

    >>> patience(15, averaged=True), patience(15, averaged=False)
    (4, 6)
    >>> patience(100, averaged=True)
    20
    """
    return max(4 if averaged else 6, epochs // 5)
