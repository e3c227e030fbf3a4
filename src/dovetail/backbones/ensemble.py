"""Several networks as one: the mean of their raw outputs."""

from collections.abc import Iterable

import torch
from jaxtyping import Float, Int64
from torch import Tensor, nn


class Ensemble(nn.Module):
    """The mean of the members' raw outputs, so in the space of the link.

        raw(x) = (1 / M) sum_m raw_m(x)        numbers, categories -> (n, k)

    Through the inverse link that is

        softmax    p_c = prod_m p_mc^(1/M), made to sum to 1: the geometric mean
        sigmoid    odds = prod_m odds_m^(1/M)
        log        the geometric mean of the rates
        identity   the mean

    A loss that is convex in the raw outputs (cross-entropy, squared, Poisson ...) is
    by Jensen's inequality nowhere larger than the mean of the members' losses; what is
    gained is how much the members differ.
    Sources: Hinton, "Training products of experts by minimizing contrastive
    divergence", 2002; Heskes, "Selecting weighting factors in logarithmic opinion
    pools", 1998.

    >>> class Constant(nn.Module):
    ...     def __init__(self, value: float) -> None:
    ...         super().__init__()
    ...         self.value = value
    ...
    ...     def forward(self, numbers: Tensor, categories: Tensor) -> Tensor:
    ...         return torch.full((len(numbers), 1), self.value)
    >>> both = Ensemble([Constant(1.0), Constant(4.0)])
    >>> both(torch.zeros(2, 3), torch.zeros(2, 0, dtype=torch.int64)).tolist()
    [[2.5], [2.5]]
    """

    def __init__(self, members: Iterable[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(
        self, numbers: Float[Tensor, "n f"], categories: Int64[Tensor, "n c"]
    ) -> Float[Tensor, "n k"]:
        """Raw outputs, one member after the other."""
        raw = [member(numbers, categories) for member in self.members]
        return torch.stack(raw).mean(0)
