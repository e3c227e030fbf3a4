import torch
from torch import nn
from torch.nn import functional as F


class Kan(nn.Module):
    def __init__(self, sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))

    def forward(self, x):
        for layer in self.layers[:-1]:
            x = F.silu(layer(x))
        return self.layers[-1](x)


def train(loader):
    net = Kan([28, 64, 1])
    opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
    for x, y in loader:
        opt.zero_grad()
        score = net(x).squeeze(1)
        loss = F.binary_cross_entropy(score, y.float())
        loss.backward()
        opt.step()
