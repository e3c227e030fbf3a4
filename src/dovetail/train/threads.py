"""How many processor threads the arithmetic uses.

Networks for tables are small: their products end sooner than a second thread wakes up,
and where another process needs the second core they wait for each other (measured on
two busy cores: 4 to 10 times slower with two threads than with one). So a network gets
one thread for each ``WORK`` of products a step, and at most half the cores. The number
is a function of shapes and hardware, stands in the config, and holds for training and
prediction alike: sums split among other numbers of threads would end in other bits.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch

WORK = 1e8  # weights times rows of a step that a further thread pays for


def threads_for(weights: int, rows: int) -> int:
    """Threads for a step of ``rows`` through a network of so many weights.

    >>> threads_for(90_000, 128)
    1
    """
    cores = os.cpu_count() or 1
    return max(1, min(cores // 2, int(weights * rows / WORK)))


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
