import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))

    def forward(self, x):
        return self.net(x)


def validate(net, loader):
    was = net.training
    net.eval()
    with torch.no_grad():
        hits = sum((net(x).argmax(1) == y).sum().item() for x, y in loader)
    net.train(was)
    return hits


def fit(train_loader, val_loader):
    net = Net()
    opt = torch.optim.Adam(net.parameters())
    loss_fn = nn.CrossEntropyLoss()
    for epoch in range(5):
        for x, y in train_loader:
            opt.zero_grad()
            loss_fn(net(x), y).backward()
            opt.step()
        print(validate(net, val_loader))
    net.eval()
    return net
