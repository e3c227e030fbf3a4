import torch
from torch import nn


class ResMlp(nn.Module):
    def __init__(self, width, depth, out):
        super().__init__()
        self.width, self.depth = width, depth
        self.stem = nn.LazyLinear(width)
        self.blocks = self.make_blocks()
        self.head = nn.Linear(width, out)

    def make_blocks(self):
        blocks = []
        for _ in range(self.depth):
            blocks.append(nn.Sequential(nn.Linear(self.width, self.width), nn.ReLU()))
        return blocks

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            x = x + block(x)
        return self.head(x)
