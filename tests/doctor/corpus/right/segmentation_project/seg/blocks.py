import torch
from torch import nn


class AttentionGate(nn.Module):
    def __init__(self, g, x, inner):
        super().__init__()
        self.wg = nn.Conv2d(g, inner, 1)
        self.wx = nn.Conv2d(x, inner, 1)
        self.psi = nn.Sequential(nn.Conv2d(inner, 1, 1), nn.BatchNorm2d(1), nn.Sigmoid())

    def forward(self, g, x):
        return x * self.psi(torch.relu(self.wg(g) + self.wx(x)))
