"""Probabilities that are mapped from one grid to another, or left where both agree.

Their log has no fused form: only one of the two comes straight from a softmax.
"""

import torch
from torch import nn


def on_grid(scores: torch.Tensor, overlap: torch.Tensor | None) -> torch.Tensor:
    """Mass of each bucket of the new grid."""
    mass = torch.softmax(scores, dim=-1)
    if overlap is None:
        return mass
    return (overlap @ mass.unsqueeze(-1)).squeeze(-1)


class Members(nn.Module):
    def __init__(self, width: int, buckets: int, overlaps) -> None:
        super().__init__()
        self.heads = nn.ModuleList(nn.Linear(width, buckets) for _ in overlaps)
        self.overlaps = overlaps

    def forward(self, x):
        total = 0.0
        for head, overlap in zip(self.heads, self.overlaps):
            total = total + on_grid(head(x), overlap).log()
        return total / len(self.heads)


@torch.no_grad()
def predict(members: Members, x: torch.Tensor) -> torch.Tensor:
    members.eval()
    return members(x).argmax(dim=-1)
