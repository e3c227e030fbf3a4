import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(100, 50), nn.ReLU())

    def forward(self, x):
        return self.net(x)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(50, 3)

    def forward(self, h):
        return self.fc(h)


def train(loader):
    encoder, head = Encoder(), Head()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(encoder.parameters(), lr=1e-3)
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(head(encoder(x)), y)
        loss.backward()
        optimizer.step()
