"""Numbers and categories to vectors.

Axes: n rows, f number columns, t bins, e embedding width.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn
from torch.nn import functional

GAIN = 3.0  # of table and bin weights: as a learning rate three times the others


class PiecewiseLinear(nn.Module):
    """Each number becomes a piecewise linear function of itself, learnt bin by bin.

    numbers (n, f) -> (n, f * e)

    Each column has a vector at each of its edges, and a number gets the mixture of the
    two around it, plus a plain linear term. So a network sees steps and kinks that a
    single scaled input would hide. The vector at an edge is the sum of those of all
    bins before it and one of its own: by the first a gradient finds trends, by the
    second what holds for a single value. Both start at zero: the embedding starts
    linear.

    Source: Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in
    tabular deep learning", 2022, for the vectors of bins; those of single edges are
    weights of linear B-splines.
    """

    def __init__(self, edges: Sequence[Float[Tensor, " t1"]], width: int) -> None:
        super().__init__()
        bins = max((len(e) - 1 for e in edges), default=1)
        left = torch.full((len(edges), bins), torch.inf)  # of a bin that is not there
        per_width = torch.zeros(len(edges), bins)
        for column, e in enumerate(edges):
            count = len(e) - 1
            left[column, :count] = e[:-1]
            per_width[column, :count] = 1.0 / (e[1:] - e[:-1])
        self.register_buffer("left", left)
        self.register_buffer("per_width", per_width)
        self.linear = nn.Parameter(torch.empty(len(edges), width))
        self.bias = nn.Parameter(torch.empty(len(edges), width))
        self.bins = nn.Parameter(torch.zeros(len(edges), bins, width))
        self.edges = nn.Parameter(torch.zeros(len(edges), bins + 1, width))
        nn.init.normal_(self.linear)
        nn.init.uniform_(self.bias, -1.0, 1.0)
        self.bias.no_weight_decay = True  # type: ignore[attr-defined]
        self.out_features = len(edges) * width

    left: Tensor
    per_width: Tensor
    never_written = ("left", "per_width")
    looks_up = True  # weights are picked, not multiplied

    def forward(self, numbers: Float[Tensor, "n f"]) -> Float[Tensor, "n fe"]:
        """Look up each number's bin, go as far through it as the number is."""
        before = functional.pad(self.bins[:, :-1].cumsum(1), (0, 0, 1, 0))
        start = GAIN * (before + self.edges[:, :-1]) + self.bias.unsqueeze(1)
        rise = GAIN * (self.bins + self.edges.diff(dim=1))
        # Side by side, so that a number needs one row of the table, not two.
        table = torch.stack([start, rise], dim=2).flatten(2).flatten(0, 1)
        bin_, through = self.located(numbers)
        columns, bins = self.bins.shape[:2]
        row = bin_ + bins * torch.arange(columns, device=numbers.device)
        found = _rows_of(table, row).chunk(2, dim=2)
        bent = torch.addcmul(found[0], found[1], through.unsqueeze(2))
        return torch.addcmul(bent, numbers.unsqueeze(2), self.linear).flatten(1)

    def located(
        self, numbers: Float[Tensor, "n f"]
    ) -> tuple[Int64[Tensor, "n f"], Float[Tensor, "n f"]]:
        """Each number's bin, and how far through it the number is, from 0 to 1."""
        # How many left edges, but the first, are at most the number.
        edges, wanted = self.left[:, 1:].contiguous(), numbers.t().contiguous()
        place = torch.searchsorted(edges, wanted, right=True)
        left = self.left.gather(1, place).t()
        per_width = self.per_width.gather(1, place).t()
        return place.t(), ((numbers - left) * per_width).clamp(0.0, 1.0)


def _rows_of(table: Float[Tensor, "t e"], index: Int64[Tensor, "n f"]) -> Tensor:
    """``table[index]`` (n, f, e)."""
    if index.is_cuda:  # its gradient is summed in one order
        return functional.embedding(index, table)
    # On a processor the gradient of this one takes half the time.
    return table.index_select(0, index.flatten()).view(*index.shape, -1)


class Categories(nn.Module):
    """A learnt vector for each value of each category column.

    categories (n, c) -> (n, sum of widths)

    Values 0 (unseen in training) and 1 (missing) start at zero: where no training row
    has them they stay there, and say nothing rather than something random.
    """

    def __init__(self, cardinalities: Sequence[int]) -> None:
        super().__init__()
        widths = [embedding_width(size) for size in cardinalities]
        self.tables = nn.ModuleList(
            nn.Embedding(size, width)
            for size, width in zip(cardinalities, widths, strict=True)
        )
        self.out_features = sum(widths)
        with torch.no_grad():
            for table in self.tables.children():
                weight = table.get_parameter("weight")
                nn.init.normal_(weight, std=1 / GAIN)
                nn.init.zeros_(weight[:2])

    def forward(self, categories: Int64[Tensor, "n c"]) -> Float[Tensor, "n e"]:
        """Look each column up in its own table, vectors side by side."""
        columns = categories.unbind(1)
        looked_up = [t(c) for t, c in zip(self.tables, columns, strict=True)]
        return GAIN * torch.cat(looked_up, dim=1)


def embedding_width(cardinality: int) -> int:
    """fastai's rule of thumb, 1.6 * cardinality ** 0.56, at most 50.

    >>> embedding_width(2), embedding_width(10), embedding_width(100000)
    (2, 6, 50)
    """
    return int(min(50, max(2, round(1.6 * cardinality**0.56))))
