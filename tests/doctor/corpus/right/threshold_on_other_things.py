import random

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc(x)).squeeze(1)


def augment(x):
    if random.random() > 0.5:
        x = -x
    keep = torch.rand_like(x) > 0.5
    return x * keep


def train(loader):
    net = Net()
    loss_fn = nn.BCELoss()
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        p = net(augment(x))
        opt.zero_grad()
        loss_fn(p, y).backward()
        opt.step()
        acc = ((p > 0.5) == (y > 0.5)).float().mean().item()
        print(acc, torch.round(p).sum().item())
