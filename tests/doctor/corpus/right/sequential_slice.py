import torch
from torch import nn

net = nn.Sequential(
    nn.Linear(10, 32),
    nn.ReLU(),
    nn.Linear(32, 3),
    nn.Softmax(dim=1),
)
scores = net[:-1]
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(net.parameters())


def train(loader):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(scores(x), y)
        loss.backward()
        optimizer.step()


def proba(x):
    with torch.no_grad():
        return net(x)
