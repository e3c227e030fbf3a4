"""How many processor threads the arithmetic uses, inside a block.

How many a training takes is chosen by ``choices.threads_for``. The number stands in the
config and holds for prediction too: sums split among other numbers of threads would end
in other bits.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Use ``count`` threads inside, the number before afterwards; None changes none."""
    before = torch.get_num_threads()
    if count is None or count == before:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
