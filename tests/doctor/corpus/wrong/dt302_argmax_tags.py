import torch
from torch import nn


class Tags(nn.Module):
    def __init__(self, d, n):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d, 100), nn.ReLU(), nn.Linear(100, n))

    def forward(self, x):
        return self.net(x)


def train(net, loader):
    loss_fn = nn.BCEWithLogitsLoss()
    opt = torch.optim.Adam(net.parameters())
    for x, tags in loader:
        opt.zero_grad()
        loss = loss_fn(net(x), tags)
        loss.backward()
        opt.step()


def accuracy(net, loader):
    net.eval()
    hits = n = 0
    with torch.no_grad():
        for x, tags in loader:
            guess = net(x).argmax(dim=1)
            truth = tags.argmax(dim=1)
            hits += (guess == truth).sum().item()
            n += len(x)
    return hits / n


def main(loader):
    net = Tags(300, 25)
    train(net, loader)
    return accuracy(net, loader)
