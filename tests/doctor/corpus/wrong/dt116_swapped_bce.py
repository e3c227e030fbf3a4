import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 1), nn.Sigmoid())

    def forward(self, x):
        return self.net(x).squeeze(1)


model = Net()
criterion = nn.BCELoss()
optimizer = torch.optim.Adam(model.parameters())


def train(loader):
    for x, y in loader:
        y_hat = model(x)
        loss = criterion(y.float(), y_hat)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
