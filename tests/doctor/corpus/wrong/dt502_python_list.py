import torch
from torch import nn


class Deep(nn.Module):
    def __init__(self, d, width, depth):
        super().__init__()
        self.inp = nn.Linear(d, width)
        self.blocks = [nn.Linear(width, width) for _ in range(depth)]
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        h = torch.relu(self.inp(x))
        for block in self.blocks:
            h = torch.relu(block(h))
        return self.out(h)


def train(loader):
    net = Deep(10, 64, 4)
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        opt.zero_grad()
        nn.functional.mse_loss(net(x), y).backward()
        opt.step()
