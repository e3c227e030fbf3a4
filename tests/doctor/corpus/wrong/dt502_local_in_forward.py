import torch
from torch import nn


class Projector(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.dim = dim
        self.encoder = nn.Linear(dim, dim)

    def forward(self, x):
        h = torch.relu(self.encoder(x))
        proj = nn.Linear(self.dim, 10)
        return proj(h)
