"""The network for tables: embeddings, then a residual MLP.

    numbers (n, f)     -> piecewise linear embeddings (n, f * e)  --+
    categories (n, c)  -> embeddings (n, sum of widths)           --+-> Linear -> blocks -> (n, width)

Each block adds ``Linear(Dropout(ReLU(Linear(LayerNorm(x)))))`` to its input. Rows never
see each other (no batch norm), so a prediction does not depend on its batch.
Sources: Gorishniy et al., "Revisiting deep learning models for tabular data", 2021;
Holzmueller et al., "Better by default", 2024.
"""  # noqa: E501

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn

from dovetail.backbones.bins import quantile_bins
from dovetail.backbones.dropout import Dropout
from dovetail.backbones.embeddings import Categories, PiecewiseLinear

ROWS_OF_BIN = 400
FEWEST_BINS = 24
INPUTS = 64  # to the first layer, from columns of numbers; two for each at least


@dataclass(frozen=True, kw_only=True)
class TabularShape:
    """Everything needed to build the network again; weights come on top."""

    numbers: int
    cardinalities: tuple[int, ...]
    bins: tuple[int, ...]  # edges of each number column; their values are weights
    embedding: int
    width: int
    blocks: int
    dropout: float

    @classmethod
    def for_data(
        cls,
        numbers: Float[Tensor, "n f"],
        cardinalities: Sequence[int],
        *,
        blocks: int = 2,
        width: int = 128,
        dropout: float = 0.1,
        bins: int = 96,
    ) -> tuple[Self, list[Tensor]]:
        """Sizes by fixed rules on rows and columns, and the bin edges."""
        rows, columns = numbers.shape
        # A bin wants some hundred rows: with fewer the network learns single rows.
        wanted = max(FEWEST_BINS, rows // ROWS_OF_BIN)
        edges = quantile_bins(numbers, min(bins, wanted, max(2, rows // 16)))
        # Many columns tell together what a few must tell alone: narrow embeddings
        # of them overfit less, and take less time.
        embedding = max(2, min(8, INPUTS // max(1, columns)))
        shape = cls(
            numbers=columns,
            cardinalities=tuple(cardinalities),
            bins=tuple(len(e) for e in edges),
            embedding=embedding,
            width=width,
            blocks=blocks,
            dropout=dropout,
        )
        return shape, edges

    def to_json(self) -> dict[str, Any]:
        """A plain document, read back by ``from_json``."""
        return {"name": "tabular", **asdict(self)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what ``to_json`` wrote."""
        values: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v
            for k, v in document.items()
            if k != "name"
        }
        return cls(**values)


class Tabular(nn.Module):
    """Features of a table to a vector for each row: (n, f), (n, c) -> (n, width)."""

    def __init__(
        self, shape: TabularShape, edges: Sequence[Tensor] | None = None
    ) -> None:
        super().__init__()
        if edges is None:  # to be overwritten by loaded weights
            edges = [torch.arange(float(count)) for count in shape.bins]
        self.shape = shape
        self.numbers = PiecewiseLinear(edges, shape.embedding) if edges else None
        self.categories = (
            Categories(shape.cardinalities) if shape.cardinalities else None
        )
        inputs = sum(
            part.out_features for part in (self.numbers, self.categories) if part
        )
        self.first = nn.Linear(max(1, inputs), shape.width)
        self.blocks = nn.ModuleList(
            _Block(shape.width, shape.dropout) for _ in range(shape.blocks)
        )
        self.norm = nn.LayerNorm(shape.width)
        self.out_features = shape.width

    def forward(
        self, numbers: Float[Tensor, "n f"], categories: Int64[Tensor, "n c"]
    ) -> Float[Tensor, "n d"]:
        """Vectors for the rows; a table without usable columns gives a constant."""
        parts = []
        if self.numbers is not None:
            parts.append(self.numbers(numbers))
        if self.categories is not None:
            parts.append(self.categories(categories))
        if not parts:
            parts.append(numbers.new_zeros(len(numbers), 1))
        x = self.first(torch.cat(parts, dim=1) if len(parts) > 1 else parts[0])
        for block in self.blocks:
            x = block(x)
        return torch.relu(self.norm(x))


class _Block(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.into = nn.Linear(width, width)
        self.dropout = Dropout(dropout)
        self.back = nn.Linear(width, width)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.dropout(torch.relu(self.into(self.norm(x))))
        return x + self.back(hidden)  # type: ignore[no-any-return]
