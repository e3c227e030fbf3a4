"""Layers that are set and looked up by name: they are made once, in __init__."""

import torch
from torch import nn


class Gates(nn.Module):
    def __init__(self, width: int, kinds=()) -> None:
        super().__init__()
        self.kinds = kinds
        self.main = nn.Linear(width, width)
        for kind in kinds:
            setattr(self, f"gate_{kind}", nn.Linear(width, width))

    def gate(self, kind):
        return getattr(self, f"gate_{kind}")

    def forward(self, x, sides):
        x = self.main(x)
        for kind, side in zip(self.kinds, sides):
            x = x * torch.sigmoid(getattr(self, f"gate_{kind}")(side))
            x = x + self.gate(kind)(side)
        return x


class Switch(nn.Module):
    def __init__(self, kinds=("hour", "day")) -> None:
        super().__init__()
        self.gates = Gates(8, kinds)
        self.last = nn.Linear(8, 1)

    def pick(self):
        return self.last

    def forward(self, x, sides):
        return self.pick()(self.gates(x, sides))


def fit(batches) -> Switch:
    net = Switch()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for x, sides, targets in batches:
        optimizer.zero_grad()
        nn.functional.mse_loss(net(x, sides), targets).backward()
        optimizer.step()
    return net
