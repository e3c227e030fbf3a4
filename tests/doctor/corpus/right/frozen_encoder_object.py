import torch
from torch import nn


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(100, 50), nn.BatchNorm1d(50), nn.ReLU())

    def forward(self, x):
        return self.net(x)


def linear_probe(loader, state):
    encoder = Encoder()
    encoder.load_state_dict(state)
    encoder.eval()
    probe = nn.Linear(50, 10)
    optimizer = torch.optim.SGD(probe.parameters(), lr=0.1)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(100):
        for x, y in loader:
            with torch.no_grad():
                h = encoder(x)
            loss = criterion(probe(h), y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return probe
