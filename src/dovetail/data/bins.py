"""Bins of number features, for piecewise-linear encodings."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from dovetail.errors import ConfigError


def numeric_bins(
    numbers: Float[Tensor, "n f"], count: int
) -> list[Float[Tensor, " _"]]:
    """Edges of at most ``count`` bins for each of the f columns, from training rows.

    The edges are the quantiles 0, 1/count, ..., 1 of the column, each value once, so
    that they increase strictly and bins hold about equally many rows. There are at
    least two: a column with two distinct values gets those two, one bin between them
    (a plain linear encoding); a constant c gets (c, c + 1), in which c is 0.

    Reference: Gorishniy, Rubachev, Babenko, "On Embeddings for Numerical Features in
    Tabular Deep Learning", 2022.

    >>> numeric_bins(torch.tensor([[0.0], [1], [2], [4]]), 2)
    [tensor([0.0000, 1.5000, 4.0000])]
    """
    if count < 1:
        raise ConfigError(f"A column needs 1 or more bins, got {count}.")
    if len(numbers) == 0:
        raise ConfigError("Bins are learnt from rows, got none.")
    levels = np.linspace(0.0, 1.0, count + 1)
    return [_edges(column, levels) for column in numbers.numpy().T]


def _edges(column: np.ndarray, levels: np.ndarray) -> Float[Tensor, " _"]:
    quantiles = np.quantile(column.astype(np.float64), levels)
    edges = np.unique(quantiles.astype(np.float32))
    low, high = column.min(), column.max()
    if low == high:
        edges = np.array([low, low + 1], np.float32)
    elif len(edges) > 2 and np.isin(column, (low, high)).all():
        edges = np.array([low, high], np.float32)
    return torch.from_numpy(edges)
