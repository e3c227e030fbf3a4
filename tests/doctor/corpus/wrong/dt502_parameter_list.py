import torch
from torch import nn


class Mixture(nn.Module):
    def __init__(self, n, dim):
        super().__init__()
        self.centres = [nn.Parameter(torch.randn(dim)) for _ in range(n)]
        self.gate = nn.Linear(dim, n)

    def forward(self, x):
        w = self.gate(x).softmax(-1)
        return w @ torch.stack(list(self.centres))
