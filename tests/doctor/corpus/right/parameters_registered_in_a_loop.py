"""Parameters that are kept in a list for use, and registered under names."""

import torch
from torch import nn


class Blur(nn.Module):
    """A width for each axis, learnt."""

    def __init__(self, n_axes: int, start: float = 1.0) -> None:
        super().__init__()
        self.widths = [
            nn.Parameter(torch.as_tensor(start), requires_grad=True)
            for _ in range(n_axes)
        ]
        for at, width in enumerate(self.widths):
            self.register_parameter(f"width_{at}", width)

    def forward(self, x):
        for width in self.widths:
            x = x * torch.exp(-0.5 / width**2)
        return x


class Stack(nn.Module):
    def __init__(self, width: int, depth: int) -> None:
        super().__init__()
        self.steps = [nn.Linear(width, width) for _ in range(depth)]
        for at, step in enumerate(self.steps):
            self._modules[f"step_{at}"] = step

    def forward(self, x):
        for step in self.steps:
            x = torch.relu(step(x))
        return x
