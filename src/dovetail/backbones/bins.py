"""Bin edges for piecewise linear embeddings, from training rows only."""

import torch
from jaxtyping import Float
from torch import Tensor


def quantile_bins(
    numbers: Float[Tensor, "n f"], count: int
) -> list[Float[Tensor, " t1"]]:
    """Up to ``count`` bins a column, edges at values of the column.

    A column of at most ``count + 1`` values has an edge at each. In others edges lie at
    quantiles, where no value counts for more than one bin: a column that is 0 in nine
    rows of ten spends one bin on it and the others on the tenth that tells something.

    A constant column gets one bin of width 1 around its value.

    >>> [e.tolist() for e in quantile_bins(torch.tensor([[0.0], [1.0], [3.0]]), 2)]
    [[0.0, 1.0, 3.0]]
    >>> column = torch.tensor([[0.0]] * 90 + [[float(v)] for v in range(1, 11)])
    >>> quantile_bins(column, 5)[0].tolist()
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    return [_edges(column, count) for column in numbers.unbind(1)]


def _edges(column: Float[Tensor, " n"], count: int) -> Float[Tensor, " t1"]:
    values: Tensor
    values, rows = torch.unique(column.float(), return_counts=True)
    if len(values) == 1:
        return values + torch.tensor([-0.5, 0.5])
    if len(values) <= count + 1:
        return values
    counts = rows.double()
    share = _capped(counts, count)
    middle = share.cumsum(0) - share / 2
    place = (middle - middle[0]) / (middle[-1] - middle[0])  # from 0 to 1
    levels = torch.linspace(0.0, 1.0, count + 1, dtype=torch.float64)
    return values[torch.searchsorted(place, levels - 1e-9).unique()]


def _capped(counts: Float[Tensor, " v"], bins: int) -> Float[Tensor, " v"]:
    """The counts, none above ``bins`` times less than the sum of what is left."""
    ordered = counts.sort().values
    below = torch.cat([ordered.new_zeros(1), ordered.cumsum(0)])
    for cut in range(bins):  # so many values are cut to the size of a bin
        size = float(below[len(counts) - cut]) / (bins - cut)
        if ordered[len(counts) - cut - 1] <= size:
            break
    return counts.clamp(max=size)
