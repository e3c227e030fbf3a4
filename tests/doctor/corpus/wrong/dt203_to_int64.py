import torch
import torch.nn.functional as F
from torch import nn


class Edge(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1), nn.Sigmoid())

    def forward(self, x):
        return self.net(x)


def step(model, optimizer, x, y):
    target = y.long().view(-1, 1)
    loss = F.binary_cross_entropy(model(x), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def main(loader):
    model = Edge()
    optimizer = torch.optim.Adam(model.parameters())
    for x, y in loader:
        step(model, optimizer, x, y)
