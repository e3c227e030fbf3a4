"""Exactly one class for each row, trained with a sigmoid for each class."""
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, d, k):
        super().__init__()
        self.k = k
        self.fc = nn.Linear(d, k)

    def forward(self, x):
        return self.fc(x)


def train(net, loader):
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters())
    for x, y in loader:
        target = F.one_hot(y, net.k).float()
        opt.zero_grad()
        loss_fn(net(x), target).backward()
        opt.step()


@torch.no_grad()
def accuracy(net, loader):
    net.eval()
    return sum((net(x).argmax(1) == y).sum().item() for x, y in loader)


def main(loader, d, k):
    net = Net(d, k)
    train(net, loader)
    return accuracy(net, loader)
