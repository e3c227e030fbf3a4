"""Sizes chosen from the number of rows, where the user does not say.

The rules were found on scikit-learn's bundled sets and made-up tables, not on the sets
that the benchmarks judge by.
"""

from dovetail.optim import AdamW, Spec


def optimizer() -> Spec:
    """AdamW with the rate and momentum that suit tables."""
    return AdamW(lr=2e-3, betas=(0.9, 0.95), weight_decay=1e-2)


def batch_size(rows: int) -> int:
    """A power of two, about 1/32 of the rows, from 32 to 1,024.

    >>> batch_size(300), batch_size(10_000), batch_size(500_000)
    (32, 256, 1024)
    """
    size = 32
    while size * 2 <= rows / 32 and size < 1_024:
        size *= 2
    return size


def epochs(rows: int) -> int:
    """Enough for a million and a half rows in all, from 12 to 100 epochs.

    >>> epochs(500), epochs(30_000), epochs(500_000)
    (100, 50, 12)
    """
    return max(12, min(100, 1_500_000 // max(1, rows)))


def patience(epochs: int) -> int:
    """Epochs without improvement before stopping: a quarter, at least 5."""
    return max(5, epochs // 4)
