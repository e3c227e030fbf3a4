import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(16, 3)

    def forward(self, x):
        return self.fc(x)


def train(loader):
    net = Net()
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters())
    for x, y in loader:
        optimizer.zero_grad()
        pred = net(x).argmax(dim=1).float()
        loss = nn.functional.mse_loss(pred, y.float())
        loss.requires_grad_()
        loss.backward()
        optimizer.step()
