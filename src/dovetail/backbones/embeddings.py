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

    A number is encoded twice: by how far it has come through each quantile bin (0
    before, 1 after, a fraction inside), and by how near it is to each edge (1 on it, 0
    on the next). A linear map for each column, plus a plain linear term, gives its
    vector. So a network sees steps and kinks that a single scaled input would hide.
    Both encodings can say the same; a gradient finds trends by the first, and what
    holds for a single value by the second. Bin weights start at zero: the embedding
    starts linear.

    Sources: Gorishniy, Rubachev, Babenko, "On embeddings for numerical features in
    tabular deep learning", 2022 (the first encoding); the second is the basis of linear
    B-splines.
    """

    def __init__(self, edges: Sequence[Float[Tensor, " t1"]], width: int) -> None:
        super().__init__()
        bins = max((len(e) - 1 for e in edges), default=1)
        left = torch.zeros(len(edges), bins)
        per_width = torch.zeros(len(edges), bins)  # 0 marks a bin that is not there
        for column, e in enumerate(edges):
            count = len(e) - 1
            left[column, :count] = e[:-1]
            per_width[column, :count] = 1.0 / (e[1:] - e[:-1])
        self.register_buffer("left", left)
        self.register_buffer("per_width", per_width)
        self.linear = nn.Parameter(torch.empty(len(edges), width))
        self.bias = nn.Parameter(torch.empty(len(edges), width))
        self.bins = nn.Parameter(torch.zeros(len(edges), 2 * bins + 1, width))
        nn.init.normal_(self.linear)
        nn.init.uniform_(self.bias, -1.0, 1.0)
        self.bias.no_weight_decay = True  # type: ignore[attr-defined]
        self.out_features = len(edges) * width

    left: Tensor
    per_width: Tensor

    def forward(self, numbers: Float[Tensor, "n f"]) -> Float[Tensor, "n fe"]:
        """Encode, then map; one batched product over columns."""
        encoded = self.encoded(numbers.t())
        # (f, n, e): each column's product lies in one piece.
        vectors = torch.baddbmm(self.bias.unsqueeze(1), encoded, GAIN * self.bins)
        vectors = torch.addcmul(
            vectors, numbers.t().unsqueeze(2), self.linear.unsqueeze(1)
        )
        return torch.relu(vectors).transpose(0, 1).flatten(1)

    def encoded(self, columns: Float[Tensor, "f n"]) -> Float[Tensor, "f n t"]:
        """How far through each of b bins, and how near to each of b + 1 edges."""
        through = columns.unsqueeze(2) - self.left.unsqueeze(1)
        through = (through * self.per_width.unsqueeze(1)).clamp(0.0, 1.0)
        # A value leaves an edge as it comes through the bin behind it.
        ends = functional.pad(through, (1, 0), value=1.0)
        near = ends - functional.pad(through, (0, 1))
        return torch.cat([through, near], dim=2)


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
