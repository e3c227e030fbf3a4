import torch
from torch import nn


class G(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(64, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Linear(256, 784), nn.Tanh())

    def forward(self, z):
        return self.net(z)


class D(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(784, 256), nn.LeakyReLU(0.2), nn.Dropout(0.3), nn.Linear(256, 1))

    def forward(self, x):
        return self.net(x)


def train(loader, epochs):
    g, d = G(), D()
    og = torch.optim.Adam(g.parameters(), lr=2e-4)
    od = torch.optim.Adam(d.parameters(), lr=2e-4)
    bce = nn.BCEWithLogitsLoss()
    fixed = torch.randn(16, 64)
    pictures = []
    for epoch in range(epochs):
        for x, _ in loader:
            x = x.flatten(1)
            ones, zeros = torch.ones(len(x), 1), torch.zeros(len(x), 1)
            fake = g(torch.randn(len(x), 64))
            od.zero_grad()
            (bce(d(x), ones) + bce(d(fake.detach()), zeros)).backward()
            od.step()
            og.zero_grad()
            bce(d(fake), ones).backward()
            og.step()
        with torch.no_grad():
            pictures.append(g(fixed))
    return pictures
