"""A user's own module on a table: one float matrix in, raw outputs out."""

from collections.abc import Sequence

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn


class Flat(nn.Module):
    """Gives ``module`` the scaled numbers and one-hot categories side by side.

    numbers (n, f), categories (n, c) -> (n, f + sum of cardinalities) -> module
    """

    def __init__(self, module: nn.Module, cardinalities: Sequence[int]) -> None:
        super().__init__()
        self.module = module
        self.cardinalities = tuple(cardinalities)

    def forward(
        self, numbers: Float[Tensor, "n f"], categories: Int64[Tensor, "n c"]
    ) -> Tensor:
        """What the module gives for the flat matrix."""
        parts = [numbers]
        for column, size in zip(categories.unbind(1), self.cardinalities, strict=True):
            parts.append(nn.functional.one_hot(column, size).to(numbers.dtype))
        return self.module(torch.cat(parts, dim=1))  # type: ignore[no-any-return]


def flat_width(numbers: int, cardinalities: Sequence[int]) -> int:
    """How many input columns a user's module gets.

    >>> flat_width(3, (4, 2))
    9
    """
    return numbers + sum(cardinalities)
