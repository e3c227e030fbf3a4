"""Bin edges for piecewise linear embeddings, from training rows only."""

import torch
from jaxtyping import Float
from torch import Tensor


def quantile_bins(
    numbers: Float[Tensor, "n f"], count: int
) -> list[Float[Tensor, " t1"]]:
    """Up to ``count`` bins a column, edges at its quantiles, equal edges merged.

    A constant column gets one bin of width 1 around its value.

    >>> [e.tolist() for e in quantile_bins(torch.tensor([[0.0], [1.0], [3.0]]), 2)]
    [[0.0, 1.0, 3.0]]
    """
    levels = torch.linspace(0.0, 1.0, count + 1, dtype=torch.float64)
    edges = []
    for column in numbers.double().unbind(1):
        ordered = column.sort().values
        # torch.quantile refuses more than 16 million rows; picking by rank does not.
        ranks = (levels * (len(ordered) - 1)).round().long()
        found = torch.unique_consecutive(ordered[ranks].float())
        edges.append(found if len(found) > 1 else found[0] + torch.tensor([-0.5, 0.5]))
    return edges
