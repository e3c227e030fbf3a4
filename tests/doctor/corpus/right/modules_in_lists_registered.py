import torch
from torch import nn


class Stack(nn.Module):
    def __init__(self, d, depth, heads):
        super().__init__()
        layers = []
        for _ in range(depth):
            layers.append(nn.Linear(d, d))
            layers.append(nn.ReLU())
        self.body = nn.Sequential(*layers)
        self.layers = layers
        self.heads = nn.ModuleDict({name: nn.Linear(d, n) for name, n in heads.items()})
        extra = [nn.Linear(d, d) for _ in range(2)]
        self.extra = nn.ModuleList(extra)
        self.names = [name for name in heads]
        self.register_buffer("mean", torch.zeros(d))
        self.scale = nn.Parameter(torch.ones(d))
        self.mask = torch.ones(d)

    def forward(self, x):
        h = self.body((x - self.mean) * self.scale * self.mask)
        for layer in self.extra:
            h = h + layer(h)
        return {k: head(h) for k, head in self.heads.items()}


class Registered(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        self.blocks = []
        for i in range(n):
            block = nn.Linear(d, d)
            self.add_module(f"block{i}", block)
            self.blocks.append(block)

    def forward(self, x):
        for block in self.blocks:
            x = torch.relu(block(x))
        return x


class Losses(nn.Module):
    """Criteria hold nothing that is learnt."""

    def __init__(self):
        super().__init__()
        self.terms = [nn.L1Loss(), nn.MSELoss()]
        self.acts = {"relu": nn.ReLU(), "tanh": nn.Tanh()}

    def forward(self, a, b):
        return sum(t(a, b) for t in self.terms)
