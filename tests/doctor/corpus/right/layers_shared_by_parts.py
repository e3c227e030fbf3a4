"""Layers made once in a dict and handed to two parts, which register them."""

import torch
from torch import nn


class Choice(nn.Module):
    def __init__(self, names, scalers, width: int) -> None:
        super().__init__()
        self.names = names
        self.scalers = nn.ModuleDict()
        for name in names:
            self.scalers[name] = scalers[name]
        self.weights = nn.Linear(width * len(names), len(names))

    def forward(self, x):
        parts = [self.scalers[name](x[name]) for name in self.names]
        weights = torch.softmax(self.weights(torch.cat(parts, dim=-1)), dim=-1)
        return sum(w.unsqueeze(-1) * p for w, p in zip(weights.unbind(-1), parts))


class Forecaster(nn.Module):
    def __init__(self, past, future, width: int = 8) -> None:
        super().__init__()
        self.scalers = {name: nn.Linear(1, width) for name in {*past, *future}}
        self.past = Choice(names=past, scalers=self.scalers, width=width)
        self.future = Choice(names=future, scalers=self.scalers, width=width)
        self.out = nn.Linear(2 * width, 1)

    def forward(self, x):
        return self.out(torch.cat([self.past(x), self.future(x)], dim=-1))
